//! Parts of the standard structure that a studio decides itself.

use std::fmt;
use std::sync::Arc;

use ftrack_entity::ReadEntity;

use super::StandardStructure;
use crate::structure::{Result, read};

/// Says in which folders an entity is, from the top down.
type Folders = dyn Fn(&dyn ReadEntity) -> Result<Option<Vec<String>>> + Send + Sync;

/// Makes a part of a path of a name.
type Sanitise = dyn Fn(&str) -> String + Send + Sync;

/// Names the folder of a version by its number.
type VersionFolder = dyn Fn(i64) -> String + Send + Sync;

/// What is decided otherwise than by default.
#[derive(Clone, Default)]
pub(super) struct Overrides {
    pub(super) folders: Option<Arc<Folders>>,
    pub(super) sanitise: Option<Arc<Sanitise>>,
    pub(super) version: Option<Arc<VersionFolder>>,
}

impl Overrides {
    /// The folder of a version, by its number.
    pub(super) fn version_folder(&self, number: i64) -> String {
        match &self.version {
            Some(name) => name(number),
            None => format!("v{number:03}"),
        }
    }

    /// The folders of a version or context, if a studio decides them.
    pub(super) fn folders_of(&self, entity: &dyn ReadEntity) -> Result<Option<Vec<String>>> {
        let Some(folders) = &self.folders else {
            return Ok(None);
        };
        let found = folders(entity)?;
        let lacks_one =
            |names: &Vec<String>| names.is_empty() || names.iter().any(String::is_empty);
        if found.as_ref().is_some_and(lacks_one) {
            return Err(read::missing(entity, "folder"));
        }
        Ok(found)
    }
}

impl StandardStructure {
    /// Decides in which folders versions and contexts are, from the top down; with `None` for an entity, they are the
    /// standard ones. What is in a version goes below its folders. Each name is sanitised and is one folder.
    ///
    /// ```
    /// use ftrack_entity::ReadEntity;
    /// use ftrack_location::{JsonEntity, StandardStructure, Structure, StructureContext, StructureError};
    /// use serde_json::json;
    ///
    /// let by_asset = StandardStructure::new().folders_with(|entity| {
    ///     if entity.entity_type().as_str() != "AssetVersion" {
    ///         return Ok(None);
    ///     }
    ///     let asset = entity.value("asset.name").map_err(StructureError::other)?;
    ///     Ok(Some(vec!["library".to_owned(), asset.as_str().unwrap_or_default().to_owned()]))
    /// });
    /// let version = json!({
    ///     "__entity_type__": "AssetVersion", "id": "v-1",
    ///     "asset": {"__entity_type__": "Asset", "id": "a-1", "name": "Old tree"},
    /// });
    /// let version = JsonEntity::new(&version)?;
    /// let folder = by_asset.resource_identifier(&version, &StructureContext::new())?;
    /// assert_eq!(folder, "library/old_tree");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn folders_with(
        mut self,
        folders: impl Fn(&dyn ReadEntity) -> Result<Option<Vec<String>>> + Send + Sync + 'static,
    ) -> Self {
        self.overrides.folders = Some(Arc::new(folders));
        self
    }

    /// Decides how a name becomes a part of a path, in place of the rules of
    /// [`sanitise_for_filesystem`](Self::sanitise_for_filesystem). A result that leads out of its folder is an error.
    ///
    /// ```
    /// use ftrack_location::StandardStructure;
    ///
    /// let structure = StandardStructure::new().sanitise_with(|name| name.replace(' ', "-"));
    /// assert_eq!(structure.sanitise_for_filesystem("Shot 010"), "Shot-010");
    /// ```
    pub fn sanitise_with(
        mut self,
        sanitise: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        self.overrides.sanitise = Some(Arc::new(sanitise));
        self
    }

    /// Decides what the folder of a version is called, by its number. Defaults to `v` and at least three digits.
    ///
    /// ```
    /// use ftrack_location::StandardStructure;
    ///
    /// let structure = StandardStructure::new().version_with(|number| format!("version_{number:04}"));
    /// # drop(structure);
    /// ```
    pub fn version_with(mut self, name: impl Fn(i64) -> String + Send + Sync + 'static) -> Self {
        self.overrides.version = Some(Arc::new(name));
        self
    }
}

impl fmt::Debug for Overrides {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Overrides")
            .field("folders", &self.folders.is_some())
            .field("sanitise", &self.sanitise.is_some())
            .field("version", &self.version.is_some())
            .finish()
    }
}
