//! Custom attributes: which apply to an entity, and their values.

use super::expression::{self, Outcome};
use super::{Handle, View};
use crate::catalog::{NameId, TypeId};
use crate::store::{Key, RowRef};
use crate::value::Value;

const CONFIGURATION: &str = "CustomAttributeConfiguration";

/// The type that holds the values that somebody set, whatever they belong to. The typed ones have a row for each
/// entity.
pub(crate) const EXPLICIT: &str = "CustomAttributeValue";

/// Expressions that lead through more expressions than this lead in a circle.
const EXPRESSION_DEPTH: usize = 8;

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
            .take_while(|_| self.budget.spend(1))
            .filter(|configuration| {
                self.applies(*configuration, entity, class)
                    && self.is_held(value_type, entity, configuration.row)
            })
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

    /// A configuration that none of the security roles of whoever reads may read is invisible. Those who may do
    /// everything see what any role may read.
    fn is_readable(self, configuration: RowRef) -> bool {
        self.is_for_reader(configuration, "ReadSecurityRole")
    }

    /// Whether a link type gives a security role of whoever reads access to a configuration.
    pub(crate) fn is_for_reader(self, configuration: RowRef, access: &str) -> bool {
        let store = self.store;
        let id = store.id(configuration);
        let given = store.rows_with(access, "configuration_id", id);
        let mut roles = given
            .iter()
            .map(|access| store.named(*access, "security_role_id"));
        let is_own = |role| self.reader.is_none_or(|rights| rights.has_role(role));
        store.catalog().find(access).is_none() || roles.any(is_own)
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
            "value" => self.effective_value(entity, row, EXPRESSION_DEPTH),
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
        let found = self.applicable(value_type, key)?;
        let Handle::Custom {
            entity,
            configuration,
            ..
        } = found
        else {
            return None;
        };
        self.is_held(value_type, entity, configuration)
            .then_some(found)
    }

    /// As `find_custom`, also where nobody set it yet.
    pub(crate) fn applicable(self, value_type: TypeId, key: &Key) -> Option<Handle> {
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

    /// Whether a type of values has one of this entity: the typed ones always do.
    fn is_held(self, value_type: TypeId, entity: RowRef, configuration: u32) -> bool {
        !self.is_explicit(value_type) || self.store.custom().get(entity, configuration).is_some()
    }

    /// Whether a type holds only values that somebody set.
    pub(crate) fn is_explicit(self, value_type: TypeId) -> bool {
        self.store.catalog().get(value_type).name == EXPLICIT
    }

    /// The value that somebody set, else the default. Hierarchical attributes are null where nobody set them, and
    /// expressions are evaluated.
    fn effective_value(self, entity: RowRef, configuration: RowRef, depth: usize) -> Value {
        if let Some(value) = self.store.custom().get(entity, configuration.row) {
            return value.clone();
        }
        if self.store.named(configuration, "is_hierarchical").is_true() {
            return Value::Null;
        }
        let default = self.store.named(configuration, "default");
        if self.custom_kind(configuration) != "expression" {
            return default.clone();
        }
        let mut lookup = |name: &str| self.number_of(entity, name, depth.checked_sub(1)?);
        match expression::evaluate(&default.to_text(), &mut lookup) {
            Some(Outcome::Number(number)) => super::computed::number(number),
            Some(Outcome::Text(text)) => Value::text(&text),
            None => default.clone(),
        }
    }

    /// What `self.NAME` is in an expression: a custom attribute of the entity, or an attribute.
    fn number_of(self, entity: RowRef, name: &str, depth: usize) -> Option<f64> {
        let class = self.entity_class(entity)?;
        let configurations = self
            .store
            .rows_with(CONFIGURATION, "key", &Value::text(name));
        let own = configurations
            .into_iter()
            .find(|configuration| self.applies(*configuration, entity, class));
        match own {
            Some(configuration) => self
                .effective_value(entity, configuration, depth)
                .as_number(),
            None => self.store.named(entity, name).as_number(),
        }
    }

    /// The name of the type of a custom attribute.
    pub(crate) fn custom_kind(self, configuration: RowRef) -> String {
        let kind = self.store.named(configuration, "type_id");
        let kind = self.store.find_named("CustomAttributeType", kind);
        kind.map(|kind| self.store.named(kind, "name").to_text())
            .unwrap_or_default()
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
                if !self.budget.spend(1) {
                    return found;
                }
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

    pub(super) fn configuration(self, row: u32) -> Option<RowRef> {
        let type_id = self.store.catalog().find(CONFIGURATION)?.id;
        let row = RowRef { type_id, row };
        self.store.contains(row).then_some(row)
    }

    /// The type of the values of a kind of entity; the given one where that has no members.
    pub(crate) fn concrete_value_type(self, class: &str, given: TypeId) -> TypeId {
        if self.is_explicit(given) {
            return given;
        }
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
