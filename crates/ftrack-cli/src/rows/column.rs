//! What a path leads to, as a cell of a table and as JSON.

use ftrack::query::{Path, closest};
use ftrack::{AttributeKind, EntityType, Schema};
use serde_json::{Map, Value as Json};

use crate::custom_attributes::Keys;
use crate::failure::Failure;
use crate::resolve::link_path;
use crate::resolve::names;

/// A path that is printed.
pub(crate) struct Column {
    path: Path,
    /// The one key that is shown, where the path leads to keys and values.
    key: Option<String>,
    end: End,
}

/// What is shown of the entities at the end of a path.
enum End {
    /// The attribute that they are called by.
    Named(&'static str),
    /// Users and groups, which are called by different attributes.
    Resource,
    /// Those who are assigned.
    Appointment,
    /// Key and value.
    Metadata,
    /// The value itself.
    Value,
}

impl Column {
    /// The columns that these texts name, such as `parent.name` or `custom_attributes[fstart]`.
    pub(crate) fn all(
        keys: &Keys<'_>,
        entity_type: &EntityType,
        texts: &[String],
    ) -> Result<Vec<Self>, Failure> {
        let schema = keys.session().schema();
        let columns = texts.iter().map(|text| {
            let (text, key) = match text
                .strip_suffix(']')
                .and_then(|text| text.rsplit_once('['))
            {
                Some((text, key)) if !key.is_empty() => (text, Some(key)),
                _ => (text.as_str(), None),
            };
            let mut path = Path::new(text);
            if let (Some(key), Some(last)) = (key, path.segments.last_mut()) {
                last.cast = Some(key.to_owned());
            }
            Self::new(schema, entity_type, path)
        });
        let columns: Vec<Self> = columns.collect();
        for column in &columns {
            column.check(keys, entity_type)?;
        }
        Ok(columns)
    }

    pub(crate) fn new(schema: &Schema, entity_type: &EntityType, mut path: Path) -> Self {
        let key = key_of(schema, entity_type, &path);
        if let (Some(_), Some(last)) = (&key, path.segments.last_mut()) {
            last.cast = None;
        }
        let end = match target(schema, entity_type, &path) {
            Some(target) if target.name().as_str() == "Metadata" => End::Metadata,
            Some(target) if target.name().as_str() == "Resource" => End::Resource,
            Some(target) if target.name().as_str() == "Appointment" => End::Appointment,
            Some(target) => names::named_by(target)
                .next()
                .map_or(End::Value, End::Named),
            None => End::Value,
        };
        Self { path, key, end }
    }

    /// Says what is wrong with the column, if the schema does not have it.
    fn check(&self, keys: &Keys<'_>, entity_type: &EntityType) -> Result<(), Failure> {
        let text = format!("select {} from {}", self.path, entity_type.name());
        if let Some(explanation) = ftrack::query::explain(&text, keys.session().schema()) {
            return Err(Failure::Unusable(explanation));
        }
        self.check_key(keys)
    }

    /// Says what is wrong with the key, if it is none of the server's.
    pub(crate) fn check_key(&self, keys: &Keys<'_>) -> Result<(), Failure> {
        let is_custom = self
            .path
            .segments
            .last()
            .is_some_and(|last| last.name == "custom_attributes");
        let (Some(key), true) = (&self.key, is_custom) else {
            return Ok(());
        };
        let Some(keys) = keys.all()? else {
            return Ok(());
        };
        if keys.contains(key) {
            return Ok(());
        }
        let failure = Failure::Unusable(format!(
            "the server has no custom attribute with the key {key:?}"
        ));
        Err(match closest(key, keys.iter().map(String::as_str)) {
            Some(known) => failure.hint(format!("did you mean {known:?}?")),
            None => failure,
        })
    }

    /// The path itself, and the names of the entities that it leads to.
    pub(crate) fn projections(&self) -> Vec<Path> {
        let named;
        let shown: &[&str] = match &self.end {
            End::Named(name) => {
                named = format!(".{name}");
                &[&named]
            }
            End::Metadata => &[".key", ".value"],
            End::Resource => &["[User].username", "[Group].name"],
            End::Appointment => &[".resource[User].username", ".resource[Group].name"],
            End::Value => &[],
        };
        let below = |name| Path::new(&format!("{}{name}", self.path));
        std::iter::once(self.path.clone())
            .chain(shown.iter().map(below))
            .collect()
    }

    /// The path, without a key.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it shows the value of one key.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    pub(crate) fn title(&self) -> String {
        match &self.key {
            Some(key) => format!("{}[{key}]", self.path),
            None => self.path.to_string(),
        }
    }

