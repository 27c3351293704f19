//! Encoding and decoding 1,000 tasks of which everything is known, and keeping them in files.

use ftrack_cache::{BoxError, Cache, FileCache, SerialisedCache};
use ftrack_session::{EncodeStrategy, Entity, Session};

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

const PAGE: u64 = 500;

pub(super) fn codec(arguments: &Arguments) -> Outcome {
    let session = connect(&arguments.url)?;
    let mut stub = Stub::connect(&arguments.url)?;
    let tasks = whole_tasks(&session)?;
    encode(
        &session,
        &tasks,
        EncodeStrategy::All,
        &mut stub,
        "B7.encode_all",
    )?;
    let texts = encode(
        &session,
        &tasks,
        EncodeStrategy::PersistedOnly,
        &mut stub,
        "B7.encode_persisted",
    )?;
    for text in &texts[..texts.len() / 10] {
        session.decode(text)?;
    }
    let (decoded, sample) = measure(Some(&mut stub), || {
        let decoded: Result<Vec<_>, _> = texts.iter().map(|text| session.decode(text)).collect();
        Ok(decoded?)
    })?;
    let is_entity = |data: &&ftrack_session::Data| data.as_entity().is_some();
    let entities = decoded.iter().filter(is_entity).count();
    sample.print("B7.decode", texts.len(), entities)
}

/// Sets and gets through a cache in files, which keeps the encoded text.
pub(super) fn filecache(arguments: &Arguments) -> Outcome {
    let session = connect(&arguments.url)?;
    let mut stub = Stub::connect(&arguments.url)?;
    let tasks = whole_tasks(&session)?;
    let folder = tempfile::tempdir_in(&arguments.work)?;
    let (encoding, decoding) = (session.clone(), session.clone());
    let cache = SerialisedCache::new(
        FileCache::open(folder.path())?,
        move |task: &Entity| {
            let text = encoding.encode(task, EncodeStrategy::PersistedOnly)?;
            Ok::<_, ftrack_session::Error>(text.into_bytes())
        },
        move |bytes: &Vec<u8>| decode(&decoding, bytes),
    );
    let key = |task: &Entity| format!("('Task', ['{}'])", task.id());
    let keys: Vec<String> = tasks.iter().map(key).collect();
    let ((), sample) = measure(Some(&mut stub), || {
        for (key, task) in keys.iter().zip(&tasks) {
            cache.set(key.clone(), task.clone())?;
        }
        Ok(())
    })?;
    sample.print("B7.filecache_set", tasks.len(), None)?;
    let (letters, sample) = measure(Some(&mut stub), || {
        let mut letters = 0;
        for key in &keys {
            let task = cache.get(key)?.ok_or("a task is not in the cache")?;
            let name: String = task.get("name")?;
            letters += name.chars().count();
        }
        Ok(letters)
    })?;
    sample.print("B7.filecache_get", tasks.len(), letters)
}

/// Tasks with every attribute that their type has, so that encoding asks for nothing.
fn whole_tasks(session: &Session) -> Outcome<Vec<Entity>> {
    let attributes = session.schema().entity_type("Task")?.attributes();
    let names: Vec<&str> = attributes
        .iter()
        .map(ftrack_session::Attribute::name)
        .collect();
    let query = format!("select {} from Task limit 1000", names.join(", "));
    Ok(session.query(query).page_size(PAGE).all()?)
}

fn encode(
    session: &Session,
    tasks: &[Entity],
    strategy: EncodeStrategy,
    stub: &mut Stub,
    scenario: &str,
) -> Outcome<Vec<String>> {
    let encode = || -> Outcome<Vec<String>> {
        let texts: Result<_, _> = tasks
            .iter()
            .map(|task| session.encode(task, strategy))
            .collect();
        Ok(texts?)
    };
    encode()?;
    let (texts, sample) = measure(Some(stub), encode)?;
    let mut keys = 0;
    for text in &texts {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)?;
        keys += object.len();
    }
    sample.print(scenario, tasks.len(), keys)?;
    Ok(texts)
}

fn decode(session: &Session, bytes: &[u8]) -> Result<Entity, BoxError> {
    let data = session.decode(std::str::from_utf8(bytes)?)?;
    let entity = data.as_entity().cloned();
    Ok(entity.ok_or("what was encoded is not an entity")?)
}
