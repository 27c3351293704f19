//! Resource identifiers as they are stored centrally.

use ftrack_entity::ReadEntity;

use crate::error::BoxError;

/// Changes resource identifiers before they are stored centrally, and back after they are retrieved (product
/// documentation, "Locations", Transformer).
///
/// This is apart from what an accessor makes of an identifier, and is meant for what several locations share: paths
/// that are stored as keys and values, for example.
///
/// ```
/// use ftrack_entity::ReadEntity;
/// use ftrack_location::{JsonEntity, ResourceIdentifierTransformer, TransformError};
/// use serde_json::{Value, json};
///
/// /// Stores the folder and the name apart, as JSON.
/// struct Parts;
///
/// impl ResourceIdentifierTransformer for Parts {
///     fn encode(&self, identifier: &str, _: &dyn ReadEntity) -> Result<String, TransformError> {
///         let (folder, name) = identifier.rsplit_once('/').ok_or("the identifier has no folder")?;
///         Ok(json!({"folder": folder, "name": name}).to_string())
///     }
///
///     fn decode(&self, stored: &str, _: &dyn ReadEntity) -> Result<String, TransformError> {
///         let parts: Value = serde_json::from_str(stored).map_err(TransformError::from_error)?;
///         let part = |key| parts[key].as_str().ok_or("a part is missing");
///         Ok(format!("{}/{}", part("folder")?, part("name")?))
///     }
/// }
///
/// let component = json!({"__entity_type__": "FileComponent", "id": "c-1"});
/// let component = JsonEntity::new(&component)?;
/// let stored = Parts.encode("bunny/plate.exr", &component)?;
/// assert_eq!(Parts.decode(&stored, &component)?, "bunny/plate.exr");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ResourceIdentifierTransformer: Send + Sync {
    /// What is to be stored for `resource_identifier`.
    ///
    /// # Errors
    ///
    /// The identifier cannot be stored in this way.
    fn encode(
        &self,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError>;

    /// The resource identifier that `stored` stands for.
    ///
    /// # Errors
    ///
    /// What is stored is not of this transformer.
    fn decode(&self, stored: &str, component: &dyn ReadEntity) -> Result<String, TransformError>;
}

/// A resource identifier could not be transformed.
#[derive(Debug, thiserror::Error)]
#[error("cannot transform the resource identifier")]
pub struct TransformError {
    source: BoxError,
}

impl TransformError {
    /// A transformer's error.
    pub fn from_error(source: impl Into<BoxError>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl From<&str> for TransformError {
    fn from(reason: &str) -> Self {
        Self::from_error(reason)
    }
}
