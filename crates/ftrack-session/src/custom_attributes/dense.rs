//! Values of servers that have a row for every configuration that applies.

use std::sync::Arc;

use ftrack_entity::{AttributePosition, EntityState, Identity, Key, KeyPart, Record, Value};

use super::CUSTOM_ATTRIBUTES;
use super::configuration;
use crate::entity::Entity;
use crate::entity::keys::no_such_key;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Configuration;

/// Rows exist on the server only: they are never created or put into lists, just changed. An entity that is not
/// committed yet has none; the server makes them when it is, before the changes of the same commit. Until then a
/// change is kept on a row that is known by its key alone.
#[track_caller]
fn rows(owner: &Entity) -> Result<Vec<(String, Entity)>> {
    if is_new(owner) {
        let all = configuration::applicable(owner)?;
        let known = all.into_iter().filter_map(|configuration| {
            let identity = row_identity(owner, &configuration)?;
            let record = owner.session().records().get(&identity)?;
            Some((configuration.key, owner.session().entity_of(record)))
        });
        return Ok(known.filter(|(_, row)| has_local_value(row)).collect());
    }
    let rows = owner.collection(CUSTOM_ATTRIBUTES)?.entities()?;
    rows.into_iter()
        .map(|row| Ok((row.get("key")?, row)))
        .collect()
}

#[track_caller]
fn find(owner: &Entity, key: &str) -> Result<Option<Entity>> {
    let mut rows: Vec<Entity> = rows(owner)?
        .into_iter()
        .filter(|(known, _)| known == key)
        .map(|(_, row)| row)
        .collect();
    if rows.len() > 1 {
        // The first of those that the user may see.
        let order: Vec<Option<Identity>> = configuration::applicable(owner)?
            .iter()
            .map(|configuration| row_identity(owner, configuration))
            .collect();
        let place = |row: &Entity| {
            let own = Some(row.identity());
            order.iter().position(|known| known.as_ref() == own)
        };
        rows.sort_by_cached_key(|row| place(row).unwrap_or(usize::MAX));
    }
    Ok(rows.into_iter().next())
}

#[track_caller]
pub(super) fn keys(owner: &Entity) -> Result<Vec<String>> {
    let rows = rows(owner)?.into_iter();
    Ok(rows
        .filter(|(_, row)| !is_removed(row))
        .map(|(key, _)| key)
        .collect())
}

#[track_caller]
pub(super) fn value(owner: &Entity, key: &str) -> Result<Option<Value>> {
    let row = find(owner, key)?.filter(|row| !is_removed(row));
    row.map(|row| row.value("value")).transpose()
}

#[track_caller]
pub(super) fn set(owner: &Entity, key: &str, value: Value) -> Result<()> {
    let session = owner.session();
    let row = match find(owner, key)? {
        Some(row) => row,
        None if is_new(owner) => session.entity_of(new_row(owner, key)?),
        None => return Err(no_such_key(owner, "custom attributes", key)),
    };
    let position = value_position(row.record())?;
    let value = session.hooked(&row, position, value)?;
    session.set_value(&row.shared_record(), position, value);
    Ok(())
}

#[track_caller]
pub(super) fn is_set(owner: &Entity, key: &str) -> Result<bool> {
    Ok(find(owner, key)?.is_some_and(|row| !is_removed(&row)))
}

/// The server keeps the row, with the default of its configuration as the value. A hook on the value of the row sees
/// null, and may give it another value instead.
#[track_caller]
pub(super) fn remove(owner: &Entity, key: &str) -> Result<bool> {
    let Some(row) = find(owner, key)?.filter(|row| !is_removed(row)) else {
        return Ok(false);
    };
    let position = value_position(row.record())?;
    let session = owner.session();
    let instead = session.hooked(&row, position, Value::Null)?;
    let mut recorder = session.recorder();
    if !instead.is_null() {
        recorder.set(&row.shared_record(), position, instead);
        return Ok(false);
    }
    recorder.set(&row.shared_record(), position, Value::NotSet);
    if recorder.state(owner.identity()) != Some(EntityState::Created) {
        recorder.delete(&row.shared_record());
    }
    Ok(true)
}

/// A row for `key` of an entity that is not on the server yet.
#[track_caller]
fn new_row(owner: &Entity, key: &str) -> Result<Arc<Record>> {
    let configuration = configuration::find(owner, key)?;
    let identity = configuration.and_then(|configuration| row_identity(owner, &configuration));
    let Some(identity) = identity else {
        return Err(no_such_key(owner, "custom attributes", key));
    };
    let definition = owner
        .session()
        .definition(identity.entity_type().as_str())?;
    let row = owner
        .session()
        .records()
        .get_or_insert(&identity, definition);
    if let Some(position) = definition.position("key") {
        row.set_local(position, Value::from(key), 0);
    }
    Ok(row)
}

fn row_identity(owner: &Entity, configuration: &Configuration) -> Option<Identity> {
    let row_type = owner.definition().get(CUSTOM_ATTRIBUTES)?.target()?;
    let parts = [&configuration.identity, owner.identity()];
    let parts = parts.map(|identity| KeyPart::from(identity.key().to_string()));
    Some(Identity::new(row_type, Key::composite(parts)))
}

fn value_position(row: &Record) -> Result<AttributePosition> {
    row.entity_type().position("value").ok_or_else(|| {
        Error::new(
            ErrorKind::UnknownAttribute,
            format!("{} has no attribute \"value\"", row.identity()),
        )
    })
}

fn is_new(entity: &Entity) -> bool {
    entity.state() == Some(EntityState::Created)
}

/// Whether the value was removed here, and not set again.
fn is_removed(row: &Entity) -> bool {
    row.state() == Some(EntityState::Deleted) && !has_local_value(row)
}

fn has_local_value(row: &Entity) -> bool {
    value_position(row.record())
        .is_ok_and(|position| !row.record().local_value(position).is_not_set())
}
