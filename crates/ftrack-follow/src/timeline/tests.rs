use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::log::row::{Row, tests::update};
use crate::log::vocabulary::Vocabulary;

fn timeline(expression: &str, position: Position, now: Instant) -> Timeline {
    Timeline::new(Expression::parse(expression).unwrap(), position, now)
}

fn remembered(row: &Row) -> Remembered {
    Remembered::new(row, &Vocabulary::default())
}

fn entity(id: &str, attribute: &str, new: &str) -> Json {
    json!({
        "entityType": "task", "entityId": id, "action": "update", "keys": [attribute],
        "changes": {attribute: {"old": null, "new": new}},
    })
}

fn event(entities: &[Json]) -> Event {
    Event::new(UPDATE).with_data(json!({"entities": entities}))
}

fn told(timeline: &mut Timeline) -> Vec<(u64, Origin, String)> {
    let tasks = timeline.take().into_iter();
    tasks
        .map(|task| {
            let changes = &task.event.data["entities"][0]["changes"];
            let change = changes
                .as_object()
                .and_then(|changes| changes.values().next());
            let new = change.map(|change| change["new"].as_str().unwrap().to_owned());
            (task.number, task.origin, new.unwrap_or_default())
        })
        .collect()
}

fn values(told: &[(u64, Origin, String)]) -> Vec<(Origin, &str)> {
    told.iter()
        .map(|(_, origin, new)| (*origin, new.as_str()))
        .collect()
}

/// One that has caught up with nothing.
fn live(now: Instant) -> Timeline {
    let mut timeline = timeline("topic=*", Position::default(), now);
    timeline.caught_up(now);
    timeline
}

#[test]
fn an_event_is_told_at_once_and_its_row_acknowledges_it() {
    let now = Instant::now();
    let mut timeline = live(now);
    timeline.arrive(
        event(&[entity("a", "name", "1"), entity("b", "name", "2")]),
        now,
    );
    let tasks = told(&mut timeline);
    assert_eq!(values(&tasks), [(Origin::Live, "1"), (Origin::Live, "2")]);
    timeline.finish(tasks[0].0);
    assert_eq!(
        timeline.position("s").echoes.len(),
        1,
        "done, and its row unknown"
    );
    let rows = [update(1, "a", "name", "1"), update(2, "b", "name", "2")];
    timeline.remember(rows.iter().map(remembered), now);
    assert_eq!(timeline.floor(), 1);
    timeline.finish(tasks[1].0);
    assert_eq!(timeline.floor(), 2);
    assert_eq!(timeline.position("s").echoes, []);
    assert!(timeline.take().is_empty());
}

#[test]
fn what_is_missed_comes_before_what_has_arrived_since() {
    let now = Instant::now();
    let mut timeline = live(now);
    timeline.miss(now);
    timeline.arrive(event(&[entity("a", "name", "2")]), now);
    assert!(timeline.take().is_empty(), "it is held");
    let rows = [update(1, "a", "name", "1"), update(2, "a", "name", "2")];
    timeline.remember(rows.iter().map(remembered), now);
    timeline.caught_up(now);
    let tasks = told(&mut timeline);
    assert_eq!(
        values(&tasks),
        [(Origin::Remembered, "1"), (Origin::Live, "2")]
    );
}

#[test]
fn a_row_waits_for_its_event_and_then_speaks_for_itself() {
    let now = Instant::now();
    let mut timeline = live(now);
    let rows = [update(1, "a", "name", "1"), update(2, "a", "name", "2")];
    timeline.remember(rows.iter().map(remembered), now);
    timeline.tick(now + GRACE / 2);
    assert!(timeline.take().is_empty());
    // The first is lost: events come in order.
    timeline.arrive(event(&[entity("a", "name", "2")]), now);
    assert_eq!(
        values(&told(&mut timeline)),
        [(Origin::Remembered, "1"), (Origin::Live, "2")]
    );
    timeline.remember([remembered(&update(3, "a", "name", "3"))], now);
    timeline.tick(now + GRACE);
    assert_eq!(values(&told(&mut timeline)), [(Origin::Remembered, "3")]);
    // It was only late.
    timeline.arrive(event(&[entity("a", "name", "3")]), now + GRACE);
    assert!(timeline.is_in_doubt());
    timeline.caught_up(now + GRACE);
    assert!(timeline.take().is_empty() && !timeline.is_in_doubt());
    // This one is another that looks the same: there is a row for it.
    timeline.remember([remembered(&update(4, "a", "name", "4"))], now);
    timeline.tick(now + 2 * GRACE);
    assert_eq!(values(&told(&mut timeline)), [(Origin::Remembered, "4")]);
    timeline.arrive(event(&[entity("a", "name", "4")]), now);
    timeline.remember([remembered(&update(5, "a", "name", "4"))], now);
    timeline.caught_up(now);
    assert_eq!(values(&told(&mut timeline)), [(Origin::Live, "4")]);
}

