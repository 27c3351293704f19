//! A commercial of thirty seconds: live action plates, little time.

use serde_json::json;

use super::contexts::Task;
use super::publish::{Media, Publication};
use super::{Demo, id, workflow};

const PROJECT: &str = "tidal_watch";

/// Shots with what happens, and the status of their compositing.
const SHOTS: [(&str, &str, &str); 4] = [
    ("010", "A wave breaks over a wrist.", "Client Review"),
    ("020", "The dial under water.", "Revise"),
    ("030", "Sand runs off the case.", "In progress"),
    ("040", "Packshot.", "Ready to start"),
];

pub(super) fn add(demo: &mut Demo<'_>) {
    let more = json!({
        "color": "#2E86C1",
        "start_date": demo.at(-14, 0),
        "end_date": demo.at(5, 0),
    });
    demo.project(PROJECT, "Tidal: Watch 30s", "VFX", more);
    let project_id = id("Project", PROJECT);
    let team = id("Group", "Compositing");
    demo.appoint(&project_id, &team, PROJECT, "allocation");
    let sequence = format!("{PROJECT}/sea");
    demo.context("Sequence", &sequence, json!({}));
    for (name, description, status) in SHOTS {
        let path = format!("{sequence}/{name}");
        let values = json!({
            "description": description,
            "status_id": workflow::status("In progress"),
            "priority_id": workflow::priority("High"),
        });
        let shot = demo.context("Shot", &path, values);
        demo.custom_value(&shot, "task/Shot/fstart", 1001);
        demo.custom_value(&shot, "task/Shot/fend", 1048);
        add_tasks(demo, &path, status);
    }
}

fn add_tasks(demo: &mut Demo<'_>, shot: &str, status: &str) {
    let tracking = Task {
        parent: shot,
        kind: "Matchmove",
        status: "Completed",
        assignee: "john",
        start: -9,
        days: 2,
    };
    demo.task(tracking);
    let compositing = Task {
        kind: "Compositing",
        status,
        assignee: demo.administrator,
        start: -1,
        days: 4,
        ..tracking
    };
    demo.task(compositing);
    demo.publish(&Publication {
        task: tracking,
        asset: "camera",
        asset_type: "Camera",
        versions: 1,
        media: Media::File(".abc", 640_000),
    });
    let has_version = status == "Client Review" || status == "Revise";
    demo.publish(&Publication {
        task: compositing,
        asset: "comp",
        asset_type: "Composite",
        versions: i64::from(has_version),
        media: Media::Frames(".exr", 14_000_000),
    });
}
