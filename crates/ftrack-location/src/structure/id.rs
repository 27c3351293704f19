//! Paths made of ids.

use ftrack_entity::ReadEntity;

use super::read::{self, ComponentType};
use super::{MAXIMUM_NESTING, Result, Structure, StructureContext, folder_of, sequence_expression};

/// Paths made of the ids of components, four folders deep, so that no folder holds millions of entries.
///
/// | component | resource identifier |
/// | --- | --- |
/// | file | `prefix/1/2/3/4/56789.exr` |
/// | container | `prefix/1/2/3/4/56789` |
/// | file in a container | `prefix/1/2/3/4/56789/355827648d.exr` |
/// | sequence | `prefix/1/2/3/4/56789/file.%04d.exr` |
/// | file in a sequence | `prefix/1/2/3/4/56789/file.0001.exr` |
///
/// ```
/// use ftrack_location::{IdStructure, JsonEntity, Structure, StructureContext};
/// use serde_json::json;
///
/// let component = json!({"__entity_type__": "FileComponent", "id": "123456789", "file_type": ".exr"});
/// let component = JsonEntity::new(&component)?;
/// let structure = IdStructure::with_prefix("prefix");
/// assert_eq!(
///     structure.resource_identifier(&component, &StructureContext::new())?,
///     "prefix/1/2/3/4/56789.exr"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct IdStructure {
    prefix: String,
}

impl IdStructure {
    /// Paths without a prefix.
    pub fn new() -> Self {
        Self::default()
    }

    /// Paths that start with these folders.
    pub fn with_prefix(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
        }
    }

    fn identifier(&self, entity: &dyn ReadEntity, nesting: usize) -> Result<String> {
        let component_type =
            read::component_type(entity).ok_or_else(|| read::unsupported(entity))?;
        let path = match component_type {
            ComponentType::File => self.file(entity, nesting)?,
            ComponentType::Sequence => format!(
                "{}/file.{}{}",
                self.chunked(entity),
                sequence_expression(entity)?,
                read::text(entity, "file_type")?
            ),
            ComponentType::Container => self.chunked(entity),
        };
        Ok(path.trim_matches('/').to_owned())
    }

    fn file(&self, entity: &dyn ReadEntity, nesting: usize) -> Result<String> {
        let file_type = read::text(entity, "file_type")?;
        let Some(container) = read::reference(entity, "container")? else {
            return Ok(format!("{}{file_type}", self.chunked(entity)));
        };
        if nesting == MAXIMUM_NESTING {
            return Err(read::nested_too_deeply(entity));
        }
        let path = self.identifier(&*container, nesting + 1)?;
        Ok(
            if read::component_type(&*container) == Some(ComponentType::Sequence) {
                let index = read::required_text(entity, "name")?;
                format!("{}/file.{index}{file_type}", folder_of(&path))
            } else {
                format!("{path}/{}{file_type}", read::id(entity))
            },
        )
    }

    /// The id, with a folder for each of its first four characters.
    fn chunked(&self, entity: &dyn ReadEntity) -> String {
        let mut path = self.prefix.clone();
        for (position, character) in read::id(entity).chars().enumerate() {
            if position <= 4 {
                path.push('/');
            }
            path.push(character);
        }
        path
    }
}

impl Structure for IdStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        _: &StructureContext<'_>,
    ) -> Result<String> {
        self.identifier(entity, 0)
    }
}
