//! Every kind of error that belongs to sessions and entities, provoked, with the details that it promises.

use std::sync::Arc;
use std::time::Duration;

use ftrack_session::{Entity, Error, ErrorKind, Key, Session, values};
use ftrack_transport::{ApiResponse, RetryStatistics, ScriptedTransport};

use crate::{Studio, builder};

/// An error of this kind, with details of these names.
#[track_caller]
fn expect<T>(outcome: Result<T, Error>, kind: ErrorKind, details: &[&str]) -> Error {
    let Err(error) = outcome else {
        panic!("{kind:?} did not happen")
    };
    assert_eq!(error.kind(), kind, "{error:?}");
    for name in details {
        assert!(error.details().contains_key(name), "{name}: {error:?}");
    }
    assert!(!error.to_string().ends_with('.'), "{error}");
    error
}

fn task(studio: &Studio) -> Entity {
    studio.session.query("Task").first().unwrap().unwrap()
}

#[test]
fn every_kind_has_the_parents_that_are_documented() {
    use ErrorKind as Kind;
    for (kind, parent) in [
        (Kind::ServerCompatibility, Kind::Server),
        (Kind::NoResultFound, Kind::IncorrectResult),
        (Kind::MultipleResultsFound, Kind::IncorrectResult),
        (Kind::UnrecognisedEntityType, Kind::EntityType),
        (Kind::InvalidStateTransition, Kind::InvalidState),
        (Kind::ImmutableAttribute, Kind::Attribute),
        (Kind::ImmutableCollection, Kind::Collection),
        (Kind::DuplicateItemInCollection, Kind::Collection),
        (Kind::EventHubConnection, Kind::EventHub),
        (Kind::EventHubPacket, Kind::EventHub),
        (Kind::ComponentNotInAnyLocation, Kind::Location),
        (Kind::ComponentNotInLocation, Kind::Location),
        (Kind::ComponentInLocation, Kind::Location),
        (Kind::AccessorOperationFailed, Kind::Accessor),
        (
            Kind::AccessorUnsupportedOperation,
            Kind::AccessorOperationFailed,
        ),
        (
            Kind::AccessorPermissionDenied,
            Kind::AccessorOperationFailed,
        ),
        (Kind::AccessorResourceIdentifier, Kind::Accessor),
        (
            Kind::AccessorFilesystemPath,
            Kind::AccessorResourceIdentifier,
        ),
        (Kind::AccessorResource, Kind::Accessor),
        (Kind::AccessorResourceNotFound, Kind::AccessorResource),
        (Kind::AccessorParentResourceNotFound, Kind::AccessorResource),
        (Kind::AccessorResourceInvalid, Kind::AccessorResource),
        (Kind::AccessorContainerNotEmpty, Kind::AccessorResource),
    ] {
        assert_eq!(kind.parent(), Some(parent), "{kind:?}");
        assert!(kind.is_a(parent) && !parent.is_a(kind), "{kind:?}");
    }
    let roots = [
        Kind::Authentication,
        Kind::Server,
        Kind::NotFound,
        Kind::NotUnique,
        Kind::Operation,
        Kind::Parse,
        Kind::PermissionDenied,
        Kind::Structure,
        Kind::ConnectionClosed,
    ];
    assert!(roots.iter().all(|kind| kind.parent().is_none()));
}

#[test]
fn names_that_there_are_not_come_with_the_ones_that_were_meant() {
    let studio = Studio::new();
    let session = &studio.session;
    let details = ["entity_type", "similar"];
    let error = expect(
        session.query("Taks").all(),
        ErrorKind::UnrecognisedEntityType,
        &details,
    );
    assert_eq!(error.details()["similar"], "Task");
    assert!(error.is(ErrorKind::EntityType));
    let details = ["entity_type", "attribute", "similar"];
    let error = expect(
        task(&studio).value("nmae"),
        ErrorKind::UnknownAttribute,
        &details,
    );
    assert_eq!(error.details()["similar"], "name");
    assert!(error.is(ErrorKind::Attribute));
}

