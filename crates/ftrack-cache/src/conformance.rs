//! Checks that a cache behaves as a [`Cache`] should; for the tests of people who write one.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ftrack_cache::{MemoryCache, conformance};
//!
//! let samples = ["a", "b", "c", "d"].map(|name| (name.to_owned(), format!("value of {name}")));
//! conformance::run(|| Arc::new(MemoryCache::new()), &samples)?;
//! # Ok::<(), conformance::Failures>(())
//! ```

use std::collections::HashSet;
use std::fmt::{self, Debug};
use std::thread;

use crate::cache::{Cache, CacheKey, SharedCache};
use crate::error::Error;

/// How many entries the concurrent cases write for each sample.
const ROUNDS: usize = 25;

/// The cases that a cache failed, and how.
#[derive(Debug)]
pub struct Failures(Vec<(&'static str, String)>);

impl Failures {
    /// The failed cases: what is demanded, and what happened instead.
    pub fn cases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(demand, outcome)| (*demand, outcome.as_str()))
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} cases failed", self.0.len())?;
        for (demand, outcome) in &self.0 {
            write!(formatter, "\n{demand}: {outcome}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failures {}

/// Runs every case against a cache from `new_cache`, which returns an empty cache with room for
/// all `samples` each time. A cache from an earlier case may still exist when the next is made.
///
/// The samples are at least three, with different keys, different texts of the keys, and
/// different values.
///
/// # Errors
///
/// Names every case that failed.
pub fn run<K, V>(
    new_cache: impl Fn() -> SharedCache<K, V>,
    samples: &[(K, V)],
) -> Result<(), Failures>
where
    K: CacheKey + Debug,
    V: Clone + PartialEq + Debug + Send + Sync,
{
    check_samples(samples).map_err(|outcome| Failures(vec![("samples are fit", outcome)]))?;
    let mut failures = Vec::new();
    for (demand, case) in cases::<K, V>() {
        let cache = new_cache();
        if let Err(outcome) = case(&*cache, samples) {
            failures.push((demand, outcome));
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failures(failures))
    }
}

type Outcome = Result<(), String>;
type Case<K, V> = fn(&dyn Cache<K, V>, &[(K, V)]) -> Outcome;

fn cases<K, V>() -> Vec<(&'static str, Case<K, V>)>
where
    K: CacheKey + Debug,
    V: Clone + PartialEq + Debug + Send + Sync,
{
    vec![
        ("a new cache is empty", new_is_empty),
        ("a missing key has no value", missing_has_no_value),
        (
            "removing a missing key is an error that names it",
            missing_is_named,
        ),
        ("what was set is got, again and again", set_then_get),
        ("setting again replaces", set_replaces),
        ("removing takes one entry away, once", remove_takes_one),
        ("keys and values list each entry once", lists_are_complete),
        ("clearing without a pattern empties", clear_empties),
        ("clearing with a pattern takes what matches", clear_selects),
        (
            "a bad pattern is an error and removes nothing",
            bad_pattern_is_refused,
        ),
        ("setting if absent never replaces", set_if_absent_keeps),
        ("a cleared cache can be used again", usable_after_clear),
        (
            "threads that write different keys all succeed",
            writers_of_different_keys,
        ),
        (
            "threads that write one key leave one of their values",
            writers_of_one_key,
        ),
    ]
}

fn check_samples<K: CacheKey, V: PartialEq>(samples: &[(K, V)]) -> Outcome {
    let texts: HashSet<_> = samples.iter().map(|(key, _)| key.to_string()).collect();
    demand(samples.len() >= 3, || {
        "there are fewer than three".to_owned()
    })?;
    demand(texts.len() == samples.len(), || {
        "two keys have the same text".to_owned()
    })?;
    let values_differ = samples.iter().enumerate().all(|(index, (_, value))| {
        samples
            .iter()
            .skip(index + 1)
            .all(|(_, other)| value != other)
    });
    demand(values_differ, || "two values are equal".to_owned())
}

fn new_is_empty<K: CacheKey, V>(cache: &dyn Cache<K, V>, _: &[(K, V)]) -> Outcome {
    expect_len(cache, 0)?;
    demand(done(cache.keys())?.is_empty(), || "it has keys".to_owned())?;
    demand(done(cache.values())?.is_empty(), || {
        "it has values".to_owned()
    })
}

fn missing_has_no_value<K: CacheKey, V: Debug>(
    cache: &dyn Cache<K, V>,
    samples: &[(K, V)],
) -> Outcome {
    samples
        .iter()
        .try_for_each(|(key, _)| expect_no_value(cache, key))
}

fn missing_is_named<K: CacheKey, V: Debug>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome {
    samples
        .iter()
        .try_for_each(|(key, _)| expect_missing(cache.remove(key), key))
}

fn set_then_get<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    expect_entries(cache, samples)?;
    expect_entries(cache, samples)
}

fn set_replaces<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    let values = samples.iter().map(|(_, value)| value).cycle().skip(1);
    let shifted: Vec<_> = samples
        .iter()
        .zip(values)
        .map(|((key, _), value)| (key.clone(), value.clone()))
        .collect();
    fill(cache, samples)?;
    fill(cache, &shifted)?;
    expect_len(cache, samples.len())?;
    expect_entries(cache, &shifted)
}

fn remove_takes_one<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    let Some(((key, _), rest)) = samples.split_first() else {
        return Ok(());
    };
    done(cache.remove(key))?;
    expect_no_value(cache, key)?;
    expect_missing(cache.remove(key), key)?;
    expect_len(cache, rest.len())?;
    expect_entries(cache, rest)
}

fn lists_are_complete<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey + Debug,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    let keys = done(cache.keys())?;
    let complete = samples.iter().all(|(key, _)| keys.contains(key));
    demand(complete && keys.len() == samples.len(), || {
        format!("keys are {keys:?}")
    })?;
    let values = done(cache.values())?;
    let complete = samples.iter().all(|(_, value)| values.contains(value));
    demand(complete && values.len() == samples.len(), || {
        format!("values are {values:?}")
    })
}

