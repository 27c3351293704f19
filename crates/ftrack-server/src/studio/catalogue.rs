//! The lists that people pick from, where files live, and settings.

use serde_json::json;

use super::rows::Rows;

/// Asset types with their short names.
const ASSET_TYPES: [(&str, &str); 16] = [
    ("Animation", "anim"),
    ("Audio", "audio"),
    ("Cache", "cache"),
    ("Camera", "cam"),
    ("Composite", "comp"),
    ("Edit", "edit"),
    ("FX", "fx"),
    ("Geometry", "geo"),
    ("Image Sequence", "img"),
    ("Layout", "layout"),
    ("Light Rig", "lgt"),
    ("Plate", "plate"),
    ("Rig", "rig"),
    ("Scene", "scene"),
    ("Texture", "tex"),
    ("Upload", "upload"),
];

/// Built-in locations by the ids that clients know.
const LOCATIONS: [(&str, &str, &str, &str); 5] = [
    (
        "ce9b348f-8809-11e3-821c-20c9d081909b",
        "ftrack.origin",
        "Origin",
        "Where files were when they were first registered.",
    ),
    (
        "cb268ecc-8809-11e3-a7e2-20c9d081909b",
        "ftrack.unmanaged",
        "Unmanaged",
        "Files that stay where they are.",
    ),
    (
        "cd41be70-8809-11e3-b98a-20c9d081909b",
        "ftrack.review",
        "Review",
        "Media for review.",
    ),
    (
        "3a372bde-05bc-11e4-8908-20c9d081909b",
        "ftrack.server",
        "Server",
        "Files kept by the server itself.",
    ),
    (
        "07b82a97-8cf9-11e3-9383-20c9d081909b",
        "ftrack.connect",
        "Connect",
        "Files of the desktop application.",
    ),
];

/// Labels of notes with their colours.
const NOTE_LABELS: [(&str, &str); 4] = [
    ("Internal", "#34495E"),
    ("External Note", "#E67E22"),
    ("Client feedback", "#8E44AD"),
    ("Technical", "#2980B9"),
];

pub(super) fn add(rows: &mut Rows) {
    for (name, short) in ASSET_TYPES {
        rows.add("AssetType", name, json!({ "name": name, "short": short }));
    }
    for (id, name, label, description) in LOCATIONS {
        let values = json!({ "name": name, "label": label, "description": description });
        rows.add_with_id("Location", id, values);
    }
    for (sort, (name, color)) in NOTE_LABELS.into_iter().enumerate() {
        let values = json!({ "name": name, "color": color, "sort": sort });
        rows.add("NoteLabel", name, values);
    }
    for name in ["Default", "Dailies", "Client review", "Deliveries"] {
        rows.add("ListCategory", name, json!({ "name": name }));
    }
    for name in ["London", "Montreal", "Stockholm"] {
        rows.add("Scope", name, json!({ "name": name }));
    }
    for name in ["Coordinator", "Producer", "Supervisor"] {
        rows.add("ManagerType", name, json!({ "name": name }));
    }
    let values = json!({ "name": "Projects", "unix": "/mnt/projects", "windows": "P:\\" });
    rows.add("Disk", "Projects", values);
    let scenario = json!({ "scenario": "ftrack.automatic", "data": {} });
    rows.add_link(
        "Setting",
        json!({ "name": "storage_scenario", "group": "STORAGE", "value": scenario.to_string() }),
    );
}
