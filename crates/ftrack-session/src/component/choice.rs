//! Which location a new component is added to.

use crate::location::Location;

/// Which location a new component is added to; its origin always remembers where its files are.
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// use ftrack_session::{LocationChoice, values};
///
/// let picked = session.create_component("/plates/a.exr", values! {}, LocationChoice::Auto)?;
/// let nowhere = session.create_component("/plates/b.exr", values! {}, LocationChoice::None)?;
/// let server = session.location("ftrack.server")?;
/// let uploaded = session.create_component("/plates/c.jpg", values! {}, &server)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum LocationChoice {
    /// The one that [`Session::pick_location`](crate::Session::pick_location) picks; for components with the names of
    /// media that are made for review in the browser, such as `ftrackreview-mp4`, the location `ftrack.review`.
    #[default]
    Auto,
    /// None. Nothing is committed.
    None,
    /// This one.
    In(Location),
}

impl From<&Location> for LocationChoice {
    fn from(location: &Location) -> Self {
        Self::In(location.clone())
    }
}

impl From<Location> for LocationChoice {
    fn from(location: Location) -> Self {
        Self::In(location)
    }
}
