//! Custom attributes: which apply to an entity, and their values.

use super::{Handle, View};
use crate::catalog::{NameId, TypeId};
use crate::store::{Key, RowRef};
use crate::value::Value;

const CONFIGURATION: &str = "CustomAttributeConfiguration";

impl View<'_> {
    /// The values of all custom attributes that apply to an entity, in the order of their configurations.
    pub(super) fn custom_attributes(self, entity: RowRef, value_type: TypeId) -> Vec<Handle> {
        let Some(class) = self.entity_class(entity) else {
            return Vec::new();
        };
        let catalog = self.store.catalog();
        let Some(info) = catalog.find(CONFIGURATION) else {
            return Vec::new();
        };
        let value_type = self.concrete_value_type(class, value_type);
        self.store
            .rows(info.id)
            .filter(|configuration| self.applies(*configuration, entity, class))
            .map(|configuration| Handle::Custom {
                value_type,
                entity,
                configuration: configuration.row,
            })
            .collect()
    }

    /// The word by which configurations call the kind of entity.
    pub(crate) fn entity_class(self, entity: RowRef) -> Option<&'static str> {
        let catalog = self.store.catalog();
        let info = catalog.get(entity.type_id);
        if catalog
            .find("TypedContext")
            .is_some_and(|family| catalog.is_member(info.id, family.id))
        {
            return Some("task");
        }
        Some(match info.name.as_str() {
            "Project" => "show",
            "Asset" => "asset",
            "AssetVersion" => "assetversion",
            "User" => "user",
            "TypedContextList" | "AssetVersionList" => "list",
            "ListObject" => "listobject",
            _ => return None,
        })
    }

    /// Whether a configuration gives an entity of this class an attribute.
    pub(crate) fn applies(self, configuration: RowRef, entity: RowRef, class: &str) -> bool {
        let store = self.store;
        let project = store.named(configuration, "project_id");
        if !project.is_null() && *project != self.project_of(entity) {
            return false;
        }
        if !self.is_readable(configuration) {
            return false;
        }
        let configured = store.named(configuration, "entity_type").to_text();
        let is_in_tree = ["task", "show", "asset", "assetversion"].contains(&class);
        if store.named(configuration, "is_hierarchical").is_true() {
            return is_in_tree;
        }
        configured == class
            && (class != "task"
                || store.named(configuration, "object_type_id")
                    == store.named(entity, "object_type_id"))
    }

    /// A configuration that no security role may read is invisible.
    fn is_readable(self, configuration: RowRef) -> bool {
        let id = self.store.id(configuration);
        self.store.catalog().find("ReadSecurityRole").is_none()
            || !self
                .store
                .rows_with("ReadSecurityRole", "configuration_id", id)
                .is_empty()
    }

    /// The project that an entity belongs to.
    pub(crate) fn project_of(self, entity: RowRef) -> Value {
        let store = self.store;
        match store.catalog().get(entity.type_id).name.as_str() {
            "Project" => store.id(entity).clone(),
            "Asset" => {
                let parent = store.find_named("Context", store.named(entity, "context_id"));
                parent
                    .map(|parent| self.project_of(parent))
                    .unwrap_or_default()
            }
            "AssetVersion" => {
                let asset = store.find_named("Asset", store.named(entity, "asset_id"));
                asset
                    .map(|asset| self.project_of(asset))
                    .unwrap_or_default()
            }
            "ListObject" => {
                let list = store.find_named("List", store.named(entity, "list_id"));
                list.map(|list| self.project_of(list)).unwrap_or_default()
            }
            // What is derived from the parent is filled in at the end of a batch, so a new context may not have it yet.
            _ => match store.named(entity, "project_id") {
                Value::Null => store
                    .find_named("Context", store.named(entity, "parent_id"))
                    .map(|parent| self.project_of(parent))
                    .unwrap_or_default(),
                project => project.clone(),
            },
        }
    }

    pub(super) fn custom_value(self, handle: Handle, name: NameId) -> Value {
        let Handle::Custom {
            entity,
            configuration,
            ..
        } = handle
        else {
            return Value::Null;
        };
        let Some(row) = self.configuration(configuration) else {
            return Value::Null;
        };
        match self.store.catalog().name(name) {
            "configuration_id" => self.store.id(row).clone(),
            "entity_id" => self.store.id(entity).clone(),
            "key" => self.store.named(row, "key").clone(),
            "value" => match self.store.custom().get(entity, configuration) {
                Some(value) => value.clone(),
                None => self.store.named(row, "default").clone(),
            },
            "project_id" => self.project_of(entity),
            _ => Value::Null,
        }
    }

    pub(super) fn custom_reference(self, handle: Handle, name: NameId) -> Option<Handle> {
        let Handle::Custom {
            entity,
            configuration,
            ..
        } = handle
        else {
            return None;
        };
        match self.store.catalog().name(name) {
            "configuration" => self.configuration(configuration).map(Handle::Row),
            _ => Some(Handle::Row(entity)),
        }
    }

    /// The value with the key `[configuration_id, entity_id]`.
    pub(super) fn find_custom(self, value_type: TypeId, key: &Key) -> Option<Handle> {
        let Key::Many(parts) = key else { return None };
        let [configuration, entity] = parts.as_ref() else {
            return None;
        };
        let catalog = self.store.catalog();
        let configuration = self.store.find_named(CONFIGURATION, configuration)?;
        let entity = self.entity_with_values(entity)?;
        let class = self.entity_class(entity)?;
        let concrete = self.concrete_value_type(class, value_type);
        (catalog.is_member(concrete, value_type) && self.applies(configuration, entity, class))
            .then_some(Handle::Custom {
                value_type: concrete,
                entity,
                configuration: configuration.row,
            })
    }

    /// All custom attribute values of a type, entity by entity.
    pub(super) fn all_custom_values(self, value_type: TypeId) -> Vec<Handle> {
        let catalog = self.store.catalog();
        let mut found = Vec::new();
        for name in [
            "Context",
            "Asset",
            "AssetVersion",
            "User",
            "List",
            "ListObject",
        ] {
            let Some(info) = catalog.find(name) else {
                continue;
            };
            for entity in self.store.rows(info.id) {
                let values = self.custom_attributes(entity, value_type);
                found.extend(
                    values
                        .into_iter()
                        .filter(|value| catalog.is_member(value.type_id(), value_type)),
                );
            }
        }
        found
    }

    /// The values of one configuration that were set, for `CustomAttributeConfiguration.values`.
    pub(super) fn values_of_configuration(
        self,
        configuration: RowRef,
        value_type: TypeId,
    ) -> Vec<Handle> {
        let mut found: Vec<Handle> = self
            .store
            .custom()
            .iter()
            .filter(|(_, row, _)| *row == configuration.row)
            .filter_map(|(entity, row, _)| {
                let class = self.entity_class(entity)?;
                let value_type = self.concrete_value_type(class, value_type);
                Some(Handle::Custom {
                    value_type,
                    entity,
                    configuration: row,
                })
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// An entity of any kind that can have custom attributes.
    pub(crate) fn entity_with_values(self, id: &Value) -> Option<RowRef> {
        [
            "Context",
            "AssetVersion",
            "Asset",
            "Resource",
            "List",
            "ListObject",
        ]
        .iter()
        .find_map(|family| self.store.find_named(family, id))
    }

    fn configuration(self, row: u32) -> Option<RowRef> {
        let type_id = self.store.catalog().find(CONFIGURATION)?.id;
        let row = RowRef { type_id, row };
        self.store.contains(row).then_some(row)
    }

    /// The type of the values of a kind of entity; the given one where that has no members.
    pub(crate) fn concrete_value_type(self, class: &str, given: TypeId) -> TypeId {
        let name = match class {
            "asset" => "AssetCustomAttributeValue",
            "assetversion" => "AssetVersionCustomAttributeValue",
            "user" => "UserCustomAttributeValue",
            "list" => "ListCustomAttributeValue",
            "listobject" => "ListObjectCustomAttributeValue",
            _ => "ContextCustomAttributeValue",
        };
        self.store
            .catalog()
            .find(name)
            .map_or(given, |info| info.id)
    }
}
