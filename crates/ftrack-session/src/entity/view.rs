//! Entities as structures and transformers see them.

use ftrack_entity::{Identity, ReadEntity, Value};

use crate::entity::Entity;

/// Structures work on entities of a session, which load what is asked for.
///
/// ```
/// use ftrack_entity::ReadEntity;
///
/// # fn example(shot: &ftrack_session::Entity) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let view: &dyn ReadEntity = shot;
/// println!("{:?} in {:?}", view.value("name")?, view.value("project.name")?);
/// # Ok(())
/// # }
/// ```
impl ReadEntity for Entity {
    fn identity(&self) -> &Identity {
        self.identity()
    }

    fn value(&self, path: &str) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.value(path)?)
    }

    fn related(
        &self,
        identity: &Identity,
    ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Some(Box::new(Self::related(self, identity)?)))
    }
}
