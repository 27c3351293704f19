//! What a commit would do, in words.

use std::fmt;

use ftrack_entity::{Action, Batch, Identity, Key, Payload, Record, Value};
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::metadata_items::{CUSTOM_ATTRIBUTES, METADATA, ROW_TYPE};
use crate::session::Session;

/// What a commit would do, or what an undo will: a list for people to look at, and to be kept. It prints one line for
/// each entity, and serialises.
///
/// Made by [`Session::pending`] and [`Inverse::plan`](crate::Inverse::plan).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Plan {
    changes: Vec<PlannedChange>,
}

/// What is to be done to one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlannedChange {
    /// What is done.
    pub action: PlannedAction,
    /// With which entity.
    pub entity: Identity,
    /// The name of the entity, as far as it is known.
    pub name: Option<String>,
    /// The values that change; for an entity that is created, those that it gets.
    pub values: Vec<PlannedValue>,
}

/// What is to be done to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PlannedAction {
    /// It is created.
    Create,
    /// Values of it change.
    Update,
    /// It is deleted, with all that belongs to it.
    Delete,
}

/// A value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlannedValue {
    /// The attribute; `metadata.KEY` and `custom_attributes.KEY` for what has keys.
    pub attribute: String,
    /// What the server has, as far as that is known: else [`Value::NotSet`].
    pub from: Value,
    /// What it is to have.
    pub to: Value,
}

impl Plan {
    /// The changes, one for each entity, in the order in which they are sent.
    pub fn changes(&self) -> &[PlannedChange] {
        &self.changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The change of this kind to this entity, which is added if it is not there yet.
    pub(super) fn change(
        &mut self,
        action: PlannedAction,
        entity: &Identity,
        name: impl FnOnce() -> Option<String>,
    ) -> &mut PlannedChange {
        let found = self.changes.iter().position(|change| {
            let is_part = action == PlannedAction::Update && change.action != PlannedAction::Delete;
            change.entity == *entity && (change.action == action || is_part)
        });
        let index = found.unwrap_or_else(|| {
            self.changes.push(PlannedChange {
                action,
                entity: entity.clone(),
                name: name(),
                values: Vec::new(),
            });
            self.changes.len() - 1
        });
        &mut self.changes[index]
    }
}

impl PlannedChange {
    pub(super) fn set(&mut self, attribute: String, from: Value, to: Value) {
        let known = self
            .values
            .iter_mut()
            .find(|value| value.attribute == attribute);
        match known {
            Some(known) => known.to = to,
            None => self.values.push(PlannedValue {
                attribute,
                from,
                to,
            }),
        }
    }
}

impl fmt::Display for PlannedAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

impl fmt::Display for PlannedChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.action, self.entity.entity_type())?;
        match &self.name {
            Some(name) => write!(formatter, " {name:?}")?,
            None => write!(formatter, " {}", self.entity.key())?,
        }
        for (index, value) in self.values.iter().enumerate() {
            let separator = if index == 0 { ":" } else { "," };
            write!(formatter, "{separator} {} ", value.attribute)?;
            if self.action == PlannedAction::Update {
                match &value.from {
                    Value::NotSet => formatter.write_str("? -> ")?,
                    from => write!(formatter, "{from:?} -> ")?,
                }
            }
            write!(formatter, "{:?}", value.to)?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, change) in self.changes.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{change}")?;
        }
        Ok(())
    }
}

impl Session {
    /// What a [`commit`](Self::commit) would do now. What cancels out is left out; the entities behind the keys of
    /// metadata and custom attributes are shown as values of what they belong to. Nothing is asked of the server.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// task.set("bid", 8)?;
    /// // update Task "comp": bid 0 -> 8
    /// println!("{}", session.pending());
    /// # Ok(())
    /// # }
    /// ```
    pub fn pending(&self) -> Plan {
        let batch = Batch::plan(self.unit.log.lock().operations());
        let mut planning = Planning::new(self);
        for payload in batch.payloads() {
            planning.add(payload);
        }
        planning.plan
    }
}

