//! `name=value`, as it is written on the command line, and what it means for an attribute.

use std::str::FromStr;

use ftrack::prelude::*;
use ftrack::{AttributeKind, DataType, EntityType};

use crate::failure::Failure;
use crate::resolve::reference;

/// What is to become of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    target: Target,
    value: String,
}

/// What is set, or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Attribute(String),
    /// The key of a custom attribute.
    Custom(String),
    /// The key of an item of metadata.
    Metadata(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((_, "")) => Err("there is no key between the brackets".to_owned()),
            Some(("custom_attributes", key)) => Ok(Self::Custom(key.to_owned())),
            Some(("metadata", key)) => Ok(Self::Metadata(key.to_owned())),
            Some((other, _)) => Err(format!(
                "only custom_attributes and metadata have keys, {other} has none"
            )),
            None if name.is_empty() => Err("there is no name".to_owned()),
            None => Ok(Self::Attribute(name.to_owned())),
        }
    }
}

impl Target {
    /// Takes away what an entity has there: a custom attribute has its default again, an attribute none.
    pub(super) fn unset(&self, entity: &Entity) -> Result<(), Failure> {
        match self {
            Self::Custom(key) => {
                let attributes = entity.custom_attributes()?;
                // A key that nobody has configured is a mistake.
                attributes.configuration(key)?;
                attributes.remove(key)?;
            }
            Self::Metadata(key) => {
                entity.metadata()?.remove(key)?;
            }
            Self::Attribute(name) => {
                if !entity.value(name)?.is_null() {
                    entity.set(name, Value::Null)?;
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text
            .split_once('=')
            .ok_or("write what to set as name=value, such as status=Approved")?;
        if name.trim().is_empty() {
            return Err("there is no name before the =".to_owned());
        }
        Ok(Self {
            target: name.parse()?,
            value: value.to_owned(),
        })
    }
}

/// Assignments, split by what has to be known to make them.
#[derive(Default)]
pub(super) struct Values {
    /// Attributes, which can be given when an entity is created.
    pub(super) attributes: Vec<(String, Value)>,
    custom: Vec<(String, String)>,
    metadata: Vec<(String, String)>,
}

impl Values {
    /// What the assignments mean for entities of a type.
    pub(super) fn new(
        session: &Session,
        entity_type: &EntityType,
        assignments: &[Assignment],
    ) -> Result<Self, Failure> {
        let mut values = Self::default();
        for Assignment { target, value } in assignments {
            match target {
                Target::Custom(key) => values.custom.push((key.clone(), value.clone())),
                Target::Metadata(key) => values.metadata.push((key.clone(), value.clone())),
                Target::Attribute(name) => {
                    let meant = meant(session, entity_type, name, value)?;
                    values.attributes.push((name.clone(), meant));
                }
            }
        }
        Ok(values)
    }

    /// Sets custom attributes and metadata of an entity that is there.
    pub(super) fn set_keyed(&self, entity: &Entity) -> Result<(), Failure> {
        if !self.custom.is_empty() {
            let attributes = entity.custom_attributes()?;
            for (key, text) in &self.custom {
                let configuration = entity.session().entity(&attributes.configuration(key)?)?;
                let kind: String = configuration.get("type.name")?;
                attributes.set(key, custom(key, &kind, text)?)?;
            }
        }
        if !self.metadata.is_empty() {
            let metadata = entity.metadata()?;
            for (key, text) in &self.metadata {
                metadata.set(key, text.as_str())?;
            }
        }
        Ok(())
    }
}

/// What the text means for an attribute of this type: a name for what it refers to, a number, a date.
fn meant(
    session: &Session,
    entity_type: &EntityType,
    name: &str,
    text: &str,
) -> Result<Value, Failure> {
    let attribute = entity_type.attribute(name).map_err(ftrack::Error::from)?;
    let wrong = |what: &str| {
        Failure::Usage(format!(
            "{name} of {} takes {what}, not {text:?}",
            entity_type.name()
        ))
    };
    match attribute.kind() {
        AttributeKind::Scalar(DataType::Text) => Ok(text.into()),
        _ if text.is_empty() => Ok(Value::Null),
        AttributeKind::Scalar(DataType::Boolean) => yes_or_no(text)
            .map(Value::from)
            .ok_or_else(|| wrong("yes or no")),
        AttributeKind::Scalar(DataType::Integer | DataType::Number) => {
            number(text).ok_or_else(|| wrong("a number"))
        }
        AttributeKind::Scalar(DataType::DateTime) => {
            let value = session.schema().accept(entity_type, attribute, text.into());
            value.map_err(|_| wrong("a day or a time, such as 2026-11-30 or 2026-11-30T18:00:00"))
        }
        AttributeKind::Scalar(DataType::Object) => {
            let value: serde_json::Value =
                serde_json::from_str(text).map_err(|_| wrong("a JSON object"))?;
            Ok(value.into())
        }
        AttributeKind::Scalar(_) => Ok(match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => value.into(),
            Err(_) => text.into(),
        }),
        AttributeKind::Reference(target) => {
            Ok((&reference(session, target.as_str(), text)?).into())
        }
        _ => Err(Failure::Usage(format!(
            "{name} of {} is a list: create or delete what is in it",
            entity_type.name()
        ))),
    }
}

/// What the text means for a custom attribute of this kind.
fn custom(key: &str, kind: &str, text: &str) -> Result<Value, Failure> {
    let wrong = |what: &str| {
        Failure::Usage(format!(
            "the custom attribute {key} takes {what}, not {text:?}"
        ))
    };
    match kind {
        "text" => Ok(text.into()),
        _ if text.is_empty() => Ok(Value::Null),
        "number" => number(text).ok_or_else(|| wrong("a number")),
        "boolean" => yes_or_no(text)
            .map(Value::from)
            .ok_or_else(|| wrong("yes or no")),
        _ => Ok(match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Array(list)) => serde_json::Value::Array(list).into(),
            _ => text.into(),
        }),
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_told_apart() {
        let parsed = |text: &str| text.parse::<Assignment>();
        let assignment = |target, value: &str| {
            Ok(Assignment {
                target,
                value: value.to_owned(),
            })
        };
        let attribute = |name: &str| Target::Attribute(name.to_owned());
        assert_eq!(parsed("name=a=b"), assignment(attribute("name"), "a=b"));
        assert_eq!(parsed("comment="), assignment(attribute("comment"), ""));
        let custom = Target::Custom("fstart".to_owned());
        assert_eq!(
            parsed("custom_attributes[fstart]=1001"),
            assignment(custom, "1001")
        );
        let metadata = Target::Metadata("a b".to_owned());
        assert_eq!(parsed("metadata[a b]=c"), assignment(metadata, "c"));
        for wrong in ["name", "=x", "parent[Shot]=x", "metadata[]=x"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn text_becomes_what_a_custom_attribute_takes() {
        assert_eq!(custom("x", "number", "1001").unwrap(), Value::from(1001));
        assert_eq!(
            custom("x", "number", "23.976").unwrap(),
            Value::from(23.976)
        );
        assert_eq!(custom("x", "boolean", "yes").unwrap(), Value::from(true));
        assert_eq!(custom("x", "text", "").unwrap(), Value::from(""));
        assert_eq!(custom("x", "enumerator", "").unwrap(), Value::Null);
        for (kind, text) in [("number", "soon"), ("number", "NaN"), ("boolean", "2")] {
            let failure = custom("x", kind, text).unwrap_err().to_string();
            assert!(failure.contains(text), "{failure}");
        }
    }
}
