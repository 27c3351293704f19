//! Object types: what can stand in the tree of a project.

use serde_json::json;

use super::rows::Rows;

/// Object types by the ids that the schema knows.
const OBJECT_TYPES: [ObjectType; 7] = [
    ObjectType {
        name: "Task",
        id: "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
        icon: "task",
        is_leaf: true,
    },
    ObjectType {
        name: "Shot",
        id: "bad911de-3bd6-47b9-8b46-3476e237cb36",
        icon: "shot",
        is_leaf: false,
    },
    ObjectType {
        name: "Sequence",
        id: "e5139355-61da-4c8f-9db4-3abc870166bc",
        icon: "sequence",
        is_leaf: false,
    },
    ObjectType {
        name: "Episode",
        id: "22139355-61da-4c8f-9db4-3abc870166bc",
        icon: "episode",
        is_leaf: false,
    },
    ObjectType {
        name: "Asset Build",
        id: "4be63b64-5010-42fb-bf1f-428af9d638f0",
        icon: "asset_build",
        is_leaf: false,
    },
    ObjectType {
        name: "Folder",
        id: "3c133785-51cb-11e3-980a-20c9d0831e59",
        icon: "folder",
        is_leaf: false,
    },
    ObjectType {
        name: "Milestone",
        id: "01decdd1-51cb-11e3-9d5b-20c9d0831e59",
        icon: "milestone",
        is_leaf: true,
    },
];

struct ObjectType {
    name: &'static str,
    id: &'static str,
    icon: &'static str,
    /// Whether nothing can stand below it; such contexts are planned by dates of their own.
    is_leaf: bool,
}

/// The id of an object type.
pub(super) fn object_type(name: &str) -> Option<&'static str> {
    let found = OBJECT_TYPES.iter().find(|found| found.name == name)?;
    Some(found.id)
}

pub(super) fn add(rows: &mut Rows) {
    for (sort, found) in OBJECT_TYPES.iter().enumerate() {
        add_object_type(rows, found, sort);
    }
}

fn add_object_type(rows: &mut Rows, object_type: &ObjectType, sort: usize) {
    let values = json!({
        "name": object_type.name,
        "icon": object_type.icon,
        "sort": sort,
        "is_leaf": object_type.is_leaf,
        "is_taskable": !object_type.is_leaf,
        "is_time_reportable": object_type.name == "Task",
        "is_schedulable": object_type.is_leaf,
    });
    rows.add_with_id("ObjectType", object_type.id, values);
}
