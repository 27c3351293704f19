//! The file cache: what is in the folder, who may open it, and what happens when things go wrong.

mod child;
mod damage;
mod killed;
mod limits;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ftrack_cache::{Cache, Error, FileCache, LayeredCache, Memoiser, MemoryCache, ObjectKeyMaker};

use crate::kinds::as_bytes;

fn key(name: &str) -> String {
    name.to_owned()
}

/// Opens a folder that nobody is meant to have open. On a busy machine a process that another test is starting may
/// hold its lock for a moment, and one that was killed may take its time to go.
pub(crate) fn open(folder: &Path) -> FileCache {
    let started = Instant::now();
    loop {
        match FileCache::open(folder) {
            Err(Error::Locked { .. }) if started.elapsed() < Duration::from_secs(30) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened.unwrap(),
        }
    }
}

/// The error of opening a folder that is open already, which comes at once: of several tries the quickest counts,
/// since a busy machine may let any one of them wait.
fn refused_at_once(folder: &Path) -> Error {
    let tries = (0..20).map(|_| {
        let started = Instant::now();
        let error = FileCache::open(folder).unwrap_err();
        (started.elapsed(), error)
    });
    let (elapsed, error) = tries.min_by_key(|(elapsed, _)| *elapsed).unwrap();
    assert!(elapsed < Duration::from_millis(100), "{elapsed:?}");
    error
}

#[test]
fn entries_survive_closing() {
    let folder = tempfile::tempdir().unwrap();
    let large = vec![7_u8; 3_000_000];
    let cache = open(folder.path());
    cache.set(key("small"), b"1".to_vec()).unwrap();
    cache.set(key("large"), large.clone()).unwrap();
    cache.set(key("gone"), b"2".to_vec()).unwrap();
    cache.remove(&key("gone")).unwrap();
    cache.close().unwrap();

    let cache = open(folder.path());
    assert_eq!(cache.path(), folder.path());
    assert_eq!(cache.get(&key("small")).unwrap().unwrap(), b"1");
    assert_eq!(cache.get(&key("large")).unwrap().unwrap(), large);
    assert_eq!(cache.len().unwrap(), 2);
}

#[test]
fn folders_are_made_and_named_after_the_format() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/b c/ä");
    // What a later format may have left is not looked at.
    fs::create_dir_all(folder.join("v2")).unwrap();
    fs::write(folder.join("v2/entries"), b"unknown").unwrap();
    let cache = open(&folder);
    cache.set(key("a"), b"1".to_vec()).unwrap();
    drop(cache);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["v1", "v2"]);
    assert_eq!(fs::read(folder.join("v2/entries")).unwrap(), b"unknown");
}

#[test]
fn the_size_on_disk_grows() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path());
    let before = cache.size_on_disk().unwrap();
    for index in 0..40_u8 {
        cache.set(index.to_string(), vec![index; 50_000]).unwrap();
    }
    cache.flush().unwrap();
    let grown = cache.size_on_disk().unwrap() - before;
    assert!((1_500_000..20_000_000).contains(&grown), "{grown}");
}

#[test]
fn flushed_entries_are_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let cache = open(folder.path());
    cache.set(key("a"), b"1".to_vec()).unwrap();
    cache.flush().unwrap();
    damage::copy_folder(folder.path(), copy.path());
    assert_eq!(open(copy.path()).get(&key("a")).unwrap().unwrap(), b"1");
}

#[test]
fn an_open_folder_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path());
    let error = refused_at_once(folder.path());
    assert!(
        matches!(&error, Error::Locked { path } if path == folder.path()),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains(&folder.path().display().to_string()),
        "{error}"
    );

    cache.set(key("a"), b"1".to_vec()).unwrap();
    drop(cache);
    for _ in 0..20 {
        assert_eq!(open(folder.path()).get(&key("a")).unwrap().unwrap(), b"1");
    }
}

#[test]
fn another_process_finds_the_folder_locked() {
    let folder = tempfile::tempdir().unwrap();
    let mut holder = child::Child::start("hold", folder.path());
    holder.wait_for("open");
    let error = refused_at_once(folder.path());
    assert!(
        matches!(&error, Error::Locked { path } if path == folder.path()),
        "{error:?}"
    );
    holder.finish();
    assert_eq!(
        open(folder.path()).get(&key("held")).unwrap().unwrap(),
        b"by the child"
    );
}

#[test]
fn many_threads_share_a_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path());
    std::thread::scope(|scope| {
        for worker in 0..4_u8 {
            let cache = &cache;
            scope.spawn(move || {
                for step in 0..100_u8 {
                    let key = format!("{worker}-{}", step % 10);
                    cache.set(key.clone(), vec![step; 100]).unwrap();
                    assert_eq!(cache.get(&key).unwrap().unwrap(), vec![step; 100]);
                }
            });
        }
    });
    assert_eq!(cache.len().unwrap(), 40);
    drop(cache);
    assert_eq!(open(folder.path()).len().unwrap(), 40);
}

#[test]
fn results_are_remembered_between_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut calls = 0;
    for _ in 0..3 {
        let memory = Arc::new(MemoryCache::new());
        let layers = LayeredCache::new([memory as _, as_bytes(open(folder.path()))]);
        let memoiser = Memoiser::new(layers, ObjectKeyMaker);
        for _ in 0..3 {
            let summary = memoiser.call("summary", ("sq010", 96), || {
                calls += 1;
                "96 frames".to_owned()
            });
            assert_eq!(summary, "96 frames");
        }
    }
    assert_eq!(calls, 1);
}
