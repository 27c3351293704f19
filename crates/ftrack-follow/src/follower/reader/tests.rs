use std::collections::BTreeMap;
use std::sync::Arc;

use ftrack_expression::Expression;
use ftrack_session::ErrorKind;
use parking_lot::Mutex;

use super::*;
use crate::log::row::tests::update;
use crate::position::Position;

/// A log that a test fills, and lets fail.
#[derive(Debug, Clone, Default)]
struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    rows: BTreeMap<i64, Row>,
    fails_by: Option<ErrorKind>,
}

impl Book {
    fn add(&self, ids: impl IntoIterator<Item = i64>) {
        let mut pages = self.0.lock();
        for id in ids {
            pages
                .rows
                .insert(id, update(id, &format!("e{id}"), "name", "x"));
        }
    }

    /// A row of a time of the server.
    fn add_at(&self, id: i64, time: &str) {
        let mut row = update(id, &format!("e{id}"), "name", "x");
        row.created_at = Some(time.into());
        self.0.lock().rows.insert(id, row);
    }

    fn fail_by(&self, kind: Option<ErrorKind>) {
        self.0.lock().fails_by = kind;
    }

    fn rows(&self) -> Result<Vec<Row>, Error> {
        let pages = self.0.lock();
        match pages.fails_by {
            Some(kind) => Err(Error::new(kind, "it fails")),
            None => Ok(pages.rows.values().cloned().collect()),
        }
    }
}

impl Log for Book {
    fn after(&self, id: i64) -> Result<Vec<Row>, Error> {
        let rows = self.rows()?.into_iter();
        Ok(rows.filter(|row| row.id > id).take(PAGE).collect())
    }

    fn oldest(&self) -> Result<Option<Row>, Error> {
        Ok(self.rows()?.into_iter().next())
    }

    fn newest(&self) -> Result<Option<Row>, Error> {
        Ok(self.rows()?.pop())
    }

    fn since(&self, time: &str) -> Result<Option<Row>, Error> {
        let mut rows = self.rows()?.into_iter();
        Ok(rows.find(|row| row.time().as_deref() >= Some(time)))
    }
}

fn begin(book: &Book, position: Position, now: Instant) -> (Reader, Timeline) {
    let expression = Expression::parse("topic=*").unwrap();
    let timeline = Timeline::new(expression, position, now);
    let mut reader = Reader::new(Box::new(book.clone()), Vocabulary::default(), now);
    reader.begin(&timeline, now);
    (reader, timeline)
}

fn told(timeline: &mut Timeline) -> Vec<i64> {
    let tasks = timeline.take().into_iter();
    tasks
        .map(|task| task.key.trim_start_matches('e').parse().unwrap())
        .collect()
}

#[test]
fn a_long_log_is_read_page_by_page() {
    let (book, now) = (Book::default(), Instant::now());
    book.add(1..=1_200);
    let (mut reader, mut timeline) = begin(&book, Position::at(100), now);
    let mut reached = Vec::new();
    while reader.is_due(now) {
        reached.push(reader.read(&mut timeline, now).unwrap());
    }
    assert_eq!(reached, [Reached::More, Reached::More, Reached::End]);
    assert_eq!(told(&mut timeline), (101..=1_200).collect::<Vec<_>>());
}

#[test]
fn what_lies_between_what_was_done_is_read_first() {
    let (book, now) = (Book::default(), Instant::now());
    book.add(1..=9);
    let mut position = Position::at(2);
    position.done.insert(5);
    position.done.insert(7);
    let (mut reader, mut timeline) = begin(&book, position, now);
    reader.read(&mut timeline, now).unwrap();
    assert_eq!(told(&mut timeline), [3, 4, 6, 8, 9]);
}

#[test]
fn a_row_that_appears_late_is_found_and_numbers_that_are_not_used_are_given_up() {
    let (book, start) = (Book::default(), Instant::now());
    book.add([1, 2, 5]);
    let (mut reader, mut timeline) = begin(&book, Position::default(), start);
    reader.read(&mut timeline, start).unwrap();
    assert_eq!(told(&mut timeline), [1, 2, 5]);
    book.add([4]);
    let mut now = start + SWEEP;
    assert!(reader.is_due(now));
    reader.read(&mut timeline, now).unwrap();
    timeline.miss(now);
    assert_eq!(told(&mut timeline), [4]);
    (1..=4).for_each(|task| timeline.finish(task));
    assert_eq!(timeline.floor(), 2);
    while now < start + SETTLED + SWEEP {
        now += SWEEP;
        reader.read(&mut timeline, now).unwrap();
    }
    assert_eq!(timeline.floor(), 5);
}

#[test]
fn a_log_that_fails_is_asked_again_and_one_that_is_forbidden_is_left_alone() {
    let (book, now) = (Book::default(), Instant::now());
    let (mut reader, mut timeline) = begin(&book, Position::default(), now);
    book.fail_by(Some(ErrorKind::Timeout));
    assert!(reader.read(&mut timeline, now).is_err());
    assert!(reader.is_failing() && reader.is_readable() && !reader.is_due(now));
    assert!(reader.is_due(now + Duration::from_secs(1)));
    book.fail_by(Some(ErrorKind::PermissionDenied));
    assert_eq!(
        reader.read(&mut timeline, now).unwrap(),
        Reached::Unreadable
    );
    assert!(!reader.is_readable() && !reader.is_due(now + UNREADABLE / 2));
    book.fail_by(None);
    assert_eq!(reader.read(&mut timeline, now).unwrap(), Reached::End);
    assert!(reader.is_readable());
}