#[test]
fn the_status_and_the_rest_are_two_rows_of_one_event() {
    let now = Instant::now();
    let mut timeline = live(now);
    let mut both = entity("a", "statusid", "done");
    both["changes"]["bid"] = json!({"old": "1", "new": "2"});
    timeline.arrive(event(&[both]), now);
    let task = told(&mut timeline)[0].0;
    timeline.finish(task);
    let rows = [
        update(1, "a", "statusid", "done"),
        update(2, "a", "bid", "2"),
    ];
    timeline.remember(rows.iter().map(remembered), now);
    assert_eq!(timeline.floor(), 2);
    timeline.tick(now + 2 * GRACE);
    assert!(timeline.take().is_empty());
}

#[test]
fn what_the_expression_does_not_want_is_acknowledged_in_silence() {
    let now = Instant::now();
    let wanted = "topic=ftrack.update and source.user.username=ada";
    let mut timeline = timeline(wanted, Position::default(), now);
    timeline.remember([remembered(&update(1, "a", "name", "1"))], now);
    timeline.caught_up(now);
    timeline.arrive(event(&[entity("a", "name", "2")]), now);
    timeline.remember([remembered(&update(2, "a", "name", "2"))], now);
    assert!(timeline.take().is_empty());
    assert_eq!(timeline.floor(), 2);
}

#[test]
fn events_that_nobody_remembers_are_told_even_while_catching_up() {
    let now = Instant::now();
    let mut timeline = timeline("topic=*", Position::default(), now);
    timeline.arrive(Event::new("studio.hello"), now);
    let tasks = timeline.take();
    assert_eq!(
        (tasks.len(), tasks[0].key.as_str()),
        (1, "topic:studio.hello")
    );
}

#[test]
fn numbers_that_are_never_used_do_not_hold_up_the_position() {
    let now = Instant::now();
    let mut timeline = live(now);
    let rows = [
        update(1, "a", "name", "1"),
        update(5, "b", "name", "2"),
        update(9, "c", "name", "3"),
    ];
    timeline.miss(now);
    timeline.remember(rows.iter().map(remembered), now);
    let tasks = told(&mut timeline);
    timeline.finish(tasks[0].0);
    timeline.finish(tasks[2].0);
    assert_eq!(timeline.floor(), 1);
    timeline.settle(9);
    assert_eq!(timeline.floor(), 4, "5 is in hand");
    timeline.finish(tasks[1].0);
    timeline.settle(9);
    assert_eq!(timeline.floor(), 9);
}

/// What can happen to a listener.
#[derive(Debug, Clone, Copy)]
enum Step {
    Change { entity: u8, value: u8 },
    Deliver,
    Read,
    Cut,
    Reconnect,
    CatchUp,
    Finish(usize),
    Store,
    Crash,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u8..3, 0_u8..2).prop_map(|(entity, value)| Step::Change { entity, value }),
        6 => Just(Step::Deliver),
        4 => Just(Step::Read),
        1 => Just(Step::Cut),
        2 => Just(Step::Reconnect),
        3 => Just(Step::CatchUp),
        6 => (0_usize..8).prop_map(Step::Finish),
        2 => Just(Step::Store),
        1 => Just(Step::Crash),
        2 => (0_u64..4).prop_map(Step::Wait),
    ]
}