#[test]
fn what_cannot_be_changed_is_named() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("Shot", |shot| shot.mutable("children", false))
        .connect()
        .unwrap();
    let shot = session.query("Shot").first().unwrap().unwrap();
    let details = ["entity", "attribute"];
    let error = expect(
        shot.set("id", "other"),
        ErrorKind::ImmutableAttribute,
        &details,
    );
    assert_eq!(error.details()["attribute"], "id");
    let children = shot.collection("children").unwrap();
    let new = session.create("Task", values! { "name": "new" }).unwrap();
    let error = expect(
        children.push(&new),
        ErrorKind::ImmutableCollection,
        &details,
    );
    assert!(error.is(ErrorKind::Collection), "{error:?}");
    let error = expect(children.clear(), ErrorKind::ImmutableCollection, &details);
    assert_eq!(error.details()["attribute"], "children");
}

#[test]
fn an_item_is_in_a_collection_once() {
    let studio = Studio::new();
    let shot = studio.session.query("Shot").first().unwrap().unwrap();
    let children = shot.collection("children").unwrap();
    let first = children.first().unwrap().unwrap();
    let details = ["entity", "attribute", "item"];
    let error = expect(
        children.push(&first),
        ErrorKind::DuplicateItemInCollection,
        &details,
    );
    assert_eq!(error.details()["item"], first.identity().to_string());
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_both_types() {
    let studio = Studio::new();
    let task = task(&studio);
    let details = ["attribute", "expected", "found"];
    let error = expect(task.get::<i64>("name"), ErrorKind::WrongType, &details);
    assert_eq!(error.details()["found"], "text");
    assert!(error.to_string().contains(&task.id()), "{error}");
    expect(task.set("parent", 8), ErrorKind::WrongType, &details);
    expect(
        task.collection("name"),
        ErrorKind::WrongType,
        &["attribute"],
    );
    expect(task.value("name.first"), ErrorKind::WrongType, &details);
    let _denied = studio.session.fetching(ftrack_session::FetchPolicy::Deny);
    expect(
        task.value("bid"),
        ErrorKind::NotLoaded,
        &["entity_type", "projection"],
    );
}

#[test]
fn what_was_deleted_does_not_change() {
    let studio = Studio::new();
    let task = task(&studio);
    let metadata = task.metadata().unwrap();
    let name: String = task.get("name").unwrap();
    task.delete().unwrap();
    task.delete().unwrap();
    assert_eq!(studio.session.recorded_operations().len(), 1);
    let details = ["entity", "from", "to"];
    let kind = ErrorKind::InvalidStateTransition;
    let error = expect(task.set("name", "risen"), kind, &details);
    assert!(error.is(ErrorKind::InvalidState));
    expect(task.update(values! { "name": "risen" }), kind, &details);
    expect(metadata.set("a", "b"), kind, &details);
    let timelogs = task.collection("timelogs").unwrap();
    let timelog = studio.session.create("Timelog", values! { "duration": 8 });
    expect(timelogs.push(&timelog.unwrap()), kind, &details);
    assert_eq!(task.get::<String>("name").unwrap(), name);
    task.unset("name").unwrap();
    studio.session.rollback();
    task.set("name", "risen").unwrap();
}

#[test]
fn results_of_the_wrong_number_are_told_with_the_query() {
    let studio = Studio::new();
    let session = &studio.session;
    let none = session.query("User where username is nobody").one();
    let error = expect(none, ErrorKind::NoResultFound, &["query"]);
    assert!(error.is(ErrorKind::IncorrectResult));
    expect(
        session.query("User").one(),
        ErrorKind::MultipleResultsFound,
        &["query"],
    );
    let key = Key::composite(["a", "b"]);
    let details = ["entity_type", "attributes", "given"];
    expect(
        session.get("Task", key),
        ErrorKind::InvalidArgument,
        &details,
    );
}

#[test]
fn text_that_cannot_be_read_is_told_with_its_place() {
    let studio = Studio::new();
    let session = &studio.session;
    let error = expect(
        session.query("Task where name is").all(),
        ErrorKind::Parse,
        &["query"],
    );
    assert!(error.details()["syntax"].as_str().unwrap().contains('^'));
    expect(
        session.decode("[1, 2"),
        ErrorKind::Parse,
        &["line", "column"],
    );
    let hub = session.event_hub();
    let subscribed = hub.subscribe("topic =", |_| Ok(None));
    expect(
        subscribed.map_err(Error::from),
        ErrorKind::Parse,
        &["syntax"],
    );
}

#[test]
fn what_the_server_refuses_is_told_with_the_operation() {
    let studio = Studio::new();
    let session = &studio.session;
    let details = ["exception", "content", "operations", "operation"];
    let values = values! { "username": studio.server.user() };
    session.create("User", values).unwrap();
    let error = expect(session.commit(), ErrorKind::DuplicateEntry, &details);
    assert!(error.is(ErrorKind::NotUnique));
    session.rollback();

    // Of several, the one that the server speaks of.
    task(&studio).set("description", "fine").unwrap();
    let values = values! { "content": "by nobody", "user_id": "no-such-user" };
    session.create("Note", values).unwrap();
    let error = expect(session.commit(), ErrorKind::Integrity, &details[..3]);
    assert_eq!(error.details()["operations"].as_array().unwrap().len(), 2);
    assert_eq!(session.recorded_operations().len(), 2);
}

#[test]
fn the_event_hub_has_errors_of_its_own() {
    let studio = Studio::new();
    let hub = studio.session.event_hub();
    let published = hub.publish(ftrack_event::Event::new("studio.hello"));
    expect(
        published.map_err(Error::from),
        ErrorKind::EventHubConnection,
        &[],
    );
    let unsubscribed = hub.unsubscribe("nobody").map_err(Error::from);
    expect(unsubscribed, ErrorKind::NotFound, &["id"]);
    let nothing = ftrack_event::Event::from_json(serde_json::json!({"no": "topic"}));
    let error = expect(nothing.map_err(Error::from), ErrorKind::EventHubPacket, &[]);
    assert!(error.is(ErrorKind::EventHub));
}

#[test]
fn files_of_this_machine_that_cannot_be_used_are_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let cache = ftrack_cache::FileCache::open(file.join("cache"));
    let error = expect(cache.map_err(Error::from), ErrorKind::File, &[]);
    assert!(std::error::Error::source(&error).is_some(), "{error:?}");
}

