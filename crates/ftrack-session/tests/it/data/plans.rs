//! What a commit would do, and what undoes it.

use ftrack_session::{Entity, ErrorKind, PlannedAction, Session, Value, values};

use crate::Studio;

fn shot(session: &Session) -> Entity {
    let query =
        "select name, description, status_id from Shot where name is bunny_010 or name is \"010\"";
    let shot = session.query(query).first().unwrap();
    shot.unwrap()
}

#[test]
fn pending_says_what_a_commit_would_do() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = shot(session);
    let name = shot.get::<String>("name").unwrap();
    let before = shot.value("description").unwrap();
    assert!(session.pending().is_empty());
    shot.set("description", "first").unwrap();
    shot.set("description", "second").unwrap();
    shot.metadata().unwrap().set("camera", "A").unwrap();
    shot.custom_attributes()
        .unwrap()
        .set("fstart", 1005)
        .unwrap();
    let task = session.create("Task", values! { "name": "comp", "parent": &shot });
    let brief = session.create("Task", values! { "name": "brief" }).unwrap();
    brief.delete().unwrap();

    let plan = session.pending();
    let changes = plan.changes();
    assert_eq!(changes.len(), 2, "{plan}");
    assert_eq!(changes[0].action, PlannedAction::Update);
    assert_eq!(changes[0].entity, *shot.identity());
    assert_eq!(changes[0].name.as_deref(), Some(&*name));
    let of = |name: &str| {
        let mut values = changes[0].values.iter();
        values.find(|value| value.attribute == name).unwrap()
    };
    assert_eq!(of("description").from, before);
    assert_eq!(of("description").to, Value::from("second"));
    assert_eq!(of("metadata.camera").to, Value::from("A"));
    assert_eq!(of("custom_attributes.fstart").to, Value::from(1005));
    assert_eq!(changes[0].values.len(), 3, "{plan}");
    assert_eq!(changes[1].action, PlannedAction::Create);
    assert_eq!(changes[1].entity, *task.unwrap().identity());
    let text = plan.to_string();
    assert!(
        text.starts_with(&format!("update Shot {name:?}: description ")),
        "{text}"
    );
    assert!(text.contains("\ncreate Task \"comp\": "), "{text}");
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json[0]["action"], "update");
    assert_eq!(json[0]["entity"]["id"], shot.id());
    session.rollback();
    assert!(session.pending().is_empty());
}

#[test]
fn the_inverse_of_a_commit_undoes_it() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = shot(session);
    let before = shot.value("description").unwrap();
    let task = session.query(
        "select name, bid, parent_id, project_id, status_id, type_id, priority_id from Task",
    );
    let doomed = task.all().unwrap().pop().unwrap();
    let name = doomed.get::<String>("name").unwrap();
    shot.set("description", "changed").unwrap();
    shot.metadata().unwrap().set("camera", "A").unwrap();
    let created = session
        .create("Task", values! { "name": "made", "parent": &shot })
        .unwrap();
    doomed.delete().unwrap();
    let committed = session.commit().unwrap();

    let inverse = committed.inverse().unwrap();
    let plan = inverse.plan().to_string();
    assert!(plan.contains("delete Task \"made\""), "{plan}");
    assert!(plan.contains("create Task"), "{plan}");
    assert!(plan.contains("description \"changed\" -> "), "{plan}");
    inverse.record().unwrap();
    session.commit().unwrap();

    let other = studio.other_session();
    let there = other.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(there.value("description").unwrap(), before);
    assert!(!there.metadata().unwrap().contains("camera").unwrap());
    assert!(other.get("Task", created.id()).unwrap().is_none());
    let back = other.get("Task", doomed.id()).unwrap().unwrap();
    assert_eq!(back.get::<String>("name").unwrap(), name);
    assert_eq!(doomed.get::<String>("name").unwrap(), name);
    assert_eq!(doomed.state(), None);
}

