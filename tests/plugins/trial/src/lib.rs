//! A plugin that puts the boundary between programs and libraries to the test: it panics, fails, keeps threads running,
//! and does from a library whatever plugins do. Each event `trial.*` asks for one of these.
#![forbid(unsafe_code)]

mod background;
mod hooks;
mod location;

use std::time::Duration;

use ftrack::event::{Event, HandlerResult, PublishOptions};
use ftrack::{
    Error, ErrorKind, Plugin, PluginArguments, Result, Session, WeakSession, export_plugin, values,
};
use serde_json::{Value, json};

struct Trial;

impl Plugin for Trial {
    fn argument_names(&self) -> &[&str] {
        &["mode", "name", "root"]
    }

    fn register(&self, session: &Session, arguments: &PluginArguments) -> Result<()> {
        match arguments.get_or("mode", String::new())?.as_str() {
            "fail" => {
                return Err(Error::new(ErrorKind::InvalidState, "not today")
                    .with_detail("weekday", "Sunday")
                    .with_source("it is Sunday"));
            }
            "panic" => panic!("as it was told"),
            "hooks" => hooks::register(session)?,
            _ => location::register(session)?,
        }
        // Types are not made yet, but everything else is there.
        let users = session.query("select username from User").all()?.len();
        let name: String = arguments.get_or("name", "trial".to_owned())?;
        subscribe(session, "trial.describe", move |session, _| {
            Ok(Some(json!({
                "name": name,
                "users": users,
                "server_url": session.server_url(),
                "api_user": session.api_user(),
                "version": session.server_information().version(),
                "types": session.types().len(),
                "fetch_policy": format!("{:?}", session.fetch_policy()),
                "connected": session.event_hub().is_connected(),
            })))
        })?;
        subscribe(session, "trial.query", query)?;
        subscribe(session, "trial.create", create)?;
        subscribe(session, "trial.ask", |session, event| {
            let results = session.event_hub().publish_synchronously(
                Event::new("trial.asked").with_data(event.data["question"].clone()),
            )?;
            Ok(Some(Value::from(results)))
        })?;
        subscribe(session, "trial.publish", publish)?;
        subscribe(session, "trial.stop", |_, event| {
            event.stop();
            Ok(Some(json!("stopped")))
        })?;
        subscribe(session, "trial.fail", |_, _| Err("not today".into()))?;
        subscribe(session, "trial.panic", |_, _| panic!("as it was told"))?;
        subscribe(session, "trial.hammer", background::hammer)?;
        subscribe(session, "trial.linger", background::linger)?;
        subscribe(session, "trial.large", |_, event| {
            let size = event.data["size"].as_u64().unwrap_or_default();
            Ok(Some(json!("x".repeat(usize::try_from(size)?))))
        })
    }
}

export_plugin!(Trial);

/// Calls `handler` with the session and the event; the session is held weakly, as one that handlers hold never ends.
fn subscribe(
    session: &Session,
    topic: &str,
    handler: impl Fn(&Session, &Event) -> HandlerResult + Send + Sync + 'static,
) -> Result<()> {
    let weak: WeakSession = session.downgrade();
    let hub = session.event_hub();
    hub.subscribe(&format!("topic={topic}"), move |event| {
        let session = weak.upgrade().ok_or("the session is gone")?;
        handler(&session, event)
    })?;
    Ok(())
}

fn query(session: &Session, event: &Event) -> HandlerResult {
    let text = event.data["query"].as_str().unwrap_or_default();
    let attribute = event.data["attribute"].as_str().unwrap_or("id");
    let mut values = Vec::new();
    for entity in session.query(text) {
        values.push(entity?.get::<Value>(attribute)?);
    }
    Ok(Some(Value::from(values)))
}

fn create(session: &Session, event: &Event) -> HandlerResult {
    let username = event.data["username"].as_str().unwrap_or_default();
    let user = session.create("User", values! { "username": username })?;
    if let Err(error) = session.commit() {
        session.rollback();
        return Err(format!("{:?}: {error}", error.kind()).into());
    }
    Ok(Some(user.id().into()))
}

/// Publishes to the server, and tells what became of it and what was replied.
fn publish(session: &Session, event: &Event) -> HandlerResult {
    let hub = session.event_hub();
    let topic = event.data["topic"].as_str().unwrap_or_default();
    let heard = session.downgrade();
    let options = PublishOptions::new().on_reply(move |reply| {
        let told = Event::new("trial.replied").with_data(reply.data.clone());
        if let Some(session) = heard.upgrade()
            && let Err(error) = session.event_hub().publish_synchronously(told)
        {
            tracing::error!(%error, "the reply could not be told");
        }
    });
    let publication = hub.publish_with(Event::new(topic), options)?;
    let outcome = publication.wait(Duration::from_secs(20));
    let answer = hub.publish_and_wait(Event::new(topic), Duration::from_secs(20))?;
    Ok(Some(json!({
        "outcome": outcome.map(|outcome| outcome.to_string()),
        "answer": answer.data,
    })))
}
