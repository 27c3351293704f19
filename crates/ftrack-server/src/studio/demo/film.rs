//! "The Last Lantern": an animated short film, half-way through.

use serde_json::json;

use super::contexts::Task;
use super::publish::{Media, Publication};
use super::{Demo, id, workflow};

pub(super) const PROJECT: &str = "last_lantern";

/// What is built: name, type, what it is, and how many of its tasks are done.
const ASSET_BUILDS: [(&str, &str, &str, usize); 7] = [
    (
        "mira",
        "Character",
        "A girl of eleven who rows better than she walks.",
        3,
    ),
    (
        "keeper",
        "Character",
        "The keeper of the light, blind since spring.",
        3,
    ),
    ("gull", "Character", "A gull with opinions.", 2),
    (
        "lighthouse",
        "Environment",
        "Inside and out, lamp room included.",
        3,
    ),
    (
        "harbour_town",
        "Environment",
        "Forty houses, one of them lit.",
        2,
    ),
    ("rowing_boat", "Vehicle", "Leaks.", 3),
    ("lantern", "Prop", "The last one.", 3),
];

const ASSET_TASKS: [(&str, &str); 3] = [
    ("Modeling", "ines"),
    ("Texture", "ines"),
    ("Rigging", "john.doe"),
];

const SHOT_TASKS: [(&str, &str); 4] = [
    ("Layout", "mateo"),
    ("Animation", "john"),
    ("Lighting", "priya"),
    ("Compositing", "yuki"),
];

/// A shot: name, what happens, frames, and how many of its tasks are done.
type Shot = (&'static str, &'static str, i64, usize);

const SEQUENCES: [(&str, &str, &[Shot]); 3] = [
    (
        "harbour",
        "Mira comes home to a harbour without light.",
        &[
            ("010", "Wide: the bay at dusk, one boat.", 144, 4),
            ("020", "Mira rows, looks over her shoulder.", 96, 4),
            ("030", "Her view: the lighthouse is dark.", 72, 4),
            ("040", "She ties the boat up and runs.", 110, 3),
        ],
    ),
    (
        "storm",
        "The keeper and Mira carry the last lantern up.",
        &[
            ("010", "Rain on the lamp room windows.", 84, 3),
            ("020", "The keeper counts steps by touch.", 132, 2),
            ("030", "A gust: the lantern nearly goes out.", 68, 2),
            ("040", "Mira shields it with her coat.", 90, 1),
            ("050", "Wide: a fishing boat off its course.", 120, 1),
        ],
    ),
    (
        "dawn",
        "Light again.",
        &[
            ("010", "The beam swings out over the bay.", 100, 1),
            ("020", "The boat turns into the harbour.", 150, 0),
            ("030", "The keeper smiles: he hears the gulls.", 126, 0),
        ],
    ),
];

pub(super) fn add(demo: &mut Demo<'_>) {
    let more = json!({ "color": "#E8A33D" });
    demo.project(PROJECT, "The Last Lantern", "Animation", more);
    let project_id = id("Project", PROJECT);
    demo.metadata("Project", &project_id, "frame_rate", "24");
    demo.custom_value(&project_id, "show//my_attribute", "night");
    for group in ["Animation", "Lighting", "Compositing"] {
        demo.appoint(&project_id, &id("Group", group), PROJECT, "allocation");
    }
    for name in ["ines", "tove", "john.doe"] {
        demo.appoint(&project_id, &id("User", name), PROJECT, "allocation");
    }
    add_asset_builds(demo);
    for (name, description, shots) in SEQUENCES {
        add_sequence(demo, name, description, shots);
    }
    add_milestones(demo);
}

fn add_asset_builds(demo: &mut Demo<'_>) {
    demo.context("Folder", &format!("{PROJECT}/assets"), json!({}));
    for (index, (name, kind, description, done)) in (0..).zip(ASSET_BUILDS) {
        let path = format!("{PROJECT}/assets/{name}");
        let values = json!({
            "type_id": id("Type", kind),
            "description": description,
            "status_id": workflow::status(overall_status(done, ASSET_TASKS.len())),
        });
        let build = demo.context("AssetBuild", &path, values);
        if name == "mira" || name == "keeper" {
            demo.custom_value(&build, "task/Asset Build/is_hero", true);
        }
        for (step, (kind, assignee)) in ASSET_TASKS.into_iter().enumerate() {
            let task = Task {
                parent: &path,
                kind,
                status: task_status(step, done),
                assignee,
                start: start_of(step, done) + index % 2,
                days: 3,
            };
            demo.task(task);
            publish_asset(demo, &task, name, step, done);
        }
    }
}

