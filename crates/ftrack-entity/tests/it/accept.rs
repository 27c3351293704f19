//! What attributes take, by what the schema says of them.

use ftrack_entity::{Error, Identity, Schema, Value};
use serde_json::json;

use crate::schema;

fn accept(schema: &Schema, attribute: &str, value: impl Into<Value>) -> Result<Value, Error> {
    let task = schema.entity_type("Task")?;
    schema.accept(task, task.attribute(attribute)?, value.into())
}

#[test]
fn an_attribute_takes_what_the_schema_says() {
    let schema = schema();
    let status = Identity::new("Status", "s");
    let fitting: [(&str, Value); 12] = [
        ("name", "x".into()),
        ("name", Value::Null),
        ("name", Value::NotSet),
        ("bid", 8.into()),
        ("bid", 8.5.into()),
        ("created_at", chrono::Utc::now().into()),
        ("status", status.clone().into()),
        ("status", Value::Null),
        ("parent", Identity::new("Task", "t").into()),
        ("children", vec![Identity::new("Task", "t")].into()),
        ("children", Vec::<String>::new().into()),
        ("metadata", json!({"fps": "24"}).into()),
    ];
    for (attribute, value) in fitting {
        let accepted = accept(&schema, attribute, value.clone());
        assert!(accepted.is_ok(), "{attribute}: {value:?}: {accepted:?}");
    }
    let refused: [(&str, Value, &str); 12] = [
        ("bid", "x".into(), "takes a number, not text"),
        ("bid", true.into(), "takes a number, not a boolean"),
        ("bid", f64::NAN.into(), "takes a number, not NaN"),
        ("bid", f64::INFINITY.into(), "not an infinite number"),
        (
            "bid",
            u64::MAX.into(),
            "not a whole number beyond 64 bits with sign",
        ),
        ("name", 5.into(), "takes text, not a whole number"),
        ("created_at", "soon".into(), "not the text \"soon\""),
        (
            "created_at",
            5.into(),
            "takes a date and time, not a whole number",
        ),
        (
            "status",
            "s".into(),
            "takes a reference to a Status, or null, not text",
        ),
        (
            "status",
            Identity::new("Task", "t").into(),
            "takes a reference to a Status, or null, not Task(t)",
        ),
        (
            "children",
            Value::Null,
            "takes a collection of Context, not null",
        ),
        (
            "children",
            vec!["a"].into(),
            "takes a collection of Context, not a JSON value",
        ),
    ];
    for (attribute, value, says) in refused {
        let error = accept(&schema, attribute, value).unwrap_err().to_string();
        assert!(error.contains(&format!("{attribute:?} of Task")), "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn values_become_what_the_attribute_holds() {
    let schema = schema();
    let time = accept(&schema, "created_at", "2026-11-08T10:12:09").unwrap();
    assert!(matches!(time, Value::DateTime(_)), "{time:?}");
    let children = accept(&schema, "children", Vec::<String>::new()).unwrap();
    assert!(children.as_collection().is_some_and(<[_]>::is_empty));
    let event = schema.entity_type("Event").unwrap();
    let id = schema.accept(event, event.attribute("id").unwrap(), 8.0.into());
    assert!(matches!(id.unwrap(), Value::Int(8)));
    let half = schema.accept(event, event.attribute("id").unwrap(), 8.5.into());
    assert!(half.is_err());
    let nothing = schema.accept(event, event.attribute("data").unwrap(), Value::from([0; 0]));
    assert!(matches!(nothing.unwrap(), Value::Json(_)));
}
