//! New entities.

use std::sync::Arc;

use ftrack_entity::{Attribute, AttributePosition, EntityType, Identity, Key, KeyPart, Value};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::metadata::MetadataRows;
use crate::session::Session;

/// Values by attribute name, for [`Session::create`]: anything that converts into a
/// [`Value`](ftrack_entity::Value), entities by reference.
///
/// ```
/// use ftrack_session::values;
///
/// let values = values! { "name": "bunny_010", "bid": 8.5, "description": None::<&str> };
/// assert_eq!(values.len(), 3);
/// ```
#[macro_export]
macro_rules! values {
    () => {
        [] as [(&'static str, $crate::Value); 0]
    };
    ($($name:tt : $value:expr),+ $(,)?) => {
        [$(($name, $crate::Value::from($value))),+]
    };
}

impl Session {
    /// Creates an entity with these values. It is sent to the server by the next [`commit`](Self::commit); until then
    /// it can be changed like any other.
    ///
    /// Attributes that are not given get the schema's default values, keys a fresh id. See the product documentation,
    /// "Working with entities".
    ///
    /// ```
    /// use ftrack_session::values;
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let project = session.query("Project").one()?;
    /// let sequence = session.create("Sequence", values! { "name": "opening", "parent": &project })?;
    /// session.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] and [`ErrorKind::UnknownAttribute`] for unknown names,
    /// [`ErrorKind::WrongType`] for a value that the attribute cannot hold, and [`ErrorKind::InvalidArgument`] if a
    /// part of the key is neither given nor made by default, or for jobs of other types than `api_job`. Nothing is
    /// recorded then.
    pub fn create<N: AsRef<str>>(
        &self,
        entity_type: &str,
        values: impl IntoIterator<Item = (N, Value)>,
    ) -> Result<Entity> {
        let entity_type = self.definition(entity_type)?;
        let mut given = Vec::new();
        for (name, value) in values {
            given.push(self.accept(entity_type, None, name.as_ref(), value)?);
        }
        check_new_job(entity_type, &given)?;
        let key = new_key(entity_type, &given)?;
        let identity = Identity::new(entity_type.name(), key);
        let is_known = self.records().get(&identity).is_some();
        let record = self.records().get_or_insert(&identity, entity_type);
        let (scalars, relations) = initial_values(entity_type, given);
        let entity = self.entity_of(record);
        if let Err(error) = self.record_create(&entity, scalars, relations) {
            if !is_known {
                self.records().remove(&identity);
            }
            return Err(error);
        }
        Ok(entity)
    }

    /// Plain values are part of the create; what refers to other entities follows as updates, so that entities that
    /// are created meanwhile come before those that refer to them. Metadata is last: its rows are entities too, and
    /// what comes after them is no longer part of the create, which may need it.
    fn record_create(&self, entity: &Entity, scalars: Values, relations: Values) -> Result<()> {
        let record = &entity.shared_record();
        let (mut plain, mut mapped) = (Vec::new(), Vec::new());
        for (position, value) in relations {
            match crate::metadata_items::items(&value) {
                Some(items) => {
                    let rows = MetadataRows::new(self, Arc::clone(record))?;
                    let items = rows.accept_replacement(entity, items)?;
                    mapped.push((rows, items));
                }
                None => plain.push((position, value)),
            }
        }
        let scalars = self.hooked_all(entity, scalars)?;
        let plain = self.hooked_all(entity, plain)?;
        let mut recorder = self.recorder();
        recorder.create(record, scalars);
        for (position, value) in plain {
            recorder.set(record, position, value);
        }
        for (rows, items) in mapped {
            rows.replace(&mut recorder, items);
        }
        Ok(())
    }
}

/// Refuses jobs of other types than clients may create; the server has those for its own work.
fn check_new_job(entity_type: &EntityType, values: &[(AttributePosition, Value)]) -> Result<()> {
    if entity_type.name().as_str() != "Job" {
        return Ok(());
    }
    let position = entity_type.position("type");
    let given = values
        .iter()
        .rfind(|(given, value)| Some(*given) == position && !value.is_not_set());
    match given {
        Some((_, value)) if value.as_str() != Some("api_job") => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("a job that is created has the type \"api_job\" or none, not {value:?}"),
        )
        .with_detail("attribute", "type")),
        _ => Ok(()),
    }
}

/// The key of a new entity: given values, else defaults.
fn new_key(entity_type: &EntityType, given: &[(AttributePosition, Value)]) -> Result<Key> {
    let mut parts = Vec::new();
    for attribute in entity_type.primary_key() {
        let position = entity_type.position(attribute.name());
        let value = given
            .iter()
            .rfind(|(given, _)| Some(*given) == position)
            .map(|(_, value)| value.clone());
        let part = value
            .filter(|value| !value.is_null())
            .or_else(|| default_value(attribute));
        let part = part.as_ref().and_then(key_part).ok_or_else(|| {
            let (name, of) = (attribute.name(), entity_type.name());
            Error::new(
                ErrorKind::InvalidArgument,
                format!("a {of} cannot be created without {name:?}, which is part of its key"),
            )
            .with_detail("attribute", name)
        })?;
        parts.push(part);
    }
    Ok(Key::composite(parts))
}

fn key_part(value: &Value) -> Option<KeyPart> {
    match value {
        Value::Text(text) => Some(KeyPart::from(&**text)),
        Value::Int(number) => Some(KeyPart::from(number.to_string())),
        _ => None,
    }
}

/// What a new entity gets where no value is given.
fn default_value(attribute: &Attribute) -> Option<Value> {
    match attribute.default()? {
        serde_json::Value::String(text) if text == "{uid}" => {
            Some(Value::from(Key::random().to_string()))
        }
        value => Some(Value::from(value.clone())),
    }
}

type Values = Vec<(AttributePosition, Value)>;

/// Plain values with defaults for those not given, and values that refer to other entities. Keys are in neither: they
/// are part of the identity.
fn initial_values(entity_type: &EntityType, given: Values) -> (Values, Values) {
    let attributes = entity_type.positioned_attributes();
    let mut scalars: Values = attributes
        .filter(|(position, attribute)| {
            attribute.is_scalar()
                && !attribute.is_key()
                && given.iter().all(|(known, _)| known != position)
        })
        .filter_map(|(position, attribute)| Some((position, default_value(attribute)?)))
        .collect();
    let mut relations = Values::new();
    for (position, value) in given {
        let attribute = &entity_type[position];
        match (attribute.is_key(), attribute.is_scalar()) {
            (true, _) => {}
            (false, true) => scalars.push((position, value)),
            (false, false) => relations.push((position, value)),
        }
    }
    (scalars, relations)
}
