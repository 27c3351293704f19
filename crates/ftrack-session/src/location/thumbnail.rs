//! Addresses of pictures.

use super::Location;
use crate::{Entity, Result};

impl Location {
    /// The URL of a small picture of the component, that fits in `size` by `size` pixels if that is given (product
    /// documentation, "Working with thumbnails"). Only the location `ftrack.server` has them; they hold the user's
    /// credentials, as documented, so they are not for logs.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, image: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let server_location = session.location("ftrack.server")?;
    /// let url = server_location.get_thumbnail_url(image, Some(500))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get_url`](Self::get_url).
    #[track_caller]
    pub fn get_thumbnail_url(&self, component: &Entity, size: Option<u32>) -> Result<String> {
        let identifier = self.get_resource_identifier(component)?;
        Ok(self
            .required_accessor()?
            .get_thumbnail_url(&identifier, size)?)
    }
}
