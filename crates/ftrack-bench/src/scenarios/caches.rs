//! Keeping 1,000 encoded entities, of about a kilobyte each.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ftrack_cache::{Cache, FileCache, MemoryCache};
use tempfile::TempDir;

use super::Outcome;
use crate::scenario::Measured;

/// Keys and encoded entities.
type Entities = Vec<(String, Vec<u8>)>;

const ENTITIES: usize = 1_000;

fn entities() -> Entities {
    let entity = |number| {
        let key = format!("('Task', ['0f2c1a9e-4d3b-11ee-9a6c-{number:012x}'])");
        let text = serde_json::json!({
            "__entity_type__": "Task", "id": format!("0f2c1a9e-4d3b-11ee-9a6c-{number:012x}"),
            "name": format!("task_{number:04}"), "bid": 28_800,
            "description": "A line of the description of the task. ".repeat(24),
        });
        (key, text.to_string().into_bytes())
    };
    (0..ENTITIES).map(entity).collect()
}

/// In memory: the floor is the standard library's map behind its lock.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every scenario has the same signature"
)]
pub(super) fn memory_set() -> Outcome {
    Ok(Measured::new(
        entities,
        |entities| {
            let cache = MemoryCache::new();
            fill(&cache, entities).map(|()| cache)
        },
        |entities| {
            let map = Mutex::new(HashMap::new());
            for (key, value) in entities {
                let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
                map.insert(key.clone(), value.clone());
            }
            map
        },
    ))
}

/// From memory: the same floor.
pub(super) fn memory_get() -> Outcome {
    let entities = entities();
    let cache = MemoryCache::new();
    fill(&cache, &entities)?;
    let map = Mutex::new(entities.iter().cloned().collect::<HashMap<_, _>>());
    let get = |key: &String| {
        let map = map.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(key).cloned()
    };
    Ok(Measured::new(
        || (),
        |()| size(&entities, |key| cache.get(key)),
        |()| size(&entities, |key| Ok(get(key))),
    ))
}

/// Into a folder: the floor is writing keys and values to one file, with nothing that finds them again. Neither waits
/// until the disk has them.
pub(super) fn file_set() -> Outcome {
    let folder = tempfile::tempdir()?;
    let entities = entities();
    let cache = FileCache::open(folder.path().join("cache"))?;
    let file = folder.path().join("file");
    Ok(Measured::new(
        || (),
        |()| fill(&cache, &entities),
        |()| write(&file, &entities),
    ))
}

/// From a folder: the floor is reading values from one file, whose places are known.
pub(super) fn file_get() -> Outcome {
    let folder: TempDir = tempfile::tempdir()?;
    let entities = entities();
    let cache = FileCache::open(folder.path().join("cache"))?;
    fill(&cache, &entities)?;
    let path = folder.path().join("file");
    let places = write(&path, &entities)?;
    Ok(Measured::new(
        || (),
        |()| size(&entities, |key| cache.get(key)),
        |()| read(&path, &places),
    ))
}

fn fill(cache: &impl Cache<String, Vec<u8>>, entities: &Entities) -> ftrack_cache::Result<()> {
    for (key, value) in entities {
        cache.set(key.clone(), value.clone())?;
    }
    Ok(())
}

/// The summed length of all values, each of which is read as a value of its own.
fn size(
    entities: &Entities,
    get: impl Fn(&String) -> ftrack_cache::Result<Option<Vec<u8>>>,
) -> ftrack_cache::Result<usize> {
    let lengths = entities.iter();
    lengths
        .map(|(key, _)| Ok(get(key)?.map_or(0, |value| value.len())))
        .sum()
}

/// Writes all to one file; gives back where each value is, and how long.
fn write(path: &Path, entities: &Entities) -> std::io::Result<Vec<(u64, usize)>> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut places = Vec::new();
    let mut position = 0;
    for (key, value) in entities {
        file.write_all(key.as_bytes())?;
        file.write_all(value)?;
        places.push((position + key.len() as u64, value.len()));
        position += (key.len() + value.len()) as u64;
    }
    file.flush()?;
    Ok(places)
}

fn read(path: &Path, places: &[(u64, usize)]) -> std::io::Result<usize> {
    let mut file = File::open(path)?;
    let mut size = 0;
    for (position, length) in places {
        let mut value = vec![0; *length];
        file.seek(SeekFrom::Start(*position))?;
        file.read_exact(&mut value)?;
        size += std::hint::black_box(value).len();
    }
    Ok(size)
}
