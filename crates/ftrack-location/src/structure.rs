//! How data is organised in a location.

mod entity_id;
mod error;
mod id;
mod origin;
mod read;
mod sanitise;
mod standard;

use ftrack_entity::ReadEntity;

pub use self::entity_id::EntityIdStructure;
pub use self::error::StructureError;
pub use self::id::IdStructure;
pub use self::origin::OriginStructure;
pub use self::standard::StandardStructure;

/// What structures return.
pub type Result<T, E = StructureError> = std::result::Result<T, E>;

/// Decides where in a location the data of an entity goes (product documentation, "Locations", Structure).
///
/// Locations ask it for components. It takes any entity, so the same structure can say where the folders of a shot
/// are.
///
/// ```
/// use ftrack_location::{
///     Accessor, JsonEntity, MemoryAccessor, Structure, StructureContext, StructureError, structure,
/// };
/// use ftrack_entity::ReadEntity;
/// use serde_json::json;
///
/// /// Everything in one folder for each type.
/// struct ByType;
///
/// impl Structure for ByType {
///     fn resource_identifier(
///         &self,
///         entity: &dyn ReadEntity,
///         _: &StructureContext<'_>,
///     ) -> structure::Result<String> {
///         let name = entity.value("name").map_err(StructureError::other)?;
///         Ok(format!("{}/{}", entity.entity_type(), name.as_str().unwrap_or("unnamed")))
///     }
/// }
///
/// let shot = json!({"__entity_type__": "Shot", "id": "s-1", "name": "bunny_010"});
/// let shot = JsonEntity::new(&shot)?;
/// let folder = ByType.resource_identifier(&shot, &StructureContext::new())?;
///
/// let accessor = MemoryAccessor::new();
/// accessor.make_container(&folder, true)?;
/// assert!(accessor.is_container("Shot/bunny_010")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Structure: Send + Sync {
    /// The resource identifier for `entity`.
    ///
    /// # Errors
    ///
    /// [`StructureError`] says what is missing, or that this structure has no place for such an entity.
    #[doc(alias = "get_resource_identifier")]
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        context: &StructureContext<'_>,
    ) -> Result<String>;
}

/// What a structure may need besides the entity.
///
/// ```
/// use ftrack_location::StructureContext;
///
/// let context = StructureContext::new().with_source("/home/ada/plate.exr");
/// assert_eq!(context.source_resource_identifier(), Some("/home/ada/plate.exr"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StructureContext<'a> {
    source_resource_identifier: Option<&'a str>,
}

impl<'a> StructureContext<'a> {
    /// Nothing besides the entity.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the resource identifier is in the location that the data comes from.
    pub fn with_source(mut self, resource_identifier: &'a str) -> Self {
        self.source_resource_identifier = Some(resource_identifier);
        self
    }

    /// The resource identifier in the location that the data comes from.
    pub fn source_resource_identifier(&self) -> Option<&'a str> {
        self.source_resource_identifier
    }
}

/// The expression for the numbers of a sequence: `%04d`, or `%d` for numbers that are not padded.
fn sequence_expression(sequence: &dyn ReadEntity) -> Result<String> {
    let padding = read::number(sequence, "padding")?.unwrap_or(0);
    Ok(if padding == 0 {
        "%d".to_owned()
    } else {
        format!("%0{padding}d")
    })
}

/// The folder that a resource is in.
fn folder_of(resource_identifier: &str) -> &str {
    resource_identifier
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
}

/// How deep containers may lie in one another: no real ones do, but a loop of them must not end the program.
const MAXIMUM_NESTING: usize = 32;
