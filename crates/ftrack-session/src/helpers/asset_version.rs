//! Versions of assets.

use std::path::Path;

use crate::component::LocationChoice;
use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Result;
use crate::media::EncodeMediaOptions;
use crate::media::Media;
use ftrack_entity::Value;

/// What versions of assets can do (product documentation, "Working with components" and "Publishing versions").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{AssetVersionHelpers, LocationChoice, Session, values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let version = session.query("AssetVersion").first()?.ok_or("no version")?;
///
/// // In no location, until it is added to one. The files are where this machine does not reach, so their size is said.
/// let values = values! { "name": "notes", "size": 120 };
/// let notes = version.create_component("/shots/010/notes.txt", values)?;
/// session.commit()?;
///
/// // In the location that is picked.
/// let plate = version.create_component_in(
///     "/shots/010/plate.%04d.exr [1-10]",
///     values! { "name": "plate", "size": 52_428_800 },
///     LocationChoice::Auto,
/// )?;
/// assert_eq!(plate.get::<Entity>("version")?, version);
/// # use ftrack_session::Entity;
/// # drop(notes);
/// # Ok(())
/// # }
/// ```
pub trait AssetVersionHelpers {
    /// Creates a component of this version for the file or sequence at `path`, and adds it to no location: as
    /// [`Session::create_component`](crate::Session::create_component) with [`LocationChoice::None`]. Nothing is sent
    /// before the next commit.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if this is not a version, and the errors of
    /// [`Session::create_component`](crate::Session::create_component).
    fn create_component<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Entity>;

    /// Has the server make of a video or an image what browsers can show, as components of this version, and gives
    /// the version its picture: as [`Session::encode_media`](crate::Session::encode_media).
    ///
    /// ```
    /// # fn example(version: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use ftrack_session::AssetVersionHelpers;
    ///
    /// let job = version.encode_media("/shots/010/preview.mov")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if this is not a version, and the errors of
    /// [`Session::encode_media`](crate::Session::encode_media).
    fn encode_media(&self, media: impl Into<Media>) -> Result<Entity>;

    /// As [`encode_media`](Self::encode_media), and says whether the server keeps the media itself.
    ///
    /// # Errors
    ///
    /// As [`encode_media`](Self::encode_media).
    fn encode_media_keeping(&self, media: impl Into<Media>, keep_original: bool) -> Result<Entity>;

    /// As [`create_component`](Self::create_component), and adds the component to a location, which commits.
    ///
    /// # Errors
    ///
    /// As [`create_component`](Self::create_component).
    fn create_component_in<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
        location: impl Into<LocationChoice>,
    ) -> Result<Entity>;
}

impl AssetVersionHelpers for Entity {
    #[track_caller]
    fn create_component<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Self> {
        self.create_component_in(path, data, LocationChoice::None)
    }

    #[track_caller]
    fn create_component_in<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
        location: impl Into<LocationChoice>,
    ) -> Result<Self> {
        check_type(self, &["AssetVersion"], "create_component")?;
        let data = data
            .into_iter()
            .filter(|(name, _)| !matches!(*name, "version" | "version_id"))
            .chain([("version", Value::from(self))]);
        self.session().create_component(path, data, location)
    }

    #[track_caller]
    fn encode_media(&self, media: impl Into<Media>) -> Result<Self> {
        check_type(self, &["AssetVersion"], "encode_media")?;
        let options = EncodeMediaOptions::new().version(self.id());
        self.session().encode_media_with(media, &options)
    }

    #[track_caller]
    fn encode_media_keeping(&self, media: impl Into<Media>, keep_original: bool) -> Result<Self> {
        check_type(self, &["AssetVersion"], "encode_media")?;
        let options = EncodeMediaOptions::new().version(self.id());
        let options = options.keep_original(keep_original);
        self.session().encode_media_with(media, &options)
    }
}
