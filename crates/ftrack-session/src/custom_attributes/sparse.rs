//! Values of older servers, which have a row only where a value was set.

use ftrack_entity::{Identity, Key, KeyPart, Value};

use super::configuration;
use super::{CUSTOM_ATTRIBUTES, SPARSE};
use crate::entity::Entity;
use crate::entity::keys::no_such_key;
use crate::error::Result;
use crate::session::Configuration;

#[track_caller]
pub(super) fn keys(owner: &Entity) -> Result<Vec<String>> {
    let mut keys: Vec<String> = Vec::new();
    for configuration in configuration::applicable(owner)? {
        if !keys.contains(&configuration.key) {
            keys.push(configuration.key);
        }
    }
    Ok(keys)
}

#[track_caller]
pub(super) fn value(owner: &Entity, key: &str) -> Result<Option<Value>> {
    let Some(configuration) = configuration::find(owner, key)? else {
        return Ok(None);
    };
    let row = row_identity(owner, &configuration);
    let session = owner.session();
    if owner
        .collection(CUSTOM_ATTRIBUTES)?
        .identities()
        .contains(&row)
    {
        return owner.related(&row)?.value("value").map(Some);
    }
    session
        .entity(&configuration.identity)?
        .value("default")
        .map(Some)
}

#[track_caller]
pub(super) fn set(owner: &Entity, key: &str, value: Value) -> Result<()> {
    let Some(configuration) = configuration::find(owner, key)? else {
        return Err(no_such_key(owner, "custom attributes", key));
    };
    let identity = row_identity(owner, &configuration);
    let rows = owner.collection(CUSTOM_ATTRIBUTES)?;
    let session = owner.session();
    let definition = session.definition(SPARSE)?;
    let (position, value) = session.accept(definition, Some(owner.identity()), "value", value)?;
    let row = session.records().get_or_insert(&identity, definition);
    let hooked = session.entity_of(std::sync::Arc::clone(&row));
    let value = session.hooked(&hooked, position, value)?;
    let mut recorder = session.recorder();
    let mut members = rows.identities();
    if members.contains(&identity) {
        recorder.set(&row, position, value);
    } else {
        recorder.create(&row, vec![(position, value)]);
        members.push(identity);
        recorder.set(&owner.shared_record(), rows.position(), members.into());
    }
    Ok(())
}

#[track_caller]
pub(super) fn is_set(owner: &Entity, key: &str) -> Result<bool> {
    let Some(configuration) = configuration::find(owner, key)? else {
        return Err(no_such_key(owner, "custom attributes", key));
    };
    let rows = owner.collection(CUSTOM_ATTRIBUTES)?.identities();
    let is_set = rows.contains(&row_identity(owner, &configuration));
    if !is_set {
        tracing::warn!(key, entity = %owner.identity(), "no custom attribute value is set that could be removed");
    }
    Ok(is_set)
}

/// A hook on the value of the row sees null, and may give it another value instead.
#[track_caller]
pub(super) fn remove(owner: &Entity, key: &str) -> Result<bool> {
    let Some(configuration) = configuration::find(owner, key)? else {
        return Err(no_such_key(owner, "custom attributes", key));
    };
    let identity = row_identity(owner, &configuration);
    let rows = owner.collection(CUSTOM_ATTRIBUTES)?;
    let session = owner.session();
    let row = owner.related(&identity)?;
    let position = row.definition().position_of("value")?;
    let instead = session.hooked(&row, position, Value::Null)?;
    let mut recorder = session.recorder();
    if !instead.is_null() {
        recorder.set(&row.shared_record(), position, instead);
        return Ok(false);
    }
    let mut members = rows.identities();
    let Some(index) = members.iter().position(|member| *member == identity) else {
        return Ok(false);
    };
    members.remove(index);
    recorder.set(&owner.shared_record(), rows.position(), members.into());
    recorder.delete(&row.shared_record());
    Ok(true)
}

fn row_identity(owner: &Entity, configuration: &Configuration) -> Identity {
    let parts = [&configuration.identity, owner.identity()];
    let parts = parts.map(|identity| KeyPart::from(identity.key().to_string()));
    Identity::new(SPARSE, Key::composite(parts))
}
