//! What certain types of entities can do besides holding values: traits on [`Entity`], one for each type.
//!
//! Bring a trait into scope, and its methods are there on every entity. Those that an entity's type does not have
//! answer [`ErrorKind::EntityType`] and name the type that is needed. Traits of the same shape are the way to give
//! entities methods of your own.

mod asset_version;
mod component;
mod job;
mod note;
mod project_schema;
mod review_session;
mod thumbnail;
mod timer;
mod user;

pub use self::asset_version::AssetVersionHelpers;
pub use self::component::ComponentHelpers;
pub use self::job::JobHelpers;
pub(crate) use self::job::check_new_job;
pub use self::note::{NoteHelpers, NoteOptions};
pub use self::project_schema::ProjectSchemaHelpers;
pub use self::review_session::ReviewSessionHelpers;
pub use self::thumbnail::ThumbnailHelpers;
pub use self::timer::{TimerHelpers, TimerOptions};
pub use self::user::UserHelpers;
use crate::{Entity, Error, ErrorKind, Result};

/// Refuses an entity of any other type than those in `expected`.
pub(crate) fn check_type(entity: &Entity, expected: &[&str], purpose: &str) -> Result<()> {
    if expected.contains(&entity.entity_type()) {
        return Ok(());
    }
    let expected = expected.join(" or ");
    Err(Error::new(
        ErrorKind::EntityType,
        format!("{purpose} takes an entity of type {expected}, not {entity:?}"),
    )
    .with_detail("expected", expected)
    .with_detail("found", entity.entity_type()))
}

/// Refuses an entity whose type lacks `attribute`.
fn check_attribute(entity: &Entity, attribute: &str, purpose: &str) -> Result<()> {
    if entity.definition().position(attribute).is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::EntityType,
        format!("{purpose} takes an entity whose type has {attribute:?}, not {entity:?}"),
    )
    .with_detail("expected", attribute)
    .with_detail("found", entity.entity_type()))
}
