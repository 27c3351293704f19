//! No lock is held while a caller's code runs: each kind of it calls back here.

use std::sync::{Arc, Mutex, OnceLock};

use ftrack_cache::{Cache, MemoryCache};
use ftrack_session::{
    Entity, EntityCache, Formatter, FromAttribute, Identity, Session, Value, WeakSession, values,
};
use ftrack_test_kit::wait::ends;

use crate::{Studio, builder};

/// Uses all that an entity and its session have locks for.
fn use_everything(entity: &Entity) {
    let session = entity.session();
    entity.value("name").unwrap();
    entity.value("status.name").unwrap();
    let description = entity.value("description").unwrap();
    entity.set("description", "changed by a callback").unwrap();
    entity.set("description", description).unwrap();
    let _ = entity.state();
    let _ = session.recorded_operations();
    let _ = session.entity(entity.identity()).unwrap();
    let _ = session.cache().keys().unwrap();
    session.event_hub().has_subscribers("some.topic");
    session.begin().attach(entity).unwrap();
}

/// The name of an entity, read by a type that looks around.
struct Nosy(String);

impl FromAttribute for Nosy {
    const EXPECTED: &'static str = "text";

    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self> {
        use_everything(owner);
        value.as_str().map(|text| Self(text.to_owned()))
    }
}

fn task(session: &Session) -> Entity {
    let task = session.query("select id from Task").first().unwrap();
    task.unwrap()
}

#[test]
fn types_that_values_are_read_as() {
    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let task = task(&studio.session);
        assert!(!task.get::<Nosy>("name").unwrap().0.is_empty());
        assert!(task.get::<Option<Nosy>>("status.name").unwrap().is_some());
        task.metadata().unwrap().set("k", "v").unwrap();
        assert_eq!(task.get::<Nosy>("metadata.k").unwrap().0, "v");
    });
}

#[test]
fn hooks_on_reading_and_writing() {
    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let session = builder(&studio.server)
            .customise("Task", |task| {
                task.on_read("type_id", |entity, value| {
                    use_everything(entity);
                    Ok(value)
                })?
                .on_write("bid", |entity, value| {
                    use_everything(entity);
                    Ok(value)
                })?
                .on_write("assignments", |entity, value| {
                    use_everything(entity);
                    Ok(value)
                })
            })
            .connect()
            .unwrap();
        let task = task(&session);
        task.value("type_id").unwrap();
        task.set("bid", 3).unwrap();
        task.collection("assignments").unwrap().clear().unwrap();
        let values = values! { "name": "x", "bid": 2, "parent": &studio.project(),
        "status_id": task.get::<String>("status_id").unwrap() };
        let new = session.create("Task", values).unwrap();
        assert_eq!(new.get::<i64>("bid").unwrap(), 2);
        session.rollback();
    });
}

#[test]
fn iterators_that_are_given_to_collections_and_maps() {
    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let shot = studio.session.query("Shot").first().unwrap().unwrap();
        let children = shot.collection("children").unwrap();
        let members = children.entities().unwrap();
        let looking = || {
            members.iter().inspect(|_| {
                use_everything(&shot);
            })
        };
        children.replace(looking()).unwrap();
        children.clear().unwrap();
        children.extend(looking()).unwrap();
        let states = studio.session.states(looking());
        assert_eq!(states.len(), members.len());
        let items = ["a", "b"].into_iter().map(|key| {
            use_everything(&shot);
            (key, Value::from("1"))
        });
        shot.metadata().unwrap().replace(items).unwrap();
        studio.session.rollback();
    });
}

/// A cache that reads, on another thread too, what is being loaded when it is asked.
#[derive(Clone, Default)]
struct Curious {
    kept: Arc<MemoryCache<String, Entity>>,
    session: Arc<OnceLock<WeakSession>>,
    watched: Arc<Mutex<Option<Identity>>>,
}

impl Curious {
    fn look(&self) {
        let session = self.session.get().and_then(WeakSession::upgrade);
        let watched = self.watched.lock().unwrap().take();
        if let (Some(session), Some(identity)) = (session, watched) {
            let entity = session.entity(&identity).unwrap();
            entity.value("description").unwrap();
            std::thread::spawn(move || entity.value("description").unwrap())
                .join()
                .unwrap();
            session.commit().unwrap();
        }
    }
}

impl Cache<String, Entity> for Curious {
    fn get(&self, key: &String) -> ftrack_cache::Result<Option<Entity>> {
        self.look();
        self.kept.get(key)
    }

