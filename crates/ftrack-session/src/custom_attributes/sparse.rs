//! Values of older servers, which have a row only where a value was set.

use ftrack_entity::{Identity, Key, KeyPart, Value};

use super::configuration::{self, Configuration};
use super::{CUSTOM_ATTRIBUTES, SPARSE};
use crate::mapping::no_such_key;
use crate::{Entity, Result};

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
    let position = crate::entity::checked_position(definition, "value", &value)?;
    let row = session.records().get_or_insert(&identity, definition);
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
pub(super) fn remove(owner: &Entity, key: &str) -> Result<bool> {
    let Some(configuration) = configuration::find(owner, key)? else {
        return Err(no_such_key(owner, "custom attributes", key));
    };
    let identity = row_identity(owner, &configuration);
    let rows = owner.collection(CUSTOM_ATTRIBUTES)?;
    let session = owner.session();
    let row = owner.related(&identity)?;
    let mut recorder = session.recorder();
    let mut members = rows.identities();
    let Some(index) = members.iter().position(|member| *member == identity) else {
        tracing::warn!(key, entity = %owner.identity(), "no custom attribute value is set that could be removed");
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