#[test]
fn an_undo_is_refused_where_somebody_built_upon_it() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = shot(session);
    shot.set("description", "ours").unwrap();
    let committed = session.commit().unwrap();
    let other = studio.other_session();
    let theirs = other.get("Shot", shot.id()).unwrap().unwrap();
    theirs.set("description", "theirs").unwrap();
    other.commit().unwrap();

    let error = committed.inverse().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert_eq!(error.details()["attribute"], "description");
    assert_eq!(error.details()["found"], "\"theirs\"");
    assert_eq!(shot.get::<String>("description").unwrap(), "ours");
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn what_was_not_known_before_cannot_be_brought_back() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session
        .query("select id from Shot")
        .first()
        .unwrap()
        .unwrap();
    shot.set("description", "blind").unwrap();
    let committed = session.commit().unwrap();
    let error = committed.inverse().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("description"), "{error}");
    let nothing = session.commit().unwrap();
    assert!(nothing.inverse().unwrap().is_empty());
}

#[test]
fn recorded_operations_can_be_looked_through_taken_back_and_cleared() {
    let studio = Studio::new();
    let session = &studio.session;
    let id = shot(session).id();
    let other = studio.other_session();
    // The entity is not loaded.
    let unknown = other
        .entity(&ftrack_session::Identity::new("Shot", id))
        .unwrap();
    let trace = other.trace();
    unknown.set("description", "x").unwrap();
    unknown.set("name", "y").unwrap();
    assert_eq!(other.recorded_operations().len(), 2);
    assert!(other.pop_operation().is_some());
    assert_eq!(other.recorded_operations().len(), 1);
    other.discard_operations();
    assert!(other.pop_operation().is_none());
    assert_eq!(unknown.state(), None);
    assert_eq!(other.commit().unwrap().operations, 0);
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn auto_population_that_is_on_is_as_the_session_is_configured() {
    let studio = Studio::new();
    let session = &studio.session;
    session.set_fetch_policy(ftrack_session::FetchPolicy::Single);
    let _on = session.auto_populating(true);
    assert_eq!(session.fetch_policy(), ftrack_session::FetchPolicy::Single);
}

#[test]
fn a_key_of_custom_attributes_leads_to_its_configuration() {
    let studio = Studio::new();
    let shot = shot(&studio.session);
    let custom = shot.custom_attributes().unwrap();
    let identity = custom.configuration("fstart").unwrap();
    let configuration = studio.session.entity(&identity).unwrap();
    assert_eq!(configuration.get::<String>("key").unwrap(), "fstart");
    assert_eq!(
        custom.configuration("nothing").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn the_recursive_formatter_loads_the_members_it_writes() {
    let studio = Studio::new();
    let shot = shot(&studio.session);
    let only_children = ftrack_session::Formatter::new()
        .colours(ftrack_session::Colours::Never)
        .recursive(true)
        .filter(|_, name, _| ["children", "name"].contains(&name));
    let text = only_children.format(&shot).unwrap();
    assert!(text.contains("name: "), "{text}");
    assert!(!text.contains("NOT_SET"), "{text}");
}

#[test]
fn timers_keep_the_fraction_of_their_start() {
    use ftrack_session::{TimerHelpers, TimerOptions};

    let studio = Studio::new();
    let user = studio.session.query("User where username is jane").one();
    let user = user.unwrap();
    let timer = user.start_timer(None, TimerOptions::new()).unwrap();
    let started: chrono::DateTime<chrono::Utc> = timer.get("start").unwrap();
    let timelog = user.stop_timer().unwrap();
    let elapsed = (chrono::Utc::now() - started).as_seconds_f64();
    let duration = timelog.get::<f64>("duration").unwrap();
    assert!(
        duration > 0.0 && duration <= elapsed,
        "{duration} of {elapsed}"
    );
    assert_eq!(
        timelog
            .get::<chrono::DateTime<chrono::Utc>>("start")
            .unwrap(),
        started
    );
}
