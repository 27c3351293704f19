//! Every kind of cache, and some put together, against the conformance suite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ftrack_cache::{
    Cache, Error, LayeredCache, MemoryCache, ProxyCache, Result, SerialisedCache, SharedCache,
    conformance,
};

type Text = SharedCache<String, String>;

/// Keys and values that are easily mixed up or mistaken for patterns.
fn samples() -> Vec<(String, String)> {
    let long = "long".repeat(100_000);
    [
        ("", "under the empty key"),
        ("a", ""),
        ("A", "upper case"),
        ("ab", "starts with a key"),
        (".*", "a pattern"),
        ("('Task', ['a1b2'])", "an identity"),
        ("späße/日本", "not ascii"),
        ("line\nbreak", "two lines"),
        ("nul\0", "with\0in it"),
        ("long", &long),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec()
}

fn check(new_cache: impl Fn() -> Text) {
    if let Err(failures) = conformance::run(new_cache, &samples()) {
        panic!("{failures}");
    }
}

/// Text kept as bytes in `storage`.
pub(crate) fn as_bytes(storage: impl Cache<String, Vec<u8>> + 'static) -> Text {
    Arc::new(SerialisedCache::new(
        storage,
        |text: &String| Ok::<_, std::fmt::Error>(text.clone().into_bytes()),
        |bytes: &Vec<u8>| String::from_utf8(bytes.clone()),
    ))
}

#[test]
fn memory() {
    check(|| Arc::new(MemoryCache::new()));
}

#[test]
fn memory_with_a_bound() {
    check(|| Arc::new(MemoryCache::with_max_entries(samples().len())));
    check(|| {
        let size = |key: &String, value: &String| key.len() + value.len();
        Arc::new(MemoryCache::with_max_bytes(10_000_000, size))
    });
}

#[test]
fn proxy() {
    check(|| Arc::new(ProxyCache::new(MemoryCache::new())));
    check(|| Arc::new(ProxyCache::new(MemoryCache::new()).store_if(|_, _| true)));
}

#[test]
fn pointers() {
    check(|| Arc::new(Box::new(MemoryCache::new())));
    check(|| Arc::new(Arc::new(MemoryCache::new())));
}

#[test]
fn serialised() {
    check(|| as_bytes(MemoryCache::new()));
}

#[test]
fn layered() {
    let memory = || Arc::new(MemoryCache::new()) as Text;
    check(|| Arc::new(LayeredCache::new([memory()])));
    check(|| Arc::new(LayeredCache::new([memory(), memory(), memory()])));
    check(|| {
        let small = Arc::new(MemoryCache::with_max_entries(2));
        Arc::new(LayeredCache::new([
            small as Text,
            as_bytes(MemoryCache::new()),
        ]))
    });
}

#[cfg(feature = "file")]
mod on_disk {
    use ftrack_cache::FileCache;
    use tempfile::TempDir;

    use super::*;

    /// Opens a new folder for each cache below one that is removed in the end.
    fn open(root: &TempDir) -> FileCache {
        let folder = tempfile::tempdir_in(root.path()).unwrap().keep();
        crate::file::open(&folder)
    }

    #[test]
    fn file() {
        let root = tempfile::tempdir().unwrap();
        check(|| as_bytes(open(&root)));
    }

    #[test]
    fn memory_over_file() {
        let root = tempfile::tempdir().unwrap();
        check(|| {
            let memory = Arc::new(MemoryCache::with_max_entries(3));
            Arc::new(LayeredCache::new([memory as Text, as_bytes(open(&root))]))
        });
    }
}

/// A cache with only the required methods, and a fault to be found.
struct Faulty {
    entries: Mutex<HashMap<String, String>>,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    KeepsRemoved,
    NeverReplaces,
    MissIsFailure,
    LosesKeys,
}

impl Cache<String, String> for Faulty {
    fn get(&self, key: &String) -> Result<Option<String>> {
        let found = self.entries.lock().unwrap().get(key).cloned();
        if found.is_none() && self.fault == Fault::MissIsFailure {
            return Err(Error::backend("nothing there"));
        }
        Ok(found)
    }

    fn set(&self, key: String, value: String) -> Result<()> {
        let mut entries = self.entries.lock().unwrap();
        if self.fault != Fault::NeverReplaces || !entries.contains_key(&key) {
            entries.insert(key, value);
        }
        Ok(())
    }

    fn remove(&self, key: &String) -> Result<()> {
        let mut entries = self.entries.lock().unwrap();
        let found = match self.fault {
            Fault::KeepsRemoved => entries.get(key).cloned(),
            _ => entries.remove(key),
        };
        found.map(drop).ok_or_else(|| Error::key_not_found(key))
    }

    fn keys(&self) -> Result<Vec<String>> {
        let skipped = usize::from(self.fault == Fault::LosesKeys);
        Ok(self
            .entries
            .lock()
            .unwrap()
            .keys()
            .skip(skipped)
            .cloned()
            .collect())
    }
}

#[test]
fn the_suite_finds_faults() {
    let cases = [
        (Fault::None, None),
        (
            Fault::KeepsRemoved,
            Some("removing takes one entry away, once"),
        ),
        (Fault::NeverReplaces, Some("setting again replaces")),
        (Fault::MissIsFailure, Some("a missing key has no value")),
        (
            Fault::LosesKeys,
            Some("keys and values list each entry once"),
        ),
    ];
    for (fault, expected) in cases {
        let new_cache = || {
            Arc::new(Faulty {
                entries: Mutex::default(),
                fault,
            }) as Text
        };
        let found = conformance::run(new_cache, &samples());
        match (expected, &found) {
            (None, Ok(())) => {}
            (Some(expected), Err(failures)) => {
                let mut cases = failures.cases();
                assert!(cases.any(|(demand, _)| demand == expected), "{failures}");
            }
            _ => panic!("expected {expected:?}, found {found:?}"),
        }
    }
}

#[test]
fn the_suite_wants_fit_samples() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let unfit = [
        vec![],
        vec![pair("a", "1"), pair("b", "2")],
        vec![pair("a", "1"), pair("b", "2"), pair("a", "3")],
        vec![pair("a", "1"), pair("b", "2"), pair("c", "1")],
    ];
    for samples in unfit {
        let failures = conformance::run(|| Arc::new(MemoryCache::new()), &samples).unwrap_err();
        let demands: Vec<_> = failures.cases().map(|(demand, _)| demand).collect();
        assert_eq!(demands, ["samples are fit"], "{samples:?}");
    }
}

