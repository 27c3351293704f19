//! Values that are JSON.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeSeed;

use super::Compact;

/// JSON as the value of an attribute: a list or an object, kept as text.
///
/// Nearly every entity has a link or two that hardly anybody reads, and as text they take a fraction of the memory and
/// the time of a tree. It is made one when it is read.
///
/// ```
/// use ftrack_entity::Json;
///
/// let link = Json::from(serde_json::json!([{"name": "bunny", "id": "a"}]));
/// assert_eq!(link.as_str(), r#"[{"id":"a","name":"bunny"}]"#);
/// assert_eq!(link.to_value()[0]["name"], "bunny");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Arc<str>);

impl Json {
    /// What was written.
    pub(crate) fn written(compact: &mut Compact) -> Self {
        Self(compact.take().into())
    }

    /// The text: without spaces, with the keys of objects sorted.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lists and objects. What is nested more deeply than serde reads, 127 levels, is null.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        let mut compact = Compact::default();
        // A tree in memory has no faults to find.
        drop(compact.deserialize(value));
        Self::written(&mut compact)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::from(&value)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // Numbers that every reader takes for the same.
            any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
            "\\PC{0,8}|[\\x00-\\x7f]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z \"\\\\]{0,3}", inner, 0..6)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    fn read(text: &str) -> Json {
        let mut compact = Compact::default();
        compact
            .deserialize(&mut serde_json::Deserializer::from_str(text))
            .unwrap();
        Json::written(&mut compact)
    }

    #[test]
    fn what_is_equal_is_written_equally() {
        let text =
            r#" { "b" : [ { "z": 1 , "a": [] }, {} ] , "a" : 2 , "b2" : null, "a": "é\n" } "#;
        let expected = r#"{"a":"é\n","b":[{"a":[],"z":1},{}],"b2":null}"#;
        assert_eq!(read(text).as_str(), expected);
        assert_eq!(
            read(expected),
            Json::from(json!({"a": "é\n", "b2": null, "b": [{"z": 1, "a": []}, {}]}))
        );
    }

    proptest! {
        #[test]
        fn json_comes_out_as_it_went_in(value in any_json()) {
            prop_assert_eq!(Json::from(&value).to_value(), value.clone());
            prop_assert_eq!(read(&value.to_string()), Json::from(value));
        }
    }
}
