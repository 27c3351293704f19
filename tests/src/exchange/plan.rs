//! What is published, and where to.

use std::path::Path;

use ftrack_location::{DiskAccessor, EntityIdStructure, IdStructure, StandardStructure};
use ftrack_session::{Location, Session, values};
use serde_json::{Value, json};

use super::BoxError;

/// The files that there are to publish; each contains its name.
pub const SOURCES: [&str; 10] = [
    "Björn's Scene.MA",
    "plate.1001.exr",
    "plate.1002.exr",
    "plate.1003.exr",
    "plate.1007.exr",
    "frame.8.jpg",
    "frame.9.jpg",
    "frame.10.jpg",
    "notes.txt",
    "archive.tar.gz",
];

/// What both clients publish.
pub struct Plan {
    folder: String,
    /// The id of the version that it is published for.
    pub version: String,
}

/// A location that everything is published to.
pub struct LocationPlan {
    pub(super) name: &'static str,
    pub(super) structure: Structure,
    /// Whether there can be containers in it, other than sequences.
    pub(super) containers: bool,
}

/// Where in a location data goes.
#[derive(Clone, Copy)]
pub enum Structure {
    /// By the hierarchy of the project.
    Standard,
    /// By ids, in folders.
    Id,
    /// By the whole id.
    EntityId,
    /// Where it comes from. Such locations are built in.
    Origin,
    /// As the server keeps it, a location that is built in.
    Server,
}

/// Something to publish.
pub struct Item {
    pub(super) name: &'static str,
    /// A file or sequence.
    pub(super) path: Option<&'static str>,
    /// The names and files of a container.
    pub(super) members: &'static [(&'static str, &'static str)],
}

const LOCATIONS: [LocationPlan; 5] = [
    LocationPlan {
        name: "exchange.standard",
        structure: Structure::Standard,
        containers: true,
    },
    LocationPlan {
        name: "exchange.id",
        structure: Structure::Id,
        containers: true,
    },
    LocationPlan {
        name: "exchange.entity-id",
        structure: Structure::EntityId,
        containers: true,
    },
    // A container comes from nowhere, so it has no place where it came from.
    LocationPlan {
        name: "ftrack.unmanaged",
        structure: Structure::Origin,
        containers: false,
    },
    LocationPlan {
        name: "ftrack.server",
        structure: Structure::Server,
        containers: false,
    },
];

const ITEMS: [Item; 4] = [
    Item {
        name: "Scene Ä",
        path: Some("Björn's Scene.MA"),
        members: &[],
    },
    Item {
        name: "Plate",
        path: Some("plate.%04d.exr [1001-1003, 1007]"),
        members: &[],
    },
    Item {
        name: "unpadded frames",
        path: Some("frame.%d.jpg [8-10]"),
        members: &[],
    },
    Item {
        name: "Delivery (1)",
        path: None,
        members: &[("Notes", "notes.txt"), ("archive", "archive.tar.gz")],
    },
];

impl Plan {
    /// A plan for the files in `folder`, with locations on disk beside them.
    ///
    /// # Errors
    ///
    /// If the path of the folder is not Unicode.
    pub fn new(folder: &Path, version: impl Into<String>) -> Result<Self, BoxError> {
        let folder = folder.to_str().ok_or("the folder is not Unicode")?;
        Ok(Self {
            folder: folder.to_owned(),
            version: version.into(),
        })
    }

    /// The locations.
    pub fn locations(&self) -> &'static [LocationPlan] {
        &LOCATIONS
    }

    /// What goes to each of them.
    pub fn items(&self) -> &'static [Item] {
        &ITEMS
    }

    /// The path of a source.
    pub fn source(&self, name: &str) -> String {
        format!("{}/source/{name}", self.folder)
    }

    fn prefix(&self, location: &LocationPlan) -> String {
        format!("{}/{}", self.folder, location.name)
    }

    /// Creates the locations that are not built in.
    ///
    /// # Errors
    ///
    /// If the server does not take them.
    pub fn create_locations(&self, session: &Session) -> Result<(), BoxError> {
        for location in &LOCATIONS {
            if location.name.starts_with("exchange.") {
                session.create("Location", values! { "name": location.name })?;
            }
        }
        session.commit()?;
        Ok(())
    }

    /// The location of the session, configured if it is not built in.
    ///
    /// # Errors
    ///
    /// If there is none, or its folder makes no sense.
    pub fn configured(&self, session: &Session, plan: &LocationPlan) -> Result<Location, BoxError> {
        let location = session.location(plan.name)?;
        match plan.structure {
            Structure::Standard => location.set_structure(StandardStructure::new()),
            Structure::Id => location.set_structure(IdStructure::new()),
            Structure::EntityId => location.set_structure(EntityIdStructure),
            Structure::Origin | Structure::Server => return Ok(location),
        }
        location.set_accessor(DiskAccessor::in_folder(self.prefix(plan))?.create_prefix(true));
        location.set_priority(10);
        Ok(location)
    }

    /// The plan as the other half reads it.
    pub fn to_json(&self) -> Value {
        let location = |plan: &LocationPlan| {
            let structure = match plan.structure {
                Structure::Standard => "standard",
                Structure::Id => "id",
                Structure::EntityId => "entity-id",
                Structure::Origin => "origin",
                Structure::Server => "server",
            };
            json!({
                "name": plan.name,
                "structure": structure,
                "prefix": self.prefix(plan),
                "containers": plan.containers,
            })
        };
        let file = |name: &str, path: &str| json!({ "name": name, "path": self.source(path) });
        let item = |item: &Item| {
            let members = item.members.iter().map(|(name, path)| file(name, path));
            match item.path {
                Some(path) => file(item.name, path),
                None => json!({ "name": item.name, "members": members.collect::<Vec<_>>() }),
            }
        };
        json!({
            "version": self.version,
            "locations": LOCATIONS.iter().map(location).collect::<Vec<_>>(),
            "items": ITEMS.iter().map(item).collect::<Vec<_>>(),
        })
    }
}
