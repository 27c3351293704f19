//! Components.

use crate::entity::Entity;
use crate::error::Result;
use crate::location::Availability;
use crate::location::Location;

/// What components can do (product documentation, "Locations", Obtaining component availability).
///
/// ```
/// use ftrack_session::ComponentHelpers;
///
/// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// let server = session.location("ftrack.server")?;
/// let availability = plate.availability(Some(&[server.clone()]))?;
/// println!("{} % are on the server", availability[&server.id()]);
/// # Ok(())
/// # }
/// ```
pub trait ComponentHelpers {
    /// How much of this component there is in each of the locations, or in all that the server has.
    ///
    /// # Errors
    ///
    /// As [`Session::component_availabilities`](crate::Session::component_availabilities).
    #[doc(alias = "get_availability")]
    fn availability(&self, locations: Option<&[Location]>) -> Result<Availability>;
}

impl ComponentHelpers for Entity {
    #[track_caller]
    fn availability(&self, locations: Option<&[Location]>) -> Result<Availability> {
        self.session().component_availability(self, locations)
    }
}