/// A server, a line and a listener.
struct World {
    now: Instant,
    rows: Vec<Row>,
    /// The values that each entity got, in order.
    truth: BTreeMap<String, Vec<String>>,
    wire: VecDeque<Event>,
    is_connected: bool,
    timeline: Timeline,
    /// What is in hand, in order: task, entity, value.
    hand: Vec<(u64, String, String)>,
    /// How many changes of each entity were handled.
    handled: BTreeMap<String, usize>,
    stored: (Position, BTreeMap<String, usize>),
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            rows: Vec::new(),
            truth: BTreeMap::new(),
            wire: VecDeque::new(),
            is_connected: true,
            timeline: timeline("topic=ftrack.update", Position::default(), now),
            hand: Vec::new(),
            handled: BTreeMap::new(),
            stored: (Position::default(), BTreeMap::new()),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Change { entity, value } => self.change(&entity.to_string(), &value.to_string()),
            Step::Deliver => {
                if let Some(event) = self.wire.pop_front() {
                    self.timeline.arrive(event, self.now);
                }
            }
            Step::Read => self.read(),
            Step::Cut => {
                self.is_connected = false;
                self.wire.clear();
            }
            Step::Reconnect => {
                if !self.is_connected {
                    self.is_connected = true;
                    self.timeline.miss(self.now);
                }
            }
            Step::CatchUp => {
                if self.is_connected && !self.timeline.is_live() {
                    self.read();
                    self.timeline.caught_up(self.now);
                }
            }
            Step::Finish(choice) => self.finish(choice),
            Step::Store => self.stored = (self.timeline.position("s"), self.handled.clone()),
            Step::Crash => {
                let (position, handled) = self.stored.clone();
                let text = position.to_json();
                let position = Position::from_json(&text).unwrap();
                self.timeline = timeline("topic=ftrack.update", position, self.now);
                self.handled = handled;
                self.hand.clear();
                self.wire.clear();
                self.is_connected = true;
            }
            Step::Wait(seconds) => {
                self.now += Duration::from_secs(seconds);
                self.timeline.tick(self.now);
            }
        }
        let tasks = told_by_entity(&mut self.timeline);
        self.hand.extend(tasks);
    }

    fn change(&mut self, entity_id: &str, value: &str) {
        let id = i64::try_from(self.rows.len()).unwrap() + 1;
        self.rows.push(update(id, entity_id, "name", value));
        let values = self.truth.entry(entity_id.to_owned()).or_default();
        values.push(value.to_owned());
        if self.is_connected {
            self.wire
                .push_back(event(&[entity(entity_id, "name", value)]));
        }
    }

    fn read(&mut self) {
        let floor = self.timeline.read().floor();
        let new = self
            .rows
            .iter()
            .filter(|row| row.id > floor)
            .map(remembered);
        self.timeline.remember(new.collect::<Vec<_>>(), self.now);
        if self.timeline.is_in_doubt() {
            self.timeline.caught_up(self.now);
        }
    }

    /// Finishes one of what is in hand: any entity, but of each the first.
    fn finish(&mut self, choice: usize) {
        if self.hand.is_empty() {
            return;
        }
        let entity = self.hand[choice % self.hand.len()].1.clone();
        let first = self.hand.iter().position(|task| task.1 == entity).unwrap();
        let (task, entity, value) = self.hand.remove(first);
        let count = self.handled.entry(entity.clone()).or_default();
        let expected = self.truth[&entity].get(*count);
        assert_eq!(expected, Some(&value), "change {count} of {entity}");
        *count += 1;
        self.timeline.finish(task);
    }
}

fn told_by_entity(timeline: &mut Timeline) -> Vec<(u64, String, String)> {
    let tasks = timeline.take().into_iter();
    tasks
        .map(|task| {
            let changed = &task.event.data["entities"][0];
            let new = changed["changes"]["name"]["new"].as_str().unwrap();
            let entity = changed["entityId"].as_str().unwrap();
            (task.number, entity.to_owned(), new.to_owned())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever happens, each change of each entity is handled once and in order, but for what was handled and not
    /// stored when the listener crashed; although many changes are alike.
    #[test]
    fn nothing_is_missed_and_nothing_comes_twice(steps in vec(step(), 0..80)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        for step in [Step::Cut, Step::Reconnect, Step::CatchUp, Step::Wait(3), Step::Wait(3)] {
            world.take(step);
        }
        while !world.hand.is_empty() {
            world.take(Step::Finish(0));
        }
        for (entity, values) in &world.truth {
            prop_assert_eq!(world.handled.get(entity).copied().unwrap_or(0), values.len(), "{}", entity);
        }
        prop_assert_eq!(world.timeline.floor(), i64::try_from(world.rows.len()).unwrap());
    }
}
