//! Locations that the command line says how to reach.

use std::str::FromStr;

use clap::Args;
use ftrack::LocationConfiguration;
use ftrack::location::{DiskAccessor, EntityIdStructure, IdStructure, StandardStructure};

/// The priority of the location that is named first; others have small positive numbers.
const FIRST: i32 = -1000;

/// Which locations can be used.
#[derive(Debug, Default, Args)]
pub(crate) struct Disks {
    /// Reach the location NAME by the folder DIR, such as `studio.london=/mnt/london`.
    ///
    /// Repeat for more locations. Files have their places in it by the standard structure; `NAME=id:DIR` and
    /// `NAME=entity-id:DIR` choose another. A location given like this is preferred to those that are configured
    /// otherwise: by the storage scenario of the server, or by plugins.
    #[arg(long = "disk", value_name = "NAME=DIR", help_heading = "Files")]
    pub(crate) disks: Vec<Disk>,
}

/// A location and its folder: `NAME=DIR`, or `NAME=STRUCTURE:DIR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    name: String,
    structure: Structure,
    folder: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Structure {
    Standard,
    Id,
    EntityId,
}

impl Disk {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How the location is configured. Those that are named first are preferred, and each of them to others.
    pub(crate) fn configuration(&self, position: usize) -> ftrack::Result<LocationConfiguration> {
        let position = i32::try_from(position).unwrap_or(i32::MAX);
        let configuration = LocationConfiguration::new()
            .accessor(DiskAccessor::new(&self.folder)?)
            .priority(FIRST.saturating_add(position));
        Ok(match self.structure {
            Structure::Standard => configuration.structure(StandardStructure::new()),
            Structure::Id => configuration.structure(IdStructure::new()),
            Structure::EntityId => configuration.structure(EntityIdStructure),
        })
    }
}

impl FromStr for Disk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, place) = text
            .split_once('=')
            .filter(|(name, place)| !name.is_empty() && !place.is_empty())
            .ok_or("it has to be NAME=DIR")?;
        // A drive such as `S:` is not a structure.
        let (structure, folder) = match place.split_once(':') {
            Some(("standard", folder)) => (Structure::Standard, folder),
            Some(("id", folder)) => (Structure::Id, folder),
            Some(("entity-id", folder)) => (Structure::EntityId, folder),
            _ => (Structure::Standard, place),
        };
        if folder.is_empty() {
            return Err("it names no folder".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            structure,
            folder: folder.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_may_stand_before_the_folder() {
        for (text, name, structure, folder) in [
            ("a=/mnt/a", "a", Structure::Standard, "/mnt/a"),
            ("a=standard:/mnt", "a", Structure::Standard, "/mnt"),
            ("a=id:/mnt/a=b", "a", Structure::Id, "/mnt/a=b"),
            ("a.b=entity-id:~/x", "a.b", Structure::EntityId, "~/x"),
            (r"a=S:\x", "a", Structure::Standard, r"S:\x"),
            (r"a=id:S:\x", "a", Structure::Id, r"S:\x"),
        ] {
            let (name, folder) = (name.to_owned(), folder.to_owned());
            let expected = Disk {
                name,
                structure,
                folder,
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "a", "a=", "=/mnt", "a=id:"] {
            assert!(text.parse::<Disk>().is_err(), "{text:?}");
        }
    }
}