    /// What the path leads to in a row: behind a collection, all there is.
    pub(crate) fn value(&self, row: &Map<String, Json>) -> Json {
        let mut segments = self.path.segments.iter().map(|segment| &*segment.name);
        let first = segments.next().and_then(|name| row.get(name));
        let value = segments.fold(first.cloned().unwrap_or_default(), |value, name| {
            follow(&value, name)
        });
        match &self.key {
            Some(key) => of_key(&value, key),
            None => value,
        }
    }

    pub(crate) fn cell(&self, row: &Map<String, Json>) -> String {
        self.shown(&self.value(row))
    }

    fn shown(&self, value: &Json) -> String {
        match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            Json::Array(values) => link_path(value).unwrap_or_else(|| {
                let shown: Vec<String> = values.iter().map(|value| self.shown(value)).collect();
                shown.join(", ")
            }),
            Json::Object(entity) => self.shown_entity(entity),
            value => value.to_string(),
        }
    }

    /// A custom attribute or metadata with key and value, any other entity by its name, else by its type and id.
    fn shown_entity(&self, entity: &Map<String, Json>) -> String {
        let text = |name: &str| entity.get(name).map(|value| self.shown(value));
        if let (Some(key), Some(value)) = (text("key"), text("value")) {
            return format!("{key}={value}");
        }
        if let End::Named(name) = self.end
            && let Some(name) = text(name)
        {
            return name;
        }
        if let (End::Appointment, Some(resource)) = (&self.end, text("resource")) {
            return resource;
        }
        if matches!(self.end, End::Resource | End::Appointment)
            && let Some(name) = text("username").or_else(|| text("name"))
        {
            return name;
        }
        if let Some(address) = text("url") {
            return address;
        }
        match (text("__entity_type__"), text("id")) {
            (Some(entity_type), Some(id)) => format!("{entity_type}:{id}"),
            _ => Json::Object(entity.clone()).to_string(),
        }
    }
}

fn follow(value: &Json, name: &str) -> Json {
    match value {
        Json::Array(values) => values
            .iter()
            .map(|value| follow(value, name))
            .flat_map(|value| match value {
                Json::Array(values) => values,
                value => vec![value],
            })
            .collect(),
        value => value.get(name).cloned().unwrap_or_default(),
    }
}

/// The type of the entities at the end of a path, if it leads to entities.
pub(crate) fn target<'schema>(
    schema: &'schema Schema,
    entity_type: &'schema EntityType,
    path: &Path,
) -> Option<&'schema EntityType> {
    let mut current = entity_type;
    for segment in &path.segments {
        current = match (&segment.cast, current.attribute(&segment.name).ok()?.kind()) {
            (Some(cast), _) => schema.entity_type(cast).ok()?,
            (
                None,
                AttributeKind::Reference(target)
                | AttributeKind::Collection(target)
                | AttributeKind::MappedCollection(target),
            ) => schema.entity_type(target.as_str()).ok()?,
            _ => return None,
        };
    }
    Some(current)
}

/// The key in brackets, where a path leads to keys and values: what stands there is no type then.
fn key_of(schema: &Schema, entity_type: &EntityType, path: &Path) -> Option<String> {
    let (last, before) = path.segments.split_last()?;
    let key = last.cast.clone()?;
    let before = Path {
        segments: before.to_vec(),
        span: path.span,
    };
    let owner = if before.segments.is_empty() {
        entity_type
    } else {
        target(schema, entity_type, &before)?
    };
    let kind = owner.attribute(&last.name).ok()?.kind();
    let has_keys = match kind {
        AttributeKind::MappedCollection(_) => true,
        AttributeKind::Collection(target) => target.as_str() == "Metadata",
        _ => false,
    };
    has_keys.then_some(key)
}

/// The value of a key: one value, or a list where several entities have it.
fn of_key(value: &Json, key: &str) -> Json {
    let items = value.as_array().into_iter().flatten();
    let mut values: Vec<Json> = items
        .filter(|item| item.get("key").and_then(Json::as_str) == Some(key))
        .map(|item| item.get("value").cloned().unwrap_or_default())
        .collect();
    match values.len() {
        0 => Json::Null,
        1 => values.swap_remove(0),
        _ => values.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_picks_its_value() {
        let list = json!([{"key": "fstart", "value": 1001}, {"key": "fps", "value": null}]);
        assert_eq!(of_key(&list, "fstart"), json!(1001));
        assert_eq!(of_key(&list, "fps"), json!(null));
        assert_eq!(of_key(&list, "fend"), json!(null));
        assert_eq!(of_key(&json!(null), "fend"), json!(null));
        let several = json!([{"key": "a", "value": 1}, {"key": "a", "value": 2}]);
        assert_eq!(of_key(&several, "a"), json!([1, 2]));
    }
}
