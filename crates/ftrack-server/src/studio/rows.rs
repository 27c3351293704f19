//! Collects rows.

use serde_json::Value;

use super::Row;
use crate::schema::Schema;

/// Rows in the order in which they were added.
#[derive(Debug)]
pub(super) struct Rows {
    schema: Schema,
    rows: Vec<Row>,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            schema: Schema::builtin(),
            rows: Vec::new(),
        }
    }

    /// Adds an entity whose id derives from its type and `name`; answers the id.
    pub(super) fn add(&mut self, entity_type: &str, name: &str, values: Value) -> String {
        let id = super::id(entity_type, name);
        self.add_with_id(entity_type, &id, values);
        id
    }

    /// Adds an entity with an id that is known elsewhere.
    pub(super) fn add_with_id(&mut self, entity_type: &str, id: &str, mut values: Value) {
        if let Value::Object(values) = &mut values {
            values.insert("id".to_owned(), id.into());
        }
        self.add_link(entity_type, values);
    }

    /// Adds an entity that has its key among its values.
    pub(super) fn add_link(&mut self, entity_type: &str, values: Value) {
        let mut row = Row {
            entity_type: entity_type.to_owned(),
            values: match values {
                Value::Object(values) => values,
                _ => serde_json::Map::new(),
            },
        };
        self.complete(&mut row);
        self.rows.push(row);
    }

    /// Fills in what a server does when a client says nothing: what marks a row as one of its type and of the
    /// families above, and defaults.
    fn complete(&self, row: &mut Row) {
        let mut name = Some(row.entity_type.as_str());
        let mut filled = Vec::new();
        while let Some(entity_type) = name.and_then(|name| self.schema.entity_type(name)) {
            let mark = entity_type.discriminator.iter();
            filled.extend(mark.map(|(name, value)| (name, Value::from(value.as_str()))));
            name = entity_type.family.as_deref();
        }
        if let Some(entity_type) = self.schema.entity_type(&row.entity_type) {
            let defaults = entity_type.attributes.values();
            filled.extend(defaults.filter_map(|found| Some((&found.name, found.default.clone()?))));
        }
        for (name, value) in filled {
            if value != "{uid}" {
                row.values.entry(name).or_insert(value);
            }
        }
        self.complete_second_names(row);
    }

    /// Attributes that are a second name of another one have its value.
    fn complete_second_names(&self, row: &mut Row) {
        let entity_type = self.schema.entity_type(&row.entity_type);
        for attribute in entity_type
            .into_iter()
            .flat_map(|found| found.attributes.values())
        {
            let other = attribute.same_as.as_ref();
            if let Some(value) = other.and_then(|name| row.values.get(name)).cloned() {
                row.values.insert(attribute.name.clone(), value);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Row> {
        self.rows
    }
}
