//! An action: users start it on the shots that they have selected and fill in its form, and the shots get new names.
//!
//! `cargo run -p ftrack --example action` plays it through against a local server of its own: one session offers the
//! action, as a service of the studio does, another one discovers and launches it, as the web interface does. Against a
//! server of a studio it takes `offer` and `session.event_hub().wait(None)`, and Ctrl-C ends it.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::time::Duration;

use ftrack::event::Workers;
use ftrack::{
    Action, ActionReply, DiscoveredAction, Entity, Result, SchemaCache, Selection, Session,
    StartSession,
};
use ftrack_server::{RunningServer, Server};
use serde_json::{Map, Value, json};

type Outcome<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How long somebody may take to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Numbers the selected shots anew.
struct Renumber;

impl Action for Renumber {
    fn identifier(&self) -> &'static str {
        "studio.renumber-shots"
    }

    fn label(&self) -> &'static str {
        "Renumber"
    }

    fn variant(&self) -> Option<&str> {
        Some("shots")
    }

    fn description(&self) -> Option<&str> {
        Some("Gives the selected shots new names, in the order of their names")
    }

    fn discover(&self, selection: &Selection) -> Result<bool> {
        let entities = selection.entities()?;
        let only_shots = entities.iter().all(|entity| entity.entity_type() == "Shot");
        Ok(only_shots && !entities.is_empty())
    }

    fn launch(
        &self,
        selection: &Selection,
        values: Option<&Map<String, Value>>,
    ) -> Result<ActionReply> {
        let Some(values) = values else {
            return Ok(form());
        };
        let prefix = values
            .get("prefix")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let step = values.get("step").and_then(Value::as_u64).unwrap_or(10);
        if prefix.is_empty() {
            return Ok(ActionReply::failure("The prefix is missing"));
        }
        let mut shots = selection.entities()?;
        shots.sort_by_key(|shot| shot.get::<String>("name").unwrap_or_default());
        for (number, shot) in (1..).zip(&shots) {
            shot.set("name", format!("{prefix}{:04}", number * step))?;
        }
        // The session of the selection is this launch's own, so nothing else is committed with it.
        selection.session().commit()?;
        Ok(ActionReply::success(format!(
            "{} shots have new names",
            shots.len()
        )))
    }
}

fn form() -> ActionReply {
    let steps = json!([{"label": "Ones", "value": 1}, {"label": "Tens", "value": 10}]);
    ActionReply::form([
        json!({"type": "label", "value": "The names of the selected shots are replaced."}),
        json!({"type": "text", "label": "Prefix", "name": "prefix", "value": "sh"}),
        json!({"type": "enumerator", "label": "Count in", "name": "step", "value": 10, "data": steps}),
    ])
    .title("Renumber shots")
    .submit_button_label("Renumber")
}

/// Offers the action to everybody, on threads of its own.
fn offer(session: &Session) -> Outcome<Workers> {
    session.register_action(Renumber)?;
    session.event_hub().connect()?;
    Ok(session.event_hub().run_workers(2)?)
}

/// What the web interface does when a user starts the action.
fn launch(session: &Session) -> Outcome {
    session.event_hub().connect()?;
    let sequence = session.query("Sequence where children any ()").first()?;
    let sequence = sequence.ok_or("there is no sequence")?;
    let shots = sequence.collection("children")?.entities()?;
    let action = find(session, &shots)?;
    println!(
        "{} · {}",
        action.label(),
        action.variant().unwrap_or_default()
    );

    let asked = session.launch_action(&action, &shots, None, LIMIT)?;
    for item in asked.form_items().ok_or("there is no form")? {
        println!("  {} {}", item["type"], item["value"]);
    }
    let values = json!({"prefix": "lantern_", "step": 10});
    let done = session.launch_action(&action, &shots, values.as_object(), LIMIT)?;
    println!("{}", done.message().unwrap_or_default());
    assert_eq!(done.is_success(), Some(true));

    let renamed = session.query("Shot where name is lantern_0010").one()?;
    assert_eq!(
        renamed.get::<String>("parent.name")?,
        sequence.get::<String>("name")?
    );
    Ok(())
}

/// Asks until the service is there.
fn find(session: &Session, shots: &[Entity]) -> Outcome<DiscoveredAction> {
    for _ in 0..20 {
        let offered = session.discover_actions(shots, Duration::from_secs(1))?;
        if let Some(action) = offered.into_iter().next() {
            return Ok(action);
        }
    }
    Err("nothing is offered".into())
}

fn connect(server: &RunningServer) -> Result<Session> {
    Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(SchemaCache::Disabled)
        .connect()
}

/// Both sides of the action, from beginning to end.
fn play(service: &Session, user: &Session) -> Outcome {
    let workers = offer(service)?;
    launch(user)?;
    service.close();
    workers.join();
    user.close();
    Ok(())
}

pub(crate) fn main() -> Outcome {
    let server = Server::builder().demo(true).start()?;
    let (service, user) = (connect(&server)?, connect(&server)?);
    let sessions = [service.downgrade(), user.downgrade()];
    // Ctrl-C closes the sessions in good order; whatever waits for an event ends then.
    ctrlc::set_handler(move || {
        for session in sessions.iter().filter_map(ftrack::WeakSession::upgrade) {
            session.close();
        }
    })?;
    play(&service, &user)
}
