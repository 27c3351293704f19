//! What updates call types and attributes: by the names that a server has for them itself.

use serde_json::Value as Json;

use crate::catalog::{Catalog, Slot, TypeId, TypeInfo};
use crate::schema::EntityType;
use crate::schema::Schema;

/// What tells of what was done tells of itself no more.
const ACTIVITY: [&str; 2] = ["Event", "Feed"];

/// Names by type and slot.
#[derive(Debug)]
pub(in crate::event) struct Vocabulary {
    /// By the number of the type; nothing where no update tells of its rows.
    types: Vec<Option<Words>>,
}

#[derive(Debug)]
struct Words {
    table: String,
    /// By slot; nothing where clients know no such attribute.
    slots: Vec<Option<String>>,
}

impl Vocabulary {
    /// The names in a schema.
    pub(in crate::event) fn new(schema: &Schema, catalog: &Catalog) -> Self {
        let words = |info: &TypeInfo| {
            let definition = schema.types.get(&info.name)?;
            let is_told = !definition.hidden && !ACTIVITY.contains(&info.name.as_str());
            is_told.then(|| Words::new(definition, info, catalog))
        };
        Self {
            types: catalog.types().iter().map(words).collect(),
        }
    }

    /// The name of a type, such as `task` for a shot and `show` for a project.
    pub(super) fn table(&self, type_id: TypeId) -> Option<&str> {
        self.words(type_id).map(|words| words.table.as_str())
    }

    /// The name of an attribute, such as `statusid`.
    pub(super) fn attribute(&self, type_id: TypeId, slot: Slot) -> Option<&str> {
        self.words(type_id)?.slots.get(slot)?.as_deref()
    }

    fn words(&self, type_id: TypeId) -> Option<&Words> {
        self.types.get(usize::from(type_id.0))?.as_ref()
    }
}

impl Words {
    fn new(definition: &EntityType, info: &TypeInfo, catalog: &Catalog) -> Self {
        let slots = (0..info.slots.len())
            .map(|slot| {
                let name = catalog.name(info.slot_attribute(slot)?.name);
                let attribute = definition.attributes.get(name)?;
                let alias = attribute.alias().unwrap_or(name);
                (!attribute.hidden).then(|| alias.to_owned())
            })
            .collect();
        Self {
            table: table(definition).to_lowercase(),
            slots,
        }
    }
}

/// The table of a type is told by a text, or by an object for one that shares its table with others.
fn table(definition: &EntityType) -> &str {
    let alias = definition.alias_for.as_ref();
    alias
        .and_then(|alias| {
            alias
                .as_str()
                .or_else(|| alias.get("id").and_then(Json::as_str))
        })
        .unwrap_or(&definition.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_use_the_names_of_a_server() {
        let schema = Schema::builtin();
        let catalog = Catalog::new(&schema);
        let vocabulary = Vocabulary::new(&schema, &catalog);
        for (entity_type, table, attribute, expected) in [
            ("Task", "task", "status_id", "statusid"),
            ("Shot", "task", "name", "name"),
            ("Project", "show", "full_name", "fullname"),
            ("AssetVersion", "assetversion", "thumbnail_id", "thumbid"),
            ("Note", "note", "content", "text"),
            ("TypedContextLink", "dependency", "from_id", "from_id"),
            ("TypedContextList", "list", "name", "name"),
            (
                "UserSecurityRoleProject",
                "userroleproject",
                "project_id",
                "project_id",
            ),
        ] {
            let info = catalog.find(entity_type).unwrap();
            let slot = catalog.slot(info.id, attribute).unwrap();
            assert_eq!(vocabulary.table(info.id), Some(table), "{entity_type}");
            assert_eq!(
                vocabulary.attribute(info.id, slot),
                Some(expected),
                "{entity_type}"
            );
        }
    }

    #[test]
    fn updates_do_not_tell_of_what_clients_do_not_know() {
        let schema = Schema::builtin();
        let catalog = Catalog::new(&schema);
        let vocabulary = Vocabulary::new(&schema, &catalog);
        let hidden = schema.types.values().filter(|found| found.hidden);
        let mut count = 0;
        for definition in hidden {
            count += 1;
            let info = catalog.find(&definition.name).unwrap();
            assert_eq!(vocabulary.table(info.id), None, "{}", definition.name);
        }
        assert!(count > 0);
    }
}