/// A session whose next request fails like this.
fn failing(fault: fn() -> ftrack_transport::Error) -> Session {
    let id = serde_json::json!({"id": {"type": "string"}});
    let task = serde_json::json!({"id": "Task", "primary_key": ["id"], "properties": id});
    let schema = serde_json::json!([[task]]);
    let transport = ScriptedTransport::new();
    transport.push(ApiResponse::new(200, r#"[{"version": "4.13.0"}]"#));
    transport.push(ApiResponse::new(200, schema.to_string()));
    transport.push_error(fault());
    ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .schema_cache(ftrack_session::SchemaCache::Disabled)
        .connect()
        .unwrap()
}

#[test]
fn faults_of_the_connection_have_kinds_and_tell_how_hard_it_was_tried() {
    use ftrack_transport::Error as Fault;
    let ask = |fault| failing(fault).query("Task").all();
    expect(ask(|| Fault::Closed), ErrorKind::ConnectionClosed, &[]);
    expect(ask(|| Fault::Forked), ErrorKind::Forked, &[]);
    expect(ask(|| Fault::Cancelled), ErrorKind::Cancelled, &[]);
    let unreachable = || Fault::Connect {
        origin: "https://studio.example".to_owned(),
        statistics: RetryStatistics::new(5, Duration::from_secs(8)),
        source: "nobody listens".into(),
    };
    let details = ["attempts", "elapsed_seconds"];
    let error = expect(ask(unreachable), ErrorKind::Connection, &details);
    assert_eq!(error.details()["attempts"], 5);
    assert!(error.is_retryable());
    assert!(error.to_string().contains("5 attempts"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}