    fn set(&self, key: String, entity: Entity) -> ftrack_cache::Result<()> {
        self.look();
        self.kept.set(key, entity)
    }

    fn remove(&self, key: &String) -> ftrack_cache::Result<()> {
        self.look();
        self.kept.remove(key)
    }

    fn keys(&self) -> ftrack_cache::Result<Vec<String>> {
        self.kept.keys()
    }
}

#[test]
fn caches_that_read_the_attribute_that_is_being_loaded() {
    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let cache = Curious::default();
        let kept = cache.clone();
        let session = builder(&studio.server)
            .cache(move |session| {
                let _ = kept.session.set(session.downgrade());
                Ok(Some(Arc::new(kept) as EntityCache))
            })
            .connect()
            .unwrap();
        let tasks = session.query("select id from Task limit 3").all().unwrap();
        let watched = || *cache.watched.lock().unwrap() = Some(tasks[0].identity().clone());
        watched();
        tasks[0].value("description").unwrap();
        watched();
        session.populate(&tasks, ["bid"]).unwrap();
        tasks[1].set("bid", 5).unwrap();
        watched();
        session.commit().unwrap();
        assert!(cache.watched.lock().unwrap().is_none());
    });
}

#[test]
fn key_makers_of_caches() {
    struct Maker(Arc<OnceLock<WeakSession>>);

    impl ftrack_cache::KeyMaker for Maker {
        fn key(&self, parts: &[ftrack_cache::KeyPart]) -> String {
            if let Some(session) = self.0.get().and_then(WeakSession::upgrade) {
                let _ = session.recorded_operations();
                let unknown = session.entity(&Identity::new("Task", "nobody")).unwrap();
                assert!(
                    unknown
                        .attribute("name")
                        .unwrap()
                        .remote_value()
                        .is_not_set()
                );
            }
            format!("{parts:?}")
        }
    }

    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let weak = Arc::new(OnceLock::new());
        let session = builder(&studio.server)
            .cache_key_maker(Maker(Arc::clone(&weak)))
            .cache(|session| Ok(Some(session.serialised(MemoryCache::new()))))
            .connect()
            .unwrap();
        weak.set(session.downgrade()).unwrap();
        let task = task(&session);
        task.value("name").unwrap();
        assert!(session.cache().keys().unwrap().len() > 1);
    });
}

#[test]
fn filters_and_styles_of_formatters() {
    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let task = task(&studio.session);
        let formatter = Formatter::new().filter(|entity, name, _| {
            use_everything(&entity.session().entity(entity.identity()).unwrap());
            name == "name"
        });
        let text = formatter
            .header(|text| {
                task.value("name").unwrap();
                text.to_owned()
            })
            .format(&task)
            .unwrap();
        assert!(text.starts_with("Task"), "{text}");
    });
}

#[test]
fn subscribers_of_logs() {
    /// The other threads are those of the connection, which would wait for themselves.
    struct Reader(Mutex<Option<Entity>>, std::thread::ThreadId);

    impl tracing::Subscriber for Reader {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            self.look();
            tracing::span::Id::from_u64(1)
        }

        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

        fn event(&self, _: &tracing::Event<'_>) {
            self.look();
        }

        fn enter(&self, _: &tracing::span::Id) {
            self.look();
        }

        fn exit(&self, _: &tracing::span::Id) {
            self.look();
        }
    }

    impl Reader {
        fn look(&self) {
            if std::thread::current().id() != self.1 {
                return;
            }
            // Once at a time: what this does logs, too.
            let Some(entity) = self.0.lock().unwrap().take() else {
                return;
            };
            use_everything(&entity);
            let _ = entity.value("bid");
            let committed = entity.session().commit();
            drop(committed);
            entity.session().rollback();
            *self.0.lock().unwrap() = Some(entity);
        }
    }

    ends("a lock is held while the caller runs", || {
        let studio = Studio::new();
        let task = task(&studio.session);
        let session = studio.session.clone();
        let reader = Reader(Mutex::new(Some(task.clone())), std::thread::current().id());
        tracing::subscriber::with_default(reader, || {
            task.value("bid").unwrap();
            task.set("bid", 7).unwrap();
            let _ = session.commit();
            task.custom_attributes().unwrap().remove("nothing").ok();
            let unit = session.begin();
            unit.attach(&task).unwrap().set("bid", 3).unwrap();
        });
    });
}
