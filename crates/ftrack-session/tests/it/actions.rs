//! Actions: offered, discovered and launched.

use std::sync::Arc;
use std::time::Duration;

use ftrack_event::{Event, Outcome, Workers};
use ftrack_session::{
    Action, ActionOffer, ActionReply, DiscoveredAction, Entity, Error, ErrorKind, Result,
    Selection, Session, values,
};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};

use crate::Studio;

/// Renames the selected shot, after asking for the name.
#[derive(Clone, Copy, Default)]
struct Rename {
    own_user_only: bool,
}

impl Action for Rename {
    fn identifier(&self) -> &'static str {
        "test.rename"
    }

    fn label(&self) -> &'static str {
        "Rename"
    }

    fn variant(&self) -> Option<&str> {
        Some("one shot")
    }

    fn description(&self) -> Option<&str> {
        Some("Gives a shot another name")
    }

    fn for_own_user_only(&self) -> bool {
        self.own_user_only
    }

    fn discover(&self, selection: &Selection) -> Result<bool> {
        let entities = selection.entities()?;
        Ok(matches!(&entities[..], [shot] if shot.entity_type() == "Shot"))
    }

    fn launch(
        &self,
        selection: &Selection,
        values: Option<&Map<String, Json>>,
    ) -> Result<ActionReply> {
        let Some(values) = values else {
            let item = json!({"type": "text", "label": "Name", "name": "name", "value": ""});
            return Ok(ActionReply::form([item]).title("Rename"));
        };
        let name = values.get("name").and_then(Json::as_str);
        let name = name.ok_or(Error::new(ErrorKind::InvalidArgument, "no name was given"))?;
        for shot in selection.entities()? {
            shot.set("name", name)?;
        }
        selection.session().commit()?;
        let by = selection.user().unwrap_or_default();
        Ok(ActionReply::success(format!("{by} renamed it to {name}")))
    }
}

fn shot(session: &Session) -> Entity {
    session.query("Shot").first().unwrap().unwrap()
}

fn select(entities: &[&Entity]) -> Json {
    let selected = entities
        .iter()
        .map(|entity| json!({"entityType": entity.definition().table(), "entityId": entity.id()}));
    selected.collect()
}

/// What the session's own hub answers to a discover event.
fn discover(session: &Session, selection: &Json) -> Vec<Json> {
    let event = Event::new("ftrack.action.discover").with_data(json!({"selection": selection}));
    session.event_hub().publish_synchronously(event).unwrap()
}

fn launch(session: &Session, selection: &Json, values: &Json) -> Vec<Json> {
    let data = json!({"selection": selection, "actionIdentifier": "test.rename", "values": values});
    let event = Event::new("ftrack.action.launch").with_data(data);
    session.event_hub().publish_synchronously(event).unwrap()
}

#[test]
fn an_action_is_offered_for_what_it_fits() {
    let studio = Studio::new();
    let session = &studio.session;
    session.register_action(Rename::default()).unwrap();
    let (shot, project) = (shot(session), studio.project());
    let item = json!({
        "actionIdentifier": "test.rename", "label": "Rename", "variant": "one shot",
        "description": "Gives a shot another name",
    });
    assert_eq!(select(&[&shot, &project])[0]["entityType"], "task");
    assert_eq!(select(&[&shot, &project])[1]["entityType"], "show");
    assert_eq!(
        discover(session, &select(&[&shot])),
        [json!({"items": [item]})]
    );
    for selection in [
        select(&[&project]),
        select(&[&shot, &project]),
        json!([]),
        json!(null),
        json!([{"entityType": "task", "entityId": "gone"}, "garbage", {"entityId": 5}]),
    ] {
        assert_eq!(discover(session, &selection), [Json::Null], "{selection}");
    }
    let unknown = json!([{"entityType": "spaceship", "entityId": "x"}]);
    assert!(discover(session, &unknown).is_empty(), "it fails");
}

#[test]
fn a_launch_has_a_unit_of_work_of_its_own() {
    let studio = Studio::new();
    let session = &studio.session;
    let registered = session.register_action(Rename::default()).unwrap();
    let shot = shot(session);
    // What the session itself has not committed is not committed by an action.
    shot.set("description", "half done").unwrap();
    let selection = select(&[&shot]);
    let form = launch(session, &selection, &Json::Null);
    assert_eq!(
        (&form[0]["title"], &form[0]["items"][0]["name"]),
        (&json!("Rename"), &json!("name"))
    );
    let done = launch(session, &selection, &json!({"name": "renamed"}));
    let message = format!("{} renamed it to renamed", session.api_user());
    assert_eq!(done, [json!({"success": true, "message": message})]);
    assert_eq!(session.recorded_operations().len(), 1);
    let other = studio.other_session();
    let seen = other.query("Shot where name is renamed").one().unwrap();
    assert_ne!(seen.get::<String>("description").unwrap(), "half done");

    let failed = launch(session, &selection, &json!({}));
    assert_eq!(
        failed,
        [json!({"success": false, "message": "no name was given"})]
    );
    registered.unregister();
    assert!(launch(session, &selection, &json!({})).is_empty());
    assert!(discover(session, &selection).is_empty());
    session.rollback();
}