fn publish_asset(demo: &mut Demo<'_>, task: &Task<'_>, name: &str, step: usize, done: usize) {
    let (asset, asset_type, media) = match task.kind {
        "Modeling" => ("model", "Geometry", Media::File(".abc", 48_000_000)),
        "Texture" => ("textures", "Texture", Media::File(".zip", 310_000_000)),
        _ => ("rig", "Rig", Media::File(".ma", 7_500_000)),
    };
    demo.publish(&Publication {
        task: *task,
        asset: &format!("{name}_{asset}"),
        asset_type,
        versions: versions_of(step, done),
        media,
    });
}

fn add_sequence(demo: &mut Demo<'_>, name: &str, description: &str, shots: &[Shot]) {
    let path = format!("{PROJECT}/{name}");
    let sequence = demo.context("Sequence", &path, json!({ "description": description }));
    demo.metadata("Sequence", &sequence, "frame_padding", "4");
    demo.metadata("Sequence", &sequence, "focal_length", "70");
    for (index, shot) in (0..).zip(shots) {
        add_shot(demo, &path, *shot, index);
    }
}

fn add_shot(demo: &mut Demo<'_>, sequence: &str, shot: Shot, index: i64) {
    let (name, description, frames, done) = shot;
    let path = format!("{sequence}/{name}");
    let values = json!({
        "description": description,
        "status_id": workflow::status(overall_status(done, SHOT_TASKS.len())),
    });
    let shot = demo.context("Shot", &path, values);
    demo.custom_value(&shot, "task/Shot/fstart", 1001);
    demo.custom_value(&shot, "task/Shot/fend", 1000 + frames);
    let difficulty = if frames > 120 { "hard" } else { "medium" };
    demo.custom_value(&shot, "task/Shot/difficulty", json!([difficulty]));
    for (step, (kind, assignee)) in SHOT_TASKS.into_iter().enumerate() {
        let task = Task {
            parent: &path,
            kind,
            status: task_status(step, done),
            assignee,
            start: start_of(step, done) + index % 3,
            days: 4,
        };
        demo.task(task);
        publish_shot(demo, &task, step, done);
    }
}

fn publish_shot(demo: &mut Demo<'_>, task: &Task<'_>, step: usize, done: usize) {
    let (asset, asset_type, media) = match task.kind {
        "Layout" => ("layout", "Camera", Media::File(".abc", 900_000)),
        "Animation" => ("animation", "Animation", Media::File(".abc", 26_000_000)),
        "Lighting" => (
            "render",
            "Image Sequence",
            Media::Frames(".exr", 11_000_000),
        ),
        _ => ("comp", "Composite", Media::Frames(".exr", 9_000_000)),
    };
    demo.publish(&Publication {
        task: *task,
        asset,
        asset_type,
        versions: versions_of(step, done),
        media,
    });
}

/// The status of the task at `step` when so many are done.
fn task_status(step: usize, done: usize) -> &'static str {
    match (step.cmp(&done), step % 3) {
        (std::cmp::Ordering::Less, 1) => "Completed",
        (std::cmp::Ordering::Less, _) => "Approved",
        (std::cmp::Ordering::Equal, 1) => "Pending Review",
        (std::cmp::Ordering::Equal, _) => "In progress",
        (std::cmp::Ordering::Greater, _) if step == done + 1 => "Ready to start",
        (std::cmp::Ordering::Greater, _) => "Not started",
    }
}

fn overall_status(done: usize, of: usize) -> &'static str {
    match done {
        0 => "Not started",
        _ if done == of => "Completed",
        _ => "In progress",
    }
}

/// The first day of the task at `step`, so that the one in progress runs today.
fn start_of(step: usize, done: usize) -> i64 {
    let step = i64::try_from(step).unwrap_or_default();
    let done = i64::try_from(done).unwrap_or_default();
    (step - done) * 7 - 3
}

/// Finished work took two or three versions; work in progress has one to show.
fn versions_of(step: usize, done: usize) -> i64 {
    match step.cmp(&done) {
        std::cmp::Ordering::Less => 2 + i64::from(step % 2 == 1),
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Greater => 0,
    }
}

fn add_milestones(demo: &mut Demo<'_>) {
    for (name, day) in [("picture_lock", 21), ("final_delivery", 60)] {
        let values = json!({
            "type_id": id("Type", "Deliverable"),
            "start_date": demo.at(day, 0),
            "end_date": demo.at(day, 0),
        });
        demo.context("Milestone", &format!("{PROJECT}/{name}"), values);
    }
}
