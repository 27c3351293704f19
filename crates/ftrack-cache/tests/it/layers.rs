//! Layers, and layers that fail.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ftrack_cache::{Cache, Error, LayeredCache, MemoryCache, Result, SharedCache};

type Memory = Arc<MemoryCache<String, u32>>;

fn key(name: &str) -> String {
    name.to_owned()
}

fn memories() -> [Memory; 3] {
    [Arc::default(), Arc::default(), Arc::default()]
}

fn over(layers: &[Memory]) -> LayeredCache<String, u32> {
    LayeredCache::new(layers.iter().map(|layer| layer.clone() as _))
}

/// Fails at everything while `fails` is set.
#[derive(Default)]
struct Unreliable {
    entries: MemoryCache<String, u32>,
    fails: AtomicBool,
}

impl Unreliable {
    fn entries(&self) -> Result<&MemoryCache<String, u32>> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::backend("out of order"));
        }
        Ok(&self.entries)
    }
}

impl Cache<String, u32> for Unreliable {
    fn get(&self, key: &String) -> Result<Option<u32>> {
        self.entries()?.get(key)
    }
    fn set(&self, key: String, value: u32) -> Result<()> {
        self.entries()?.set(key, value)
    }
    fn remove(&self, key: &String) -> Result<()> {
        self.entries()?.remove(key)
    }
    fn keys(&self) -> Result<Vec<String>> {
        self.entries()?.keys()
    }
}

#[test]
fn reading_fills_the_layers_above_only() {
    let layers = memories();
    let cache = over(&layers);
    layers[1].set(key("a"), 1).unwrap();
    assert_eq!(cache.get(&key("a")).unwrap().unwrap(), 1);
    let lens: Vec<_> = layers.iter().map(|layer| layer.len().unwrap()).collect();
    assert_eq!(lens, [1, 1, 0]);
}

#[test]
fn the_top_layer_answers_first() {
    let layers = memories();
    let cache = over(&layers);
    for (value, layer) in (0..).zip(&layers) {
        layer.set(key("a"), value).unwrap();
    }
    assert_eq!(cache.get(&key("a")).unwrap().unwrap(), 0);
    assert_eq!(cache.len().unwrap(), 1);
    assert_eq!(cache.values().unwrap(), [0]);
}

#[test]
fn keys_of_all_layers_count_once() {
    let layers = memories();
    let cache = over(&layers);
    for (layer, names) in layers
        .iter()
        .zip([&["a", "b"][..], &["b", "c"], &["a", "d"]])
    {
        for name in names {
            layer.set(key(name), 1).unwrap();
        }
    }
    let keys: BTreeSet<_> = cache.keys().unwrap().into_iter().collect();
    assert_eq!(keys, ["a", "b", "c", "d"].map(key).into());
    assert_eq!(cache.len().unwrap(), 4);
}

#[test]
fn removing_succeeds_if_any_layer_had_the_key() {
    for depth in 0..3 {
        let layers = memories();
        layers[depth].set(key("a"), 1).unwrap();
        let cache = over(&layers);
        cache.remove(&key("a")).unwrap();
        assert!(cache.remove(&key("a")).unwrap_err().is_key_not_found());
        assert!(layers[depth].is_empty().unwrap());
    }
}

#[test]
fn no_layers_are_an_empty_cache() {
    let cache = over(&[]);
    cache.set(key("a"), 1).unwrap();
    assert!(cache.get(&key("a")).unwrap().is_none());
    assert!(cache.remove(&key("a")).unwrap_err().is_key_not_found());
    assert!(cache.is_empty().unwrap());
}

#[test]
fn layers_can_be_looked_at_and_changed() {
    let [top, bottom, other] = memories();
    let cache = over(&[top.clone(), bottom.clone()]);
    cache.set(key("a"), 1).unwrap();
    assert_eq!(cache.layers().len(), 2);
    // Only the top layer is cleared, as a session does on reset.
    cache.layers().first().unwrap().clear(None).unwrap();
    assert!(top.is_empty().unwrap());
    assert_eq!(bottom.len().unwrap(), 1);

    cache.set_layers([top as SharedCache<_, _>, other.clone() as _]);
    assert!(cache.get(&key("a")).unwrap().is_none());
    cache.set(key("b"), 2).unwrap();
    assert_eq!((bottom.len().unwrap(), other.len().unwrap()), (1, 1));
}

