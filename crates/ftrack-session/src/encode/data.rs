//! Data with entities in it.

use std::collections::BTreeMap;

use ftrack_entity::Value;

use crate::collection::Collection;
use crate::entity::Entity;

/// Data with entities in it: what [`Session::encode`](crate::Session::encode) takes and
/// [`Session::decode`](crate::Session::decode) gives back.
///
/// ```
/// use ftrack_session::Data;
///
/// let data = Data::from(serde_json::json!({"names": ["a", "b"]}));
/// let Data::Map(map) = &data else { panic!("an object is a map") };
/// assert_eq!(map["names"], Data::List(vec![Data::from("a"), Data::from("b")]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Data {
    /// A plain value.
    Value(Value),
    /// An entity.
    Entity(Entity),
    /// Several.
    List(Vec<Data>),
    /// Several by name.
    Map(BTreeMap<String, Data>),
}

impl Data {
    /// The entity, if this is one.
    pub fn as_entity(&self) -> Option<&Entity> {
        match self {
            Self::Entity(entity) => Some(entity),
            _ => None,
        }
    }

    /// The plain value, if this is one.
    pub fn as_value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// All entities, at any depth, in order.
    pub fn entities(&self) -> Vec<Entity> {
        let mut entities = Vec::new();
        self.collect(&mut entities);
        entities
    }

    fn collect(&self, entities: &mut Vec<Entity>) {
        match self {
            Self::Value(_) => {}
            Self::Entity(entity) => entities.push(entity.clone()),
            Self::List(list) => list.iter().for_each(|item| item.collect(entities)),
            Self::Map(map) => map.values().for_each(|item| item.collect(entities)),
        }
    }
}

/// Entities become references, and a list of nothing but entities a collection; other lists and maps become JSON, with
/// [tagged](ftrack_entity::Value) times and references in them. So what was decoded can be set again. A list or map
/// with a number in it that JSON cannot carry is that number, which no attribute takes.
impl From<Data> for Value {
    fn from(data: Data) -> Self {
        match data {
            Data::Value(value) => value,
            Data::Entity(entity) => entity.into(),
            Data::List(list) => list.into_iter().map(Self::from).collect(),
            Data::Map(map) => {
                let items: BTreeMap<String, Self> = map
                    .into_iter()
                    .map(|(name, item)| (name, Self::from(item)))
                    .collect();
                match serde_json::to_value(&items) {
                    Ok(json) => Self::from(json),
                    Err(_) => without_form(items),
                }
            }
        }
    }
}

/// As of the data itself.
impl From<&Data> for Value {
    fn from(data: &Data) -> Self {
        data.clone().into()
    }
}

/// The serialised form of the value. NaN and infinite numbers are errors, since JSON has no form for them.
impl TryFrom<Data> for serde_json::Value {
    type Error = serde_json::Error;

    fn try_from(data: Data) -> Result<Self, serde_json::Error> {
        Self::try_from(Value::from(data))
    }
}

/// The number that JSON cannot carry.
fn without_form(items: BTreeMap<String, Value>) -> Value {
    let mut values = items.into_values();
    let refused = values.find(|value| !value.is_representable());
    refused.unwrap_or(Value::Null)
}

impl From<Entity> for Data {
    fn from(entity: Entity) -> Self {
        Self::Entity(entity)
    }
}

impl From<&Entity> for Data {
    fn from(entity: &Entity) -> Self {
        Self::Entity(entity.clone())
    }
}

/// References to the members, as an entity would hold them.
impl From<&Collection> for Data {
    fn from(collection: &Collection) -> Self {
        Self::Value(collection.identities().into())
    }
}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<serde_json::Value> for Data {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Array(list) => list.into_iter().collect(),
            serde_json::Value::Object(map) => {
                let items = map.into_iter().map(|(name, value)| (name, value.into()));
                Self::Map(items.collect())
            }
            value => Self::Value(value.into()),
        }
    }
}

impl<T: Into<Data>> From<Vec<T>> for Data {
    fn from(list: Vec<T>) -> Self {
        list.into_iter().collect()
    }
}

impl From<&Vec<Entity>> for Data {
    fn from(list: &Vec<Entity>) -> Self {
        list.iter().collect()
    }
}

impl From<&[Entity]> for Data {
    fn from(list: &[Entity]) -> Self {
        list.iter().collect()
    }
}

impl<T: Into<Data>> FromIterator<T> for Data {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Data>> From<BTreeMap<String, T>> for Data {
    fn from(map: BTreeMap<String, T>) -> Self {
        let items = map.into_iter().map(|(name, item)| (name, item.into()));
        Self::Map(items.collect())
    }
}
