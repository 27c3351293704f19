//! New entities.

use std::sync::Arc;

use ftrack_entity::{Attribute, EntityType, Identity, Key, KeyPart, Record, Value};

use super::Session;
use crate::metadata::MetadataRows;
use crate::{Entity, Error, ErrorKind, Result};

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
    ($($name:tt : $value:expr),* $(,)?) => {
        [$(($name, $crate::Value::from($value))),*]
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
            let position = crate::entity::checked_position(entity_type, name.as_ref(), &value)?;
            given.push((position, value));
        }
        crate::helpers::check_new_job(entity_type, &given)?;
        let key = new_key(entity_type, &given)?;
        let identity = Identity::new(entity_type.name(), key);
        let record = self.records().get_or_insert(&identity, entity_type);
        let (scalars, relations) = initial_values(entity_type, given);
        self.record_create(&record, scalars, relations)?;
        Ok(self.entity_of(record))
    }

    /// Plain values are part of the create; what refers to other entities follows as updates, so that entities that
    /// are created meanwhile come before those that refer to them. Metadata is last: its rows are entities too, and what
    /// comes after them is no longer part of the create, which may need it.
    fn record_create(
        &self,
        record: &Arc<Record>,
        scalars: Values,
        relations: Values,
    ) -> Result<()> {
        let (mut plain, mut mapped) = (Vec::new(), Vec::new());
        for (position, value) in relations {
            match crate::metadata::items(&value) {
                Some(items) => {
                    let rows = MetadataRows::of(self, Arc::clone(record))?;
                    rows.check(&items)?;
                    mapped.push((rows, items));
                }
                None => plain.push((position, value)),
            }
        }
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

/// The key of a new entity: given values, else defaults.
fn new_key(entity_type: &EntityType, given: &[(u16, Value)]) -> Result<Key> {
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

type Values = Vec<(u16, Value)>;

/// Plain values with defaults for those not given, and values that refer to other entities. Keys are in neither: they
/// are part of the identity.
fn initial_values(entity_type: &EntityType, given: Values) -> (Values, Values) {
    let attributes = (0_u16..).zip(entity_type.attributes());
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
        let attribute = &entity_type.attributes()[usize::from(position)];
        match (attribute.is_key(), attribute.is_scalar()) {
            (true, _) => {}
            (false, true) => scalars.push((position, value)),
            (false, false) => relations.push((position, value)),
        }
    }
    (scalars, relations)
}
