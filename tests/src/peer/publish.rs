//! We publish, the official client listens.

use std::sync::mpsc::channel;
use std::time::Duration;

use ftrack_event::{Event, EventHub, Outcome, PublishOptions};
use ftrack_session::Session;
use serde_json::{Value, json};

use super::{LIMIT, Said, check, connect};

/// Publishes what the other side listens to, and checks what it makes of that.
///
/// # Errors
///
/// The first thing that is not as it should be.
pub fn publish(session: &Session) -> Said {
    let hub = session.event_hub();
    connect(hub)?;
    order(hub)?;
    targets(hub)?;
    replies(hub)?;
    unsubscribing(hub)?;
    action(session)?;
    ask(hub, Event::new("python.end"))?;
    session.close();
    Ok(())
}

/// Publishes an event that nobody replies to, and waits for the server to have it.
fn tell(hub: &EventHub, event: Event) -> Said {
    let topic = event.topic.clone();
    let outcome = hub.publish(event)?.wait(LIMIT);
    check(&topic, &outcome, &Some(Outcome::Acknowledged))
}

fn ask(hub: &EventHub, event: Event) -> Said<Value> {
    Ok(hub.publish_and_wait(event, LIMIT)?.data)
}

/// What the other side has handled since it was last asked. It handles events in order, so nothing is missing.
fn log(hub: &EventHub) -> Said<Value> {
    ask(hub, Event::new("python.log"))
}

fn order(hub: &EventHub) -> Said {
    tell(
        hub,
        Event::new("python.order").with_data(json!({"stop": false})),
    )?;
    tell(
        hub,
        Event::new("python.order").with_data(json!({"stop": true})),
    )?;
    check(
        "order",
        &log(hub)?,
        &json!(["first", "second", "last", "first", "second"]),
    )
}

fn targets(hub: &EventHub) -> Said {
    let event = || Event::new("python.targeted");
    tell(hub, event().with_target("id=python-nuke"))?;
    tell(hub, event().with_target("applicationId=maya"))?;
    tell(hub, event().with_target("applicationId=houdini"))?;
    tell(hub, event())?;
    tell(
        hub,
        Event::new("python.narrow").with_data(json!({"key": "other"})),
    )?;
    tell(
        hub,
        Event::new("python.narrow").with_data(json!({"key": "else"})),
    )?;
    let expected = json!([
        "python-nuke",
        "python-maya",
        "python-maya",
        "python-nuke",
        "narrow"
    ]);
    check("targets", &log(hub)?, &expected)
}

fn replies(hub: &EventHub) -> Said {
    let data =
        json!({"text": "é:+\" \u{1f3ac}", "list": [1, 2.5, null, true], "deep": {"a": {"b": []}}});
    let echo = Event::new("python.echo")
        .with_data(data.clone())
        .with_source("applicationId", "rust");
    let id = echo.id.clone();
    let reply = hub.publish_and_wait(echo, LIMIT)?;
    let expected = json!({"data": data, "applicationId": "rust", "user": "admin", "hub": hub.id()});
    check("echo", &reply.data, &expected)?;
    check(
        "the reply names its event",
        &reply.in_reply_to_event,
        &Some(id),
    )?;

    let mut found = Vec::new();
    // A busy machine may take more than one moment.
    for _ in 0..10 {
        found = hub.publish_and_collect(Event::new("python.reply"), Duration::from_secs(1))?;
        if found.len() == 2 {
            break;
        }
    }
    let sources: Vec<_> = found.iter().map(|reply| &reply.source["id"]).collect();
    let found: Vec<_> = found.iter().map(|reply| &reply.data["from"]).collect();
    check("the sources of replies", &sources, &found)?;
    let both = [json!("python-one"), json!("python-two")];
    check("both reply", &found, &both.iter().collect())?;

    let (sender, replied) = channel();
    let options = PublishOptions::new().on_reply(move |reply| {
        // Nobody listens any more when the check has failed.
        let _ = sender.send(reply.data["from"].clone());
    });
    hub.publish_with(Event::new("python.reply"), options)?;
    let workers = hub.run_workers(2)?;
    let found = [replied.recv_timeout(LIMIT)?, replied.recv_timeout(LIMIT)?];
    workers.stop();
    check("a callback gets every reply", &found, &both)
}

fn unsubscribing(hub: &EventHub) -> Said {
    tell(hub, Event::new("python.temporary"))?;
    ask(hub, Event::new("python.forget"))?;
    tell(hub, Event::new("python.temporary"))?;
    check("unsubscribing", &log(hub)?, &json!(["temporary"]))
}

fn action(session: &Session) -> Said {
    let shots = session.query("Shot order by name limit 2").all()?;
    let mut found = Vec::new();
    for _ in 0..10 {
        found = session.discover_actions(&shots, Duration::from_secs(1))?;
        if !found.is_empty() {
            break;
        }
    }
    let [action] = found.as_slice() else {
        return Err(format!("the action was not found among {found:?}").into());
    };
    let described = (action.identifier(), action.label(), action.variant());
    check(
        "the action",
        &described,
        &("python.count", "Count", Some("shots")),
    )?;
    let none = session.discover_actions(&[], Duration::from_millis(500))?;
    check("nothing is selected", &none, &Vec::new())?;
    let form = session.launch_action(action, &shots, None, LIMIT)?;
    let name = form
        .form_items()
        .and_then(|items| items.first())
        .map(|item| &item["name"]);
    check("the form", &name, &Some(&json!("noun")))?;
    let values = json!({"noun": "shots"});
    let done = session.launch_action(action, &shots, values.as_object(), LIMIT)?;
    check(
        "the launch",
        &done.to_json(),
        &&json!({"success": true, "message": "2 shots, for the extra key"}),
    )
}
