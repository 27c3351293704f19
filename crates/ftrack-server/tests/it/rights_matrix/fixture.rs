//! A row of every type in one project, made after the schema.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::client::{Studio, create};
use crate::schema_description::{AttributeKind, EntityType, ScalarType, Schema};

/// Types that stand for the family that a reference names.
const STAND_INS: [(&str, &str); 7] = [
    ("Context", "Shot"),
    ("TypedContext", "Task"),
    ("Resource", "User"),
    ("BaseUser", "User"),
    ("Component", "FileComponent"),
    ("List", "TypedContextList"),
    ("CustomConfigurationBase", "CustomAttributeConfiguration"),
];

/// What ids without a reference name.
const NAMED: [(&str, &str, &str); 10] = [
    ("Metadata", "parent_id", "AssetVersion"),
    ("EntitySetting", "parent_id", "ReviewSession"),
    ("Note", "parent_id", "AssetVersion"),
    ("ListObject", "entity_id", "Task"),
    ("CustomAttributeConfiguration", "project_id", "Project"),
    ("CustomAttributeLinkConfiguration", "project_id", "Project"),
    ("Feed", "owner_id", "AssetVersion"),
    ("ApiKey", "resource_id", "User"),
    (
        "StatusRule",
        "status_rule_group_id",
        "TypedContextStatusRuleGroup",
    ),
    ("UserViewResource", "user_view_id", "UserView"),
];

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The values of its primary key, in order.
    pub(super) key: Vec<Value>,
    /// What it was made of.
    pub(super) data: Map<String, Value>,
}

/// Rows by type, in the order in which they were made.
pub(super) struct Fixture<'s> {
    studio: &'s Studio,
    schema: &'s Schema,
    /// Tells the names of one fixture from those of another.
    mark: &'s str,
    pub(super) rows: IndexMap<String, Row>,
    open: Vec<String>,
    /// What could not be made, and why.
    refused: Vec<String>,
}

impl<'s> Fixture<'s> {
    /// Makes a row of every type that has rows.
    pub(super) fn new(studio: &'s Studio, schema: &'s Schema, mark: &'s str) -> Self {
        let mut fixture = Self {
            studio,
            schema,
            mark,
            rows: IndexMap::new(),
            open: Vec::new(),
            refused: Vec::new(),
        };
        for name in with_rows(schema) {
            fixture.row(name);
        }
        let refused = fixture.refused.join("\n");
        assert!(refused.is_empty(), "no row could be made of\n{refused}");
        fixture
    }

    /// The row of a type; nothing while it is being made.
    fn row(&mut self, name: &str) -> Option<Row> {
        let name = STAND_INS
            .iter()
            .find(|(family, _)| *family == name)
            .map_or(name, |(_, member)| *member);
        if let Some(row) = self.rows.get(name) {
            return Some(row.clone());
        }
        if self.open.iter().any(|open| open == name) {
            return None;
        }
        self.open.push(name.to_owned());
        let entity_type = &self.schema.types[name];
        let data = self.data(entity_type);
        let made = self
            .studio
            .call(&json!([create(name, &Value::Object(data.clone()))]));
        if !made.is_array() {
            self.refused.push(format!("{name} {data:?}: {made}"));
            return None;
        }
        let made = &made[0]["data"];
        let key = entity_type.primary_key.iter();
        let row = Row {
            key: key.map(|name| made[name].clone()).collect(),
            data,
        };
        self.open.pop();
        self.rows.insert(name.to_owned(), row.clone());
        Some(row)
    }

    /// What a row of a type is made of: something for everything that it refers to, and for what must have a value.
    fn data(&mut self, entity_type: &EntityType) -> Map<String, Value> {
        let name = entity_type.name.as_str();
        let mut data = self.special(name);
        for (_, attribute, target) in NAMED.iter().filter(|(owner, ..)| *owner == name) {
            if let Some(row) = self.row(target) {
                data.insert((*attribute).to_owned(), row.key[0].clone());
            }
        }
        for attribute in &entity_type.attributes {
            let AttributeKind::Reference { target, via } = &attribute.kind else {
                continue;
            };
            let vias: Vec<&str> = via.split(',').filter(|via| !via.is_empty()).collect();
            if vias.is_empty() || vias.iter().any(|via| data.contains_key(*via)) {
                continue;
            }
            let Some(row) = self.row(target) else {
                continue;
            };
            for (via, part) in vias.iter().zip(row.key) {
                data.insert((*via).to_owned(), part);
            }
        }
        for key in entity_type.primary_key.iter().chain(&entity_type.required) {
            let Some(attribute) = entity_type.attribute(key) else {
                continue;
            };
            let is_made = data.contains_key(key) || attribute.default.is_some();
            let AttributeKind::Scalar(scalar) = attribute.kind else {
                continue;
            };
            if let (false, Some(target)) = (is_made, &attribute.foreign_key) {
                if let Some(row) = self.row(target) {
                    data.insert(key.clone(), row.key[0].clone());
                }
            } else if !is_made {
                data.insert(key.clone(), self.value(name, key, scalar));
            }
        }
        data
    }

