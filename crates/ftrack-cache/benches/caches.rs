//! Setting and getting 1,000 encoded entities.

#![allow(clippy::unwrap_used, reason = "benchmarks fail by panicking")]

use divan::Bencher;
use ftrack_cache::{Cache, MemoryCache};

const ENTITIES: usize = 1_000;

fn main() {
    divan::main();
}

/// Keys and about one kilobyte of text each, as a session would store them.
fn entities() -> Vec<(String, Vec<u8>)> {
    (0..ENTITIES)
        .map(|index| {
            let key = format!("('Task', ['0f2c1a9e-4d3b-11ee-9a6c-{index:012x}'])");
            let description = "A line of the description of the task. ".repeat(24);
            let text = format!(
                "{{\"__entity_type__\":\"Task\",\"id\":\"{key}\",\"name\":\"task {index}\",\
                 \"bid\":28800,\"description\":\"{description}\"}}"
            );
            (key, text.into_bytes())
        })
        .collect()
}

fn set_all(bencher: Bencher<'_, '_>, cache: &dyn Cache<String, Vec<u8>>) {
    bencher.with_inputs(entities).bench_values(|entities| {
        for (key, value) in entities {
            cache.set(key, value).unwrap();
        }
    });
}

fn get_all(bencher: Bencher<'_, '_>, cache: &dyn Cache<String, Vec<u8>>) {
    let entities = entities();
    for (key, value) in &entities {
        cache.set(key.clone(), value.clone()).unwrap();
    }
    bencher.bench(|| {
        for (key, _) in &entities {
            divan::black_box(cache.get(key).unwrap());
        }
    });
}

#[divan::bench]
fn memory_set(bencher: Bencher<'_, '_>) {
    set_all(bencher, &MemoryCache::new());
}

#[divan::bench]
fn memory_get(bencher: Bencher<'_, '_>) {
    get_all(bencher, &MemoryCache::new());
}

#[divan::bench]
fn bounded_memory_set(bencher: Bencher<'_, '_>) {
    set_all(bencher, &MemoryCache::with_max_entries(ENTITIES / 2));
}

#[divan::bench]
fn bounded_memory_get(bencher: Bencher<'_, '_>) {
    get_all(bencher, &MemoryCache::with_max_entries(ENTITIES));
}

#[cfg(feature = "file")]
mod file {
    use ftrack_cache::FileCache;

    use super::{Bencher, get_all, set_all};

    #[divan::bench]
    fn file_set(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().unwrap();
        set_all(bencher, &FileCache::open(folder.path()).unwrap());
    }

    #[divan::bench]
    fn file_get(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().unwrap();
        get_all(bencher, &FileCache::open(folder.path()).unwrap());
    }
}
