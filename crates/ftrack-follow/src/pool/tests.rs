use std::sync::mpsc::{Receiver, Sender, channel};

use ftrack_event::Event;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn retries(limit: u32, dead_letters: Option<DeadLetters>) -> Retries {
    Retries {
        limit,
        initial: Duration::from_millis(1),
        max: Duration::from_millis(2),
        dead_letters,
    }
}

fn task(number: u64, key: &str) -> Task {
    Task {
        number,
        key: key.to_owned(),
        event: Event::new("studio.test").with_data(number),
        origin: Origin::Live,
    }
}

/// What the loop is told until so many tasks are done with: their numbers, and which of them were given up.
fn finished(inputs: &Inputs, count: usize) -> (Vec<u64>, Vec<u64>) {
    let until = Instant::now() + 60 * SECOND;
    let (mut done, mut dead) = (Vec::new(), Vec::new());
    while done.len() < count && Instant::now() < until {
        for input in inputs.take(until, true).0 {
            if let Input::Finished(finished) = input {
                done.push(finished.task);
                dead.extend(finished.is_dead.then_some(finished.task));
            }
        }
    }
    (done, dead)
}

#[test]
fn what_fails_for_good_becomes_a_dead_letter_and_what_waits_behind_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(folder.path().join("letters")).unwrap();
    let inputs = Arc::<Inputs>::default();
    let (sender, tried) = channel();
    let handler: Handler = Arc::new(move |followed| {
        sender.send((followed.event().data.as_u64(), followed.attempt()))?;
        match followed.event().data.as_u64() {
            Some(1) => Err("broken".into()),
            Some(2) => panic!("worse"),
            Some(3) if followed.attempt() == 1 => Err("once".into()),
            _ => Ok(()),
        }
    });
    let retries = retries(2, Some(letters.clone()));
    let pool = Pool::start(2, handler, retries, Arc::clone(&inputs)).unwrap();
    pool.push((1..=4).map(|number| task(number, "a")).collect());
    let (done, dead) = finished(&inputs, 4);
    assert_eq!(
        (done.as_slice(), dead.as_slice()),
        ([1, 2, 3, 4].as_slice(), [1, 2].as_slice())
    );
    let tried: Vec<_> = tried
        .try_iter()
        .filter_map(|(number, attempt)| Some((number?, attempt)))
        .collect();
    let expected = [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
        (2, 3),
        (3, 1),
        (3, 2),
        (4, 1),
    ];
    assert_eq!(tried, expected, "in order");
    let letters = letters.all().unwrap();
    let reasons: Vec<&str> = letters.iter().map(|letter| letter.error.as_str()).collect();
    assert_eq!(reasons, ["broken", "the handler panicked: worse"]);
    assert_eq!(letters[0].attempts, 3);
}

#[test]
fn one_entity_that_fails_does_not_hold_up_another() {
    let inputs = Arc::<Inputs>::default();
    let (release, blocked): (Sender<()>, Receiver<()>) = channel();
    let blocked = Mutex::new(blocked);
    let handler: Handler = Arc::new(move |followed| match followed.key() {
        "slow" => Ok(blocked.lock().recv()?),
        _ => Ok(()),
    });
    let pool = Pool::start(2, handler, retries(0, None), Arc::clone(&inputs)).unwrap();
    pool.push(vec![
        task(1, "slow"),
        task(2, "slow"),
        task(3, "quick"),
        task(4, "quick"),
    ]);
    assert_eq!(finished(&inputs, 2).0, [3, 4]);
    release.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(finished(&inputs, 2).0, [1, 2]);
}

#[test]
fn what_fails_because_the_end_has_come_is_no_dead_letter() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(folder.path().join("letters")).unwrap();
    let inputs = Arc::<Inputs>::default();
    let (begun, has_begun) = channel();
    let (release, blocked): (Sender<()>, Receiver<()>) = channel();
    let blocked = Mutex::new(blocked);
    let handler: Handler = Arc::new(move |_| {
        begun.send(())?;
        blocked.lock().recv()?;
        Err("cut short".into())
    });
    let retries = retries(0, Some(letters.clone()));
    let pool = Pool::start(1, handler, retries, Arc::clone(&inputs)).unwrap();
    pool.push(vec![task(1, "a"), task(2, "b")]);
    has_begun.recv().unwrap();
    assert!(!pool.stop(Instant::now()), "one is running");
    release.send(()).unwrap();
    assert!(!pool.stop(Instant::now() + 60 * SECOND), "it was cut short");
    assert!(letters.is_empty().unwrap());
    let mut left: Vec<u64> = pool.left().iter().map(|task| task.number).collect();
    left.sort_unstable();
    assert_eq!(left, [1, 2]);
}

#[test]
fn a_full_list_of_dead_letters_ends_the_listener_and_throws_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(folder.path().join("letters"))
        .unwrap()
        .limit(1);
    let inputs = Arc::<Inputs>::default();
    let handler: Handler = Arc::new(|_| Err("broken".into()));
    let pool = Pool::start(1, handler, retries(0, Some(letters)), Arc::clone(&inputs)).unwrap();
    pool.push(vec![task(1, "a"), task(2, "a")]);
    let until = Instant::now() + 60 * SECOND;
    let mut fatal = None;
    while fatal.is_none() && Instant::now() < until {
        fatal = inputs
            .take(until, true)
            .0
            .into_iter()
            .find_map(|input| match input {
                Input::Fatal(error) => Some(error),
                _ => None,
            });
    }
    assert!(
        matches!(fatal, Some(Error::DeadLettersFull { limit: 1, .. })),
        "{fatal:?}"
    );
    pool.stop(Instant::now() + SECOND);
    assert_eq!(
        pool.left()
            .iter()
            .map(|task| task.number)
            .collect::<Vec<_>>(),
        [2]
    );
}
