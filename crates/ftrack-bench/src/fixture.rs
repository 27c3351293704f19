//! A studio made up for measuring: the shape of real answers, with no server needed.

use serde_json::{Value, json};

/// How many tasks there are.
pub(crate) const TASKS: usize = 10_000;

/// Attributes of a task that nobody asks for: a real task has about this many.
const OTHERS: usize = 30;

/// The answer to `query_schemas` of a server with tasks and what tasks refer to.
pub(crate) fn schemas() -> Vec<u8> {
    let mut task = json!({
        "id": {"type": "string"}, "name": {"type": "string"}, "description": {"type": "string"},
        "bid": {"type": "number"}, "sort": {"type": "number"}, "context_type": {"type": "string"},
        "object_type_id": {"type": "string"}, "project_id": {"type": "string"}, "parent_id": {"type": "string"},
        "status_id": {"type": "string"}, "type_id": {"type": "string"}, "priority_id": {"type": "string"},
        "start_date": {"type": "string", "format": "date-time"},
        "end_date": {"type": "string", "format": "date-time"},
        "created_at": {"type": "string", "format": "date-time"},
        "status": {"$ref": "Status"}, "type": {"$ref": "Type"}, "priority": {"$ref": "Priority"},
        "project": {"$ref": "Project"}, "parent": {"$ref": "Context"},
        "children": {"type": "array", "items": {"$ref": "Context"}},
    });
    if let Some(task) = task.as_object_mut() {
        task.extend(
            (0..OTHERS).map(|number| (format!("other_{number}"), json!({"type": "string"}))),
        );
    }
    let named = |id: &str| {
        json!({"id": id, "primary_key": ["id"], "default_projections": ["id", "name"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}}})
    };
    let task = json!({"id": "Task", "primary_key": ["id"], "default_projections": ["id", "name"], "properties": task});
    let mut schemas = vec![task];
    schemas.extend(["Context", "Shot", "Project", "Status", "Type", "Priority"].map(named));
    Value::from(schemas).to_string().into_bytes()
}

/// How many tasks a page has: what clients ask for.
const PAGE: usize = 500;

/// The answers to a query for every task with 20 attributes, page by page; references are spelled out once.
pub(crate) fn task_pages() -> Vec<Vec<u8>> {
    let tasks: Vec<Value> = (0..TASKS).map(task).collect();
    let page = |rows: &[Value]| {
        json!([{"action": "query", "data": rows, "metadata": {"next": {"offset": null}}}])
            .to_string()
            .into_bytes()
    };
    tasks.chunks(PAGE).map(page).collect()
}

fn task(number: usize) -> Value {
    let date = |hour: usize| json!({"__type__": "datetime", "value": format!("2026-{:02}-{:02}T{:02}:00:00", number % 12 + 1, number % 28 + 1, hour)});
    json!({
        "__entity_type__": "Task", "id": id(1, number), "name": format!("task_{number:05}"),
        "description": format!("What there is to do for task {number}, in a sentence of some length."),
        "bid": number % 40, "sort": number, "context_type": "task", "object_type_id": id(9, 1),
        "project_id": id(2, number % 5), "parent_id": id(3, number % 2_500),
        "status_id": id(4, number % 8), "type_id": id(5, number % 12), "priority_id": id(6, number % 5),
        "start_date": date(8), "end_date": date(18), "created_at": date(number % 24),
        "status": reference("Status", 4, number, 8), "type": reference("Type", 5, number, 12),
        "priority": reference("Priority", 6, number, 5), "project": reference("Project", 2, number, 5),
        "parent": reference("Shot", 3, number, 2_500),
    })
}

/// One of `count` entities that tasks share: with its name the first time, as a bare reference afterwards.
fn reference(entity_type: &str, family: usize, number: usize, count: usize) -> Value {
    let mut entity = json!({"__entity_type__": entity_type, "id": id(family, number % count)});
    if number < count {
        entity["name"] = format!("{} {number}", entity_type.to_lowercase()).into();
    }
    entity
}

/// A uuid that is the same in every run.
fn id(family: usize, number: usize) -> String {
    format!("{family:08x}-0000-4000-8000-{number:012x}")
}
