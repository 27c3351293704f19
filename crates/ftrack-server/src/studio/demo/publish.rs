//! Assets, their versions and the files of these.

use serde_json::json;

use super::contexts::Task;
use super::{Demo, id, user, workflow};

/// Where the files of the production are: they stay where they are.
const LOCATION: &str = "cb268ecc-8809-11e3-a7e2-20c9d081909b";

/// Frames that sequences really have; enough to see that they are sequences.
const FRAMES: std::ops::RangeInclusive<i64> = 1001..=1004;

/// What a version holds.
#[derive(Clone, Copy)]
pub(super) enum Media {
    /// One file, by its type and size.
    File(&'static str, i64),
    /// Frames, by their type and the size of each.
    Frames(&'static str, i64),
}

/// Versions of an asset that came out of a task.
pub(super) struct Publication<'a> {
    pub(super) task: Task<'a>,
    pub(super) asset: &'a str,
    pub(super) asset_type: &'a str,
    pub(super) versions: i64,
    pub(super) media: Media,
}

impl Demo<'_> {
    /// Adds an asset below the parent of the task, with its versions; nothing when there are none.
    pub(super) fn publish(&mut self, publication: &Publication<'_>) {
        if publication.versions == 0 {
            return;
        }
        let path = format!("{}/{}", publication.task.parent, publication.asset);
        let values = json!({
            "name": publication.asset,
            "context_id": self.context_id(publication.task.parent),
            "type_id": id("AssetType", publication.asset_type),
        });
        self.rows.add("Asset", &path, values);
        for number in 1..=publication.versions {
            self.publish_version(publication, &path, number);
        }
    }

    fn publish_version(&mut self, publication: &Publication<'_>, asset: &str, number: i64) {
        let task = &publication.task;
        let is_last = number == publication.versions;
        let (status, comment) = match task.status {
            _ if !is_last => ("Revise", "First pass, for direction."),
            "Approved" | "Completed" => ("Approved", "All notes addressed."),
            _ => ("Pending Review", "Ready to be looked at."),
        };
        let values = json!({
            "asset_id": id("Asset", asset),
            "task_id": self.context_id(&task.path()),
            "user_id": user(task.assignee),
            "status_id": workflow::status(status),
            "version": number,
            "comment": comment,
            "date": self.at((task.start + number).min(0), 16),
        });
        let path = format!("{asset}/v{number:03}");
        let version_id = self.rows.add("AssetVersion", &path, values);
        match publication.media {
            Media::File(file_type, size) => {
                let values = json!({ "file_type": file_type, "size": size });
                self.component(
                    "FileComponent",
                    &path,
                    "main",
                    file_type,
                    values,
                    &version_id,
                );
            }
            Media::Frames(file_type, size) => {
                self.add_frames(&path, file_type, size, &version_id);
            }
        }
        let values = json!({ "file_type": ".mov", "size": 6_400_000 });
        self.component(
            "FileComponent",
            &path,
            "preview",
            ".mov",
            values,
            &version_id,
        );
    }

    fn component(
        &mut self,
        entity_type: &str,
        version: &str,
        name: &str,
        file_type: &str,
        values: serde_json::Value,
        version_id: &str,
    ) -> String {
        let path = format!("{version}/{name}");
        let values = super::merge(values, json!({ "name": name, "version_id": version_id }));
        let component_id = self.rows.add(entity_type, &path, values);
        self.place(
            &path,
            &component_id,
            &format!("/mnt/projects/{path}{file_type}"),
        );
        component_id
    }

    fn add_frames(&mut self, version: &str, file_type: &str, size: i64, version_id: &str) {
        let count = FRAMES.end() - FRAMES.start() + 1;
        let values = json!({ "file_type": file_type, "size": size * count, "padding": 4 });
        let suffix = format!(".%04d{file_type}");
        let sequence = self.component(
            "SequenceComponent",
            version,
            "main",
            &suffix,
            values,
            version_id,
        );
        for frame in FRAMES {
            let path = format!("{version}/main.{frame}");
            let values = json!({
                "name": frame.to_string(),
                "file_type": file_type,
                "size": size,
                "container_id": sequence,
            });
            let component_id = self.rows.add("FileComponent", &path, values);
            self.place(
                &path,
                &component_id,
                &format!("/mnt/projects/{path}{file_type}"),
            );
        }
    }

    fn place(&mut self, path: &str, component_id: &str, file: &str) {
        let values = json!({
            "component_id": component_id,
            "location_id": LOCATION,
            "resource_identifier": file,
        });
        self.rows.add("ComponentLocation", path, values);
    }
}
