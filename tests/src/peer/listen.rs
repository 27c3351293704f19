//! We listen, the official client publishes.

use std::io::Write;
use std::sync::Arc;

use ftrack_event::{Event, EventHub, SubscribeOptions};
use ftrack_session::Session;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::action::Greet;
use super::{Said, connect};

/// What was handled, and by whom.
type Log = Arc<Mutex<Vec<Value>>>;

/// Subscribes to all that the other side is going to publish, says `ready`, and handles events until it is told to end.
///
/// # Errors
///
/// Whatever keeps the session from listening.
pub fn listen(session: &Session) -> Said {
    let hub = session.event_hub();
    let log = Log::default();
    order(hub, &log)?;
    targets(hub, &log)?;
    replies(hub)?;
    unsubscribing(hub, &log)?;
    hub.subscribe("topic=peer.log", move |_| {
        Ok(Some(log.lock().drain(..).collect()))
    })?;
    let stopper = hub.stopper();
    hub.subscribe("topic=peer.end", move |_| {
        stopper.stop();
        Ok(None)
    })?;
    session.register_action(Greet)?;
    connect(hub)?;
    let mut output = std::io::stdout();
    writeln!(output, "ready")?;
    output.flush()?;
    hub.wait(None)?;
    session.close();
    Ok(())
}

/// A handler that notes its name and the event's data.
fn note(log: &Log, name: &'static str) -> impl Fn(&Event) + Send + Sync + 'static {
    let log = Arc::clone(log);
    move |event| log.lock().push(json!([name, event.data]))
}

fn order(hub: &EventHub, log: &Log) -> Said {
    let (last, second, first) = (note(log, "last"), note(log, "second"), note(log, "first"));
    let priority = |priority| SubscribeOptions::new().priority(priority);
    hub.subscribe_with("topic=peer.order", priority(30), move |event| {
        last(event);
        Ok(None)
    })?;
    hub.subscribe_with("topic=peer.order", priority(20), move |event| {
        second(event);
        if event.data["stop"] == true {
            event.stop();
        }
        Ok(None)
    })?;
    hub.subscribe_with("topic=peer.order", priority(10), move |event| {
        first(event);
        Err("a handler that fails stops nobody".into())
    })?;
    Ok(())
}

fn targets(hub: &EventHub, log: &Log) -> Said {
    for (id, application) in [("peer-maya", "maya"), ("peer-nuke", "nuke")] {
        let options = SubscribeOptions::new()
            .id(id)
            .information("applicationId", application);
        let note = note(log, id);
        hub.subscribe_with("topic=peer.targeted", options, move |event| {
            note(event);
            Ok(None)
        })?;
    }
    let note = note(log, "narrow");
    hub.subscribe("topic=peer.* and data.key=other", move |event| {
        note(event);
        Ok(None)
    })?;
    Ok(())
}

fn replies(hub: &EventHub) -> Said {
    hub.subscribe("topic=peer.echo", |event| Ok(Some(event.data.clone())))?;
    for id in ["peer-one", "peer-two"] {
        let options = SubscribeOptions::new()
            .id(id)
            .information("kind", "replying");
        hub.subscribe_with("topic=peer.reply", options, move |_| {
            Ok(Some(json!({"from": id})))
        })?;
    }
    let weak = hub.downgrade();
    hub.subscribe("topic=peer.by-hand", move |event| {
        let hub = weak.upgrade().ok_or("the hub is gone")?;
        for number in 1..=3 {
            hub.publish_reply(event, number)?;
        }
        Ok(None)
    })?;
    Ok(())
}

fn unsubscribing(hub: &EventHub, log: &Log) -> Said {
    let note = note(log, "temporary");
    let options = SubscribeOptions::new().id("peer-temporary");
    hub.subscribe_with("topic=peer.temporary", options, move |event| {
        note(event);
        Ok(None)
    })?;
    let weak = hub.downgrade();
    hub.subscribe("topic=peer.forget", move |_| {
        let hub = weak.upgrade().ok_or("the hub is gone")?;
        hub.unsubscribe("peer-temporary")?;
        Ok(Some(true.into()))
    })?;
    Ok(())
}
