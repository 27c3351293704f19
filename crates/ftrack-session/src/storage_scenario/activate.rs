//! Configuring the location of the centralized storage.

use ftrack_entity::Identity;
use ftrack_location::{DiskAccessor, StandardStructure};
use serde_json::Value as Json;

use super::settings::{CentralizedStorage, Platform};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::location::Location;
use crate::location::LocationConfiguration;
use crate::session::Session;

/// Before every other location.
const PRIORITY: i32 = 1;

/// Configures the location that `scenario` names: the folder where this platform mounts it, with the standard
/// structure.
///
/// # Errors
///
/// [`ErrorKind::Location`] if the scenario lacks something, or has no mount point for this platform; the location is
/// not configured then.
pub(super) fn activate(session: &Session, scenario: &Json) -> Result<()> {
    let storage = CentralizedStorage::from_scenario(scenario)?;
    let platform = Platform::current().ok_or_else(|| {
        let system = std::env::consts::OS;
        Error::new(
            ErrorKind::Location,
            format!("storage scenarios have no mount points for {system}"),
        )
    })?;
    let mount_point = storage.mount_points.for_platform(platform).ok_or_else(|| {
        let name = &storage.location_name;
        Error::new(
            ErrorKind::Location,
            format!(
                "the storage scenario has no mount point of {name:?} for {}",
                platform.label()
            ),
        )
        .with_detail("location_name", name.as_str())
    })?;
    let location_type = session.definition("Location")?.name();
    let identity = Identity::new(location_type, storage.location_id.as_str());
    let location = Location::try_from(session.entity(&identity)?)?;
    location.configure(
        LocationConfiguration::new()
            .accessor(DiskAccessor::new(mount_point)?)
            .structure(StandardStructure::new())
            .priority(PRIORITY),
    );
    tracing::info!(
        location = storage.location_name,
        mount_point,
        "configured the location of the storage scenario"
    );
    Ok(())
}
