//! Custom attributes: their types, and one of each to try.

use serde_json::{Value, json};

use super::id;
use super::object_types::object_type;
use super::people::ROLES;
use super::rows::Rows;

const TYPES: [&str; 8] = [
    "text",
    "boolean",
    "date",
    "enumerator",
    "dynamic enumerator",
    "number",
    "expression",
    "url",
];

const GROUPS: [&str; 2] = ["Editorial", "Production"];

/// A configuration to be added.
struct Configuration {
    key: &'static str,
    label: &'static str,
    kind: &'static str,
    entity_type: &'static str,
    /// For `entity_type` `task`: the object type.
    object_type: Option<&'static str>,
    is_hierarchical: bool,
    group: Option<&'static str>,
    default: Value,
    config: Value,
}

/// The simplest configuration there is; the ones below say what differs.
fn plain(key: &'static str, label: &'static str, entity_type: &'static str) -> Configuration {
    Configuration {
        key,
        label,
        kind: "text",
        entity_type,
        object_type: None,
        is_hierarchical: false,
        group: None,
        default: json!(""),
        config: json!({ "markdown": false }),
    }
}

fn number(
    key: &'static str,
    label: &'static str,
    entity_type: &'static str,
    default: i32,
) -> Configuration {
    Configuration {
        kind: "number",
        default: json!(default),
        config: json!({ "isdecimal": false }),
        ..plain(key, label, entity_type)
    }
}

fn configurations() -> Vec<Configuration> {
    let mut all = shot_configurations();
    all.extend(other_configurations());
    all
}

fn shot_configurations() -> Vec<Configuration> {
    let of_shot = |configuration: Configuration| Configuration {
        object_type: Some("Shot"),
        group: Some("Editorial"),
        ..configuration
    };
    vec![
        of_shot(number("fstart", "Frame start", "task", 1)),
        of_shot(number("fend", "Frame end", "task", 1)),
        of_shot(number("handles", "Frame handles", "task", 0)),
        of_shot(Configuration {
            kind: "expression",
            default: json!("{self.fend - self.fstart + 1}"),
            config: json!({}),
            ..plain("duration", "Frame duration", "task")
        }),
        of_shot(number("fps", "fps", "task", 25)),
        Configuration {
            object_type: Some("Sequence"),
            ..number("fps", "fps", "task", 25)
        },
        number("fps", "fps", "show", 24),
        of_shot(Configuration {
            kind: "date",
            default: Value::Null,
            config: json!({}),
            ..plain("delivery_date", "Delivery date", "task")
        }),
        of_shot(Configuration {
            kind: "enumerator",
            default: json!(["medium"]),
            config: options(false, &["easy", "medium", "hard"]),
            ..plain("difficulty", "Difficulty", "task")
        }),
    ]
}

fn other_configurations() -> Vec<Configuration> {
    vec![
        Configuration {
            object_type: Some("Task"),
            ..plain("my_text_field", "My text field", "task")
        },
        Configuration {
            object_type: Some("Asset Build"),
            kind: "boolean",
            default: json!(false),
            config: json!({}),
            ..plain("is_hero", "Hero asset", "task")
        },
        Configuration {
            kind: "dynamic enumerator",
            default: json!([]),
            config: json!({ "multiSelect": true }),
            group: Some("Production"),
            ..plain("partners", "Partners", "show")
        },
        Configuration {
            is_hierarchical: true,
            default: Value::Null,
            group: Some("Production"),
            ..plain("my_attribute", "My attribute", "show")
        },
        Configuration {
            kind: "enumerator",
            default: json!([]),
            config: options(true, &["picture", "sound", "colour"]),
            ..plain("checked", "Checked", "assetversion")
        },
        number("weekly_hours", "Weekly hours", "user", 40),
        Configuration {
            kind: "date",
            default: Value::Null,
            config: json!({}),
            ..plain("due", "Due", "list")
        },
        plain("origin", "Origin", "asset"),
        Configuration {
            kind: "url",
            default: Value::Null,
            config: json!({}),
            ..plain("reference", "Reference", "asset")
        },
    ]
}

/// The options of an enumerator: a JSON text inside the JSON text of the configuration.
fn options(several: bool, values: &[&str]) -> Value {
    let options: Value = values
        .iter()
        .map(|value| json!({ "menu": value, "value": value }))
        .collect();
    json!({ "multiSelect": several, "data": options.to_string() })
}

pub(super) fn add(rows: &mut Rows) {
    for name in TYPES {
        let values = json!({ "name": name, "core": true, "form_config": "{}" });
        rows.add("CustomAttributeType", name, values);
    }
    for name in GROUPS {
        rows.add("CustomAttributeGroup", name, json!({ "name": name }));
    }
    for (sort, configuration) in configurations().into_iter().enumerate() {
        add_configuration(rows, &configuration, sort);
    }
    add_link_configuration(rows);
}

fn add_configuration(rows: &mut Rows, configuration: &Configuration, sort: usize) {
    let values = json!({
        "key": configuration.key,
        "label": configuration.label,
        "entity_type": configuration.entity_type,
        "object_type_id": configuration.object_type.and_then(object_type),
        "type_id": id("CustomAttributeType", configuration.kind),
        "group_id": configuration.group.map(|group| id("CustomAttributeGroup", group)),
        "is_hierarchical": configuration.is_hierarchical,
        "default": configuration.default,
        "config": configuration.config.to_string(),
        "sort": sort,
    });
    let path = format!(
        "{}/{}/{}",
        configuration.entity_type,
        configuration.object_type.unwrap_or_default(),
        configuration.key
    );
    let id = rows.add("CustomAttributeConfiguration", &path, values);
    give_access(rows, &id);
}

/// Shots name the person who supervises them.
fn add_link_configuration(rows: &mut Rows) {
    let values = json!({
        "key": "supervisor",
        "label": "Supervisor",
        "entity_type": "task",
        "object_type_id": object_type("Shot"),
        "entity_type_to": "user",
        "one_to_one": false,
        "config": "{}",
    });
    let id = rows.add("CustomAttributeLinkConfiguration", "supervisor", values);
    give_access(rows, &id);
}

/// Lets every role read and write: nobody could see the samples otherwise.
fn give_access(rows: &mut Rows, configuration_id: &str) {
    for (role, _) in ROLES {
        let values = json!({
            "configuration_id": configuration_id,
            "security_role_id": id("SecurityRole", role),
        });
        rows.add_link("ReadSecurityRole", values.clone());
        rows.add_link("WriteSecurityRole", values);
    }
}
