//! The chapter "Caching" of the product documentation, and what it leaves to be wished for.

use std::path::Path;
use std::sync::Arc;

use ftrack_cache::{
    Cache, FileCache, KeyMaker, KeyPart, MemoryCache, ProxyCache, SharedCache, StringKeyMaker,
    scoped_folder,
};
use ftrack_session::{Entity, EntityCache, EntityState, FetchPolicy, Session, entity_key, values};

use crate::{Studio, builder};

/// A session whose entities are kept in files under `root`.
fn with_files(studio: &Studio, root: &Path) -> Session {
    let root = root.to_owned();
    let maker = move |session: &Session| {
        let folder = scoped_folder(&root, &[session.server_url(), session.api_user()]);
        Ok(Some(session.serialised(FileCache::open(folder)?)))
    };
    builder(&studio.server).cache(maker).connect().unwrap()
}

/// A session with the given cache below memory.
fn with_cache(studio: &Studio, bytes: &SharedCache<String, Vec<u8>>) -> Session {
    let bytes = Arc::clone(bytes);
    builder(&studio.server)
        .cache(move |session| Ok(Some(session.serialised(bytes))))
        .connect()
        .unwrap()
}

#[test]
fn a_second_run_answers_from_files_without_any_request() {
    let studio = Studio::new();
    let root = tempfile::tempdir().unwrap();
    let first = with_files(&studio, root.path());
    let user = first
        .query("select username, email from User where username is admin")
        .one()
        .unwrap();
    let (id, name): (String, String) = (user.id(), user.get("username").unwrap());
    first.close();
    drop((first, user));

    let second = with_files(&studio, root.path());
    let trace = second.trace();
    let user = second.get("User", &id).unwrap().unwrap();
    let _deny = second.fetching(FetchPolicy::Deny);
    assert_eq!(user.get::<String>("username").unwrap(), name);
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn what_one_answer_lacks_an_earlier_one_has_kept() {
    let studio = Studio::new();
    let bytes: SharedCache<String, Vec<u8>> = Arc::new(MemoryCache::new());
    let first = with_cache(&studio, &bytes);
    let project = first
        .query("select name, full_name from Project where name is last_lantern")
        .one()
        .unwrap();
    let second = with_cache(&studio, &bytes);
    second
        .query("select id from Project where name is last_lantern")
        .one()
        .unwrap();
    let third = with_cache(&studio, &bytes);
    let kept = third.get("Project", project.id()).unwrap().unwrap();
    let _deny = third.fetching(FetchPolicy::Deny);
    assert_eq!(
        kept.get::<String>("full_name").unwrap(),
        project.get::<String>("full_name").unwrap()
    );
}

#[test]
fn commits_change_and_remove_what_is_kept() {
    let studio = Studio::new();
    let bytes: SharedCache<String, Vec<u8>> = Arc::new(MemoryCache::new());
    let session = with_cache(&studio, &bytes);
    let user = session
        .create("User", values! { "username": "grace" })
        .unwrap();
    let key = entity_key(user.identity());
    assert!(
        bytes.get(&key).unwrap().is_none(),
        "what is not on the server is not kept"
    );
    session.commit().unwrap();
    assert!(
        String::from_utf8(bytes.get(&key).unwrap().unwrap())
            .unwrap()
            .contains("grace")
    );
    user.set("username", "hopper").unwrap();
    session.commit().unwrap();
    assert!(
        String::from_utf8(bytes.get(&key).unwrap().unwrap())
            .unwrap()
            .contains("hopper")
    );
    user.delete().unwrap();
    session.commit().unwrap();
    assert!(bytes.get(&key).unwrap().is_none());
}

#[test]
fn local_and_computed_values_are_never_kept() {
    let studio = Studio::new();
    let bytes: SharedCache<String, Vec<u8>> = Arc::new(MemoryCache::new());
    let session = with_cache(&studio, &bytes);
    let task = session
        .query("select name, time_logged from Task")
        .first()
        .unwrap()
        .unwrap();
    task.set("name", "changed here").unwrap();
    task.populate(["name", "description", "time_logged"])
        .unwrap();
    let kept =
        String::from_utf8(bytes.get(&entity_key(task.identity())).unwrap().unwrap()).unwrap();
    assert!(kept.contains("\"name\""), "{kept}");
    assert!(
        !kept.contains("changed here") && !kept.contains("time_logged"),
        "{kept}"
    );
}

#[test]
fn a_cache_can_be_selective() {
    let studio = Studio::new();
    let lower: EntityCache = Arc::new(MemoryCache::new());
    let selective = ProxyCache::new(Arc::clone(&lower)).store_if(|_, entity: &Entity| {
        entity.state() != Some(EntityState::Created) && entity.entity_type() == "User"
    });
    let session = builder(&studio.server)
        .cache(move |_| Ok(Some(Arc::new(selective))))
        .connect()
        .unwrap();
    session.query("User").all().unwrap();
    session.query("Project").all().unwrap();
    let keys = lower.keys().unwrap();
    assert!(!keys.is_empty());
    assert!(
        keys.iter().all(|key| key.starts_with("('User', ")),
        "{keys:?}"
    );
    session.close();
}

#[test]
fn the_caches_of_a_session_can_be_looked_at_and_changed() {
    let studio = Studio::new();
    let session = studio.session.clone();
    let project = studio.project();
    let key = entity_key(project.identity());
    assert_eq!(session.cache().get(&key).unwrap(), Some(project.clone()));
    assert!(session.cache().keys().unwrap().contains(&key));
    assert_eq!(session.cache().layers().len(), 1);

    let extra: EntityCache = Arc::new(MemoryCache::new());
    session.cache().set_layers(
        session
            .cache()
            .layers()
            .into_iter()
            .chain([Arc::clone(&extra)]),
    );
    session.query("User").all().unwrap();
    assert!(!extra.is_empty().unwrap());

    session.cache().remove(&key).unwrap();
    let trace = session.trace();
    assert!(session.get("Project", project.id()).unwrap().is_some());
    assert_eq!(trace.request_count(), 1);
    session.close();
}

#[test]
fn files_that_another_program_has_open_are_done_without() {
    let studio = Studio::new();
    let root = tempfile::tempdir().unwrap();
    let first = with_files(&studio, root.path());
    let second = with_files(&studio, root.path());
    assert_eq!(first.cache().layers().len(), 2);
    assert_eq!(second.cache().layers().len(), 1);
    assert!(second.query("Project").first().unwrap().is_some());
}

#[test]
fn damaged_entries_are_read_from_the_server_again() {
    let studio = Studio::new();
    let bytes: SharedCache<String, Vec<u8>> = Arc::new(MemoryCache::new());
    let id = with_cache(&studio, &bytes)
        .query("Project")
        .first()
        .unwrap()
        .unwrap()
        .id();
    for key in bytes.keys().unwrap() {
        bytes
            .set(key, b"{\"__entity_type__\": \"Proj".to_vec())
            .unwrap();
    }
    let session = with_cache(&studio, &bytes);
    assert!(
        !session
            .get("Project", &id)
            .unwrap()
            .unwrap()
            .get::<String>("name")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn servers_and_users_never_share() {
    let root = Path::new("cache");
    let folder = |server: &str, user: &str| scoped_folder(root, &[server, user]);
    assert_ne!(folder("https://a", "x"), folder("https://b", "x"));
    assert_ne!(folder("https://a", "x"), folder("https://a", "y"));
}

#[test]
fn a_cache_does_not_keep_its_session_alive() {
    let studio = Studio::new();
    let bytes: SharedCache<String, Vec<u8>> = Arc::new(MemoryCache::new());
    let session = with_cache(&studio, &bytes);
    session.query("User").all().unwrap();
    let weak = session.downgrade();
    drop(session);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_maker_may_decline() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .cache(|_| Ok(None))
        .connect()
        .unwrap();
    assert_eq!(session.cache().layers().len(), 1);
}

#[test]
fn keys_can_be_made_in_another_way() {
    struct Shouted;

    impl KeyMaker for Shouted {
        fn key(&self, items: &[KeyPart]) -> String {
            StringKeyMaker.key(items).to_uppercase()
        }
    }

    let studio = Studio::new();
    let bytes: Arc<MemoryCache<String, Vec<u8>>> = Arc::default();
    let store = Arc::clone(&bytes);
    let session = builder(&studio.server)
        .cache_key_maker(Shouted)
        .cache(move |session| Ok(Some(session.serialised(store))))
        .connect()
        .unwrap();
    let user = session.query("User").first().unwrap().unwrap();
    let key = session.cache_key(user.identity());
    assert_eq!(key, entity_key(user.identity()).to_uppercase());
    assert!(bytes.keys().unwrap().contains(&key));

    // The entities in memory answer to the same keys, and to no others.
    assert_eq!(session.cache().get(&key).unwrap(), Some(user.clone()));
    let usual = session.cache().get(&entity_key(user.identity()));
    assert_eq!(usual.unwrap(), None);
    session.reset();
    let trace = session.trace();
    assert_eq!(session.get("User", user.id()).unwrap(), Some(user));
    assert_eq!(trace.request_count(), 0);
    session.cache().remove(&key).unwrap();
    assert!(!session.cache().keys().unwrap().contains(&key));
}
