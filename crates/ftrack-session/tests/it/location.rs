//! Locations: publishing, moving and finding the files of components.
#![expect(
    clippy::float_cmp,
    reason = "percentages are rounded, so round ones are exact"
)]

mod adding;
mod availability;
mod configuring;
mod creating;
mod deleted;
mod downloading;
mod errors;
mod events;
mod faults;
mod killed;
mod lifetime;
mod mending;
mod places;
mod removing;
mod replacing;
mod resources;
mod stories;
mod syncing;
mod uploading;
mod verifying;
mod wire;

use std::fs;
use std::path::PathBuf;

use ftrack_location::{DiskAccessor, IdStructure, Structure};
use ftrack_server::{RunningServer, Server};
use ftrack_session::{Entity, Location, LocationKind, Session, values};
use tempfile::TempDir;

use crate::builder;

/// A studio with a folder of its own.
struct Place {
    session: Session,
    server: RunningServer,
    folder: TempDir,
}

/// What kind of error of a session caused this one.
fn cause_kind(error: &ftrack_session::Error) -> Option<ftrack_session::ErrorKind> {
    let cause = std::error::Error::source(error)?;
    Some(cause.downcast_ref::<ftrack_session::Error>()?.kind())
}

impl Place {
    fn new() -> Self {
        let server = Server::builder().demo(true).testing(true).start().unwrap();
        let session = builder(&server).connect().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            session,
            server,
            folder,
        }
    }

    /// A second session with the same server, in which no location is configured.
    fn other_session(&self) -> Session {
        builder(&self.server).connect().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A file with this content.
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A sequence of files of these numbers, each with a content of its own: its expression.
    fn sequence(&self, name: &str, indexes: &[u32]) -> String {
        for index in indexes {
            self.file(&format!("{name}.{index:04}.exr"), &content(name, *index));
        }
        let ranges: Vec<String> = indexes.iter().map(ToString::to_string).collect();
        format!(
            "{} [{}]",
            self.text(&format!("{name}.%04d.exr")),
            ranges.join(", ")
        )
    }

    /// A location of this name, in a folder of this name.
    fn location(&self, name: &str, structure: impl Structure + 'static) -> Location {
        location(&self.session, name, &self.text(name), structure)
    }

    /// A file that was published to the location `storage`, and that location.
    fn published(&self) -> (Location, Entity) {
        let location = self.location("storage", IdStructure::new());
        let path = self.file("plate.exr", "pixels");
        let component = self.session.create_component(&path, values! {}, &location);
        (location, component.unwrap())
    }

    fn origin(&self) -> Location {
        self.session.location("ftrack.origin").unwrap()
    }

    fn version(&self) -> Entity {
        self.session.query("AssetVersion").first().unwrap().unwrap()
    }

    /// The paths of all files in the folder of this name, relative to it.
    fn files(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(name), &mut |path| found.push(path));
        let prefix = self.path(name);
        let mut files: Vec<String> = found
            .iter()
            .map(|path| {
                path.strip_prefix(&prefix)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        files.sort();
        files
    }
}

fn walk(folder: &std::path::Path, found: &mut dyn FnMut(PathBuf)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found(path);
        }
    }
}

fn content(name: &str, index: u32) -> String {
    format!("{name} {index} {}", "x".repeat(index as usize))
}

fn location(
    session: &Session,
    name: &str,
    prefix: &str,
    structure: impl Structure + 'static,
) -> Location {
    let entity = session
        .ensure("Location", values! { "name": name }, &[])
        .unwrap();
    let location = Location::try_from(entity).unwrap();
    location.set_accessor(DiskAccessor::new(prefix).unwrap().create_prefix(true));
    location.set_structure(structure);
    assert_eq!(location.kind(), LocationKind::Managed);
    location
}

/// How many rows the server has in `ComponentLocation` for this location.
fn registered(session: &Session, location: &Location) -> usize {
    let text = format!(
        "ComponentLocation where location_id is \"{}\"",
        location.id()
    );
    session.query(text).all().unwrap().len()
}
