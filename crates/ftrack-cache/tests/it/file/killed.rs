//! A process that writes is killed at any moment. Afterwards each key has the value it had before,
//! a value that the process has set, or none.

use std::collections::HashMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ftrack_cache::Cache;

use super::child::Child;

const WORKERS: u64 = 2;
const KILLS: u64 = 50;
/// Counts of different rounds are this far apart.
const ROUND: u64 = 1_000_000;
const KEYS: u64 = 40;

pub(super) fn key_of(count: u64) -> String {
    format!("key {}", count % KEYS)
}

/// A value that tells when it was set and can be checked byte by byte. Some are larger than the
/// database keeps in line.
pub(super) fn value_of(key: &str, count: u64) -> Vec<u8> {
    let len = if count % 64 == 5 {
        700_000
    } else {
        10 + (count * 7919) % 3_000
    };
    let seed = key
        .bytes()
        .fold(count, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
    let filler = (0..len).map(|place| {
        let [low, high, ..] = seed.wrapping_add(place * 4_099).to_le_bytes();
        low ^ high
    });
    count.to_le_bytes().into_iter().chain(filler).collect()
}

/// Returns when `value` was set, after checking all of it.
pub(super) fn check(key: &str, value: &[u8]) -> u64 {
    let count = u64::from_le_bytes(*value.first_chunk().expect("a value is too short"));
    assert_eq!(key_of(count), key, "the value of another key");
    assert!(
        value == value_of(key, count),
        "{key} has garbage for {count}"
    );
    count
}

/// Opens the folder and returns what it holds.
fn counts(folder: &Path) -> HashMap<String, u64> {
    let cache = super::open(folder);
    let keys = cache.keys().unwrap();
    keys.into_iter()
        .map(|key| {
            let count = check(&key, &cache.get(&key).unwrap().unwrap());
            (key, count)
        })
        .collect()
}

/// A pseudo-random number after `state`.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Kills again and again, and returns how often something new was found afterwards.
fn kill_repeatedly(seed: u64) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let mut random = seed;
    let mut before = HashMap::new();
    let mut progress = 0;
    for round in 1..=KILLS {
        let base = round * ROUND;
        let mut child = Child::write_from(base, folder.path());
        // Most are killed while they write, some while they open the folder.
        let patience = if round % 5 == 0 {
            100_000
        } else {
            child.wait_for("open");
            30_000
        };
        thread::sleep(Duration::from_micros(next(&mut random) % patience));
        let status = child.kill();
        assert!(!status.success(), "the child ended on its own");

        let after = counts(folder.path());
        for (key, count) in &after {
            let is_old = before.get(key) == Some(count);
            let is_new = (base..base + ROUND).contains(count);
            assert!(
                is_old || is_new,
                "round {round}: {key} went to {count} from {before:?}"
            );
        }
        progress += u64::from(after != before);
        before = after;
    }
    progress
}

#[test]
fn a_killed_writer_leaves_old_new_or_no_values() {
    let progress: u64 = thread::scope(|scope| {
        let workers: Vec<_> = (1..=WORKERS)
            .map(|worker| scope.spawn(move || kill_repeatedly(0x9e37_79b9_7f4a_7c15 >> worker)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    // Otherwise the children were killed before they did anything.
    assert!(
        progress >= WORKERS * KILLS / 2,
        "only {progress} children wrote anything"
    );
}
