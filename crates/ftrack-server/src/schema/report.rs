//! The answer to `query_schemas`, and its hash.

use std::fmt::Write as _;

use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::model::{EntityType, Schema};

impl Schema {
    /// What `query_schemas` answers: every type that is not hidden, in order.
    pub(crate) fn report(&self) -> Value {
        let reported = self.types.values().filter(|found| !found.hidden);
        reported.map(EntityType::report).collect()
    }

    /// The hash by which clients know whether their copy of the report is still right.
    pub(crate) fn hash(&self) -> String {
        hash(&self.report())
    }
}

impl EntityType {
    /// What `query_schemas` says of this type.
    pub(crate) fn report(&self) -> Value {
        let reported = self.attributes.values().filter(|found| !found.hidden);
        let properties: Map<String, Value> = reported
            .map(|attribute| (attribute.name.clone(), attribute.report.clone()))
            .collect();
        let mut report = Map::new();
        let mut say = |key: &str, value: Value| report.insert(key.to_owned(), value);
        say("id", json!(self.name));
        if !self.is_untyped {
            say("type", json!("object"));
        }
        say("properties", Value::Object(properties));
        say("primary_key", json!(self.primary_key));
        say("required", json!(self.required));
        say("immutable", json!(self.immutable));
        say("default_projections", json!(self.default_projections));
        if let Some(names) = &self.computed {
            say("computed", json!(names));
        }
        if let Some(names) = &self.system_projections {
            say("system_projections", json!(names));
        }
        if let Some(alias) = &self.alias_for {
            say("alias_for", alias.clone());
        }
        for (key, value) in &self.extra {
            say(key, value.clone());
        }
        Value::Object(report)
    }
}

/// The hash of a report: lower-case hexadecimal MD5 of its canonical text.
///
/// The text has sorted keys, `", "` and `": "` between parts, and nothing but ASCII.
pub(crate) fn hash(report: &Value) -> String {
    let mut text = String::new();
    write_canonical(report, &mut text);
    let mut hexadecimal = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        // Writing to a `String` cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_text(key, text);
                text.push_str(": ");
                write_canonical(&members[key], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_canonical(item, text);
            }
            text.push(']');
        }
        Value::String(content) => write_text(content, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

fn write_text(content: &str, text: &mut String) {
    text.push('"');
    for character in content.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}