#[test]
fn a_failing_layer_does_not_hide_the_others() {
    for failing_on_top in [true, false] {
        let unreliable: Arc<Unreliable> = Arc::default();
        let memory: Memory = Arc::default();
        let mut layers = [
            unreliable.clone() as SharedCache<String, u32>,
            memory.clone() as _,
        ];
        if !failing_on_top {
            layers.reverse();
        }
        let cache = LayeredCache::new(layers);
        cache.set(key("old"), 1).unwrap();
        unreliable.fails.store(true, Ordering::SeqCst);

        let is_backend = |error: &Error| matches!(error, Error::Backend { .. });
        assert_eq!(cache.get(&key("old")).unwrap().unwrap(), 1);
        assert!(is_backend(&cache.get(&key("unknown")).unwrap_err()));
        assert!(is_backend(&cache.set(key("new"), 2).unwrap_err()));
        assert_eq!(cache.get(&key("new")).unwrap().unwrap(), 2);
        assert!(is_backend(&cache.remove(&key("old")).unwrap_err()));
        assert!(memory.get(&key("old")).unwrap().is_none());
        assert!(is_backend(&cache.clear(None).unwrap_err()));
        assert!(memory.is_empty().unwrap());
    }
}

/// Lets somebody act just after it was read.
struct Interrupted<F> {
    entries: Memory,
    after_get: F,
}

impl<F: Fn() + Send + Sync> Cache<String, u32> for Interrupted<F> {
    fn get(&self, key: &String) -> Result<Option<u32>> {
        let value = self.entries.get(key);
        (self.after_get)();
        value
    }
    fn set(&self, key: String, value: u32) -> Result<()> {
        self.entries.set(key, value)
    }
    fn remove(&self, key: &String) -> Result<()> {
        self.entries.remove(key)
    }
    fn keys(&self) -> Result<Vec<String>> {
        self.entries.keys()
    }
}

/// Reads "a" from the lower layer while `act` happens, and returns what the layers then answer.
fn read_while(act: fn(&LayeredCache<String, u32>)) -> Option<u32> {
    let [top, entries, _] = memories();
    entries.set(key("a"), 1).unwrap();
    let cache = Arc::new(std::sync::OnceLock::<LayeredCache<String, u32>>::new());
    let acted = AtomicBool::new(false);
    let inner = cache.clone();
    let after_get = move || {
        if !acted.swap(true, Ordering::SeqCst) {
            act(inner.get().unwrap());
        }
    };
    let lower = Arc::new(Interrupted { entries, after_get });
    cache
        .set(LayeredCache::new([top as SharedCache<_, _>, lower as _]))
        .unwrap();
    let layered = cache.get().unwrap();
    assert_eq!(layered.get(&key("a")).unwrap().unwrap(), 1);
    layered.get(&key("a")).unwrap()
}

#[test]
fn filling_never_brings_an_old_value_back() {
    assert_eq!(read_while(|_| {}), Some(1));
    assert_eq!(read_while(|cache| cache.set(key("a"), 2).unwrap()), Some(2));
    assert_eq!(read_while(|cache| cache.remove(&key("a")).unwrap()), None);
    // A new value may have left the top layer already, to make room for others.
    let set_and_evict = |cache: &LayeredCache<String, u32>| {
        cache.set(key("a"), 2).unwrap();
        cache.layers()[0].remove(&key("a")).unwrap();
    };
    assert_eq!(read_while(set_and_evict), Some(2));
    assert_eq!(read_while(|cache| cache.clear(None).unwrap()), None);
    assert_eq!(read_while(|cache| cache.clear(Some("b")).unwrap()), Some(1));
}

#[test]
fn readers_and_writers_agree_in_the_end() {
    let top = Arc::new(MemoryCache::with_max_entries(2));
    let bottom: Memory = Arc::default();
    let cache = LayeredCache::new([top as SharedCache<String, u32>, bottom as _]);
    thread::scope(|scope| {
        for name in ["a", "b", "c"] {
            let cache = &cache;
            scope.spawn(move || {
                for value in 0..1_000 {
                    cache.set(key(name), value).unwrap();
                    assert_eq!(cache.get(&key(name)).unwrap().unwrap(), value);
                    if value % 10 == 0 {
                        cache.remove(&key(name)).unwrap();
                        assert!(cache.get(&key(name)).unwrap().is_none());
                    }
                }
            });
            scope.spawn(move || {
                for _ in 0..1_000 {
                    for name in ["a", "b", "c"] {
                        drop(cache.get(&key(name)));
                    }
                }
            });
        }
    });
    for name in ["a", "b", "c"] {
        assert_eq!(cache.get(&key(name)).unwrap().unwrap(), 999);
    }
}
