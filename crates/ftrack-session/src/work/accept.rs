//! Values on their way into attributes: checked, and seen by hooks.

use std::collections::HashSet;

use ftrack_entity::{Attribute, AttributeKind, AttributePosition, EntityType, Identity, Value};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::metadata_items;
use crate::session::Session;

impl Session {
    /// The position of the attribute `name`, and `value` as it takes it. `entity` is who is to have it, where that is
    /// an entity that is there already: errors name it.
    pub(crate) fn accept(
        &self,
        entity_type: &EntityType,
        entity: Option<&Identity>,
        name: &str,
        value: Value,
    ) -> Result<(AttributePosition, Value)> {
        let position = entity_type.position_of(name)?;
        let value = self.accept_value(entity_type, entity, &entity_type[position], value)?;
        Ok((position, value))
    }

    fn accept_value(
        &self,
        entity_type: &EntityType,
        entity: Option<&Identity>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Value> {
        let is_map = matches!(attribute.kind(), AttributeKind::MappedCollection(_));
        if is_map && matches!(value, Value::Json(_)) && !metadata_items::is_metadata(attribute) {
            return Err(one_by_one(entity_type, attribute));
        }
        let accepted = self.schema().accept(entity_type, attribute, value);
        let accepted = accepted.map_err(|error| match entity {
            Some(entity) => error.about(entity),
            None => error,
        })?;
        check_distinct(entity_type, entity, attribute, &accepted)?;
        Ok(accepted)
    }

    /// `value` as the key `key` of the map `map` of `owner` takes it: metadata and custom attributes.
    pub(crate) fn accept_keyed(
        owner: &Entity,
        map: &str,
        key: &str,
        value: Value,
    ) -> Result<Value> {
        match value {
            // A list of nothing.
            Value::Collection(members) if members.is_empty() => {
                Ok(Value::Json(serde_json::Value::Array(Vec::new()).into()))
            }
            value @ (Value::Reference(_) | Value::Collection(_)) => {
                Err(not_plain(owner, map, key, &value))
            }
            value if !value.is_representable() => Err(not_plain(owner, map, key, &value)),
            value => Ok(value),
        }
    }

    /// What the hook on writing of a map makes of the values of these keys, which it sees as one object.
    pub(crate) fn hooked_items(
        &self,
        owner: &Entity,
        map: &str,
        items: Vec<(String, Value)>,
    ) -> Result<Vec<(String, Value)>> {
        let position = owner.definition().position(map);
        let hook = position.and_then(|position| self.entity_types().on_write(owner, position));
        let Some(hook) = hook else {
            return Ok(items);
        };
        let object = items
            .into_iter()
            .map(|(key, value)| {
                let refused = |_| not_plain(owner, map, &key, &value);
                let json = serde_json::Value::try_from(&value).map_err(refused)?;
                Ok((key, json))
            })
            .collect::<Result<serde_json::Map<_, _>>>()?;
        let value = hook(owner, Value::Json(serde_json::Value::from(object).into()))?;
        metadata_items::items(&value).ok_or_else(|| {
            let found = value.kind();
            Error::new(
                ErrorKind::WrongType,
                format!(
                    "a hook made {found} of {map:?} of {owner:?}, not an object of values by key"
                ),
            )
            .with_detail("attribute", map)
        })
    }

    /// What the hook on writing of the attribute at `position` makes of `value`, which is on its way into `entity`.
    /// What it makes has to fit, too. Nothing is locked meanwhile.
    pub(crate) fn hooked(
        &self,
        entity: &Entity,
        position: AttributePosition,
        value: Value,
    ) -> Result<Value> {
        let Some(hook) = self.entity_types().on_write(entity, position) else {
            return Ok(value);
        };
        let definition = entity.definition();
        let attribute = &definition[position];
        let value = hook(entity, value)?;
        self.accept_value(definition, Some(entity.identity()), attribute, value)
    }

    /// As [`hooked`](Self::hooked) for the values of several attributes.
    pub(crate) fn hooked_all(
        &self,
        entity: &Entity,
        values: Vec<(AttributePosition, Value)>,
    ) -> Result<Vec<(AttributePosition, Value)>> {
        if !self.entity_types().has_write_hooks() {
            return Ok(values);
        }
        let hooked = values
            .into_iter()
            .map(|(position, value)| Ok((position, self.hooked(entity, position, value)?)));
        hooked.collect()
    }
}

fn not_plain(owner: &Entity, map: &str, key: &str, value: &Value) -> Error {
    let error = ftrack_entity::Error::WrongValue {
        entity_type: owner.entity_type(),
        entity: Some(owner.identity().clone()),
        attribute: format!("{map}.{key}"),
        expected: "a plain value".to_owned(),
        found: value.kind().to_owned(),
    };
    Error::from(error).with_detail("key", key)
}

/// Custom attributes depend on what is configured for the entity, so they are set on it.
fn one_by_one(entity_type: &EntityType, attribute: &Attribute) -> Error {
    ftrack_entity::Error::WrongValue {
        entity_type: entity_type.name().as_str(),
        entity: None,
        attribute: attribute.name().to_owned(),
        expected: "values one by one, on the entity as it is".to_owned(),
        found: "a JSON value".to_owned(),
    }
    .into()
}

/// Refuses a collection that has an entity twice.
fn check_distinct(
    entity_type: &EntityType,
    entity: Option<&Identity>,
    attribute: &Attribute,
    value: &Value,
) -> Result<()> {
    let Value::Collection(members) = value else {
        return Ok(());
    };
    let mut seen = HashSet::with_capacity(members.len());
    let Some(twice) = members.iter().find(|member| !seen.insert(*member)) else {
        return Ok(());
    };
    let owner = entity.map_or_else(
        || entity_type.name().as_str().to_owned(),
        Identity::to_string,
    );
    Err(Error::new(
        ErrorKind::DuplicateItemInCollection,
        format!(
            "{twice} is given twice for {:?} of {owner}",
            attribute.name()
        ),
    )
    .with_detail("entity", owner)
    .with_detail("attribute", attribute.name())
    .with_detail("item", twice.to_string()))
}