    fn value(&self, name: &str, attribute: &str, scalar: ScalarType) -> Value {
        match scalar {
            ScalarType::Integer | ScalarType::Number => json!(7),
            ScalarType::Boolean => json!(false),
            ScalarType::DateTime => {
                json!({"__type__": "datetime", "value": "2030-01-01T00:00:00"})
            }
            _ => json!(format!("{} {name} {attribute}", self.mark)),
        }
    }

    /// What cannot be told from the schema.
    fn special(&mut self, name: &str) -> Map<String, Value> {
        let mark = self.mark;
        let text = |name: &str| json!(format!("{mark} {name}"));
        let number = if mark == "theirs" {
            900_001
        } else {
            500_000_001
        };
        let value = match name {
            // Whatever has a picture here would come before the picture, which belongs to a version.
            "Project" => {
                json!({"thumbnail_id": null, "name": format!("{mark}-project"), "full_name": mark, "status": "active"})
            }
            _ if self.schema.is_kind_of(name, "TypedContext") => {
                let parent = self.row("Project").unwrap();
                json!({"name": text(name), "parent_id": parent.key[0], "thumbnail_id": null})
            }
            "Asset" => json!({"name": text("asset")}),
            // Components that are named by nothing are those of whoever made them.
            "FileComponent" => json!({"name": text("file"), "container_id": null}),
            "SequenceComponent" | "ContainerComponent" => {
                json!({"name": text(name), "container_id": null})
            }
            "TypedContextList" | "AssetVersionList" => json!({"name": text(name)}),
            "CustomAttributeConfiguration" => {
                let kind = self.studio.query("CustomAttributeType where name is text");
                json!({"key": format!("{mark}_mood"), "label": "Mood", "entity_type": "assetversion",
                    "type_id": kind[0]["id"], "config": "{}", "default": "", "object_type_id": null})
            }
            "CustomAttributeLinkConfiguration" => {
                json!({"key": format!("{mark}_link"), "label": "Link", "entity_type": "task",
                    "entity_type_to": "user", "object_type_id": null, "object_type_id_to": null})
            }
            "Event" => json!({"id": number, "action": "db.append.task", "insert": "insert"}),
            "Job" => json!({"type": "api_job", "data": "{}"}),
            "Dashboard" => json!({"name": text("dashboard")}),
            "Appointment" => json!({"type": "assignment"}),
            // Pictures of people, and what is the studio's, are of no project.
            "AssetVersion" | "Collaborator" => json!({"thumbnail_id": null}),
            "SettingComponent" | "JobComponent" => {
                let apart = json!({"name": text("apart")});
                let component = self.studio.create("FileComponent", &apart);
                json!({"component_id": component["id"]})
            }
            "User" => {
                json!({"thumbnail_id": null, "username": format!("{mark}-user"), "is_active": true})
            }
            "Group" => json!({"name": text("group"), "local": false}),
            "UserSecurityRole" => json!({"is_all_open_projects": false}),
            "ReviewSessionObject" => json!({"name": text("object"), "version": "1"}),
            // The author of a note hears of it in any case.
            "Recipient" => json!({"resource_id": self.row("Group").unwrap().key[0]}),
            // It is a row of the same table as a plain attachment.
            "NoteAnnotationComponent" => {
                json!({"component_id": self.row("ContainerComponent").unwrap().key[0]})
            }
            "Setting" => json!({"name": text("setting"), "group": "RIGHTS"}),
            "Timer" => json!({"comment": text("timer")}),
            _ if name.ends_with("CustomAttributeLink") => self.link(name),
            _ => json!({}),
        };
        match value {
            Value::Object(value) => value,
            _ => Map::new(),
        }
    }

    /// A link from a task to what the type is named after.
    fn link(&mut self, name: &str) -> Value {
        let target = name.trim_end_matches("CustomAttributeLink");
        let (row, class) = match target {
            "Context" => (self.row("Shot"), "task"),
            "Asset" => (self.row("Asset"), "asset"),
            "AssetVersion" => (self.row("AssetVersion"), "assetversion"),
            "Component" => (self.row("FileComponent"), "component"),
            "Group" => (self.row("Group"), "group"),
            "List" => (self.row("TypedContextList"), "list"),
            _ => (self.row("User"), "user"),
        };
        let key = format!("{}_{class}", self.mark);
        let configuration = self.studio.create(
            "CustomAttributeLinkConfiguration",
            &json!({"key": key, "label": key, "entity_type": "task", "entity_type_to": class}),
        );
        let from = self.row("Task").unwrap();
        json!({"configuration_id": configuration["id"], "from_id": from.key[0], "to_id": row.unwrap().key[0]})
    }
}

/// The names of the types that have rows of their own.
pub(super) fn with_rows(schema: &Schema) -> impl Iterator<Item = &str> {
    let types = schema.types.values();
    let concrete = types.filter(|found| !found.is_abstract && found.shows.is_none());
    concrete
        .map(|found| found.name.as_str())
        .filter(|name| !name.ends_with("CustomAttributeValue"))
}
