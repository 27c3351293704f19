//! Ages and damaged entries, which need a look behind the scenes.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Level, Metadata, Subscriber, span};

use super::*;

thread_local! {
    /// Seconds since 1970 by the clock of the tests.
    static CLOCK: Cell<u64> = const { Cell::new(1_000_000) };
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(CLOCK.get())
}

fn pass(seconds: u64) {
    CLOCK.set(CLOCK.get() + seconds);
}

fn open(folder: &Path, maximum_age: Option<u64>) -> FileCache {
    let maximum_age = maximum_age.map(Duration::from_secs);
    FileCacheOptions { maximum_age, now }.open(folder).unwrap()
}

fn key(text: &str) -> String {
    text.to_owned()
}

#[test]
fn entries_know_their_age_also_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), None);
    cache.set(key("a"), b"1".to_vec()).unwrap();
    pass(90);
    assert_eq!(cache.age("a").unwrap(), Some(Duration::from_secs(90)));
    drop(cache);
    pass(10);
    let cache = open(folder.path(), None);
    assert_eq!(cache.age("a").unwrap(), Some(Duration::from_secs(100)));
    cache.set(key("a"), b"2".to_vec()).unwrap();
    assert_eq!(cache.age("a").unwrap(), Some(Duration::ZERO));
    assert!(cache.age("b").unwrap().is_none());
}

#[test]
fn entries_beyond_the_maximum_age_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), Some(60));
    for (name, wait) in [("a", 40), ("b", 20), ("c", 1)] {
        cache.set(key(name), name.into()).unwrap();
        pass(wait);
    }
    // "a" is 61 s old, "b" 21 s.
    assert!(cache.get(&key("a")).unwrap().is_none());
    assert!(cache.age("a").unwrap().is_none());
    assert_eq!(cache.get(&key("b")).unwrap().unwrap(), b"b");
    assert_eq!(cache.keys().unwrap(), ["b", "c"]);

    pass(40);
    assert_eq!(cache.values().unwrap(), [b"c".to_vec()]);
    assert!(cache.remove(&key("b")).unwrap_err().is_key_not_found());
    pass(40);
    assert!(cache.is_empty().unwrap());
    assert_eq!(cache.remove_expired().unwrap(), 1);
    assert_eq!(cache.store.run(|database| Ok(database.len())).unwrap(), 0);
}

#[test]
fn an_expired_entry_can_be_set_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), Some(60));
    cache.set(key("a"), b"old".to_vec()).unwrap();
    cache.set_if_absent(key("a"), b"ignored".to_vec()).unwrap();
    assert_eq!(cache.get(&key("a")).unwrap().unwrap(), b"old");
    pass(61);
    cache.set_if_absent(key("a"), b"new".to_vec()).unwrap();
    assert_eq!(cache.get(&key("a")).unwrap().unwrap(), b"new");
}

#[test]
fn entries_from_the_future_have_no_trustworthy_age() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), None);
    cache.set(key("a"), b"1".to_vec()).unwrap();
    CLOCK.set(CLOCK.get() - 500);
    assert_eq!(cache.age("a").unwrap(), Some(Duration::ZERO));
    drop(cache);
    let cache = open(folder.path(), Some(60));
    assert!(cache.get(&key("a")).unwrap().is_none());
}

#[test]
fn a_damaged_entry_is_missing_and_the_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), None);
    cache.set(key("good"), b"value".to_vec()).unwrap();
    let damaged = [
        ("short", b"x".to_vec()),
        ("empty", Vec::new()),
        ("garbled", b"0123456789abcdef".to_vec()),
        ("exchanged", frame::write(b"good", 1, b"value")),
    ];
    for (name, stored) in &damaged {
        cache
            .store
            .run(|database| database.insert(name, stored.as_slice()))
            .unwrap();
    }
    let stored = frame::write(b"\xff\xfe", 1, b"value");
    cache
        .store
        .run(|database| database.insert(b"\xff\xfe", stored))
        .unwrap();

    assert_eq!(cache.keys().unwrap(), ["good"]);
    assert_eq!(cache.values().unwrap(), [b"value".to_vec()]);
    assert_eq!(cache.len().unwrap(), 1);
    for (name, _) in &damaged {
        assert!(cache.get(&key(name)).unwrap().is_none(), "{name}");
        let left = cache.store.run(|database| database.get(name)).unwrap();
        assert_eq!(left, None, "{name} stays behind");
    }
    assert_eq!(cache.get(&key("good")).unwrap().unwrap(), b"value");
}

#[test]
fn a_panic_of_the_database_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), None);
    cache.set(key("a"), b"1".to_vec()).unwrap();
    let error = cache
        .store
        .run(|_| -> sled::Result<()> { panic!("an invariant") })
        .unwrap_err();
    assert!(
        matches!(&error, Error::Corrupt { path, .. } if path == folder.path()),
        "{error:?}"
    );

    assert!(cache.get(&key("a")).unwrap().is_none());
    assert!(cache.keys().unwrap().is_empty());
    assert!(matches!(
        cache.set(key("a"), Vec::new()),
        Err(Error::Corrupt { .. })
    ));
    assert!(matches!(cache.flush(), Err(Error::Corrupt { .. })));
    drop(cache);

    let cache = open(folder.path(), None);
    assert!(cache.is_empty().unwrap());
    cache.set(key("a"), b"2".to_vec()).unwrap();
    drop(cache);
    assert_eq!(
        open(folder.path(), None).get(&key("a")).unwrap().unwrap(),
        b"2"
    );
}

/// Counts warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn damage_is_reported() {
    let warnings = Warnings::default();
    let during = |work: &dyn Fn()| {
        let before = warnings.0.load(Ordering::SeqCst);
        work();
        warnings.0.load(Ordering::SeqCst) - before
    };
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), None);
    tracing::subscriber::with_default(warnings.clone(), || {
        let get = || drop(cache.get(&key("a")));
        cache.set(key("a"), b"1".to_vec()).unwrap();
        assert_eq!(during(&get), 0);
        cache
            .store
            .run(|database| database.insert("a", "garbled"))
            .unwrap();
        assert_eq!(during(&get), 1);
        assert_eq!(during(&get), 0, "it was removed");

        // Damage of the database is reported once, and again by the next one who opens it.
        let panicking = || {
            let broken = cache
                .store
                .run(|_| -> sled::Result<()> { panic!("broken") });
            assert!(broken.is_err());
        };
        assert_eq!(during(&panicking), 1);
        assert_eq!(during(&get), 0);
        drop(cache);
        assert_eq!(during(&|| drop(open(folder.path(), None))), 1);
        assert_eq!(during(&|| drop(open(folder.path(), None))), 0);
    });
}
