//! Where in a location a component is.

use std::path::PathBuf;
use std::sync::Arc;

use ftrack_location::Accessor;

use super::Location;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::Result;

impl Location {
    /// The resource identifier of the component in this location.
    ///
    /// # Errors
    ///
    /// As [`resource_identifiers`](Self::resource_identifiers).
    #[track_caller]
    #[doc(alias = "get_resource_identifier")]
    pub fn resource_identifier(&self, component: &Entity) -> Result<String> {
        let mut identifiers = self.resource_identifiers(std::slice::from_ref(component))?;
        identifiers
            .pop()
            .ok_or_else(|| self.lacks(std::slice::from_ref(component)))
    }

    /// The resource identifiers of the components in this location, in the order of the components.
    ///
    /// ```
    /// # fn example(location: &ftrack_session::Location, frames: &[ftrack_session::Entity]) -> ftrack_session::Result<()> {
    /// for (frame, identifier) in frames.iter().zip(location.resource_identifiers(frames)?) {
    ///     println!("{frame:?}: {identifier}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ComponentNotInLocation`](crate::ErrorKind::ComponentNotInLocation) names those that are not in the
    /// location; [`ErrorKind::Location`](crate::ErrorKind::Location) if the location's transformer cannot read what is
    /// stored, and the errors of a query.
    #[track_caller]
    #[doc(alias = "get_resource_identifiers")]
    pub fn resource_identifiers(&self, components: &[Entity]) -> Result<Vec<String>> {
        let _loading = super::loading(self.session());
        let mut stored = self.stored_identifiers(components)?;
        let missing: Vec<Entity> = components
            .iter()
            .filter(|component| !stored.contains_key(&component.id()))
            .cloned()
            .collect();
        if !missing.is_empty() {
            return Err(self.lacks(&missing));
        }
        components
            .iter()
            .map(|component| {
                // A component may be named twice, so what is stored stays.
                let identifier = stored.get_mut(&component.id()).map(|text| text.clone());
                self.decoded(component, identifier.unwrap_or_default())
            })
            .collect()
    }

    /// The path of the component's file or sequence in the file system (product documentation, "Locations", Accessing
    /// paths), for locations whose accessor has such paths.
    ///
    /// # Errors
    ///
    /// As [`filesystem_paths`](Self::filesystem_paths).
    #[track_caller]
    #[doc(alias = "get_filesystem_path")]
    pub fn filesystem_path(&self, component: &Entity) -> Result<PathBuf> {
        let identifier = self.resource_identifier(component)?;
        Ok(self.required_accessor()?.filesystem_path(&identifier)?)
    }

    /// The paths of the components in the file system, in their order.
    ///
    /// # Errors
    ///
    /// As [`resource_identifiers`](Self::resource_identifiers);
    /// [`ErrorKind::Location`](crate::ErrorKind::Location) if the location has no accessor,
    /// [`ErrorKind::AccessorUnsupportedOperation`](crate::ErrorKind::AccessorUnsupportedOperation) if its storage has
    /// no paths, and [`ErrorKind::AccessorFilesystemPath`](crate::ErrorKind::AccessorFilesystemPath) if what is stored
    /// is none.
    #[track_caller]
    #[doc(alias = "get_filesystem_paths")]
    pub fn filesystem_paths(&self, components: &[Entity]) -> Result<Vec<PathBuf>> {
        let identifiers = self.resource_identifiers(components)?;
        let accessor = self.required_accessor()?;
        let paths = identifiers
            .iter()
            .map(|identifier| accessor.filesystem_path(identifier));
        Ok(paths.collect::<Result<_, _>>()?)
    }

    /// The URL of the component's file, for locations whose accessor has URLs.
    ///
    /// # Errors
    ///
    /// As [`filesystem_paths`](Self::filesystem_paths).
    #[track_caller]
    #[doc(alias = "get_url")]
    pub fn url(&self, component: &Entity) -> Result<String> {
        let identifier = self.resource_identifier(component)?;
        Ok(self.required_accessor()?.url(&identifier)?)
    }

    /// The accessor, without which nothing can be reached.
    pub(crate) fn required_accessor(&self) -> Result<Arc<dyn Accessor>> {
        self.accessor().ok_or_else(|| {
            self.error(format!(
                "no accessor is defined for {self:?}; give it one by Location::configure"
            ))
        })
    }

    /// What a stored resource identifier stands for.
    pub(super) fn decoded(&self, component: &Entity, stored: String) -> Result<String> {
        match self.resource_identifier_transformer() {
            None => Ok(stored),
            Some(transformer) => transformer
                .decode(&stored, component)
                .map_err(|source| self.transform_error(component, source)),
        }
    }

    /// What is stored for a resource identifier.
    pub(super) fn encoded(&self, component: &Entity, identifier: &str) -> Result<String> {
        match self.resource_identifier_transformer() {
            None => Ok(identifier.to_owned()),
            Some(transformer) => transformer
                .encode(identifier, component)
                .map_err(|source| self.transform_error(component, source)),
        }
    }

    fn transform_error(
        &self,
        component: &Entity,
        source: ftrack_location::TransformError,
    ) -> Error {
        self.error(format!(
            "the resource identifier of {component:?} cannot be transformed for {self:?}"
        ))
        .with_detail("component", component.id())
        .with_source(source)
    }
}
