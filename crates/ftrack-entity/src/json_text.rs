//! Writing JSON text.

use std::fmt::Display;

use crate::identity::Identity;
use crate::json::write_text;
use crate::schema::{AttributePosition, EntityType, Schema};
use crate::value::Value;

/// JSON text while it is written: values as they go over the wire, and the objects and lists around them.
///
/// What entities consist of, names, ids, times and plain text, goes straight into the text: that takes a fraction of
/// the time of a way through serde, which looks at every character by itself.
///
/// ```
/// use ftrack_entity::{JsonText, Schema, Value};
///
/// let schema = Schema::default();
/// let mut text = JsonText::new(&schema);
/// text.open_object();
/// text.name("bid");
/// text.value(&Value::from(8));
/// text.close_object();
/// assert_eq!(text.into_bytes(), br#"{"bid":8}"#);
/// ```
#[derive(Debug)]
pub struct JsonText<'s> {
    text: Vec<u8>,
    schema: &'s Schema,
}

impl<'s> JsonText<'s> {
    /// No text yet. `schema` knows the types of entities that values refer to.
    pub fn new(schema: &'s Schema) -> Self {
        Self::with_capacity(schema, 0)
    }

    /// No text yet, but room for so many bytes: growing step by step would copy the text as often.
    pub fn with_capacity(schema: &'s Schema, bytes: usize) -> Self {
        let text = Vec::with_capacity(bytes);
        Self { text, schema }
    }

    /// The text: UTF-8, as JSON is.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// The text as a string that is no longer than it has to be.
    pub fn into_string(mut self) -> String {
        self.text.shrink_to_fit();
        String::from_utf8(self.text).unwrap_or_else(|error| {
            // Names, texts and numbers are UTF-8, and so is what they are joined by.
            debug_assert!(false, "{error}");
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        })
    }

    /// Begins an object.
    pub fn open_object(&mut self) {
        self.text.push(b'{');
    }

    /// Writes the name of the value that is next in the object.
    pub fn name(&mut self, name: &str) {
        self.separate(b'{');
        self.quoted(name.as_bytes());
        self.text.push(b':');
    }

    /// Ends an object.
    pub fn close_object(&mut self) {
        self.text.push(b'}');
    }

    /// Begins a list.
    pub fn open_list(&mut self) {
        self.text.push(b'[');
    }

    /// Goes to the next item of the list.
    pub fn item(&mut self) {
        self.separate(b'[');
    }

    /// Ends a list.
    pub fn close_list(&mut self) {
        self.text.push(b']');
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.quoted(text.as_bytes());
    }

    /// Writes a value: entities as references, times with their tag. [`Value::NotSet`] is null, and so is a number that
    /// JSON cannot carry: [`Value::is_representable`] tells before.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::NotSet | Value::Null => self.text.extend_from_slice(b"null"),
            Value::Bool(true) => self.text.extend_from_slice(b"true"),
            Value::Bool(false) => self.text.extend_from_slice(b"false"),
            Value::Int(number) => self.json(number),
            Value::Unsigned(number) => self.json(number),
            Value::Float(number) => self.json(number),
            Value::Text(text) => self.quoted(text.as_bytes()),
            Value::Date(date) => self.time(date),
            Value::DateTime(time) => match time.plain_text() {
                Some(text) => self.time_bytes(text.as_bytes()),
                None => self.time(time),
            },
            Value::Reference(identity) => self.reference(identity),
            Value::Collection(members) => {
                self.open_list();
                for identity in members.iter() {
                    self.item();
                    self.reference(identity);
                }
                self.close_list();
            }
            Value::Json(json) => self.text.extend_from_slice(json.as_str().as_bytes()),
        }
    }

    /// Writes the attribute at `position`, by name, as the next entry of the object of an entity.
    ///
    /// # Panics
    ///
    /// If the type has no such attribute.
    pub fn attribute(
        &mut self,
        entity_type: &EntityType,
        position: AttributePosition,
        value: &Value,
    ) {
        self.separate(b'{');
        self.text.extend_from_slice(entity_type.json_name(position));
        self.value(value);
    }

    /// Writes the key of `identity`: each part by the name of its attribute.
    pub(crate) fn key(&mut self, identity: &Identity, entity_type: &EntityType) {
        for (attribute, part) in entity_type.primary_key().zip(identity.key().parts()) {
            self.name(attribute.name());
            self.quoted(part.to_text().as_bytes());
        }
    }

    /// Writes what serde can write.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) {
        // Serialising into memory fails for no value of ours: keys are text and numbers are finite.
        let written = serde_json::to_writer(&mut self.text, value);
        debug_assert!(written.is_ok(), "{written:?}");
    }

    /// Writes the type and primary key of an entity.
    fn reference(&mut self, identity: &Identity) {
        self.open_object();
        self.name("__entity_type__");
        self.text(identity.entity_type().as_str());
        if let Some(entity_type) = self.schema.by_name(identity.entity_type()) {
            self.key(identity, entity_type);
        } else {
            self.name("id");
            self.text(&identity.key().to_string());
        }
        self.close_object();
    }

    /// Days and points in time carry the same tag.
    fn time(&mut self, time: &impl Display) {
        self.time_bytes(time.to_string().as_bytes());
    }

    /// Writes a time, in characters that JSON takes as they are.
    fn time_bytes(&mut self, text: &[u8]) {
        self.text
            .extend_from_slice(br#"{"__type__":"datetime","value":""#);
        self.text.extend_from_slice(text);
        self.text.extend_from_slice(br#""}"#);
    }

    /// Writes a comma, unless the object or list has just begun. No value ends as one begins.
    fn separate(&mut self, opening: u8) {
        if self.text.last() != Some(&opening) {
            self.text.push(b',');
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        write_text(&mut self.text, text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: &Value) -> String {
        let schema = Schema::default();
        let mut text = JsonText::new(&schema);
        text.value(value);
        String::from_utf8(text.into_bytes()).unwrap()
    }

    #[test]
    fn every_character_is_written_as_serde_writes_it() {
        let all: String = (0..=u32::from('\u{2030}'))
            .filter_map(char::from_u32)
            .collect();
        assert_eq!(
            written(&Value::from(&*all)),
            serde_json::to_string(&all).unwrap()
        );
    }

    #[test]
    fn objects_and_lists_have_commas_between() {
        let schema = Schema::default();
        let mut text = JsonText::new(&schema);
        text.open_list();
        for _ in 0..2 {
            text.item();
            text.open_object();
            for (name, value) in [("a", "{"), ("b", "[")] {
                text.name(name);
                text.text(value);
            }
            text.close_object();
        }
        text.close_list();
        assert_eq!(
            text.into_bytes(),
            br#"[{"a":"{","b":"["},{"a":"{","b":"["}]"#
        );
    }

    proptest! {
        #[test]
        fn text_and_numbers_are_written_as_serde_writes_them(text in "\\PC{0,50}|[\\x00-\\x7f]{0,50}", number: f64, whole: i64) {
            prop_assert_eq!(written(&Value::from(&*text)), serde_json::to_string(&text)?);
            prop_assert_eq!(written(&Value::from(number)), serde_json::to_string(&number)?);
            prop_assert_eq!(written(&Value::from(whole)), whole.to_string());
        }
    }
}
