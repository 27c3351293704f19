//! Pictures of entities.

use std::path::Path;

use ftrack_entity::Value;

use crate::entity::Entity;
use crate::entity::check::check_attribute;
use crate::error::Result;
use crate::symbol::SERVER_LOCATION_ID;

/// What entities can do that have a picture: projects, tasks, versions, users and others (product documentation,
/// "Working with thumbnails").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{Session, ThumbnailHelpers, values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// # let path = std::env::temp_dir().join(format!("ftrack-doc-thumbnail-{}.jpg", std::process::id()));
/// # std::fs::write(&path, "pixels")?;
/// let task = session.query("Task").first()?.ok_or("no task")?;
/// let thumbnail = task.create_thumbnail(&path, values! {})?;
///
/// let server_location = session.location("ftrack.server")?;
/// let url = server_location.thumbnail_url(&thumbnail, None)?;
/// let tiny = server_location.thumbnail_url(&thumbnail, Some(100))?;
/// # assert_eq!(tiny, format!("{url}&size=100"));
/// # std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
pub trait ThumbnailHelpers {
    /// Makes the image at `path` a component with this `data`, named `thumbnail` unless the data says otherwise, sends
    /// it to the location `ftrack.server`, and sets it as the picture of this entity. The session is committed. Gives
    /// the component.
    ///
    /// The image is sent as it is, so it should be of a fitting size.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if entities of this type have no picture, and the
    /// errors of [`Session::create_component`](crate::Session::create_component) and
    /// [`Session::commit`](crate::Session::commit).
    fn create_thumbnail<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Entity>;
}

impl ThumbnailHelpers for Entity {
    #[track_caller]
    fn create_thumbnail<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Self> {
        check_attribute(self, "thumbnail_id", "create_thumbnail")?;
        let mut data: Vec<(&str, Value)> = data.into_iter().collect();
        let is_name = |(name, value): &(&str, Value)| {
            *name == "name" && value.as_str().is_some_and(|text| !text.is_empty())
        };
        if !data.iter().any(is_name) {
            data.retain(|(name, _)| *name != "name");
            data.push(("name", Value::from("thumbnail")));
        }
        let session = self.session();
        let server = session.location(SERVER_LOCATION_ID)?;
        let component = session.create_component(path, data, server)?;
        self.set("thumbnail_id", component.id())?;
        session.commit()?;
        Ok(component)
    }
}