fn clear_empties<K: CacheKey, V: Clone>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome {
    done(cache.clear(None))?;
    fill(cache, samples)?;
    done(cache.clear(None))?;
    expect_len(cache, 0)
}

fn clear_selects<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    let Some(((key, _), rest)) = samples.split_first() else {
        return Ok(());
    };
    done(cache.clear(Some(&format!("^{}$", regex::escape(&key.to_string())))))?;
    expect_no_value(cache, key)?;
    expect_entries(cache, rest)?;
    done(cache.clear(Some("[^\\s\\S]")))?;
    expect_len(cache, rest.len())?;
    done(cache.clear(Some("")))?;
    expect_len(cache, 0)
}

fn bad_pattern_is_refused<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    match cache.clear(Some("(")) {
        Err(Error::Pattern { pattern, .. }) if pattern == "(" => expect_entries(cache, samples),
        other => Err(format!("clearing gave {other:?}")),
    }
}

fn set_if_absent_keeps<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    let Some(((_, other), rest)) = samples.split_first() else {
        return Ok(());
    };
    for (key, value) in rest {
        done(cache.set_if_absent(key.clone(), value.clone()))?;
        done(cache.set_if_absent(key.clone(), other.clone()))?;
    }
    expect_len(cache, rest.len())?;
    expect_entries(cache, rest)
}

fn usable_after_clear<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug,
{
    fill(cache, samples)?;
    done(cache.clear(None))?;
    fill(cache, samples)?;
    expect_len(cache, samples.len())?;
    expect_entries(cache, samples)
}

fn writers_of_different_keys<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug + Send + Sync,
{
    let work = |(key, value): &(K, V)| {
        for _ in 0..ROUNDS {
            done(cache.set(key.clone(), value.clone()))?;
            let found = value_of(cache, key)?;
            demand(found == *value, || {
                format!("{key} has {found:?}, not {value:?}")
            })?;
            done(cache.remove(key))?;
        }
        done(cache.set(key.clone(), value.clone()))
    };
    in_threads(samples, &work)?;
    expect_len(cache, samples.len())?;
    expect_entries(cache, samples)
}

fn writers_of_one_key<K, V>(cache: &dyn Cache<K, V>, samples: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: Clone + PartialEq + Debug + Send + Sync,
{
    let Some((key, _)) = samples.first() else {
        return Ok(());
    };
    let is_sample = |found: &V| samples.iter().any(|(_, value)| value == found);
    let work = |(_, value): &(K, V)| {
        for _ in 0..ROUNDS {
            done(cache.set(key.clone(), value.clone()))?;
            let found = value_of(cache, key)?;
            demand(is_sample(&found), || format!("nobody wrote {found:?}"))?;
        }
        Ok(())
    };
    in_threads(samples, &work)?;
    expect_len(cache, 1)?;
    let found = value_of(cache, key)?;
    demand(is_sample(&found), || format!("nobody wrote {found:?}"))
}

/// Does `work` for all items at once and returns the first failure.
fn in_threads<T: Sync>(items: &[T], work: &(impl Fn(&T) -> Outcome + Sync)) -> Outcome {
    thread::scope(|scope| {
        let workers: Vec<_> = items
            .iter()
            .map(|item| scope.spawn(move || work(item)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err("a thread panicked".to_owned()))
        })
    })
}

fn fill<K: CacheKey, V: Clone>(cache: &dyn Cache<K, V>, entries: &[(K, V)]) -> Outcome {
    entries
        .iter()
        .try_for_each(|(key, value)| done(cache.set(key.clone(), value.clone())))
}

fn expect_entries<K, V>(cache: &dyn Cache<K, V>, entries: &[(K, V)]) -> Outcome
where
    K: CacheKey,
    V: PartialEq + Debug,
{
    entries.iter().try_for_each(|(key, value)| {
        let found = value_of(cache, key)?;
        demand(found == *value, || {
            format!("{key} has {found:?}, not {value:?}")
        })
    })
}

fn value_of<K: CacheKey, V>(cache: &dyn Cache<K, V>, key: &K) -> Result<V, String> {
    done(cache.get(key))?.ok_or_else(|| format!("{key} has no value"))
}

fn expect_no_value<K: CacheKey, V: Debug>(cache: &dyn Cache<K, V>, missing: &K) -> Outcome {
    match cache.get(missing) {
        Ok(None) => Ok(()),
        other => Err(format!(
            "{missing} should be missing, but the answer was {other:?}"
        )),
    }
}

fn expect_missing<T: Debug>(result: crate::error::Result<T>, missing: &impl CacheKey) -> Outcome {
    match result {
        Err(Error::KeyNotFound { key }) if key == missing.to_string() => Ok(()),
        other => Err(format!(
            "{missing} should be missing, but the answer was {other:?}"
        )),
    }
}

fn expect_len<K: CacheKey, V>(cache: &dyn Cache<K, V>, expected: usize) -> Outcome {
    let len = done(cache.len())?;
    demand(len == expected, || {
        format!("the length is {len}, not {expected}")
    })?;
    demand(done(cache.is_empty())? == (len == 0), || {
        "is_empty contradicts len".to_owned()
    })
}

fn done<T>(result: crate::error::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("failed: {error}"))
}

fn demand(holds: bool, outcome: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(outcome()) }
}
