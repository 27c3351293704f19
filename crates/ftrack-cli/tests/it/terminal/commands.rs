//! Every command that shows entities, with hostile names in all of them.

use ftrack::location::StandardStructure;
use ftrack::prelude::*;

use super::{HOSTILE, check, check_raw, styled};
use crate::Serving;
use crate::events::session;

/// A shot, a task of it, and a component whose file has gone, all with hostile names.
struct Hostile {
    session: ftrack::Session,
    folder: tempfile::TempDir,
    shot: String,
    task: String,
    version: String,
}

impl Hostile {
    fn new(serving: &Serving) -> Self {
        let session = session(serving);
        let folder = tempfile::tempdir().unwrap();
        let create = |entity_type: &str, values: Vec<(&'static str, Value)>| {
            session.create(entity_type, values).unwrap()
        };
        let project = session.query("Project").first().unwrap().unwrap();
        let shot = create(
            "Shot",
            values! { "name": HOSTILE, "description": HOSTILE, "parent": &project }.into(),
        );
        let task = create("Task", values! { "name": HOSTILE, "parent": &shot }.into());
        let asset_type = session.query("AssetType").first().unwrap().unwrap();
        let asset = create(
            "Asset",
            values! { "name": HOSTILE, "parent": &shot, "type": &asset_type }.into(),
        );
        let version = create("AssetVersion", values! { "asset": &asset }.into());
        for name in ["near", "far"] {
            create(
                "Location",
                values! { "name": name, "label": HOSTILE }.into(),
            );
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        session.commit().unwrap();
        let near = session.location("near").unwrap();
        near.set_accessor(
            ftrack::location::DiskAccessor::in_folder(folder.path().join("near")).unwrap(),
        );
        near.set_structure(StandardStructure::new());
        let file = folder.path().join("plate.exr");
        std::fs::write(&file, "pixels").unwrap();
        let component = session
            .create_component(
                &file,
                values! { "name": HOSTILE, "version": &version },
                &near,
            )
            .unwrap();
        std::fs::remove_file(near.filesystem_path(&component).unwrap()).unwrap();
        Self {
            shot: format!("Shot:{}", shot.id()),
            task: format!("Task:{}", task.id()),
            version: format!("AssetVersion:{}", version.id()),
            session,
            folder,
        }
    }

    fn disk(&self, name: &str) -> String {
        format!("{name}={}", self.folder.path().join(name).display())
    }
}

#[test]
fn every_command_that_shows_entities_escapes_their_names() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let hostile = Hostile::new(&serving);
    let (near, far) = (hostile.disk("near"), hostile.disk("far"));
    let disks = ["--disk", near.as_str(), "--disk", far.as_str()];
    let (shot, task) = (hostile.shot.as_str(), hostile.task.as_str());
    let parent = format!("parent={shot}");
    let showing: [&[&str]; 9] = [
        &["get", shot],
        &["get", shot, task],
        &["tree", shot],
        &["set", shot, "description=calm"],
        &["component", "ls", &hostile.version],
        &["component", "verify", "near"],
        &["location", "sync", "near", "far", "--dry-run"],
        &["assign", task, "admin"],
        &["log", task, "1h"],
    ];
    for command in showing {
        let mut arguments = command.to_vec();
        if matches!(command[1], "verify" | "sync") {
            arguments.extend(disks);
        }
        check(styled(&serving, &arguments));
    }
    let quiet: [&[&str]; 3] = [
        &["create", "Task", "name=calm", &parent],
        &["note", shot, "calm"],
        &["attributes", shot],
    ];
    for command in quiet {
        check_raw(styled(&serving, command));
    }
    check(styled(&serving, &["delete", shot, "--yes"]));
    let gone = hostile
        .session
        .query("Shot where description is calm")
        .all();
    assert!(gone.unwrap().is_empty());
}
