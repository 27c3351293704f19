//! Who keeps what alive: nothing is left when the last handle is gone, wherever that happens.

use std::sync::{Arc, Weak};

use ftrack_entity::Record;
use ftrack_session::{Entity, Session, values};
use ftrack_transport::Transport;

use crate::{Studio, builder};

/// Reads, sets and creates, and gives back the records of everything that was set or created.
fn work(session: &Session) -> Vec<Weak<Record>> {
    let query = "select name, status.name, parent.children.name, assignments from Task limit 50";
    let tasks = session.query(query).all().unwrap();
    for task in &tasks {
        task.set("description", "seen").unwrap();
        // Round in circles: parents know their children.
        let parent: Entity = task.get("parent").unwrap();
        parent.set("description", "seen").unwrap();
        assert!(parent.collection("children").unwrap().contains(task));
    }
    let shot = tasks[0].get::<Entity>("parent").unwrap();
    let values = values! { "name": "new", "parent": &shot };
    let new = session.create("Task", values).unwrap();
    shot.collection("children").unwrap().push(&new).unwrap();
    new.metadata().unwrap().set("fps", "24").unwrap();
    let operations = session.recorded_operations();
    let records = operations
        .iter()
        .map(|operation| Arc::downgrade(operation.record()));
    records.collect()
}

fn alive(records: &[Weak<Record>]) -> usize {
    records
        .iter()
        .filter(|record| record.strong_count() > 0)
        .count()
}

#[test]
fn dropping_the_last_handle_frees_everything() {
    let studio = Studio::new();
    let session = studio.other_session();
    let weak = session.downgrade();
    let records = work(&session);
    assert!(records.len() > 50);
    assert_eq!(alive(&records), records.len());

    let unit = session.begin();
    let clone = session.clone();
    drop((session, unit));
    assert!(weak.upgrade().is_some());
    assert_eq!(alive(&records), records.len());
    drop(clone);
    assert!(weak.upgrade().is_none());
    assert_eq!(alive(&records), 0);
}

#[test]
fn an_entity_keeps_its_session_and_no_more_than_that() {
    let studio = Studio::new();
    let session = studio.other_session();
    let weak = session.downgrade();
    let task = session.query("Task").first().unwrap().unwrap();
    drop(session);
    assert!(!task.get::<String>("status.name").unwrap().is_empty());
    drop(task);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_reset_and_a_close_let_records_go() {
    let studio = Studio::new();
    let session = studio.other_session();
    let records = work(&session);
    session.reset();
    assert_eq!(alive(&records), 0);
    let records = work(&session);
    session.close();
    assert_eq!(alive(&records), 0);
}

#[test]
fn handlers_caches_and_customised_types_do_not_keep_a_session() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .cache(|session| Ok(Some(session.serialised(ftrack_cache::MemoryCache::new()))))
        .customise("Task", |task| task.on_read("name", |_, value| Ok(value)))
        .plugin(|session: &Session| {
            let weak = session.downgrade();
            session
                .event_hub()
                .subscribe("topic=anything", move |_| {
                    Ok(weak
                        .upgrade()
                        .map(|session| session.server_url().to_owned().into()))
                })
                .map(drop)?;
            Ok(())
        })
        .connect()
        .unwrap();
    let weak = session.downgrade();
    let records = work(&session);
    drop(session);
    assert!(weak.upgrade().is_none());
    assert_eq!(alive(&records), 0);
}

/// What a program in somebody else's runtime does, from connecting to the end.
fn whole_life(studio: &Studio, ending: fn(Session)) {
    let session = builder(&studio.server)
        .auto_connect_event_hub(true)
        .connect()
        .unwrap();
    let weak = session.downgrade();
    let records = work(&session);
    assert_eq!(session.query("Task").all().unwrap().len() % 2, 0);
    session.rollback();
    let task = session.query("Task").first().unwrap().unwrap();
    task.set("description", "from a runtime").unwrap();
    assert_eq!(session.commit().unwrap().operations, 1);
    drop(task);
    // Pages that are still under way end with the session.
    drop(session.query("Task").page_size(1).into_iter().next());
    ending(session);
    assert!(weak.upgrade().is_none());
    assert_eq!(alive(&records), 0);
}

fn runtimes() -> [tokio::runtime::Runtime; 2] {
    [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ]
    .map(|mut builder| builder.worker_threads(2).enable_all().build().unwrap())
}

const ENDINGS: [fn(Session); 2] = [drop, |session| session.close()];

#[test]
fn sessions_live_and_die_inside_any_runtime() {
    let studio = Arc::new(Studio::new());
    for runtime in runtimes() {
        for ending in ENDINGS {
            runtime.block_on(async { whole_life(&studio, ending) });
            let task = Arc::clone(&studio);
            let spawned = runtime.spawn(async move { whole_life(&task, ending) });
            runtime.block_on(spawned).unwrap();
            let task = Arc::clone(&studio);
            let blocking = runtime.spawn_blocking(move || whole_life(&task, ending));
            runtime.block_on(blocking).unwrap();
        }
    }
}

#[test]
fn a_runtime_that_ends_takes_its_sessions_with_it() {
    let studio = Studio::new();
    for runtime in runtimes() {
        let session = studio.other_session();
        let weak = session.downgrade();
        // The task never finishes: its session is dropped when the runtime is.
        runtime.spawn(async move {
            let name = session.query("Project").first().unwrap().is_some();
            std::future::pending::<()>().await;
            drop((session, name));
        });
        runtime.block_on(async { tokio::task::yield_now().await });
        drop(runtime);
        assert!(weak.upgrade().is_none());
    }
}

#[test]
fn a_session_is_closed_by_one_thread_while_others_use_it() {
    let studio = Studio::new();
    let session = studio.other_session();
    std::thread::scope(|scope| {
        let users: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        if let Err(error) = session.query("Task").page_size(5).all() {
                            return error;
                        }
                    }
                })
            })
            .collect();
        let closer = scope.spawn(|| session.close());
        closer.join().unwrap();
        for user in users {
            let error = user.join().unwrap();
            assert_eq!(
                error.kind(),
                ftrack_session::ErrorKind::ConnectionClosed,
                "{error:?}"
            );
        }
    });
}

#[test]
fn a_transport_of_ones_own_is_closed_and_let_go() {
    let studio = Studio::new();
    let options = ftrack_transport::ConnectionOptions::new(
        studio.server.url(),
        studio.server.user(),
        studio.server.api_key(),
    );
    let transport = ftrack_transport::HttpTransport::new(options.unwrap()).unwrap();
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let session = ftrack_session::SessionBuilder::new()
        .transport(Arc::clone(&transport))
        .schema_cache(ftrack_session::SchemaCache::Disabled)
        .connect()
        .unwrap();
    session.query("Project").first().unwrap();
    drop(session);
    assert_eq!(Arc::strong_count(&transport), 1);
}
