//! How a session uses a location.

use std::fmt;
use std::sync::Arc;

use ftrack_location::{Accessor, ResourceIdentifierTransformer, Structure};

use super::Location;

/// The priority of locations that nobody gave another.
const PRIORITY: i32 = 95;

/// What happens to data and registrations when components are added to a location or removed from it (product
/// documentation, "Locations", Using components with locations; reference of `entity.location`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum LocationKind {
    /// Data is copied into the location and removed from it, and the server knows what is there.
    #[default]
    Managed,
    /// Data is left alone: only the server is told. `UnmanagedLocationMixin` of the official client.
    Unmanaged,
    /// Data is copied and removed, but only this session knows what is there. `MemoryLocationMixin`.
    Memory,
    /// Data is left alone, only this session knows what is there, and components are added by the paths of their
    /// files. `OriginLocationMixin`.
    Origin,
    /// As [`Managed`](Self::Managed), with thumbnails. `ServerLocationMixin`.
    Server,
}

impl LocationKind {
    /// Whether adding and removing components copies and removes their data.
    pub fn manages_data(self) -> bool {
        !matches!(self, Self::Unmanaged | Self::Origin)
    }

    /// Whether what is in the location is known to this session only.
    pub fn is_in_memory(self) -> bool {
        matches!(self, Self::Memory | Self::Origin)
    }
}

/// What a session needs to know of a location to use it: for [`Location::configure`] and
/// [`SessionBuilder::location`](crate::SessionBuilder::location).
///
/// ```
/// use ftrack_location::{DiskAccessor, StandardStructure};
/// use ftrack_session::{LocationConfiguration, LocationKind};
///
/// let configuration = LocationConfiguration::new()
///     .accessor(DiskAccessor::new("/mnt/projects")?)
///     .structure(StandardStructure::new())
///     .priority(30)
///     .kind(LocationKind::Managed);
/// # drop(configuration);
/// # Ok::<(), ftrack_location::AccessorError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct LocationConfiguration {
    pub(crate) accessor: Option<Arc<dyn Accessor>>,
    pub(crate) structure: Option<Arc<dyn Structure>>,
    pub(crate) transformer: Option<Arc<dyn ResourceIdentifierTransformer>>,
    pub(crate) priority: i32,
    pub(crate) kind: LocationKind,
}

impl Default for LocationConfiguration {
    fn default() -> Self {
        Self::new()
    }
}

impl LocationConfiguration {
    /// A managed location without accessor and structure, of priority 95.
    pub fn new() -> Self {
        Self {
            accessor: None,
            structure: None,
            transformer: None,
            priority: PRIORITY,
            kind: LocationKind::default(),
        }
    }

    /// How the storage is reached.
    pub fn accessor(mut self, accessor: impl Accessor + 'static) -> Self {
        self.accessor = Some(Arc::new(accessor));
        self
    }

    /// Where in the storage data goes.
    pub fn structure(mut self, structure: impl Structure + 'static) -> Self {
        self.structure = Some(Arc::new(structure));
        self
    }

    /// What changes resource identifiers before they are stored.
    pub fn resource_identifier_transformer(
        mut self,
        transformer: impl ResourceIdentifierTransformer + 'static,
    ) -> Self {
        self.transformer = Some(Arc::new(transformer));
        self
    }

    /// How early the location is picked: lower numbers first.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// What happens to data and registrations.
    pub fn kind(mut self, kind: LocationKind) -> Self {
        self.kind = kind;
        self
    }
}

impl fmt::Debug for LocationConfiguration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocationConfiguration")
            .field("accessor", &self.accessor.is_some())
            .field("structure", &self.structure.is_some())
            .field("transformer", &self.transformer.is_some())
            .field("priority", &self.priority)
            .field("kind", &self.kind)
            .finish()
    }
}

/// How this session uses the location (product documentation, "Configuring locations"). Configurations last as long as
/// the session: also when it is reset.
impl Location {
    /// Replaces everything that was configured.
    pub fn configure(&self, configuration: LocationConfiguration) {
        self.change(|_| configuration);
    }

    /// Sets how the storage is reached.
    pub fn set_accessor(&self, accessor: impl Accessor + 'static) {
        self.change(|configuration| configuration.accessor(accessor));
    }

    /// Sets where in the storage data goes.
    pub fn set_structure(&self, structure: impl Structure + 'static) {
        self.change(|configuration| configuration.structure(structure));
    }

    /// Sets what changes resource identifiers before they are stored.
    pub fn set_resource_identifier_transformer(
        &self,
        transformer: impl ResourceIdentifierTransformer + 'static,
    ) {
        self.change(|configuration| configuration.resource_identifier_transformer(transformer));
    }

    /// Sets how early the location is picked: lower numbers first.
    pub fn set_priority(&self, priority: i32) {
        self.change(|configuration| configuration.priority(priority));
    }

    /// Sets what happens to data and registrations.
    pub fn set_kind(&self, kind: LocationKind) {
        self.change(|configuration| configuration.kind(kind));
    }

    /// How the storage is reached, if that is configured.
    pub fn accessor(&self) -> Option<Arc<dyn Accessor>> {
        self.configuration().accessor
    }

    /// Where in the storage data goes, if that is configured.
    pub fn structure(&self) -> Option<Arc<dyn Structure>> {
        self.configuration().structure
    }

    /// What changes resource identifiers before they are stored, if anything does.
    pub fn resource_identifier_transformer(
        &self,
    ) -> Option<Arc<dyn ResourceIdentifierTransformer>> {
        self.configuration().transformer
    }

    /// How early the location is picked: lower numbers first. 95 unless configured otherwise.
    pub fn priority(&self) -> i32 {
        self.configuration().priority
    }

    /// What happens to data and registrations.
    pub fn kind(&self) -> LocationKind {
        self.configuration().kind
    }

    pub(super) fn configuration(&self) -> LocationConfiguration {
        self.session().location_registry().configuration(&self.id())
    }

    fn change(&self, change: impl FnOnce(LocationConfiguration) -> LocationConfiguration) {
        let registry = self.session().location_registry();
        drop(registry.configure(&self.id(), change));
        registry.tell(&self.id(), &self.configuration());
    }
}
