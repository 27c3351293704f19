//! Components.

use crate::{Availability, Entity, Location, Result};

/// What components can do (product documentation, "Locations", Obtaining component availability).
///
/// ```
/// use ftrack_session::ComponentHelpers;
///
/// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// let server = session.location("ftrack.server")?;
/// let availability = plate.get_availability(Some(&[server.clone()]))?;
/// println!("{} % are on the server", availability[&server.id()]);
/// # Ok(())
/// # }
/// ```
pub trait ComponentHelpers {
    /// How much of this component there is in each of the locations, or in all that the server has.
    ///
    /// # Errors
    ///
    /// As [`Session::get_component_availabilities`](crate::Session::get_component_availabilities).
    fn get_availability(&self, locations: Option<&[Location]>) -> Result<Availability>;
}

impl ComponentHelpers for Entity {
    #[track_caller]
    fn get_availability(&self, locations: Option<&[Location]>) -> Result<Availability> {
        self.session().get_component_availability(self, locations)
    }
}
