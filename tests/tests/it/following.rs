//! Listeners that miss nothing, while everything that can go wrong does.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftrack_follow::{
    Follow, FollowEnded, FollowEvents, FollowStopper, Health, ListenerState, MemoryPosition,
    Origin, Position, PositionStore,
};
use ftrack_session::{Entity, Session, values};
use ftrack_tests::following::{Plan, trial};
use serde_json::{Value, json};

use crate::support::{server, session};

/// What a listener has told: the entity of each event, and where it came from.
type Told = Arc<Mutex<Vec<(Value, Origin)>>>;

/// Follows updates until `is_over` says so of the health, of which it is told once a second, and of what was told.
fn follow(
    session: &Session,
    position: impl PositionStore + 'static,
    is_over: impl Fn(&Health, &[(Value, Origin)]) -> bool + Send + 'static,
) -> Vec<(Value, Origin)> {
    let told = Told::default();
    let follow = session
        .follow("topic=ftrack.update")
        .position_store(position);
    let (stopper, seen) = (follow.stopper(), Arc::clone(&told));
    let follow = follow.on_health(move |health| {
        if is_over(health, &seen.lock().unwrap()) {
            stopper.stop();
        }
    });
    run(follow, &told)
}

fn run(follow: Follow, told: &Told) -> Vec<(Value, Origin)> {
    let note = Arc::clone(told);
    let limit = Limit::start(follow.stopper());
    let ended = follow
        .run(move |followed| {
            let entity = followed.entity().cloned().unwrap_or_default();
            note.lock().unwrap().push((entity, followed.origin()));
            Ok(())
        })
        .unwrap();
    assert_eq!(ended, FollowEnded::Stopped);
    assert!(!limit.is_over(), "in vain: {told:?}");
    told.lock().unwrap().clone()
}

/// Stops a listener that would never end.
struct Limit(Arc<Mutex<bool>>);

impl Limit {
    fn start(stopper: FollowStopper) -> Self {
        let is_over = Arc::<Mutex<bool>>::default();
        let (weak, limit) = (Arc::downgrade(&is_over), Duration::from_secs(60));
        std::thread::spawn(move || {
            std::thread::sleep(limit);
            if let Some(is_over) = weak.upgrade() {
                *is_over.lock().unwrap() = true;
                stopper.stop();
            }
        });
        Self(is_over)
    }

    fn is_over(&self) -> bool {
        *self.0.lock().unwrap()
    }
}

/// The last row of the server's log.
fn last_row(session: &Session) -> i64 {
    #[derive(serde::Deserialize)]
    struct Row {
        id: i64,
    }
    let query = "select id from Event order by id descending limit 1";
    let row = session.query(query).records::<Row>().next();
    row.map_or(0, |row| row.unwrap().id)
}

/// Changes of all kinds, each in a commit of its own.
fn change_everything(session: &Session) {
    let commit = || drop(session.commit().unwrap());
    let first = |query: &str| session.query(query).first().unwrap().unwrap();
    let task = first("Task where name is lighting");
    let parent: Entity = task.get("parent").unwrap();
    task.set("name", "lights").unwrap();
    task.set("description", "at night").unwrap();
    task.set("status", first("Status where name is Completed"))
        .unwrap();
    commit();
    for (key, value) in [("fstart", 4_242.into()), ("my_text_field", "bar".into())] {
        let value: ftrack_session::Value = value;
        let owner = if key == "fstart" { &parent } else { &task };
        owner.custom_attributes().unwrap().set(key, value).unwrap();
        commit();
    }
    for value in ["a", "b"] {
        task.metadata().unwrap().set("camera", value).unwrap();
        task.metadata().unwrap().set("lens", value).unwrap();
        commit();
    }
    task.metadata().unwrap().remove("camera").unwrap();
    commit();
    let user = first("User");
    let assignment = values! { "context": &task, "resource": &user, "type": "assignment" };
    let assignment = session.create("Appointment", assignment).unwrap();
    commit();
    session.delete(&assignment).unwrap();
    commit();
    let many: Vec<Entity> = (0..5)
        .map(|number| {
            let values = values! { "name": format!("new{number}"), "parent": &parent };
            session.create("Task", values).unwrap()
        })
        .collect();
    commit();
    for (number, task) in many.iter().enumerate() {
        task.set("bid", i64::try_from(number).unwrap() + 1).unwrap();
    }
    commit();
    session.delete(&many[0]).unwrap();
    commit();
    let project: Entity = task.get("project").unwrap();
    project.set("full_name", "Another name").unwrap();
    commit();
}

#[test]
fn kills_and_cuts_at_random_moments_lose_nothing_and_repeat_nothing_that_was_acknowledged() {
    let report = trial(&Plan {
        program: PathBuf::from(env!("CARGO_BIN_EXE_event-peer")),
        changes: 600,
        blows: 3,
        seed: 0x5eed_f011,
    })
    .unwrap();
    assert_eq!(report.changes, 600);
    // Otherwise nothing was put to the test.
    assert!(report.caught_up > 0, "{report:?}");
}

