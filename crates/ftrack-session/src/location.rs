//! Locations: where the files of components are.

mod add;
mod availability;
mod builtin;
mod collect;
mod configuration;
mod configure;
mod events;
mod links;
mod lookup;
mod naming;
mod pick;
mod registry;
mod remove;
mod resource;
mod side_by_side;
mod sync;
mod thumbnail;
mod verify;

use std::fmt;
use std::hash::{Hash, Hasher};

use ftrack_entity::Value;

pub(crate) use self::add::path_text;
pub use self::add::{AddOptions, Source};
pub use self::availability::Availability;
pub(crate) use self::collect::{for_each_level, has_members, lacks};
pub use self::configuration::{LocationConfiguration, LocationKind};
pub(crate) use self::links::places_of;
pub(crate) use self::registry::LocationRegistry;
pub use self::remove::RemoveOptions;
pub use self::sync::{SyncFailure, SyncItem, SyncOptions, SyncProgress, SyncReason, SyncReport};
pub use self::verify::{RegisteredFile, Verification};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::fetch::FetchPolicy;
use crate::fetch::ThreadSetting;
use crate::session::Session;

/// A place where the files of components are: a studio, a disk, the server (product documentation, "Locations").
///
/// It stands for an entity of the type `Location` and for what the session knows besides: how its storage is reached
/// ([`set_accessor`](Self::set_accessor)), where in it data goes ([`set_structure`](Self::set_structure)), and how
/// early it is picked ([`set_priority`](Self::set_priority)). That is configured for each session, belongs to the id of
/// the location, and so is the same for every handle, in the session and in all units of work of it
/// ([`Session::begin`]). A location that is not configured can still be asked what is available there.
///
/// ```
/// use ftrack_location::{DiskAccessor, IdStructure};
/// use ftrack_server::Server;
/// use ftrack_session::{Location, Session, values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// # let folder = std::env::temp_dir().join(format!("ftrack-doc-location-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("plate.exr");
/// # std::fs::write(&path, "pixels")?;
/// # let prefix = folder.join("storage").to_string_lossy().into_owned();
/// let location = session.ensure("Location", values! { "name": "my.location" }, &[])?;
/// let location = Location::try_from(location)?;
/// location.set_accessor(DiskAccessor::new(prefix)?.create_prefix(true));
/// location.set_structure(IdStructure::new());
/// location.set_priority(30);
///
/// let component = session.create_component(&path, values! {}, &location)?;
/// println!("{}", location.filesystem_path(&component)?.display());
/// assert_eq!(location.component_availability(&component)?, 100.0);
///
/// location.remove_component(&component)?;
/// assert_eq!(location.component_availability(&component)?, 0.0);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Location {
    entity: Entity,
}

impl Location {
    /// The entity.
    pub fn entity(&self) -> &Entity {
        &self.entity
    }

    /// The session that the entity belongs to.
    pub fn session(&self) -> &Session {
        self.entity.session()
    }

    /// The id of the location.
    pub fn id(&self) -> String {
        self.entity.id()
    }

    /// The name of the location, unique among all.
    ///
    /// # Errors
    ///
    /// The errors of loading it.
    #[track_caller]
    pub fn name(&self) -> Result<String> {
        self.entity.get("name")
    }

    /// The same location as `session` has it, which may be another unit of work.
    fn within(&self, session: &Session) -> Result<Self> {
        let entity = session.attach(&self.entity)?;
        Ok(Self { entity })
    }

    /// A failure at this location.
    fn error(&self, message: String) -> Error {
        Error::new(ErrorKind::Location, message).with_detail("location", self.id())
    }
}

/// Lets what structures and transformers read be loaded on this thread, whatever the session does otherwise: who calls
/// them cannot know what that is going to be.
fn loading(session: &Session) -> Option<ThreadSetting> {
    let is_off = matches!(session.fetch_policy(), FetchPolicy::Off | FetchPolicy::Deny);
    is_off.then(|| session.fetching(FetchPolicy::Siblings))
}

/// Entities of the type `Location`; others are refused with [`ErrorKind::EntityType`].
impl TryFrom<Entity> for Location {
    type Error = Error;

    fn try_from(entity: Entity) -> Result<Self> {
        crate::entity::check::check_type(&entity, &["Location"], "a location")?;
        Ok(Self { entity })
    }
}

/// As for an owned entity.
impl TryFrom<&Entity> for Location {
    type Error = Error;

    fn try_from(entity: &Entity) -> Result<Self> {
        Self::try_from(entity.clone())
    }
}

/// A reference to the entity.
impl From<&Location> for Value {
    fn from(location: &Location) -> Self {
        Self::from(&location.entity)
    }
}

/// A reference to the entity.
impl From<Location> for Value {
    fn from(location: Location) -> Self {
        Self::from(&location.entity)
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.entity == other.entity
    }
}

impl Eq for Location {}

impl Hash for Location {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entity.hash(state);
    }
}

/// The name, where it is known, and the id, as in `<Location("ftrack.server", 3a372bde-…)>`.
impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.entity.record();
        let position = self.entity.definition().position("name");
        let name = position.map(|position| record.value(position));
        match name.as_ref().and_then(Value::as_str) {
            Some(name) => write!(formatter, "<Location({name:?}, {})>", self.id()),
            None => write!(formatter, "<Location({})>", self.id()),
        }
    }
}