#[test]
fn an_action_may_be_for_its_own_user_only() {
    let studio = Studio::new();
    let session = &studio.session;
    let action = Rename {
        own_user_only: true,
    };
    session.register_action(action).unwrap();
    let selection = select(&[&shot(session)]);
    assert_eq!(discover(session, &selection).len(), 1);
    let event = Event::new("ftrack.action.discover")
        .with_data(json!({"selection": selection}))
        .with_source("user", json!({"username": "somebody-else"}));
    let results = session.event_hub().publish_synchronously(event).unwrap();
    assert!(results.is_empty());
}

#[test]
fn actions_are_found_and_launched_from_another_session() {
    let studio = Studio::new();
    let offering = studio.other_session();
    offering.event_hub().connect().unwrap();
    offering.register_action(Rename::default()).unwrap();
    let echo = offering
        .event_hub()
        .publish(Event::new("test.echo"))
        .unwrap();
    assert_eq!(
        echo.wait(Duration::from_secs(20)),
        Some(Outcome::Acknowledged)
    );
    let workers = offering.event_hub().run_workers(2).unwrap();

    let session = &studio.session;
    let selection = [shot(session)];
    let error = session
        .discover_actions(&selection, Duration::ZERO)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EventHubConnection);
    session.event_hub().connect().unwrap();
    let found = (0..100).find_map(|_| {
        let found = session.discover_actions(&selection, Duration::from_millis(300));
        found.unwrap().pop()
    });
    let action = found.unwrap();
    assert_eq!(
        (
            action.identifier(),
            action.label(),
            action.variant(),
            action.icon()
        ),
        ("test.rename", "Rename", Some("one shot"), None)
    );
    let limit = Duration::from_secs(60);
    let form = session
        .launch_action(&action, &selection, None, limit)
        .unwrap();
    assert_eq!(
        (form.is_success(), form.form_items().map(<[_]>::len)),
        (None, Some(1))
    );
    let values = json!({"name": "elsewhere"});
    let done = session.launch_action(&action, &selection, values.as_object(), limit);
    assert_eq!(done.unwrap().is_success(), Some(true));
    session.query("Shot where name is elsewhere").one().unwrap();
    workers.stop();
    offering.close();
}

/// An action of any name.
struct Named(String);

impl Action for Named {
    fn identifier(&self) -> &str {
        &self.0
    }

    fn label(&self) -> &'static str {
        "Named"
    }

    fn discover(&self, _: &Selection) -> Result<bool> {
        Ok(true)
    }

    fn launch(&self, _: &Selection, _: Option<&Map<String, Json>>) -> Result<ActionReply> {
        Ok(ActionReply::success(self.identifier()))
    }
}

#[test]
fn an_identifier_may_be_any_text_that_is_not_too_long() {
    let studio = Studio::new();
    let session = &studio.session;
    let before = session.event_hub().status().subscribers;
    for name in ["two words", "both ' and \" quotes", "a*", "é:(and)"] {
        let registered = session.register_action(Named(name.to_owned())).unwrap();
        let data = json!({"selection": [], "actionIdentifier": name});
        let event = Event::new("ftrack.action.launch").with_data(data);
        let results = session.event_hub().publish_synchronously(event).unwrap();
        assert_eq!(results, [json!({"success": true, "message": name})]);
        registered.unregister();
    }
    let error = session
        .register_action(Named("x".repeat(1 << 20)))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(session.event_hub().status().subscribers, before);
}

/// Offers itself for two programs, answers what it was launched with, and remembers who asked.
#[derive(Clone, Default)]
struct Open {
    asked_by: Arc<Mutex<Vec<Json>>>,
}

impl Action for Open {
    fn identifier(&self) -> &'static str {
        "test.open"
    }

    fn label(&self) -> &'static str {
        "Open in"
    }

    fn offers(&self, selection: &Selection) -> Result<Vec<ActionOffer>> {
        self.note(selection);
        let offer = |program| {
            let offer = ActionOffer::new(self.label()).variant(program);
            // The identifier is not for an offer to choose.
            offer
                .with("program", program)
                .with("actionIdentifier", "other")
        };
        Ok(["maya", "nuke"].map(offer).into())
    }

    fn launch(&self, selection: &Selection, _: Option<&Map<String, Json>>) -> Result<ActionReply> {
        self.note(selection);
        let program = selection.event().data["program"].as_str();
        let types: Vec<&str> = selection
            .selected()
            .iter()
            .map(|selected| selected.entity_type.as_str())
            .collect();
        let found: Vec<String> = selection
            .entities()?
            .iter()
            .map(|entity| entity.entity_type().to_owned())
            .collect();
        let message = format!("{program:?} with {types:?}, which are {found:?}");
        Ok(ActionReply::success(message))
    }
}

