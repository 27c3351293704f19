//! Names and ids that ftrack's clients and servers agree on (product documentation, reference of `symbol`).
//!
//! What are symbols there are values of enumerations here; they have their old names in this module for those who
//! look for them.
//!
//! ```
//! use ftrack_session::{EntityState, Value, symbol};
//!
//! assert!(symbol::NOT_SET.is_not_set());
//! assert_eq!(symbol::CREATED, EntityState::Created);
//! # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
//! let storage = session.get("Location", symbol::SERVER_LOCATION_ID)?;
//! # Ok(())
//! # }
//! ```

use ftrack_entity::{EntityState, Value};

/// No value was set, and none was loaded. Not the same as null.
pub const NOT_SET: Value = Value::NotSet;

/// The entity was created and not committed.
pub const CREATED: EntityState = EntityState::Created;

/// The entity was changed and not committed.
pub const MODIFIED: EntityState = EntityState::Modified;

/// The entity was deleted, which is not committed.
pub const DELETED: EntityState = EntityState::Deleted;

/// How many bytes of a file a transfer moves at a time by default.
pub const CHUNK_SIZE: usize = 1024 * 1024;

/// The `job_type` of the action `delayed_job` that has the server take over users from LDAP (product documentation,
/// "Sync users with LDAP").
pub const JOB_SYNC_USERS_LDAP: &str = "SYNC_USERS_LDAP";

/// The id of the built-in location `ftrack.origin`, which knows for the time of a session where the files of new
/// components are.
pub const ORIGIN_LOCATION_ID: &str = "ce9b348f-8809-11e3-821c-20c9d081909b";

/// The id of the built-in location `ftrack.unmanaged`: files stay where they are, and their paths are stored.
pub const UNMANAGED_LOCATION_ID: &str = "cb268ecc-8809-11e3-a7e2-20c9d081909b";

/// The id of the built-in location `ftrack.review`, for components that are made for review in the browser.
pub const REVIEW_LOCATION_ID: &str = "cd41be70-8809-11e3-b98a-20c9d081909b";

/// The id of the built-in location `ftrack.connect`, which only ftrack Connect configures.
pub const CONNECT_LOCATION_ID: &str = "07b82a97-8cf9-11e3-9383-20c9d081909b";

/// The id of the built-in location `ftrack.server`: the storage of the server itself.
pub const SERVER_LOCATION_ID: &str = "3a372bde-05bc-11e4-8908-20c9d081909b";

/// The topic of the event that tells that a component was added to a location.
pub const COMPONENT_ADDED_TO_LOCATION_TOPIC: &str = "ftrack.location.component-added";

/// The topic of the event that tells that a component was removed from a location.
pub const COMPONENT_REMOVED_FROM_LOCATION_TOPIC: &str = "ftrack.location.component-removed";
