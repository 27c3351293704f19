//! Projects by the names that tutorials use, for following them step by step.

use serde_json::json;

use super::contexts::Task;
use super::{Demo, id};

pub(super) fn add(demo: &mut Demo<'_>) {
    demo.project("dev_tutorial", "Developer tutorial", "VFX", json!({}));
    let project_id = id("Project", "dev_tutorial");
    demo.metadata("Project", &project_id, "some_key", "some_value");
    demo.context("Sequence", "dev_tutorial/001", json!({}));
    demo.context("Shot", "dev_tutorial/001/010", json!({}));
    demo.task(Task {
        parent: "dev_tutorial/001/010",
        kind: "Modeling",
        status: "In progress",
        assignee: demo.administrator,
        start: 0,
        days: 2,
    });
    demo.project("migration_test", "Migration test", "VFX", json!({}));
}
