//! Actions: offered, discovered and launched.

use std::time::Duration;

use ftrack_event::{Event, Outcome};
use ftrack_session::{Action, ActionReply, Entity, Error, ErrorKind, Result, Selection, Session};
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
