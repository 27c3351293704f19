//! Project schemas: which object types, task types and statuses a project may use, and its task templates.

use serde_json::json;

use super::id;
use super::object_types::object_type;
use super::rows::Rows;
use super::workflow::status;

const TASK_STATUSES: [&str; 12] = [
    "Not started",
    "Ready to start",
    "WIP",
    "In progress",
    "Pending Review",
    "Client Review",
    "Revise",
    "On Hold",
    "Omitted",
    "Approved",
    "Client approved",
    "Completed",
];

const VERSION_STATUSES: [&str; 7] = [
    "Pending",
    "Pending Review",
    "Client Review",
    "Revise",
    "Approved",
    "Client approved",
    "Delivered",
];

/// Tasks that nobody reviews.
const SUPPORT_STATUSES: [&str; 4] = ["Not started", "In progress", "On Hold", "Completed"];

/// What a project schema is made of.
struct Template {
    name: &'static str,
    object_types: &'static [&'static str],
    task_types: &'static [&'static str],
    task_templates: &'static [(&'static str, &'static [&'static str])],
}

const PROJECT_SCHEMAS: [Template; 2] = [
    Template {
        name: "VFX",
        object_types: &[
            "Task",
            "Shot",
            "Sequence",
            "Episode",
            "Asset Build",
            "Folder",
            "Milestone",
        ],
        task_types: &[
            "Concept Art",
            "Modeling",
            "Rigging",
            "Texture",
            "Lookdev",
            "Production",
            "Editing",
            "Conform",
            "Tracking",
            "Rotoscoping",
            "Previz",
            "Layout",
            "Animation",
            "FX",
            "Lighting",
            "Rendering",
            "Compositing",
            "Matchmove",
        ],
        task_templates: &[
            (
                "Plate shot",
                &["Matchmove", "Rotoscoping", "Lighting", "Compositing"],
            ),
            (
                "CG shot",
                &["Layout", "Animation", "FX", "Lighting", "Compositing"],
            ),
            ("CG asset", &["Modeling", "Texture", "Lookdev", "Rigging"]),
        ],
    },
    Template {
        name: "Animation",
        object_types: &[
            "Task",
            "Shot",
            "Sequence",
            "Episode",
            "Asset Build",
            "Folder",
            "Milestone",
        ],
        task_types: &[
            "Concept Art",
            "Modeling",
            "Rigging",
            "Texture",
            "Lookdev",
            "Production",
            "Editing",
            "Previz",
            "Layout",
            "Animation",
            "FX",
            "Lighting",
            "Rendering",
            "Compositing",
        ],
        task_templates: &[
            (
                "Animated shot",
                &["Layout", "Animation", "Lighting", "Compositing"],
            ),
            ("Character", &["Modeling", "Texture", "Rigging"]),
        ],
    },
];

pub(super) fn add(rows: &mut Rows) {
    for template in &PROJECT_SCHEMAS {
        add_project_schema(rows, template);
    }
}

fn add_project_schema(rows: &mut Rows, template: &Template) {
    let name = template.name;
    let task_types = rows.add(
        "TaskTypeSchema",
        name,
        json!({ "name": format!("{name} task types") }),
    );
    for task_type in template.task_types {
        let values = json!({ "task_type_schema_id": task_types, "type_id": id("Type", task_type) });
        rows.add_link("TaskTypeSchemaType", values);
    }
    let tasks = add_workflow(rows, &format!("{name} tasks"), &TASK_STATUSES);
    let versions = add_workflow(rows, &format!("{name} versions"), &VERSION_STATUSES);
    let support = add_workflow(rows, &format!("{name} support"), &SUPPORT_STATUSES);
    let values = json!({
        "name": name,
        "task_type_schema_id": task_types,
        "task_workflow_schema_id": tasks,
        "asset_version_workflow_schema_id": versions,
    });
    let project_schema = rows.add("ProjectSchema", name, values);
    let values = json!({
        "project_schema_id": project_schema,
        "type_id": id("Type", "Production"),
        "workflow_schema_id": support,
    });
    rows.add("ProjectSchemaOverride", name, values);
    for found in template.object_types {
        add_object_type_schema(rows, name, found);
    }
    for (task_template, items) in template.task_templates {
        add_task_template(rows, name, task_template, items);
    }
}

fn add_workflow(rows: &mut Rows, name: &str, statuses: &[&str]) -> String {
    let workflow = rows.add("WorkflowSchema", name, json!({ "name": name }));
    for found in statuses {
        let values = json!({ "workflow_schema_id": workflow, "status_id": status(found) });
        rows.add_link("WorkflowSchemaStatus", values);
    }
    workflow
}

/// Allows an object type in a project schema, with the statuses and types it may have there.
///
/// Tasks follow the workflow of tasks and the task types.
fn add_object_type_schema(rows: &mut Rows, project_schema: &str, name: &str) {
    let object_type_id = object_type(name);
    let project_schema_id = id("ProjectSchema", project_schema);
    let values =
        json!({ "object_type_id": object_type_id, "project_schema_id": project_schema_id });
    rows.add_link("ProjectSchemaObjectType", values);
    if name == "Task" {
        return;
    }
    let values = json!({ "type_id": object_type_id, "project_schema_id": project_schema_id });
    let schema = rows.add("Schema", &format!("{project_schema}/{name}"), values);
    for (sort, found) in statuses_of(name).iter().enumerate() {
        let values = json!({ "schema_id": schema, "status_id": status(found), "sort": sort });
        rows.add_link("SchemaStatus", values);
    }
    for (sort, found) in types_of(name).iter().enumerate() {
        let values = json!({ "schema_id": schema, "type_id": id("Type", found), "sort": sort });
        rows.add_link("SchemaType", values);
    }
}

fn statuses_of(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "Shot" | "Asset Build" => &[
            "Not started",
            "In progress",
            "Pending Review",
            "On Hold",
            "Omitted",
            "Approved",
            "Completed",
        ],
        "Milestone" => &["Not started", "Completed"],
        _ => &["Not started", "In progress", "Completed"],
    }
}

fn types_of(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "Asset Build" => &[
            "Character",
            "Environment",
            "Matte Painting",
            "Prop",
            "Vehicle",
        ],
        "Milestone" => &["Deliverable"],
        _ => &["Generic"],
    }
}

fn add_task_template(rows: &mut Rows, project_schema: &str, name: &str, items: &[&str]) {
    let values = json!({ "name": name, "project_schema_id": id("ProjectSchema", project_schema) });
    let path = format!("{project_schema}/{name}");
    let template = rows.add("TaskTemplate", &path, values);
    for item in items {
        let values = json!({ "template_id": template, "task_type_id": id("Type", item) });
        rows.add("TaskTemplateItem", &format!("{path}/{item}"), values);
    }
}
