//! What the log of a server calls types and attributes, and what events call them.

use std::collections::{HashMap, HashSet};

use ftrack_entity::Schema;

/// The columns of attributes, by the table as the log writes it.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    tables: HashMap<String, HashMap<String, String>>,
    /// The types whose keys have several parts.
    composite: HashSet<String>,
    /// The types by their names in small letters.
    types: HashMap<String, String>,
}

impl Vocabulary {
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut tables: HashMap<String, HashMap<String, String>> = HashMap::new();
        for entity_type in schema.types() {
            let columns = entity_type
                .attributes()
                .iter()
                .filter(|attribute| attribute.column() != attribute.name())
                .map(|attribute| (attribute.name().to_owned(), attribute.column().to_owned()));
            let columns: Vec<_> = columns.collect();
            let names = [
                folded(entity_type.table()),
                folded(entity_type.name().as_str()),
            ];
            for name in names {
                tables.entry(name).or_default().extend(columns.clone());
            }
        }
        let composite = schema
            .types()
            .filter(|entity_type| entity_type.primary_key().len() > 1)
            .map(|entity_type| folded(entity_type.name().as_str()))
            .collect();
        let types = schema.types().map(|entity_type| {
            let name = entity_type.name().as_str();
            (folded(name), name.to_owned())
        });
        Self {
            types: types.collect(),
            tables,
            composite,
        }
    }

    /// The type that an action of the log names at its end: `Shot` for `db.update.shot` and `change.status.shot`.
    pub(crate) fn entity_type(&self, action: &str) -> Option<&str> {
        let is_named = action.starts_with("db.") || action.starts_with("change.status.");
        let last = action.rsplit('.').next().filter(|_| is_named)?;
        self.types.get(&folded(last)).map(String::as_str)
    }

    /// Whether the entities of this table have keys of several parts.
    pub(crate) fn is_composite(&self, table: &str) -> bool {
        self.composite.contains(&folded(table))
    }

    /// What events call an attribute. That of a custom attribute is its key.
    pub(crate) fn column<'a>(&'a self, table: &str, attribute: &'a str) -> &'a str {
        self.tables
            .get(&folded(table))
            .and_then(|columns| columns.get(attribute))
            .map_or(attribute, String::as_str)
    }
}

/// What events call a table: `assetversion` for `asset_version`.
pub(crate) fn folded(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}
