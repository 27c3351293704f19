//! Entities: what a session hands out.

pub(crate) mod check;
mod inspect;
pub(crate) mod keys;
mod map;
mod path;
mod read;
mod view;
mod write;

use ftrack_entity::Identity;

pub use self::inspect::EntityAttribute;
pub use self::read::FromAttribute;
use crate::error::Result;
use crate::fetch::FetchPolicy;
pub use crate::session::Entity;

impl Entity {
    /// Another handle of the entity, with a fetch policy of its own: it decides what happens when an attribute that is
    /// not loaded is read through this handle, or through an entity that is reached from it. A setting of the thread
    /// ([`Session::fetching`](crate::Session::fetching), [`Session::auto_populating`](crate::Session::auto_populating))
    /// counts before it.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use ftrack_session::FetchPolicy;
    ///
    /// let known = task.fetching(FetchPolicy::Off);
    /// let status = known.value("status.name")?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fetching(&self, policy: FetchPolicy) -> Self {
        self.clone().with_policy(Some(policy))
    }

    /// What reading an attribute that is not loaded does through this handle, on this thread.
    pub fn fetch_policy(&self) -> FetchPolicy {
        self.session.policy_or(self.policy)
    }

    /// The entity of this identity, which this one refers to. What keeps this one in memory keeps that one too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`](crate::ErrorKind::UnrecognisedEntityType) if the server has no such type.
    pub fn related(&self, identity: &Identity) -> Result<Self> {
        self.session
            .entity_among(identity, self.held.as_ref())
            .map(|related| related.with_policy(self.policy))
    }

    /// The names of all attributes (product documentation, "Tutorial").
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.definition()
            .attributes()
            .iter()
            .map(ftrack_entity::Attribute::name)
    }

    /// Loads `projections` for this entity.
    ///
    /// # Errors
    ///
    /// The errors of a query.
    #[track_caller]
    pub fn populate<P: AsRef<str>>(&self, projections: impl IntoIterator<Item = P>) -> Result<()> {
        self.session
            .populate(std::slice::from_ref(self), projections)
    }

    /// Records that this entity is deleted.
    ///
    /// # Errors
    ///
    /// As [`Session::delete`](crate::Session::delete).
    pub fn delete(&self) -> Result<()> {
        self.session.delete(self)
    }
}