/// A plan that is being made.
pub(super) struct Planning<'a> {
    session: &'a Session,
    plan: Plan,
    /// The entities of the session by the text of their keys: rows of maps know only that of theirs.
    owners: Option<FxHashMap<Key, Identity>>,
}

impl<'a> Planning<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self {
            session,
            plan: Plan::default(),
            owners: None,
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn add(&mut self, payload: &Payload) {
        let record = &payload.record;
        if let Some((owner, attribute)) = self.keyed(record) {
            let (from, to) = row_values(payload);
            let name = self.name_of(&owner);
            self.plan
                .change(PlannedAction::Update, &owner, || name)
                .set(attribute, from, to);
            return;
        }
        let action = match payload.action {
            Action::Create => PlannedAction::Create,
            Action::Update => PlannedAction::Update,
            Action::Delete => PlannedAction::Delete,
        };
        let entity_type = record.entity_type();
        let shown: Vec<(String, Value, Value)> = payload
            .data
            .iter()
            .map(|(position, value)| (*position, value))
            .filter_map(|(position, value)| {
                let attribute = &entity_type[position];
                let is_internal = [METADATA, CUSTOM_ATTRIBUTES].contains(&attribute.name());
                let from = record.remote_value(position);
                (!is_internal).then(|| (attribute.name().to_owned(), from, value.clone()))
            })
            .collect();
        if shown.is_empty() && action == PlannedAction::Update {
            return;
        }
        let name = name(record);
        let change = self.plan.change(action, record.identity(), || name);
        for (attribute, from, to) in shown {
            change.set(attribute, from, to);
        }
    }

    /// What the row of a map stands for: whose it is, and the attribute with the key.
    fn keyed(&mut self, record: &Record) -> Option<(Identity, String)> {
        let identity = record.identity();
        let part = |index| identity.key().part(index).map(ToString::to_string);
        let row_type = identity.entity_type().as_str();
        if row_type == ROW_TYPE {
            let owner = self.owner(&part(0)?)?;
            return Some((owner, format!("{METADATA}.{}", part(1)?)));
        }
        if !row_type.ends_with("CustomAttributeValue") {
            return None;
        }
        let owner = self.owner(&part(1)?)?;
        let key = text(record, "key").or_else(|| {
            let configuration = self.owner(&part(0)?)?;
            let configuration = self.session.records().get(&configuration)?;
            text(&configuration, "key")
        });
        Some((
            owner,
            format!("{CUSTOM_ATTRIBUTES}.{}", key.or_else(|| part(0))?),
        ))
    }

    fn owner(&mut self, id: &str) -> Option<Identity> {
        let session = self.session;
        let owners = self.owners.get_or_insert_with(|| {
            let records = session.records().records();
            let identities = records.iter().map(|record| record.identity());
            identities
                .filter(|identity| identity.key().len() == 1)
                .map(|identity| (identity.key().clone(), identity.clone()))
                .collect()
        });
        owners.get(&Key::from(id)).cloned()
    }

    fn name_of(&self, identity: &Identity) -> Option<String> {
        name(&*self.session.records().get(identity)?)
    }
}

/// The value of a row before and after.
fn row_values(payload: &Payload) -> (Value, Value) {
    let record = &payload.record;
    let Some(position) = record.entity_type().position("value") else {
        return (Value::NotSet, Value::NotSet);
    };
    let from = match payload.action {
        Action::Create => Value::Null,
        Action::Update | Action::Delete => record.remote_value(position),
    };
    let to = payload.data.iter().find(|(known, _)| *known == position);
    (from, to.map_or(Value::Null, |(_, value)| value.clone()))
}

/// What people know an entity by.
pub(super) fn name(record: &Record) -> Option<String> {
    let names = ["name", "username", "label", "key"];
    names.iter().find_map(|name| text(record, name))
}

fn text(record: &Record, attribute: &str) -> Option<String> {
    let position = record.entity_type().position(attribute)?;
    record.read(position, |value| value.as_str().map(str::to_owned))
}
