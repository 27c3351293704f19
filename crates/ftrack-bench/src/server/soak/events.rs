//! Events that are large, and subscriptions that are long.

use std::time::Duration;

use crate::server::Outcome;
use crate::server::child::Child;
use crate::server::events::Peer;

/// Connections that subscribe and read nothing.
const SILENT: usize = 100;

/// Large events: how many, and how long the text in each is, in bytes.
const EVENTS: usize = 4;
const TEXT: usize = 14 * 1024 * 1024;

/// Long subscriptions of one connection, and how many events are compared with them.
const SUBSCRIPTIONS: usize = 40;
const COMPARED: usize = 20;

/// Has the server keep large events for connections that do not read them.
pub(super) fn flood_silent_connections(server: &Child) -> Outcome {
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        let mut peer = Peer::open(server)?;
        peer.subscribe("topic=soak.large")?;
        silent.push(peer);
    }
    let data = format!("{{\"text\":\"{}\"}}", "x".repeat(TEXT));
    let mut sender = Peer::open(server)?;
    for _ in 0..EVENTS {
        sender.publish("soak.large", &data)?;
    }
    std::thread::sleep(Duration::from_millis(200));
    Ok(())
}

/// Subscribes to what takes long to compare, and publishes events that are compared with all of it.
pub(super) fn subscribe_to_too_much(server: &Child) -> Outcome {
    let mut peer = Peer::open(server)?;
    let mut expression = String::from("topic=soak.long and (data.a=0");
    while expression.len() < 15_000 {
        expression.push_str(" or data.a=1");
    }
    expression.push(')');
    for _ in 0..SUBSCRIPTIONS {
        peer.subscribe(&expression)?;
    }
    for _ in 0..COMPARED {
        peer.publish("soak.long", "{\"a\":2}")?;
    }
    std::thread::sleep(Duration::from_millis(200));
    Ok(())
}
