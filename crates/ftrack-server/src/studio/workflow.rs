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

/// Statuses with colour, state and place in the order of servers: what new work has comes last. The three below the
/// line are ours; documentation asks for them.
const STATUSES: [(&str, &str, &str, i64); 14] = [
    ("Completed", "#1cbc90", "DONE", 0),
    ("Omitted", "#E74C3C", "BLOCKED", 1),
    ("On Hold", "#E74C3C", "BLOCKED", 2),
    ("Revise", "#FF6600", "IN_PROGRESS", 3),
    ("Client approved", "#1CBC90", "DONE", 4),
    ("Approved", "#1cbc90", "DONE", 5),
    ("Pending Review", "#F1C40F", "IN_PROGRESS", 6),
    ("In progress", "#3498DB", "IN_PROGRESS", 7),
    ("WIP", "#CC99FF", "NOT_STARTED", 8),
    ("Ready to start", "#00FFFF", "NOT_STARTED", 9),
    ("Not started", "#CACACA", "NOT_STARTED", 10),
    // ---
    ("Pending", "#F4D03F", "IN_PROGRESS", 7),
    ("Client Review", "#AF7AC5", "IN_PROGRESS", 6),
    ("Delivered", "#145A32", "DONE", 0),
];

/// Priorities with colour, the most urgent first; the last one is the default of every context.
const PRIORITIES: [(&str, &str); 5] = [
    ("Urgent", "#E74C3C"),
    ("High", "#E67E22"),
    ("Medium", "#F1C40F"),
    ("Low", "#1CBC90"),
    ("None", "#CACACA"),
];

/// Types with colour, and whether work of the type is billed. The two below the line are ours.
const TYPES: [(&str, &str, bool); 26] = [
    ("Concept Art", "#33CCCC", true),
    ("Modeling", "#935ba2", true),
    ("Rigging", "#58592d", true),
    ("Texture", "#f1c40f", true),
    ("Lookdev", "#a3635d", true),
    ("Character", "#3a2d5a", true),
    ("Prop", "#f39c12", true),
    ("Furniture", "#008000", false),
    ("Vehicle", "#ABABAB", true),
    ("Environment", "#5da35e", true),
    ("Matte Painting", "#5da35e", true),
    ("Production", "#bdc3c7", false),
    ("Editing", "#f1c40f", true),
    ("Conform", "#ABABAB", true),
    ("Tracking", "#27ae60", true),
    ("Rotoscoping", "#3498db", true),
    ("Previz", "#27ae60", true),
    ("Layout", "#3a2d5a", true),
    ("Animation", "#35592d", true),
    ("FX", "#9b59b6", true),
    ("Lighting", "#5b5ba3", true),
    ("Rendering", "#5ba3a3", true),
    ("Compositing", "#2d5959", true),
    ("Deliverable", "#2980b9", true),
    // ---
    ("Generic", "#FFFFFF", true),
    ("Matchmove", "#7F8C8D", true),
];

/// The id of a status.
pub(super) fn status(name: &str) -> String {
    id("Status", name)
}

/// The id of a priority.
pub(super) fn priority(name: &str) -> String {
    id("Priority", name)
}

pub(super) fn add(rows: &mut Rows) {
    for (name, short) in STATES {
        let values = json!({ "name": name, "short": short });
        rows.add_with_id("State", &id("State", short), values);
    }
    for (name, color, short, sort) in STATUSES {
        let values = json!({
            "name": name, "color": color, "state_id": id("State", short), "is_active": true,
            "sort": sort,
        });
        rows.add("Status", name, values);
    }
    for (sort, (name, color)) in PRIORITIES.into_iter().enumerate() {
        let values = json!({ "name": name, "color": color, "value": 0, "sort": sort });
        rows.add("Priority", name, values);
    }
    for (sort, (name, color, is_billable)) in TYPES.into_iter().enumerate() {
        let values =
            json!({ "name": name, "color": color, "is_billable": is_billable, "sort": sort });
        rows.add("Type", name, values);
    }
}
