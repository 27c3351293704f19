//! Starting and stopping a server.

mod running;
mod serve;

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::running::RunningServer;

use crate::credentials::generate_key;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::event::EventLimits;
use crate::files::Files;
use crate::persist::Disk;
use crate::snapshot;
use crate::studio;
use crate::testing::Switches;

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
    event_limits: EventLimits,
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
            event_limits: EventLimits::default(),
        }
    }
}

impl ServerBuilder {
    /// Whether a new server has a production in it to look at.
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// The address to listen on, `host:port`; port 0 takes a free one. Unless said otherwise a free
    /// port that only this machine can reach.
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = address.into();
        self
    }

    /// Keeps everything in a folder. Without one it is gone when the server stops.
    pub fn data_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.data_dir = Some(folder.as_ref().to_owned());
        self
    }

    /// The name of the user who may do everything; `admin` unless said otherwise.
    pub fn user(mut self, name: impl Into<String>) -> Self {
        self.user = name.into();
        self
    }

    /// The API key of that user; a new one is made unless said otherwise.
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

    /// What clients of the event server may expect, and what is expected of them.
    pub fn event_limits(mut self, limits: EventLimits) -> Self {
        self.event_limits = limits;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// An address that cannot be listened on, a folder or file that cannot be used, or a file that holds no snapshot.
    pub fn start(self) -> Result<RunningServer> {
        let listener = self.bind()?;
        let address = listener
            .local_addr()
            .map_err(|source| self.listen_error(source))?;
        let disk = self.data_dir.as_deref().map(Disk::open).transpose()?;
        let files = Files::new(self.data_dir.as_deref())?;
        if let Some(path) = &self.snapshot_on_stop {
            snapshot::check_target(path)?;
        }
        let mut engine = match &self.from_file {
            Some(path) => Engine::from_file(disk, files, path)?,
            None => Engine::new(disk, files, || self.seed())?,
        };
        let url = format!("http://{address}");
        engine.events.limits = self.event_limits;
        engine.set_url(url.clone());
        let api_key = self.api_key.unwrap_or_else(generate_key);
        engine.set_key(&self.user, &api_key)?;
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

    fn seed(&self) -> Vec<studio::Row> {
        let mut rows = studio::rows(&self.user);
        if self.demo {
            rows.extend(studio::demo_rows(
                &self.user,
                chrono::Utc::now().date_naive(),
            ));
        }
        rows
    }
}
