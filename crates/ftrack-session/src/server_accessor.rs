//! The accessor of the location `ftrack.server`: files that the server itself keeps.

mod backoff;
mod control;
mod download;
mod fingerprint;
mod journal;
mod limit;
mod link;
mod meter;
mod notice;
mod options;
mod parts;
mod piece;
mod put;
mod send;
mod slots;
mod source;
mod upload;
mod uploads;

use std::fmt::{self, Write};
use std::sync::{Arc, Weak};

use ftrack_location::accessor::Result;
use ftrack_location::{Accessor, AccessorError, CreateOptions, ResourceReader, Upload};

pub use self::control::{UploadControl, UploadStatus};
use self::download::Download;
pub(crate) use self::journal::Journal;
pub use self::limit::RateLimit;
use self::link::Link;
pub use self::notice::{StartedAnewReason, UploadNotice};
pub use self::options::{UploadOptions, UploadState};
use self::slots::Slots;
use self::upload::ServerUpload;
pub(crate) use self::uploads::{UploadCall, open_journal};
use crate::session::Connection;
use crate::session::Session;

/// Access to the files that the server itself keeps (product documentation, reference of `accessor.server`).
///
/// Resource identifiers are ids of components. Files are streamed both ways, so memory does not grow with them:
///
/// - A download that is cut is resumed where it was cut, and its size is checked.
/// - An upload is sent when it is finished: small files in one piece with a checksum, larger ones in parts, six at a
///   time. Pieces that fail are sent again, after a pause. What is written is kept in a temporary file until then;
///   files of this machine, as transfers hand them over, are sent from where they are. Where addresses of parts have
///   expired, new ones are asked for.
///
/// How fast that goes, what pauses it, and how a later run of a program goes on is said for each call that adds
/// components, see [`UploadOptions`].
///
/// The server does not say what it has: [`Accessor::exists`] is always false, as documented, and there are no
/// containers. The accessor does not keep its session alive, so the session can hold it.
///
/// ```
/// use std::io::{Read, Write};
///
/// use ftrack_location::{Accessor, CreateOptions};
/// use ftrack_server::Server;
/// use ftrack_session::{ServerAccessor, Session, values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let component = session.create("FileComponent", values! { "name": "notes", "file_type": ".txt" })?;
/// session.commit()?;
///
/// let accessor = ServerAccessor::new(&session);
/// let mut upload = accessor.create(&component.id(), &CreateOptions::new())?;
/// upload.write_all(b"more bunnies")?;
/// upload.finish()?;
///
/// let mut content = String::new();
/// accessor.open(&component.id())?.read_to_string(&mut content)?;
/// assert_eq!(content, "more bunnies");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServerAccessor {
    connection: Weak<Connection>,
    slots: Arc<Slots>,
}

impl ServerAccessor {
    /// The accessor for the server of this session.
    pub fn new(session: &Session) -> Self {
        Self {
            connection: Arc::downgrade(session.connection()),
            slots: Arc::default(),
        }
    }

    fn link(&self, operation: &'static str, resource_identifier: &str) -> Result<Link> {
        let connection = self
            .connection
            .upgrade()
            .ok_or_else(|| link::failed(operation, resource_identifier, "the session is gone"))?;
        Ok(Link::new(connection, Arc::clone(&self.slots)))
    }
}

impl Accessor for ServerAccessor {
    /// The server does not list files.
    fn list(&self, _: &str) -> Result<Vec<String>> {
        Err(AccessorError::unsupported("list resources"))
    }

    /// Always false: the server does not say what it has.
    fn exists(&self, _: &str) -> Result<bool> {
        Ok(false)
    }

    /// The server does not say what it has.
    fn is_file(&self, _: &str) -> Result<bool> {
        Err(AccessorError::unsupported("tell files"))
    }

    /// The server does not say what it has.
    fn is_container(&self, _: &str) -> Result<bool> {
        Err(AccessorError::unsupported("tell containers"))
    }

    /// The server does not say what it has.
    fn is_sequence(&self, _: &str) -> Result<bool> {
        Err(AccessorError::unsupported("tell sequences"))
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader> {
        let link = self.link("read", resource_identifier)?;
        let download = Download::start(link, resource_identifier, offset)?;
        let size = download.size();
        let reader = ResourceReader::new(download);
        Ok(match size {
            Some(size) => reader.with_size(size),
            None => reader,
        })
    }

    /// As documented, a file that the component has already is replaced when the upload is finished.
    fn create(
        &self,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Box<dyn Upload>> {
        let link = self.link("write", resource_identifier)?;
        let upload = ServerUpload::start(link, resource_identifier, options)?;
        Ok(Box::new(upload))
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        self.link("remove", resource_identifier)?
            .remove(resource_identifier)
    }

    /// The address of the file, with the user's credentials in it, as documented: not for logs.
    fn url(&self, resource_identifier: &str) -> Result<String> {
        let link = self.link("get the URL of", resource_identifier)?;
        Ok(link.url("get", resource_identifier))
    }

    /// The address of a small picture of the file, with the user's credentials in it, as documented: not for logs.
    fn thumbnail_url(&self, resource_identifier: &str, size: Option<u32>) -> Result<String> {
        let link = self.link("get the URL of", resource_identifier)?;
        let mut url = link.url("thumbnail", resource_identifier);
        if let Some(size) = size {
            // Writing to a String does not fail.
            let _ = write!(url, "&size={size}");
        }
        Ok(url)
    }
}

impl fmt::Debug for ServerAccessor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerAccessor")
            .finish_non_exhaustive()
    }
}