#[test]
fn a_log_that_has_forgotten_or_begins_again_is_noticed() {
    let (book, now) = (Book::default(), Instant::now());
    let continuity = |at: i64| {
        let (reader, timeline) = begin(&book, Position::at(at), now);
        reader.continuity(&timeline).unwrap()
    };
    assert_eq!(continuity(0), Continuity::GoesOn, "nothing was read yet");
    assert_eq!(continuity(5), Continuity::StartsAgain(0));
    book.add(10..=20);
    assert_eq!(continuity(5), Continuity::Forgot);
    assert_eq!(continuity(10), Continuity::GoesOn);
    assert_eq!(continuity(20), Continuity::GoesOn);
    assert_eq!(continuity(21), Continuity::StartsAgain(20));
}

/// An event of an entity, as it comes over the line at a time of the server.
fn event(id: i64, time: &str) -> ftrack_event::Event {
    let entity = serde_json::json!({
        "entityType": "task", "entityId": format!("e{id}"), "action": "update", "keys": ["name"],
        "changes": {"name": {"old": null, "new": "x"}},
    });
    let data = serde_json::json!({"entities": [entity]});
    let mut event = ftrack_event::Event::new(crate::log::row::UPDATE).with_data(data);
    event.sent = time.into();
    event
}

const TIMES: [&str; 4] = [
    "2026-11-30T09:00:00",
    "2026-11-30T09:00:10",
    "2026-11-30T09:00:20",
    "2026-11-30T09:00:30",
];

#[test]
fn a_log_that_can_be_read_at_last_tells_nothing_that_was_told_and_all_that_was_not() {
    let (book, start) = (Book::default(), Instant::now());
    book.fail_by(Some(ErrorKind::PermissionDenied));
    // What happened before anybody listened, and what comes live.
    for id in 1..=600 {
        book.add_at(id, TIMES[0]);
    }
    let (mut reader, mut timeline) = begin(&book, Position::unread(None), start);
    let unreadable = reader.read(&mut timeline, start).unwrap();
    assert_eq!(unreadable, Reached::Unreadable);
    timeline.caught_up(start);
    for (id, time) in [(601, TIMES[1]), (602, TIMES[2])] {
        book.add_at(id, time);
        timeline.arrive(event(id, time), start);
    }
    assert_eq!(told(&mut timeline), [601, 602]);
    (1..=2).for_each(|task| timeline.finish(task));
    let stored = timeline.position("s");
    let stored = Position::from_json(&stored.to_json()).unwrap();
    // It was missed, for the listener was not there.
    book.add_at(603, TIMES[2]);
    book.add_at(604, TIMES[3]);
    book.fail_by(None);
    let (mut reader, mut restarted) = begin(&book, stored.clone(), start);
    assert_eq!(reader.read(&mut restarted, start).unwrap(), Reached::End);
    assert_eq!(told(&mut restarted), [603, 604]);
    assert!(!restarted.position("s").is_unread);

    // So long ago that no event is known any more: what has the time of the last one was told.
    let mut forgotten = stored;
    forgotten.echoes.clear();
    let (mut reader, mut restarted) = begin(&book, forgotten, start);
    assert_eq!(reader.read(&mut restarted, start).unwrap(), Reached::End);
    assert_eq!(told(&mut restarted), [604]);

    // The same listener all the time, of which nothing was missed but what it was not told.
    let mut now = start;
    for _ in 0..4 {
        now += UNREADABLE;
        book.fail_by(Some(ErrorKind::PermissionDenied));
        reader = Reader::new(Box::new(book.clone()), Vocabulary::default(), now);
        reader.begin(&timeline, now);
        reader.read(&mut timeline, now).unwrap();
    }
    book.fail_by(None);
    assert_eq!(reader.read(&mut timeline, now).unwrap(), Reached::End);
    timeline.tick(now + SWEEP);
    assert_eq!(told(&mut timeline), [604]);
}

#[test]
fn one_who_followed_something_else_begins_with_the_log_as_it_is_now() {
    let (book, now) = (Book::default(), Instant::now());
    book.add(1..=9);
    let (mut reader, mut timeline) = begin(&book, Position::unread(None), now);
    reader.read(&mut timeline, now).unwrap();
    assert!(told(&mut timeline).is_empty());
    assert_eq!(timeline.floor(), 9);
    book.add([10]);
    reader.read(&mut timeline, now).unwrap();
    assert_eq!(told(&mut timeline), [10]);
}

#[test]
fn what_was_told_while_the_log_was_away_for_long_is_not_told_again() {
    for kind in [ErrorKind::Timeout, ErrorKind::PermissionDenied] {
        let (book, start) = (Book::default(), Instant::now());
        let (mut reader, mut timeline) = begin(&book, Position::default(), start);
        reader.read(&mut timeline, start).unwrap();
        timeline.caught_up(start);
        book.fail_by(Some(kind));
        book.add([1, 2]);
        timeline.arrive(event(1, TIMES[0]), start);
        assert_eq!(told(&mut timeline), [1]);
        timeline.finish(1);
        let mut now = start;
        for _ in 0..30 {
            now += Duration::from_secs(60);
            timeline.tick(now);
            // An error, or that it cannot be read.
            assert!(!matches!(
                reader.read(&mut timeline, now),
                Ok(Reached::End | Reached::More)
            ));
        }
        book.fail_by(None);
        reader.read(&mut timeline, now).unwrap();
        timeline.tick(now + SWEEP);
        assert_eq!(told(&mut timeline), [2], "{kind:?}");
        assert_eq!(timeline.position("s").echoes, []);
    }
}
