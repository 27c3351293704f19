//! Types, statuses with their states, and priorities.

use serde_json::json;

use super::id;
use super::rows::Rows;

const STATES: [(&str, &str); 4] = [
    ("Not Started", "NOT_STARTED"),
    ("In Progress", "IN_PROGRESS"),
    ("Done", "DONE"),
    ("Blocked", "BLOCKED"),
];

/// Statuses with colour and state, in the order in which people meet them.
const STATUSES: [(&str, &str, &str); 12] = [
    ("Not started", "#FFFFFF", "NOT_STARTED"),
    ("Ready to start", "#A3D9FF", "NOT_STARTED"),
    ("In progress", "#3498DB", "IN_PROGRESS"),
    ("Pending", "#F4D03F", "IN_PROGRESS"),
    ("Pending Review", "#E67E22", "IN_PROGRESS"),
    ("Client Review", "#AF7AC5", "IN_PROGRESS"),
    ("Revise", "#D35400", "IN_PROGRESS"),
    ("On Hold", "#7F8C8D", "BLOCKED"),
    ("Omitted", "#34495E", "BLOCKED"),
    ("Approved", "#27AE60", "DONE"),
    ("Completed", "#1E8449", "DONE"),
    ("Delivered", "#145A32", "DONE"),
];

/// Priorities with colour and value; the first one has the id that is the default of every context.
const PRIORITIES: [(&str, &str, i32); 5] = [
    ("None", "#FFFFFF", 0),
    ("Low", "#73B3E7", 1),
    ("Medium", "#F1C40F", 2),
    ("High", "#E67E22", 3),
    ("Urgent", "#E74C3C", 4),
];

/// Types of tasks.
const TASK_TYPES: [(&str, &str); 16] = [
    ("Animation", "#F39C12"),
    ("Compositing", "#2980B9"),
    ("Editing", "#95A5A6"),
    ("FX", "#C0392B"),
    ("Layout", "#8E44AD"),
    ("Lighting", "#F1C40F"),
    ("Lookdev", "#16A085"),
    ("Matchmove", "#7F8C8D"),
    ("Modeling", "#27AE60"),
    ("Previz", "#9B59B6"),
    ("Production", "#BDC3C7"),
    ("Rendering", "#E74C3C"),
    ("Rigging", "#D35400"),
    ("Rotoscoping", "#1ABC9C"),
    ("Texture", "#2ECC71"),
    ("Tracking", "#34495E"),
];

/// Types of everything else.
const CONTEXT_TYPES: [(&str, &str); 7] = [
    ("Generic", "#FFFFFF"),
    ("Character", "#E67E22"),
    ("Environment", "#27AE60"),
    ("Matte Painting", "#8E44AD"),
    ("Prop", "#2980B9"),
    ("Vehicle", "#C0392B"),
    ("Deliverable", "#1E8449"),
];

/// The id of a state, given its short name.
fn state(short: &str) -> String {
    match short {
        "NOT_STARTED" => "6c59abf8-4dbf-11e1-9902-f23c91df25eb".to_owned(),
        _ => id("State", short),
    }
}

/// The id of a status.
pub(super) fn status(name: &str) -> String {
    match name {
        "Not started" => "014a40a6-4e65-11e1-b8af-f23c91df25eb".to_owned(),
        _ => id("Status", name),
    }
}

/// The id of a priority.
pub(super) fn priority(name: &str) -> String {
    match name {
        "None" => "9661b320-3a0c-11e2-81c1-0800200c9a66".to_owned(),
        _ => id("Priority", name),
    }
}

pub(super) fn add(rows: &mut Rows) {
    for (name, short) in STATES {
        rows.add_with_id(
            "State",
            &state(short),
            json!({ "name": name, "short": short }),
        );
    }
    for (sort, (name, color, short)) in STATUSES.into_iter().enumerate() {
        let values = json!({
            "name": name, "color": color, "state_id": state(short), "is_active": true, "sort": sort,
        });
        rows.add_with_id("Status", &status(name), values);
    }
    for (sort, (name, color, value)) in PRIORITIES.into_iter().enumerate() {
        let values = json!({ "name": name, "color": color, "value": value, "sort": sort });
        rows.add_with_id("Priority", &priority(name), values);
    }
    for (sort, (name, color)) in TASK_TYPES.into_iter().chain(CONTEXT_TYPES).enumerate() {
        rows.add(
            "Type",
            name,
            json!({ "name": name, "color": color, "sort": sort }),
        );
    }
}
