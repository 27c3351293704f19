//! `ftrack.update`: what a batch changed.

mod changes;
mod lineage;
mod vocabulary;

pub(super) use self::vocabulary::Vocabulary;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use self::changes::EntityChange;
use super::UPDATE;
use super::message::{NAME, now};
use super::packet::{Packet, PacketKind};
use crate::caller::Caller;
use crate::media_queue::JOB_TYPE;
use crate::rights::Rights;
use crate::store::{PriorState, RowRef, Store, Undo};
use crate::value::Value;

/// What servers call the application that changes come from.
const APPLICATION: &str = "ftrack.client.web";

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

/// What a batch made of the store, as each of some users may know of it. Those who may know the same are
/// told the same; those who may know nothing of it are told nothing.
pub(super) fn updates(
    vocabulary: &Vocabulary,
    store: &Store,
    undo: &[Undo],
    caller: &Caller,
    users: FxHashSet<Value>,
) -> Vec<Update> {
    let prior = PriorState::new(store, undo);
    let mut changes: Vec<EntityChange<'_>> = prior
        .rows()
        .filter_map(|row| EntityChange::new(vocabulary, &prior, row))
        .collect();
    let encoded = encoded_versions(&prior);
    changes.extend(
        encoded
            .into_iter()
            .filter_map(|row| EntityChange::encoded(vocabulary, &prior, row)),
    );
    let mut audiences: IndexMap<Vec<usize>, FxHashSet<Value>> = IndexMap::new();
    for user in users {
        let mut rights = Rights::new(store, &user);
        if let Some(rights) = &mut rights {
            // Whoever could see something until now gets to know that it is gone.
            projects_lost(&prior, &user).for_each(|project| rights.admit(project));
        }
        let is_known = |change: &EntityChange<'_>| {
            let rights = rights.as_ref();
            rights.is_none_or(|rights| change.is_known_to(rights, &prior))
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
                "applicationId": APPLICATION,
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
fn projects_lost<'p>(
    prior: &'p PriorState<'_>,
    user: &'p Value,
) -> impl Iterator<Item = &'p Value> {
    let catalog = prior.store().catalog();
    let find = |name: &str| catalog.find(name).map(|info| info.id);
    let (links, roles) = (find("UserSecurityRoleProject"), find("UserSecurityRole"));
    let gone = prior.rows().filter(move |row| {
        let is_gone = prior
            .history(*row)
            .is_some_and(|found| found.last.is_some());
        is_gone && Some(row.type_id) == links
    });
    gone.filter_map(move |link| {
        let role = prior.find(roles?, prior.named(link, "user_security_role_id"))?;
        (prior.named(role, "user_id") == user).then(|| prior.named(link, "project_id"))
    })
}

/// The versions whose media a batch made ready: those of the jobs of encoding that are done now.
fn encoded_versions(prior: &PriorState<'_>) -> Vec<RowRef> {
    let store = prior.store();
    let catalog = store.catalog();
    let Some(jobs) = catalog.find("Job") else {
        return Vec::new();
    };
    let status = catalog.slot(jobs.id, "status");
    let done = prior.rows().filter(|row| {
        let history = prior.history(*row);
        let is_changed = history
            .zip(status)
            .is_some_and(|(history, slot)| history.old.contains_key(&slot));
        row.type_id == jobs.id
            && is_changed
            && prior.named(*row, "type").to_text() == JOB_TYPE
            && prior.named(*row, "status").to_text() == "done"
    });
    let mut versions = Vec::new();
    for job in done {
        let data: Json =
            serde_json::from_str(&prior.named(job, "data").to_text()).unwrap_or_default();
        for output in data["output"].as_array().into_iter().flatten() {
            let id = output["component_id"].as_str().map(Value::text);
            let component = id.and_then(|id| store.find_named("Component", &id));
            let version = component.and_then(|component| {
                store.find_named("AssetVersion", store.named(component, "version_id"))
            });
            versions.extend(version.filter(|version| !versions.contains(version)));
        }
    }
    versions
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
