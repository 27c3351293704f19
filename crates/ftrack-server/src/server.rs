//! Starting and stopping a server.

mod running;
mod serve;

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::running::RunningServer;

use crate::credentials::generate_key;
use crate::definitions::Choice;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::event::EventLimits;
use crate::files::Files;
use crate::limits::ServerLimits;
use crate::persist::{Disk, KeyFile};
use crate::schema::{Schema, SchemaVersion};
use crate::snapshot;
use crate::studio;
use crate::testing::Switches;
use crate::text::Case;

/// A local ftrack-compatible server.
///
/// ```
/// use ftrack_server::Server;
///
/// let server = Server::builder().demo(true).start()?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(server.user(), "admin");
/// # Ok::<(), ftrack_server::Error>(())
/// ```
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Chooses what the server is to be like.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }
}

/// What a server is to be like; every choice has a default.
#[derive(Debug, Clone)]
pub struct ServerBuilder {
    demo: bool,
    listen: String,
    data_dir: Option<PathBuf>,
    user: String,
    api_key: Option<String>,
    from_file: Option<PathBuf>,
    snapshot_on_stop: Option<PathBuf>,
    testing: bool,
    case_sensitive: bool,
    public_url: Option<String>,
    trusted_proxies: Vec<IpAddr>,
    event_limits: EventLimits,
    schema: SchemaSource,
    limits: ServerLimits,
    #[cfg(feature = "media")]
    ffmpeg: PathBuf,
}

/// Where the entity types come from.
#[derive(Debug, Clone, Default)]
enum SchemaSource {
    /// What the data has, or the newest there is.
    #[default]
    Data,
    Version(SchemaVersion),
    File(PathBuf),
}

impl Default for ServerBuilder {
    fn default() -> Self {
        Self {
            demo: false,
            listen: "127.0.0.1:0".to_owned(),
            data_dir: None,
            user: "admin".to_owned(),
            api_key: None,
            from_file: None,
            snapshot_on_stop: None,
            testing: false,
            case_sensitive: false,
            public_url: None,
            trusted_proxies: Vec::new(),
            event_limits: EventLimits::default(),
            schema: SchemaSource::default(),
            limits: ServerLimits::default(),
            #[cfg(feature = "media")]
            ffmpeg: PathBuf::from("ffmpeg"),
        }
    }
}

