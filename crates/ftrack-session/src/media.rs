//! Media that browsers can play: made by the server from what it is given.

use std::path::{Path, PathBuf};

use ftrack_entity::Value;
use serde_json::json;

use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;
use crate::session::text_of;
use crate::symbol::SERVER_LOCATION_ID;

/// What is to be encoded: a file of this machine, or a component that is in the location `ftrack.server`.
///
/// ```
/// use ftrack_session::Media;
///
/// assert_eq!(Media::from("/shots/010/preview.mov"), Media::File("/shots/010/preview.mov".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Media {
    /// The file at this path, which is made a component of the server first.
    File(PathBuf),
    /// This component of the type `FileComponent`.
    Component(Entity),
}

impl From<&str> for Media {
    fn from(path: &str) -> Self {
        Self::File(path.into())
    }
}

impl From<String> for Media {
    fn from(path: String) -> Self {
        Self::File(path.into())
    }
}

impl From<&Path> for Media {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<PathBuf> for Media {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Media {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Entity> for Media {
    fn from(component: &Entity) -> Self {
        Self::Component(component.clone())
    }
}

impl From<Entity> for Media {
    fn from(component: Entity) -> Self {
        Self::Component(component)
    }
}

/// What becomes of media besides being encoded.
///
/// ```
/// use ftrack_session::EncodeMediaOptions;
///
/// # fn example(session: &ftrack_session::Session, version: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// let options = EncodeMediaOptions::new().version(version.id()).keep_original(true);
/// let job = session.encode_media_with("/shots/010/preview.mov", &options)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncodeMediaOptions {
    version_id: Option<String>,
    keep_original: Option<bool>,
}

impl EncodeMediaOptions {
    /// For no version; files that are given by their path are not kept on the server, components are.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of the version that what is made belongs to, and that gets its picture. Without one it belongs to none,
    /// even if the media does.
    pub fn version(mut self, version_id: impl Into<String>) -> Self {
        self.version_id = Some(version_id.into());
        self
    }

    /// Whether the server keeps the media itself.
    pub fn keep_original(mut self, keep: bool) -> Self {
        self.keep_original = Some(keep);
        self
    }
}

impl Session {
    /// Has the server make of a video or an image what browsers can show, and a picture (product documentation,
    /// "Encoding media"). Gives the job, which goes on by itself: its data
    /// ([`JobHelpers::job_data`](crate::JobHelpers::job_data)) names the components that it makes, which are also in
    /// its collection `job_components`.
    ///
    /// A file is made a component and sent to the location `ftrack.server` first, which commits the session. A
    /// component must be in that location.
    ///
    /// ```
    /// use ftrack_session::JobHelpers;
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let job = session.encode_media("/shots/010/preview.mov")?;
    /// for output in job.job_data()?["output"].as_array().into_iter().flatten() {
    ///     println!("{} becomes {}", output["format"], output["component_id"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the media is a component that is not one file,
    /// [`ErrorKind::ServerCompatibility`] if the server encodes nothing, the errors of
    /// [`create_component`](Self::create_component), and what else the server reports.
    #[track_caller]
    pub fn encode_media(&self, media: impl Into<Media>) -> Result<Entity> {
        self.encode_media_with(media, &EncodeMediaOptions::new())
    }

    /// As [`encode_media`](Self::encode_media), for a version, or with another wish for the media itself.
    ///
    /// # Errors
    ///
    /// As [`encode_media`](Self::encode_media).
    #[track_caller]
    pub fn encode_media_with(
        &self,
        media: impl Into<Media>,
        options: &EncodeMediaOptions,
    ) -> Result<Entity> {
        let version_id = options.version_id.as_deref();
        let (component, keep_original) = match media.into() {
            Media::Component(component) => {
                check_file(&component)?;
                (component, options.keep_original.unwrap_or(true))
            }
            Media::File(path) => {
                let keep = options.keep_original.unwrap_or(false);
                // What is not kept is not shown with the version meanwhile.
                let version = version_id.filter(|_| keep);
                let data = version.map(|version| ("version_id", Value::from(version)));
                let server = self.location(SERVER_LOCATION_ID)?;
                (self.create_component(path, data, server)?, keep)
            }
        };
        let answer = self.act(json!({
            "action": "encode_media",
            "component_id": component.id(),
            "version_id": version_id,
            "keep_original": keep_original,
        }))?;
        let job = text_of(&answer, "job_id")?;
        self.get("Job", job.as_str())?.ok_or_else(|| {
            Error::new(
                ErrorKind::MalformedAnswer,
                "the server names a job that it does not have",
            )
            .with_detail("job_id", job)
        })
    }
}

fn check_file(component: &Entity) -> Result<()> {
    if component.entity_type() == "FileComponent" {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        format!("media is the path of a file, or a FileComponent, not {component:?}"),
    )
    .with_detail("argument", "media"))
}
