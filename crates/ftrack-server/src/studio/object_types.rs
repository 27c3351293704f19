//! Object types: what can stand in the tree of a project.

use serde_json::json;

use super::rows::Rows;

/// Object types by the ids that the schema knows, in their order.
const OBJECT_TYPES: [ObjectType; 8] = [
    ObjectType {
        name: "Folder",
        id: "3c133785-51cb-11e3-980a-20c9d0831e59",
        icon: "folder",
        traits: &[Trait::Taskable, Trait::Prioritizable],
    },
    ObjectType {
        name: "Asset Build",
        id: "4be63b64-5010-42fb-bf1f-428af9d638f0",
        icon: "asset_build",
        traits: &[
            Trait::Taskable,
            Trait::Typeable,
            Trait::Statusable,
            Trait::Prioritizable,
        ],
    },
    ObjectType {
        name: "Episode",
        id: "22139355-61da-4c8f-9db4-3abc870166bc",
        icon: "episode",
        traits: &[Trait::Taskable, Trait::Statusable, Trait::Prioritizable],
    },
    ObjectType {
        name: "Sequence",
        id: "e5139355-61da-4c8f-9db4-3abc870166bc",
        icon: "sequence",
        traits: &[Trait::Taskable, Trait::Prioritizable],
    },
    ObjectType {
        name: "Shot",
        id: "bad911de-3bd6-47b9-8b46-3476e237cb36",
        icon: "shot",
        traits: &[Trait::Taskable, Trait::Statusable, Trait::Prioritizable],
    },
    ObjectType {
        name: "Milestone",
        id: "01decdd1-51cb-11e3-9d5b-20c9d0831e59",
        icon: "milestone",
        traits: &[
            Trait::Typeable,
            Trait::Statusable,
            Trait::Schedulable,
            Trait::Prioritizable,
            Trait::Leaf,
        ],
    },
    ObjectType {
        name: "Task",
        id: "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
        icon: "task",
        traits: &[
            Trait::Typeable,
            Trait::Statusable,
            Trait::Schedulable,
            Trait::Prioritizable,
            Trait::Leaf,
            Trait::TimeReportable,
        ],
    },
    ObjectType {
        name: "Information",
        id: "efb7d34c-bd5b-11eb-86a7-d6270330280e",
        icon: "information",
        traits: &[Trait::Taskable],
    },
];

struct ObjectType {
    name: &'static str,
    id: &'static str,
    icon: &'static str,
    traits: &'static [Trait],
}

/// What contexts of an object type may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// Tasks can stand below it.
    Taskable,
    Typeable,
    Statusable,
    /// It is planned by dates of its own; those of others follow from what they hold.
    Schedulable,
    Prioritizable,
    /// Nothing can stand below it.
    Leaf,
    TimeReportable,
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
    let has = |wanted: Trait| object_type.traits.contains(&wanted);
    let values = json!({
        "name": object_type.name,
        "icon": object_type.icon,
        "sort": sort,
        "is_leaf": has(Trait::Leaf),
        "is_taskable": has(Trait::Taskable),
        "is_typeable": has(Trait::Typeable),
        "is_statusable": has(Trait::Statusable),
        "is_schedulable": has(Trait::Schedulable),
        "is_prioritizable": has(Trait::Prioritizable),
        "is_time_reportable": has(Trait::TimeReportable),
    });
    rows.add_with_id("ObjectType", object_type.id, values);
}
