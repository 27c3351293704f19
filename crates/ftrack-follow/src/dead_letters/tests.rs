use std::path::PathBuf;

use serde_json::json;

use super::*;

fn followed(number: u32) -> Followed {
    Followed {
        event: Event::new("studio.test").with_data(json!({"n": number})),
        origin: Origin::Remembered,
        attempt: 5,
        key: "k".to_owned(),
    }
}

fn numbers(letters: &DeadLetters) -> Vec<u64> {
    let letters = letters.all().unwrap();
    let numbers = letters
        .iter()
        .filter_map(|letter| letter.event.data["n"].as_u64());
    numbers.collect()
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("letters.jsonl")
}

#[test]
fn what_is_replayed_leaves_and_what_fails_again_stays_with_the_new_reason() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap();
    for number in 1..=3 {
        letters.add(&followed(number), "broken".to_owned()).unwrap();
    }
    let replayed = letters
        .replay(|followed| {
            assert!(followed.is_caught_up());
            match followed.event().data["n"].as_u64() {
                Some(2) => Err("still broken".into()),
                _ => Ok(()),
            }
        })
        .unwrap();
    assert_eq!((replayed.handled, replayed.failed), (2, 1));
    let left = DeadLetters::open(file(&folder)).unwrap().all().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(
        (left[0].attempts, left[0].error.as_str()),
        (6, "still broken")
    );
    let text = std::fs::read_to_string(letters.path()).unwrap();
    assert_eq!(
        text.lines().count(),
        1,
        "what means nothing any more is gone"
    );
    assert_eq!(letters.remove(&[left[0].id.clone()]).unwrap(), 1);
    assert!(letters.is_empty().unwrap());
}

#[test]
fn replaying_that_is_stopped_leaves_the_rest_and_what_failed_for_that_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap();
    for number in 1..=4 {
        letters.add(&followed(number), "broken".to_owned()).unwrap();
    }
    for (fails, expected) in [(false, [2, 3, 4].as_slice()), (true, &[2, 3, 4])] {
        let stopper = FollowStopper::default();
        let replayed = letters
            .replay_until_stopped(&stopper, |_| {
                stopper.stop();
                if fails {
                    Err("it was killed".into())
                } else {
                    Ok(())
                }
            })
            .unwrap();
        assert_eq!(
            (replayed.handled, replayed.failed),
            (usize::from(!fails), 0)
        );
        assert_eq!(numbers(&letters), expected);
    }
    assert!(
        letters
            .all()
            .unwrap()
            .iter()
            .all(|letter| letter.attempts == 5 && letter.error == "broken")
    );
}

#[test]
fn a_list_is_replayed_by_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap();
    letters.add(&followed(1), "broken".to_owned()).unwrap();
    let other = DeadLetters::open(file(&folder)).unwrap();
    let replayed = letters
        .replay(|_| {
            let refused = other.replay(|_| Ok(())).unwrap_err();
            assert!(matches!(refused, Error::Replaying { .. }), "{refused}");
            Ok(())
        })
        .unwrap();
    assert_eq!((replayed.handled, replayed.failed), (1, 0));
    let replayed = other.replay(|_| Ok(())).unwrap();
    assert_eq!((replayed.handled, replayed.failed), (0, 0));
}

#[test]
fn what_is_removed_during_a_replay_is_not_handled_and_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap();
    for number in 1..=3 {
        letters.add(&followed(number), "broken".to_owned()).unwrap();
    }
    let ids: Vec<String> = letters
        .all()
        .unwrap()
        .into_iter()
        .take(2)
        .map(|letter| letter.id)
        .collect();
    let other = DeadLetters::open(file(&folder)).unwrap();
    let handled = Mutex::new(Vec::new());
    letters
        .replay(|followed| {
            handled.lock().push(followed.event.data["n"].clone());
            other.remove(&ids)?;
            other.add(followed, "new".to_owned())?;
            Err("broken still".into())
        })
        .unwrap();
    assert_eq!(*handled.lock(), [1, 3]);
    assert_eq!(numbers(&letters), [1, 3, 3]);
}

#[test]
fn a_full_list_refuses_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap().limit(2);
    letters.add(&followed(1), String::new()).unwrap();
    letters.add(&followed(2), String::new()).unwrap();
    let error = letters.add(&followed(3), String::new()).unwrap_err();
    assert!(
        matches!(error, Error::DeadLettersFull { limit: 2, .. }),
        "{error}"
    );
    assert_eq!(numbers(&letters), [1, 2]);
}

#[test]
fn a_line_that_a_crash_cut_short_hurts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let letters = DeadLetters::open(file(&folder)).unwrap();
    letters.add(&followed(1), String::new()).unwrap();
    let mut text = std::fs::read(letters.path()).unwrap();
    text.extend_from_slice(b"{\"id\": \"half");
    std::fs::write(letters.path(), text).unwrap();
    assert_eq!(numbers(&letters), [1]);
    letters.add(&followed(2), String::new()).unwrap();
    assert_eq!(numbers(&letters), [1, 2]);
}

#[test]
fn two_who_add_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let threads: Vec<_> = (0..2)
        .map(|thread| {
            let letters = DeadLetters::open(file(&folder)).unwrap();
            std::thread::spawn(move || {
                for number in 0..20 {
                    letters
                        .add(&followed(thread * 100 + number), String::new())
                        .unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let letters = DeadLetters::open(file(&folder)).unwrap();
    assert_eq!(letters.len().unwrap(), 40);
}

#[test]
fn a_file_of_something_else_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(file(&folder), "shopping: milk\n").unwrap();
    let error = DeadLetters::open(file(&folder)).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    assert_eq!(
        std::fs::read_to_string(file(&folder)).unwrap(),
        "shopping: milk\n"
    );
}
