//! The bounds of the memory cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ftrack_cache::{Cache, MemoryCache};

fn sorted_keys(cache: &impl Cache<String, usize>) -> Vec<String> {
    let mut keys = cache.keys().unwrap();
    keys.sort();
    keys
}

/// Does what `story` says (`+a` sets, `?a` gets, `-a` removes, `~a` sets if absent) within a bound
/// of three entries, and returns what is left.
fn left_after(story: &str) -> String {
    let cache = MemoryCache::with_max_entries(3);
    for step in story.split(' ') {
        let (what, key) = step.split_at(1);
        let key = key.to_owned();
        match what {
            "+" => cache.set(key, 1).unwrap(),
            "~" => cache.set_if_absent(key, 1).unwrap(),
            "?" => drop(cache.get(&key)),
            _ => drop(cache.remove(&key)),
        }
    }
    sorted_keys(&cache).concat()
}

#[test]
fn the_entry_that_was_not_used_longest_makes_room() {
    let cases = [
        ("+a +b +c", "abc"),
        ("+a +b +c +d", "bcd"),
        ("+a +b +c +d +e", "cde"),
        ("+a +b +c ?a +d", "acd"),
        ("+a +b +c ?a ?b +d", "abd"),
        ("+a +b +c +a +d", "acd"),
        ("+a +b +c -b +d", "acd"),
        ("+a +b +c -b +d +e", "cde"),
        ("+a +b +c ~a +d", "bcd"),
        ("+a +b +c ~d", "bcd"),
        ("+a +a +a +a +b +c", "abc"),
        ("+a -a +a -a +b +c +d", "bcd"),
        ("+a +b +c ?z +d", "bcd"),
    ];
    for (story, expected) in cases {
        assert_eq!(left_after(story), expected, "{story}");
    }
}

#[test]
fn bytes_are_bounded() {
    let cache = MemoryCache::with_max_bytes(10, |_: &String, size: &usize| *size);
    let key = |name: &str| name.to_owned();
    cache.set(key("a"), 4).unwrap();
    cache.set(key("b"), 4).unwrap();
    cache.set(key("c"), 2).unwrap();
    assert_eq!(sorted_keys(&cache), ["a", "b", "c"]);
    // A value that grows pushes others out.
    cache.set(key("c"), 5).unwrap();
    assert_eq!(sorted_keys(&cache), ["b", "c"]);
    // A value that shrinks makes room.
    cache.set(key("c"), 1).unwrap();
    cache.set(key("d"), 5).unwrap();
    assert_eq!(sorted_keys(&cache), ["b", "c", "d"]);
    // What is too large by itself is not kept, and does not leave the old value behind.
    cache.set(key("b"), 11).unwrap();
    cache.set(key("e"), 11).unwrap();
    cache.set_if_absent(key("d"), 11).unwrap();
    assert_eq!(sorted_keys(&cache), ["c", "d"]);
    // Removing everything gives all the room back.
    cache.clear(None).unwrap();
    cache.set(key("f"), 10).unwrap();
    assert_eq!(sorted_keys(&cache), ["f"]);
}

#[test]
fn a_bound_of_nothing_keeps_nothing() {
    let cache = MemoryCache::with_max_entries(0);
    cache.set("a".to_owned(), 1_usize).unwrap();
    assert!(cache.is_empty().unwrap());
}

#[test]
fn the_bound_holds_under_threads() {
    let cache = MemoryCache::with_max_bytes(500, |_: &String, size: &usize| *size);
    thread::scope(|scope| {
        for worker in 0..4_usize {
            let cache = &cache;
            scope.spawn(move || {
                for step in 0..2_000_usize {
                    let key = ((step * 7 + worker * 13) % 97).to_string();
                    match step % 5 {
                        0 => drop(cache.remove(&key)),
                        1 | 2 => drop(cache.get(&key)),
                        _ => cache.set(key, 1 + step % 40).unwrap(),
                    }
                }
            });
        }
    });
    let total: usize = cache.values().unwrap().iter().sum();
    assert!(total <= 500, "{total}");
    // Nothing was lost from the books: one large entry still pushes out all others.
    cache.set("last".to_owned(), 500).unwrap();
    assert_eq!(sorted_keys(&cache), ["last"]);
}

/// Counts how many of its kind exist.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn values_that_leave_are_dropped() {
    let count = Arc::new(AtomicUsize::new(0));
    let cache = MemoryCache::with_max_entries(3);
    for index in 0..20 {
        cache.set(index % 7, Counted::new(&count)).unwrap();
        drop(cache.get(&(index % 5)));
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
    cache.clear(None).unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 0);
}