#[test]
fn what_came_live_is_not_told_again_by_its_row_whatever_was_changed() {
    let server = server();
    let (listener, artist) = (session(&server), session(&server));
    let (observer, was_live) = (session(&server), Mutex::new(false));
    let told = follow(&listener, MemoryPosition::new(), move |health, _| {
        if health.state != ListenerState::Live {
            return false;
        }
        let mut was_live = was_live.lock().unwrap();
        if !std::mem::replace(&mut *was_live, true) {
            change_everything(&artist);
            return false;
        }
        // Each row was told by its event, or it would have been told by itself by now.
        health.position == last_row(&observer) && health.waiting == 0
    });
    let caught_up: Vec<_> = told
        .iter()
        .filter(|(_, origin)| *origin != Origin::Live)
        .collect();
    assert!(caught_up.is_empty(), "{caught_up:#?}");
    let renamed = |(entity, _): &&(Value, Origin)| entity["changes"]["name"]["new"] == "lights";
    assert_eq!(told.iter().filter(renamed).count(), 1);
}

#[test]
fn what_happened_while_nobody_listened_is_told_in_order_with_all_that_the_log_knows() {
    let server = server();
    let (listener, artist) = (session(&server), session(&server));
    let position = MemoryPosition::new();
    follow(&listener, position.clone(), |health, _| {
        health.state == ListenerState::Live
    });
    change_everything(&artist);
    let last = last_row(&artist);
    let told = follow(&listener, position.clone(), move |health, _| {
        health.position == last
    });
    assert!(
        told.iter().all(|(_, origin)| *origin == Origin::Remembered),
        "{told:#?}"
    );
    let of = |name: &str| {
        let change = |(entity, _): &(Value, Origin)| {
            let change = &entity["changes"][name];
            (!change.is_null()).then(|| (entity["entityType"].clone(), change["new"].clone()))
        };
        told.iter().filter_map(change).collect::<Vec<_>>()
    };
    assert_eq!(of("name"), [(json!("task"), json!("lights"))]);
    assert_eq!(of("statusid").len(), 1, "{told:#?}");
    let numbers = |name: &str| -> Vec<f64> {
        let numbers = of(name).into_iter().filter_map(|(_, new)| new.as_f64());
        numbers.collect()
    };
    assert_eq!(numbers("fstart"), [4_242.0]);
    assert_eq!(of("fullname"), [(json!("show"), json!("Another name"))]);
    assert_eq!(numbers("bid"), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let named = told
        .iter()
        .find(|(entity, _)| !entity["changes"]["name"].is_null());
    assert_eq!(named.unwrap().0["entity_type"], "Task");
    // Nothing comes again.
    let again = follow(&listener, position, |health, _| {
        health.state == ListenerState::Live
    });
    assert!(again.is_empty(), "{again:#?}");
}

#[test]
fn what_the_log_has_forgotten_is_asked_for_as_far_as_queries_can_tell() {
    let server = server();
    let (listener, artist) = (session(&server), session(&server));
    // One that was at a row that this log has not reached: it was emptied meanwhile.
    let before = chrono::Utc::now() - chrono::TimeDelta::seconds(5);
    let position = json!({
        "version": 1, "server": listener.server_url(), "done": {"floor": 1_000_000},
        "time": before.format("%Y-%m-%dT%H:%M:%S").to_string(),
    });
    let mut store = MemoryPosition::new();
    store
        .store(&Position::from_json(&position.to_string()).unwrap())
        .unwrap();
    let task = artist
        .query("Task where name is lighting")
        .first()
        .unwrap()
        .unwrap();
    let parent: Entity = task.get("parent").unwrap();
    let status = artist
        .query("Status where name is Completed")
        .first()
        .unwrap()
        .unwrap();
    task.set("status", &status).unwrap();
    let created = artist
        .create("Task", values! { "name": "made", "parent": &parent })
        .unwrap();
    artist.commit().unwrap();
    let told = follow(&listener, store.clone(), |health, _| {
        health.state == ListenerState::Live && health.waiting == 0
    });
    let queried = |id: &str, action: &str| {
        let is_it = |(entity, origin): &&(Value, Origin)| {
            entity["entityId"] == id && entity["action"] == action && *origin == Origin::Queried
        };
        told.iter().find(is_it).map(|(entity, _)| entity.clone())
    };
    let changed = queried(&task.id(), "update").expect("the change of the status");
    assert_eq!(changed["changes"]["statusid"]["new"], status.id());
    assert!(queried(&created.id(), "add").is_some(), "{told:#?}");
    // It goes on from there.
    assert_eq!(store.get().unwrap().last_row(), last_row(&artist));
    task.set("name", "later").unwrap();
    artist.commit().unwrap();
    let told = follow(&listener, store, |_, told| !told.is_empty());
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(
        (&told[0].0["changes"]["name"]["new"], told[0].1),
        (&json!("later"), Origin::Remembered)
    );
}
