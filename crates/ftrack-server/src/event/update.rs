//! `ftrack.update`: what a batch changed.

mod changes;
mod lineage;
mod past;
mod vocabulary;

pub(super) use self::vocabulary::Vocabulary;

use std::collections::BTreeSet;

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use self::changes::EntityChange;
use self::past::Past;
use super::UPDATE;
use super::message::{NAME, now};
use super::packet::{Packet, PacketKind};
use crate::engine::Caller;
use crate::store::Store;
use crate::write::Batch;

/// What a batch changed, ready to be told.
#[derive(Debug)]
pub(super) struct Update {
    /// The changed entities, in JSON.
    entities: Box<RawValue>,
    /// Everything that they stand below.
    parents: BTreeSet<String>,
    caller: Caller,
    /// The name of the user as people read it.
    name: String,
}

/// The whole event. The entities can be many, so they are spelled once and copied.
#[derive(Serialize)]
struct Envelope<'a> {
    name: &'static str,
    args: [Body<'a>; 1],
}

#[derive(Serialize)]
struct Body<'a> {
    data: Data<'a>,
    #[serde(flatten)]
    rest: &'a serde_json::Map<String, Json>,
}

#[derive(Serialize)]
struct Data<'a> {
    entities: &'a RawValue,
    #[serde(flatten)]
    rest: &'a serde_json::Map<String, Json>,
}

impl Update {
    /// What a batch changed that is about to be kept; nothing where it changed nothing.
    pub(super) fn new(vocabulary: &Vocabulary, batch: &Batch<'_>, caller: &Caller) -> Option<Self> {
        let transaction = batch.transaction();
        let past = Past::new(transaction.store(), transaction.undo());
        let mut parents = BTreeSet::new();
        let entities: Vec<EntityChange<'_>> = past
            .rows()
            .filter_map(|row| EntityChange::new(vocabulary, &past, row))
            .inspect(|entity| parents.extend(entity.parent_ids()))
            .collect();
        if entities.is_empty() {
            return None;
        }
        let entities = match serde_json::value::to_raw_value(&entities) {
            Ok(entities) => entities,
            Err(error) => {
                tracing::error!(%error, "an update cannot be told");
                return None;
            }
        };
        Some(Self {
            entities,
            parents,
            caller: caller.clone(),
            name: name_of(transaction.store(), caller),
        })
    }

    /// The event as subscriptions see it. They cannot look into lists, so the one of entities is empty.
    pub(super) fn candidate(&self, source: &str) -> Json {
        let id = self.caller.id.to_json();
        json!({
            "topic": UPDATE,
            "id": uuid::Uuid::new_v4().simple().to_string(),
            "data": {
                "entities": [],
                "pushToken": self.caller.tokens.push,
                "clientToken": self.caller.tokens.client,
                "parents": self.parents,
                "user": {"userid": id, "name": self.name},
            },
            "sent": now(),
            "source": {
                "id": source,
                "applicationId": "ftrack.server",
                "clientToken": self.caller.tokens.client,
                "user": {"id": id, "username": self.caller.username},
            },
            "target": "",
            "inReplyToEvent": null,
        })
    }

    /// The packet that tells it, made of its candidate.
    pub(super) fn packet(&self, candidate: &Json) -> Option<Utf8Bytes> {
        let mut event = candidate.as_object()?.clone();
        let Some(Json::Object(mut data)) = event.remove("data") else {
            return None;
        };
        data.remove("entities");
        let envelope = Envelope {
            name: NAME,
            args: [Body {
                data: Data {
                    entities: &self.entities,
                    rest: &data,
                },
                rest: &event,
            }],
        };
        let text = serde_json::to_string(&envelope).ok()?;
        Some(Packet::new(PacketKind::Event, &text).to_string().into())
    }
}

fn name_of(store: &Store, caller: &Caller) -> String {
    let Some(user) = store.find_named("User", &caller.id) else {
        return caller.username.clone();
    };
    let part = |name: &str| store.named(user, name).to_text();
    let name = format!("{} {}", part("first_name"), part("last_name"));
    match name.trim() {
        "" => caller.username.clone(),
        name => name.to_owned(),
    }
}