#[test]
fn a_selective_proxy_leaves_the_rest_alone() {
    let storage = Arc::new(MemoryCache::new());
    let cache = ProxyCache::new(storage.clone())
        .store_if(|_: &String, value: &u32| *value > 0)
        .store_if(|key: &String, _| key != "never");
    cache.set("a".to_owned(), 1).unwrap();
    cache.set("a".to_owned(), 0).unwrap();
    cache.set_if_absent("b".to_owned(), 0).unwrap();
    cache.set_if_absent("never".to_owned(), 1).unwrap();
    cache.set("never".to_owned(), 1).unwrap();
    assert_eq!(storage.keys().unwrap(), ["a"]);
    assert_eq!(cache.get(&"a".to_owned()).unwrap().unwrap(), 1);
    assert_eq!(cache.proxied().len().unwrap(), 1);
}

#[test]
fn errors_of_serialising_name_the_key() {
    let storage: Arc<MemoryCache<String, String>> = Arc::default();
    let cache = SerialisedCache::new(
        storage.clone(),
        |value: &i32| {
            if *value < 0 {
                Err("negative")
            } else {
                Ok(value.to_string())
            }
        },
        |text: &String| text.parse::<i32>(),
    );
    let key = || "frames".to_owned();
    let named = |error: Error| match error {
        Error::Encode { key, source } => format!("encode {key}: {source}"),
        Error::Decode { key, source } => format!("decode {key}: {source}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        named(cache.set(key(), -1).unwrap_err()),
        "encode frames: negative"
    );
    assert_eq!(
        named(cache.set_if_absent(key(), -1).unwrap_err()),
        "encode frames: negative"
    );
    assert!(storage.is_empty().unwrap());

    storage.set(key(), "x".to_owned()).unwrap();
    let expected = "decode frames: invalid digit found in string";
    assert_eq!(named(cache.get(&key()).unwrap_err()), expected);
    assert_eq!(named(cache.values().unwrap_err()), expected);
    cache.set(key(), 96).unwrap();
    assert_eq!(cache.get(&key()).unwrap().unwrap(), 96);
}

/// Closures run without a lock, so they may use the cache that runs them.
#[test]
fn closures_may_come_back_to_the_cache() {
    let storage: Arc<MemoryCache<String, String>> = Arc::default();
    let for_encoding = storage.clone();
    let for_weighing: Arc<std::sync::OnceLock<SharedCache<String, u32>>> = Arc::default();
    let weighing = for_weighing.clone();
    let top = Arc::new(MemoryCache::with_max_bytes(
        100,
        move |key: &String, _: &u32| {
            let cache = weighing.get().unwrap();
            cache.len().unwrap() + cache.get(key).unwrap().map_or(1, |_| 2)
        },
    ));
    let bottom = SerialisedCache::new(
        storage,
        move |value: &u32| {
            for_encoding.set("seen".to_owned(), "7".to_owned()).unwrap();
            Ok::<_, Error>(value.to_string())
        },
        |text: &String| text.parse::<u32>(),
    );
    assert!(for_weighing.set(top.clone()).is_ok());
    let cache = LayeredCache::<String, u32>::new([top as _, Arc::new(bottom) as _]);
    cache.set("a".to_owned(), 1).unwrap();
    cache.set("a".to_owned(), 2).unwrap();
    assert_eq!(cache.get(&"a".to_owned()).unwrap().unwrap(), 2);
    assert_eq!(cache.get(&"seen".to_owned()).unwrap().unwrap(), 7);
}
