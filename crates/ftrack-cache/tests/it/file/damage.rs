//! Damaged files: nothing panics, nothing wrong is read, and the cache works again afterwards.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ftrack_cache::{Cache, Error, FileCache};

use super::{key, killed, open};

const ENTRIES: u64 = 150;

pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A cache with small and large entries, some written again, in two sittings.
fn fill(folder: &Path) {
    for sitting in 0..2 {
        let cache = open(folder);
        for count in sitting * 60..sitting * 60 + ENTRIES {
            let key = killed::key_of(count);
            cache
                .set(key.clone(), killed::value_of(&key, count))
                .unwrap();
        }
    }
}

/// Whatever the files are like, this must hold.
fn check_whole(folder: &Path) {
    for _ in 0..2 {
        check_open(&opened(folder));
    }
    works_in_the_end(folder);
}

fn opened(folder: &Path) -> FileCache {
    super::open(folder)
}

/// Some damage is only noticed when the place is used, and some only on the next opening. Each
/// time, the cache is emptied; but that has an end.
fn works_in_the_end(folder: &Path) {
    let works = (0..5).any(|_| {
        let cache = opened(folder);
        let kept = cache
            .get(&key("new"))
            .is_ok_and(|kept| kept.as_deref() == Some(b"value"));
        let written = cache
            .set(key("new"), b"value".to_vec())
            .and_then(|()| cache.close());
        assert!(
            matches!(written, Ok(()) | Err(Error::Corrupt { .. })),
            "{written:?}"
        );
        kept && written.is_ok()
    });
    assert!(works, "entries are lost again and again");
}

fn check_open(cache: &FileCache) {
    for count in 0..ENTRIES {
        let key = killed::key_of(count);
        match cache.get(&key) {
            Ok(value) => drop(value.map(|value| killed::check(&key, &value))),
            Err(error) => panic!("{error:?}"),
        }
    }
    for name in cache.keys().unwrap() {
        assert!(name.starts_with("key "), "{name}");
        if let Ok(Some(value)) = cache.get(&name) {
            killed::check(&name, &value);
        }
    }
    let written = cache.set(killed::key_of(1), killed::value_of(&killed::key_of(1), 1));
    for result in [written, cache.flush(), cache.clear(Some("^nothing$"))] {
        assert!(
            matches!(result, Ok(()) | Err(Error::Corrupt { .. })),
            "{result:?}"
        );
    }
}

/// A pseudo-random number below `limit`.
fn below(state: &mut u64, limit: usize) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*state >> 33) % limit.max(1) as u64).unwrap()
}

fn byte_of(state: &mut u64) -> u8 {
    u8::try_from(below(state, 256)).unwrap()
}

/// One of the files, most often one that the others depend on.
fn choose<'a>(files: &'a [PathBuf], random: &mut u64) -> &'a Path {
    let is_blob = |file: &Path| {
        file.parent()
            .is_some_and(|folder| folder.ends_with("blobs"))
    };
    let blobs_wanted = below(random, 5) == 0;
    let files: Vec<_> = files
        .iter()
        .filter(|file| is_blob(file) == blobs_wanted)
        .collect();
    files[below(random, files.len())]
}

/// Does some damage to the file and returns what it was.
fn damage(file: &Path, random: &mut u64) -> String {
    let mut bytes = fs::read(file).unwrap();
    let len = bytes.len();
    let start = below(random, len);
    let what = match below(random, 6) {
        0 => {
            bytes.truncate(start);
            "cut"
        }
        1 => {
            let end = (start + below(random, 4_096)).min(len);
            bytes[start..end].fill(0);
            "zeros"
        }
        2 => {
            let end = (start + below(random, 4_096)).min(len);
            for byte in &mut bytes[start..end] {
                *byte = byte_of(random);
            }
            "noise"
        }
        3 => {
            for _ in 0..20 {
                let place = below(random, len);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << below(random, 8);
                }
            }
            "flipped bits"
        }
        4 => {
            // The beginning is denser than the rest.
            for _ in 0..4 {
                let place = below(random, len.min(600));
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = byte_of(random);
                }
            }
            "changed beginning"
        }
        _ => {
            fs::remove_file(file).unwrap();
            return format!("{} gone", file.display());
        }
    };
    fs::write(file, bytes).unwrap();
    format!("{} {what} at {start} of {len}", file.display())
}

#[test]
fn damaged_files_are_survived() {
    let original = tempfile::tempdir().unwrap();
    fill(original.path());
    let mut random = 20;
    for round in 0..80 {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(original.path(), folder.path());
        let files = files_below(&folder.path().join("v1/entries"));
        let file = choose(&files, &mut random);
        let done = damage(file, &mut random);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check_whole(folder.path()))) {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("round {round}: {done}: {text}");
        }
    }
}

#[test]
fn something_else_in_place_of_the_database_is_replaced() {
    let cases: [fn(&Path); 4] = [
        |entries| fs::write(entries, b"a file").unwrap(),
        |entries| fs::create_dir_all(entries.join("db/below")).unwrap(),
        |entries| fs::create_dir_all(entries.join("conf")).unwrap(),
        |entries| {
            fs::create_dir_all(entries).unwrap();
            fs::write(entries.join("blobs"), b"a file").unwrap();
        },
    ];
    for (index, make) in cases.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("v1")).unwrap();
        make(&folder.path().join("v1/entries"));
        let caught = catch_unwind(AssertUnwindSafe(|| works_in_the_end(folder.path())));
        assert!(caught.is_ok(), "case {index}");
    }
}

/// What a process leaves that noticed damage and could not go on.
#[test]
fn a_marked_cache_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).set(key("a"), b"1".to_vec()).unwrap();
    fs::write(folder.path().join("v1/damaged"), b"").unwrap();
    let cache = open(folder.path());
    assert!(cache.is_empty().unwrap());
    cache.set(key("b"), b"2".to_vec()).unwrap();
    drop(cache);
    assert_eq!(open(folder.path()).keys().unwrap(), ["b"]);
}

/// The database can be intact and yet have forgotten what was written last.
#[test]
fn a_cache_that_forgot_entries_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let entries = folder.path().join("v1/entries");
    let older = folder.path().join("older");
    open(folder.path()).set(key("a"), b"1".to_vec()).unwrap();
    copy_folder(&entries, &older);
    open(folder.path()).set(key("a"), b"2".to_vec()).unwrap();
    fs::remove_dir_all(&entries).unwrap();
    copy_folder(&older, &entries);

    let cache = open(folder.path());
    assert!(cache.get(&key("a")).unwrap().is_none());
    cache.set(key("a"), b"3".to_vec()).unwrap();
    drop(cache);
    assert_eq!(open(folder.path()).get(&key("a")).unwrap().unwrap(), b"3");
}
