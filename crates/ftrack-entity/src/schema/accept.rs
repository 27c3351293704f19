//! Which values an attribute takes.

use std::sync::Arc;

use super::{Attribute, AttributeKind, DataType, EntityType, Schema};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::json::Json;
use crate::name::EntityTypeName;
use crate::value::Value;

impl Schema {
    /// `value` as the attribute of `entity_type` keeps it, if it takes such a value: text that is a point in time
    /// becomes one where the attribute holds points in time, 8.0 becomes 8 where it holds whole numbers.
    ///
    /// [`Value::NotSet`], which takes a local value back, fits everywhere, and null everywhere but in collections.
    ///
    /// ```
    /// use ftrack_entity::{Schema, Value};
    ///
    /// let schema = Schema::from_json(br#"[{"id": "Task", "primary_key": ["id"], "properties": {
    ///     "id": {"type": "string"}, "bid": {"type": "number"},
    ///     "end_date": {"type": "string", "format": "date-time"}}}]"#)?;
    /// let task = schema.entity_type("Task")?;
    /// let (bid, end_date) = (task.attribute("bid")?, task.attribute("end_date")?);
    ///
    /// assert_eq!(schema.accept(task, bid, 8.into())?, Value::from(8));
    /// let error = schema.accept(task, bid, f64::NAN.into()).unwrap_err();
    /// assert_eq!(error.to_string(), r#"attribute "bid" of Task takes a number, not NaN"#);
    ///
    /// let end = schema.accept(task, end_date, "2026-11-08".into())?;
    /// assert!(end.as_timestamp().is_some());
    /// assert!(schema.accept(task, end_date, "soon".into()).is_err());
    /// # Ok::<(), ftrack_entity::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::WrongValue`] if the attribute does not take the value.
    pub fn accept(
        &self,
        entity_type: &EntityType,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Value> {
        let found = value.kind();
        if value.is_not_set() {
            return Ok(value);
        }
        let accepted = match attribute.kind() {
            AttributeKind::Scalar(data_type) => scalar(data_type, value),
            AttributeKind::Reference(target) => self.reference(target, value),
            AttributeKind::Collection(target) => self.collection(target, value),
            AttributeKind::MappedCollection(_) => mapped(value),
        };
        accepted.map_err(|refused| {
            let found = refused.found.unwrap_or_else(|| found.to_owned());
            let expected = refused.expected.unwrap_or_else(|| expected(attribute));
            Error::WrongValue {
                entity_type: entity_type.name().as_str(),
                entity: None,
                attribute: attribute.name().to_owned(),
                expected,
                found,
            }
        })
    }

    fn reference(&self, target: EntityTypeName, value: Value) -> Result<Value, Refused> {
        match &value {
            Value::Null => Ok(value),
            Value::Reference(identity) => {
                self.check_kind(target, identity)?;
                Ok(value)
            }
            _ => Err(Refused::default()),
        }
    }

    fn collection(&self, target: EntityTypeName, value: Value) -> Result<Value, Refused> {
        match &value {
            Value::Collection(members) => {
                let mut checked = None;
                for identity in members.iter() {
                    // Nearly all members of a collection are of one type.
                    if checked.replace(identity.entity_type()) != Some(identity.entity_type()) {
                        self.check_kind(target, identity)?;
                    }
                }
                Ok(value)
            }
            // A list of nothing is a list of no entities too.
            Value::Json(json) if json.as_str() == "[]" => Ok(Value::Collection(Arc::default())),
            _ => Err(Refused::default()),
        }
    }

    /// Refuses an entity of a type that is certainly not of the kind that the attribute refers to.
    fn check_kind(&self, target: EntityTypeName, identity: &Identity) -> Result<(), Refused> {
        let given = identity.entity_type();
        let (Some(base), Some(given)) = (self.by_name(target), self.by_name(given)) else {
            return Ok(());
        };
        // What may be a kind of a type with few attributes cannot be told.
        let has = |attribute: &Attribute| given.get(attribute.name()).is_some();
        let is_unclear = !base.is_telling() && base.attributes().iter().all(has);
        // Some attributes name one kind of a table and take all.
        let may_be = is_unclear || given.table() == base.table();
        if given.is_kind_of(base) || may_be {
            return Ok(());
        }
        Err(Refused {
            found: Some(identity.to_string()),
            ..Refused::default()
        })
    }
}

/// Why a value does not fit, where that is more than its kind.
#[derive(Debug, Default)]
struct Refused {
    expected: Option<String>,
    found: Option<String>,
}

fn scalar(data_type: DataType, value: Value) -> Result<Value, Refused> {
    if value.is_null() {
        return Ok(value);
    }
    match (data_type, value) {
        (DataType::Text, value @ Value::Text(_))
        | (DataType::Boolean, value @ Value::Bool(_))
        | (DataType::Integer | DataType::Number, value @ Value::Int(_))
        | (DataType::DateTime, value @ (Value::DateTime(_) | Value::Date(_)))
        | (DataType::Object, value @ (Value::Json(_) | Value::Text(_))) => Ok(value),
        (DataType::Integer, Value::Float(number)) => {
            let whole = Value::Float(number).as_i64().map(Value::Int);
            whole.ok_or_else(Refused::default)
        }
        (DataType::DateTime, Value::Text(text)) => match text.parse() {
            Ok(time) => Ok(Value::DateTime(time)),
            Err(_) => Err(Refused {
                expected: Some("a date and time such as 2026-11-08T10:12:09".to_owned()),
                found: Some(format!("the text {:?}", shortened(&text))),
            }),
        },
        // Values of any kind, and lists of plain ones.
        (DataType::Variable, Value::Collection(members)) if members.is_empty() => {
            Ok(Value::Json(Json::from(serde_json::json!([]))))
        }
        (DataType::Variable, Value::Reference(_) | Value::Collection(_)) => Err(Refused::default()),
        (DataType::Number, value @ Value::Float(_)) | (DataType::Variable, value)
            if value.is_representable() =>
        {
            Ok(value)
        }
        _ => Err(Refused::default()),
    }
}

/// The maps of values are taken as what their rows are, or as an object of values by key.
fn mapped(value: Value) -> Result<Value, Refused> {
    match &value {
        Value::Collection(_) => Ok(value),
        Value::Json(json) if json.as_str().starts_with('{') => Ok(value),
        _ => Err(Refused::default()),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

/// What an attribute takes, in words.
fn expected(attribute: &Attribute) -> String {
    match attribute.kind() {
        AttributeKind::Scalar(data_type) => match data_type {
            DataType::Text => "text",
            DataType::DateTime => "a date and time",
            DataType::Boolean => "a boolean",
            DataType::Integer => "a whole number",
            DataType::Number => "a number",
            DataType::Variable => "a plain value",
            DataType::Object => "a JSON value",
        }
        .to_owned(),
        AttributeKind::Reference(target) => format!("a reference to a {target}, or null"),
        AttributeKind::Collection(target) => format!("a collection of {target}"),
        AttributeKind::MappedCollection(_) => "an object of values by key".to_owned(),
    }
}
