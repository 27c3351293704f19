//! `ftrack.update`: what a batch changed.

mod changes;
mod lineage;
mod vocabulary;

pub(super) use self::vocabulary::Vocabulary;

use std::collections::BTreeSet;

use axum::extract::ws::Utf8Bytes;
use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use self::changes::EntityChange;
use super::UPDATE;
use super::message::{NAME, now};
use super::packet::{Packet, PacketKind};
use crate::caller::Caller;
use crate::read::Reader;
use crate::store::{Past, Store};
use crate::value::Value;
use crate::write::Batch;

/// What a batch changed, ready to be told.
#[derive(Debug)]
pub(super) struct Update {
    /// The changed entities, in JSON.
    entities: Box<RawValue>,
    /// Everything that they stand below.
    parents: BTreeSet<String>,
    /// The ids of the users who may know of all of it.
    users: FxHashSet<Value>,
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

/// What a batch changed that is about to be kept, as each of some users may know of it. Those who may know the same are
/// told the same; those who may know nothing of it are told nothing.
pub(super) fn updates(
    vocabulary: &Vocabulary,
    batch: &Batch<'_>,
    caller: &Caller,
    users: FxHashSet<Value>,
) -> Vec<Update> {
    let transaction = batch.transaction();
    let store = transaction.store();
    let past = Past::new(store, transaction.undo());
    let changes: Vec<EntityChange<'_>> = past
        .rows()
        .filter_map(|row| EntityChange::new(vocabulary, &past, row))
        .collect();
    let mut audiences: IndexMap<Vec<usize>, FxHashSet<Value>> = IndexMap::new();
    for user in users {
        let mut reader = Reader::new(store, &user);
        if let Some(reader) = &mut reader {
            // Whoever could see something until now gets to know that it is gone.
            reader.extend(projects_lost(&past, &user));
        }
        let is_known = |change: &EntityChange<'_>| {
            let reader = reader.as_ref();
            reader.is_none_or(|reader| change.is_known_to(reader))
        };
        let known = (0..).zip(&changes).filter(|(_, change)| is_known(change));
        let known = known.map(|(position, _)| position).collect();
        audiences.entry(known).or_default().insert(user);
    }
    let name = name_of(store, caller);
    audiences
        .into_iter()
        .filter_map(|(known, users)| {
            let known = known.iter().filter_map(|position| changes.get(*position));
            let known: Vec<&EntityChange<'_>> = known.collect();
            Update::new(&known, users, caller, &name)
        })
        .collect()
}

impl Update {
    fn new(
        entities: &[&EntityChange<'_>],
        users: FxHashSet<Value>,
        caller: &Caller,
        name: &str,
    ) -> Option<Self> {
        if entities.is_empty() {
            return None;
        }
        let parents = entities.iter().flat_map(|entity| entity.parent_ids());
        let parents = parents.collect();
        let entities = match serde_json::value::to_raw_value(entities) {
            Ok(entities) => entities,
            Err(error) => {
                tracing::error!(%error, "an update cannot be told");
                return None;
            }
        };
        Some(Self {
            entities,
            parents,
            users,
            caller: caller.clone(),
            name: name.to_owned(),
        })
    }

    /// Whether a user is told.
    pub(super) fn is_for(&self, user: &Value) -> bool {
        self.users.contains(user)
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

/// The projects on which a user had a role that is gone.
fn projects_lost<'p>(past: &'p Past<'_>, user: &'p Value) -> impl Iterator<Item = &'p Value> {
    let catalog = past.store().catalog();
    let find = |name: &str| catalog.find(name).map(|info| info.id);
    let (links, roles) = (find("UserSecurityRoleProject"), find("UserSecurityRole"));
    let gone = past.rows().filter(move |row| {
        let is_gone = past.history(*row).is_some_and(|found| found.last.is_some());
        is_gone && Some(row.type_id) == links
    });
    gone.filter_map(move |link| {
        let role = past.find(roles?, past.named(link, "user_security_role_id"))?;
        (past.named(role, "user_id") == user).then(|| past.named(link, "project_id"))
    })
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
