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
pub use self::note::{NoteHelpers, NoteOptions};
pub use self::project_schema::ProjectSchemaHelpers;
pub use self::review_session::ReviewSessionHelpers;
pub use self::thumbnail::ThumbnailHelpers;
pub use self::timer::{TimerHelpers, TimerOptions};
pub use self::user::UserHelpers;
