//! What a server without the feature `media` answers.

use std::path::PathBuf;

use crate::files::{Files, image_type};
use crate::request_error::RequestError;

impl Files {
    /// Refuses to make a picture of an image; nothing for any other file.
    pub(crate) fn thumbnail(
        &self,
        component_id: &str,
        _size: Option<u32>,
    ) -> Result<Option<PathBuf>, RequestError> {
        if image_type(&self.path(component_id)).is_none() {
            return Ok(None);
        }
        Err(RequestError::validation(
            "this server cannot make thumbnails: it was built without the feature `media` of ftrack-server",
        ))
    }
}