impl Open {
    fn note(&self, selection: &Selection) {
        let user = json!({"id": selection.user_id(), "username": selection.user()});
        assert_eq!(selection.event().source["user"], user);
        self.asked_by.lock().push(user);
    }
}

/// A session with an action, once the server knows of it.
fn offering(studio: &Studio, action: impl Action + 'static) -> (Session, Workers) {
    let session = studio.other_session();
    session.event_hub().connect().unwrap();
    session.register_action(action).unwrap();
    let workers = session.event_hub().run_workers(1).unwrap();
    (session, workers)
}

/// What is offered, as soon as anything is.
fn discovered(session: &Session, selection: &[Entity]) -> Vec<DiscoveredAction> {
    session.event_hub().connect().unwrap();
    let found = (0..100).find_map(|_| {
        let found = session.discover_actions(selection, Duration::from_millis(300));
        Some(found.unwrap()).filter(|found| !found.is_empty())
    });
    found.unwrap()
}

#[test]
fn one_action_offers_several_items_and_gets_their_keys_back() {
    let studio = Studio::new();
    let (service, workers) = offering(&studio, Open::default());
    let session = &studio.session;
    let offered = discovered(session, &[]);
    let lines: Vec<_> = offered
        .iter()
        .map(|action| (action.identifier(), action.label(), action.variant()))
        .collect();
    assert_eq!(
        lines,
        [
            ("test.open", "Open in", Some("maya")),
            ("test.open", "Open in", Some("nuke"))
        ]
    );
    let done = session.launch_action(&offered[1], &[], None, Duration::from_secs(60));
    assert_eq!(
        done.unwrap().message(),
        Some(r#"Some("nuke") with [], which are []"#)
    );
    workers.stop();
    service.close();
}

#[test]
fn discover_and_launch_name_the_user_by_id_and_name() {
    let studio = Studio::new();
    let action = Open::default();
    let (service, workers) = offering(&studio, action.clone());
    let session = &studio.session;
    let offered = discovered(session, &[]);
    session
        .launch_action(&offered[0], &[], None, Duration::from_secs(60))
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    let expected = json!({"id": user.id(), "username": session.api_user()});
    let asked_by = action.asked_by.lock().clone();
    assert!(asked_by.len() >= 2);
    assert!(
        asked_by.iter().all(|asked| *asked == expected),
        "{asked_by:?}"
    );
    workers.stop();
    service.close();
}

#[test]
fn a_component_is_selected_as_component_and_found_by_that() {
    let studio = Studio::new();
    let (service, workers) = offering(&studio, Open::default());
    let session = &studio.session;
    let make = |entity_type, name: &str| {
        session
            .create(entity_type, values! { "name": name })
            .unwrap()
    };
    let selection = [
        make("FileComponent", "file"),
        make("ContainerComponent", "container"),
        studio.project(),
    ];
    session.commit().unwrap();
    let offered = discovered(session, &selection);
    let done = session.launch_action(&offered[0], &selection, None, Duration::from_secs(60));
    let expected = r#"Some("maya") with ["Component", "Component", "show"], which are ["FileComponent", "ContainerComponent", "Project"]"#;
    assert_eq!(done.unwrap().message(), Some(expected));
    workers.stop();
    service.close();
}

#[test]
fn an_action_that_answers_nothing_was_launched_all_the_same() {
    let studio = Studio::new();
    let service = studio.other_session();
    let hub = service.event_hub();
    hub.connect().unwrap();
    hub.subscribe("topic=ftrack.action.discover", |_| {
        let item = json!({"actionIdentifier": "test.silent", "label": "Silent"});
        Ok(Some(json!({"items": [item]})))
    })
    .unwrap();
    let (launched, is_launched) = std::sync::mpsc::channel();
    hub.subscribe("topic=ftrack.action.launch", move |event| {
        launched.send(event.data["actionIdentifier"].clone())?;
        Ok(None)
    })
    .unwrap();
    let workers = hub.run_workers(1).unwrap();
    let session = &studio.session;
    let offered = discovered(session, &[]);
    let reply = session
        .launch_action(&offered[0], &[], None, Duration::from_millis(300))
        .unwrap();
    assert!(reply.is_none());
    assert_eq!(
        (reply.is_success(), reply.message(), reply.form_items()),
        (None, None, None)
    );
    let was_launched = || is_launched.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(was_launched(), "test.silent");
    // Whoever wants no answer waits for the server only.
    let reply = session.launch_action(&offered[0], &[], None, Duration::ZERO);
    assert!(reply.unwrap().is_none());
    assert_eq!(was_launched(), "test.silent");
    workers.stop();
    service.close();
}

#[test]
fn a_bare_boolean_says_whether_an_action_was_done() {
    for (reply, expected) in [
        (json!(true), Some(true)),
        (json!(false), Some(false)),
        (json!({"success": false}), Some(false)),
        (json!({"items": []}), None),
        (json!("done"), None),
    ] {
        assert_eq!(
            ActionReply::from_json(reply.clone()).is_success(),
            expected,
            "{reply}"
        );
    }
}
