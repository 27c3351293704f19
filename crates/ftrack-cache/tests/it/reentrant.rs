//! A caller's code may come back to the cache that runs it: no lock is held meanwhile.
//!
//! A lock that is held would make these tests hang, so each of them has a bound of its own.

use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use ftrack_cache::{
    Cache, LayeredCache, Memoiser, MemoryCache, ObjectKeyMaker, Result, SharedCache,
};

thread_local! {
    /// What is done whenever a key or value of this thread is cloned or dropped.
    static ACT: RefCell<Option<Arc<dyn Fn() + Send + Sync>>> = const { RefCell::new(None) };
}

/// Runs what the thread is told to, but not within itself.
fn act() {
    // The thread may be ending already.
    if let Ok(Some(act)) = ACT.try_with(RefCell::take) {
        act();
        ACT.with(|place| *place.borrow_mut() = Some(act));
    }
}

/// A key whose clones and ends run code of the caller.
#[derive(Debug, PartialEq, Eq)]
struct Key(u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        act();
        Self(self.0)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        act();
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A value whose clones and ends run code of the caller.
#[derive(Debug)]
struct Value(u32);

impl Clone for Value {
    fn clone(&self) -> Self {
        act();
        Self(self.0)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        act();
    }
}

/// Does `work` on a thread whose keys and values do everything with the cache at every chance.
fn with_keys_and_values_that_use(
    cache: SharedCache<Key, Value>,
    work: impl FnOnce(&dyn Cache<Key, Value>) + Send + 'static,
) {
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        let used = Arc::clone(&cache);
        ACT.with(|place| {
            *place.borrow_mut() = Some(Arc::new(move || use_all(&*used).unwrap()));
        });
        work(&*cache);
        ACT.with(RefCell::take);
        done.send(()).unwrap();
    });
    let finished = is_done.recv_timeout(Duration::from_secs(60));
    assert!(finished.is_ok(), "a lock was held, or the work panicked");
}

fn use_all(cache: &dyn Cache<Key, Value>) -> Result<()> {
    for number in [1, 7] {
        cache.get(&Key(number))?;
        cache.set(Key(number), Value(number))?;
        cache.set_if_absent(Key(number), Value(number))?;
        cache.fill(Key(number), Value(number), &|| true)?;
    }
    // What a clone does on the way may have removed it.
    match cache.remove(&Key(7)) {
        Err(error) if !error.is_key_not_found() => return Err(error),
        _ => {}
    }
    cache.len()?;
    cache.keys()?;
    cache.values()?;
    Ok(())
}

#[test]
fn clones_and_ends_of_keys_and_values_may_use_the_memory_cache() {
    let caches: [fn() -> SharedCache<Key, Value>; 3] = [
        || Arc::new(MemoryCache::new()),
        || Arc::new(MemoryCache::with_max_entries(2)),
        || Arc::new(MemoryCache::with_max_bytes(3, |_, _| 1)),
    ];
    for cache in caches {
        with_keys_and_values_that_use(cache(), |cache| {
            use_all(cache).unwrap();
            for number in 0..5 {
                cache.set(Key(number), Value(number)).unwrap();
            }
            cache.clear(Some("^[0-2]$")).unwrap();
            cache.clear(None).unwrap();
        });
    }
}

#[test]
fn clones_and_ends_of_keys_and_values_may_use_the_layered_cache() {
    let layers = || -> [SharedCache<Key, Value>; 2] {
        [
            Arc::new(MemoryCache::new()),
            Arc::new(MemoryCache::with_max_entries(2)),
        ]
    };
    let cache = Arc::new(LayeredCache::new(layers()));
    with_keys_and_values_that_use(cache, |cache| use_all(cache).unwrap());
}

#[test]
fn a_closure_that_decides_about_filling_may_use_the_cache() {
    let cache: Arc<MemoryCache<String, u32>> = Arc::new(MemoryCache::with_max_entries(4));
    let (done, is_done) = mpsc::channel();
    let filled = Arc::clone(&cache);
    std::thread::spawn(move || {
        let key = || "a".to_owned();
        // Nobody sees what is not decided yet.
        let is_unseen = || {
            let seen = filled.get(&key()).unwrap();
            seen.is_none() && filled.is_empty().unwrap() && filled.keys().unwrap().is_empty()
        };
        filled.fill(key(), 1, &is_unseen).unwrap();
        assert_eq!(filled.get(&key()).unwrap(), Some(1));
        filled.remove(&key()).unwrap();
        // What is set or removed meanwhile wins.
        let set = || filled.set(key(), 2).is_ok();
        filled.fill(key(), 1, &set).unwrap();
        assert_eq!(filled.get(&key()).unwrap(), Some(2));
        filled.remove(&key()).unwrap();
        let removed = || filled.remove(&key()).is_err();
        filled.fill(key(), 1, &removed).unwrap();
        assert_eq!(filled.get(&key()).unwrap(), None);
        // And what does not hold leaves nothing behind.
        filled.fill(key(), 1, &|| false).unwrap();
        assert!(filled.is_empty().unwrap());
        done.send(()).unwrap();
    });
    let finished = is_done.recv_timeout(Duration::from_secs(60));
    assert!(finished.is_ok(), "a lock was held, or the work panicked");
}

#[test]
fn a_computation_may_use_its_memoiser_and_the_cache_below() {
    let memoiser = Arc::new(Memoiser::new(MemoryCache::new(), ObjectKeyMaker));
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        let inner = Arc::clone(&memoiser);
        let value = memoiser.call("outer", 1, move || {
            inner.cache().clear(None).unwrap();
            inner.call("inner", 1, || 40) + inner.call("outer", 1, || 1)
        });
        assert_eq!(value, 41);
        done.send(()).unwrap();
    });
    let finished = is_done.recv_timeout(Duration::from_secs(60));
    assert!(finished.is_ok(), "a lock was held, or the work panicked");
}