impl ServerBuilder {
    /// Whether a new server has a production in it to look at.
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// The address to listen on, `host:port`; port 0 takes a free one. Defaults to a free port that only this machine
    /// can reach.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Keeps everything in a folder. Without one it is gone when the server stops.
    pub fn data_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.data_dir = Some(folder.as_ref().to_owned());
        self
    }

    /// The name of the user who may do everything. Defaults to `admin`.
    pub fn user(mut self, name: impl Into<String>) -> Self {
        self.user = name.into();
        self
    }

    /// The API key of that user. Defaults to the one that they have had in the [folder](Self::data_dir), and to a new
    /// one otherwise.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Begins with the entities of a file, such as [`RunningServer::snapshot`] writes, in place of the studio and of
    /// what [`demo`](Self::demo) adds. The file must hold the user named by
    /// [`user`](Self::user), who may do what the roles in the file let them.
    ///
    /// A [folder](Self::data_dir) that has data already keeps it; the file is not read then.
    pub fn from_file(mut self, path: impl AsRef<Path>) -> Self {
        self.from_file = Some(path.as_ref().to_owned());
        self
    }

    /// Writes everything to a file when the server stops, as [`RunningServer::snapshot`] does. The file may be the one
    /// that the server began with. Whether it can be written is seen at the start already.
    pub fn snapshot_on_stop(mut self, path: impl AsRef<Path>) -> Self {
        self.snapshot_on_stop = Some(path.as_ref().to_owned());
        self
    }

    /// Whether this is a server for tests: it can go back to its start, and can be told to fail.
    ///
    /// ```
    /// use ftrack_server::{Fault, Server};
    ///
    /// let server = Server::builder().testing(true).start()?;
    /// server.fail_next(Fault::status(503).times(2))?;
    /// server.reset()?;
    /// assert_eq!(server.faults_left(), 0);
    /// # Ok::<(), ftrack_server::Error>(())
    /// ```
    pub fn testing(mut self, testing: bool) -> Self {
        self.testing = testing;
        self
    }

    /// Whether case counts where queries compare text for equality. Defaults to no, as on a real server:
    /// `name is "task"` finds what is called `Task`. In keys and ids it always counts, and in `like` never.
    pub fn case_sensitive(mut self, case_sensitive: bool) -> Self {
        self.case_sensitive = case_sensitive;
        self
    }

    /// The address at which clients reach the server, where that is another than they or it can tell. Addresses in
    /// answers begin with it. Defaults to what each client says it reached.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// A proxy whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed; may be called for several. Defaults to
    /// none.
    pub fn trusted_proxy(mut self, address: IpAddr) -> Self {
        self.trusted_proxies.push(address.to_canonical());
        self
    }

    /// What clients of the event server may expect, and what is expected of them.
    pub fn event_limits(mut self, limits: EventLimits) -> Self {
        self.event_limits = limits;
        self
    }

    /// The entity types that the server has: those of another version of it.
    ///
    /// Data that was stored with other entity types is adapted. Defaults to what the data was stored with, and to the
    /// newest version for a new server.
    pub fn schema_version(mut self, version: SchemaVersion) -> Self {
        self.schema = SchemaSource::Version(version);
        self
    }

    /// The entity types that the server has: those in a file with the answer of some server to `query_schemas`.
    ///
    /// The studio that the server starts with has what of it those types allow.
    pub fn schema_file(mut self, path: impl AsRef<Path>) -> Self {
        self.schema = SchemaSource::File(path.as_ref().to_owned());
        self
    }

    /// What clients may ask for at the most.
    pub fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The program that encodes videos: the path of an ffmpeg, or its name in the `PATH`. Defaults to `ffmpeg`. Where
    /// there is no such program, videos are refused.
    #[cfg(feature = "media")]
    pub fn ffmpeg(mut self, program: impl AsRef<Path>) -> Self {
        program.as_ref().clone_into(&mut self.ffmpeg);
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// An empty API key, an address that cannot be listened on, a folder or file that cannot be used, or a
    /// file that holds no snapshot.
    pub fn start(self) -> Result<RunningServer> {
        if self
            .api_key
            .as_deref()
            .is_some_and(|key| key.trim().is_empty())
        {
            return Err(Error::EmptyKey);
        }
        let listener = self.bind()?;
        let address = listener
            .local_addr()
            .map_err(|source| self.listen_error(source))?;
        let disk = self.data_dir.as_deref().map(Disk::open).transpose()?;
        let files = Files::new(self.data_dir.as_deref())?;
        if let Some(path) = &self.snapshot_on_stop {
            snapshot::check_target(path)?;
        }
        let choice = match &self.schema {
            SchemaSource::Data => None,
            SchemaSource::Version(version) => Some(Choice::Version(*version)),
            SchemaSource::File(path) => Some(Choice::read(path)?),
        };
        let mut engine = match &self.from_file {
            Some(path) => Engine::from_file(disk, files, choice, path)?,
            None => Engine::new(disk, files, choice, |schema| self.seed(schema))?,
        };
        let url = format!("http://{address}");
        engine.events.limits = self.event_limits;
        engine.set_limits(self.limits);
        #[cfg(feature = "media")]
        engine.ffmpeg.clone_from(&self.ffmpeg);
        if self.case_sensitive {
            engine.read(|view| view.store.catalog().set_case(Case::Exact));
        }
        match &self.public_url {
            Some(public) => engine.set_public_url(public.trim_end_matches('/').to_owned()),
            None => engine.set_url(url.clone()),
        }
        engine.trust(self.trusted_proxies);
        let key_file = self.data_dir.as_deref().map(KeyFile::new);
        let kept = key_file.as_ref().and_then(|file| file.read(&self.user));
        let kept = kept.filter(|key| engine.has_key(&self.user, key));
        let api_key = match (self.api_key, kept) {
            (None, Some(kept)) => kept,
            (given, _) => {
                let key = given.unwrap_or_else(generate_key);
                engine.set_key(&self.user, &key)?;
                key
            }
        };
        if let Some(file) = key_file {
            engine.set_administrator(&self.user, &api_key, file)?;
        }
        let switches = self.testing.then(Arc::<Switches>::default);
        let engine = Arc::new(engine);
        let (stop, thread) = serve::start(listener, Arc::clone(&engine), switches.clone())?;
        Ok(RunningServer {
            url,
            address,
            user: self.user,
            api_key,
            engine,
            switches,
            snapshot_on_stop: self.snapshot_on_stop,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn bind(&self) -> Result<TcpListener> {
        let addresses: Vec<SocketAddr> = self
            .listen
            .to_socket_addrs()
            .map_err(|source| self.listen_error(source))?
            .collect();
        let listener =
            TcpListener::bind(addresses.as_slice()).map_err(|source| self.listen_error(source))?;
        listener
            .set_nonblocking(true)
            .map_err(|source| self.listen_error(source))?;
        Ok(listener)
    }

    fn listen_error(&self, source: std::io::Error) -> Error {
        Error::Listen {
            address: self.listen.clone(),
            source,
        }
    }

    fn seed(&self, schema: &Schema) -> Result<Vec<studio::Row>> {
        if self.demo {
            let today = chrono::Utc::now().date_naive();
            studio::all_rows_of(schema, &self.user, today).map_err(|lacking| Error::Seed {
                reason: format!(
                    "the production to look at needs the entity type {lacking}, which the schema has not"
                ),
            })
        } else {
            Ok(studio::rows_of(schema, &self.user))
        }
    }
}
