//! Addresses of pictures.

use super::Location;
use crate::entity::Entity;
use crate::error::Result;

impl Location {
    /// The URL of a small picture of the component, that fits in `size` by `size` pixels if that is given (product
    /// documentation, "Working with thumbnails"). Only the location `ftrack.server` has them; they hold the user's
    /// credentials, as documented, so they are not for logs.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, image: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let server_location = session.location("ftrack.server")?;
    /// let url = server_location.thumbnail_url(image, Some(500))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`url`](Self::url).
    #[track_caller]
    #[doc(alias = "get_thumbnail_url")]
    pub fn thumbnail_url(&self, component: &Entity, size: Option<u32>) -> Result<String> {
        let identifier = self.resource_identifier(component)?;
        Ok(self.required_accessor()?.thumbnail_url(&identifier, size)?)
    }
}
