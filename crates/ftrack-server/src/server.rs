//! Starting and stopping a server.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::credentials::generate_key;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::http;
use crate::media;
use crate::persist::Disk;
use crate::studio;

/// How long answers under way may take to finish when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

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
}

impl Default for ServerBuilder {
    fn default() -> Self {
        Self {
            demo: false,
            listen: "127.0.0.1:0".to_owned(),
            data_dir: None,
            user: "admin".to_owned(),
            api_key: None,
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

    /// Starts the server.
    ///
    /// # Errors
    /// An address that cannot be listened on, or a folder that cannot be used.
    pub fn start(self) -> Result<RunningServer> {
        let listener = self.bind()?;
        let address = listener
            .local_addr()
            .map_err(|source| self.listen_error(source))?;
        let disk = self.data_dir.as_deref().map(Disk::open).transpose()?;
        let files = Files::new(self.data_dir.as_deref())?;
        let engine = Arc::new(Engine::new(disk, files, || self.seed())?);
        let url = format!("http://{address}");
        engine.set_url(url.clone());
        let api_key = self.api_key.unwrap_or_else(generate_key);
        engine.set_key(&self.user, &api_key)?;
        let (stop, stopped) = oneshot::channel();
        let thread = serve(listener, Arc::clone(&engine), stopped)?;
        Ok(RunningServer {
            url,
            address,
            user: self.user,
            api_key,
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

/// A server at work; it stops when this is dropped.
#[derive(Debug)]
pub struct RunningServer {
    url: String,
    address: SocketAddr,
    user: String,
    api_key: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningServer {
    /// The address that clients connect to, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The name of the user who may do everything.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The API key of that user.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Stops the server. Requests that were received are answered first.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone when the server has stopped by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the server stopped by a fault of its own");
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Serves requests on threads of their own until told to stop.
fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    stopped: oneshot::Receiver<()>,
) -> Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("ftrack-server")
        .enable_all()
        .build()
        .map_err(|source| Error::Threads { source })?;
    let encoding = media::start(&engine)?;
    std::thread::Builder::new()
        .name("ftrack-server".to_owned())
        .spawn(move || {
            runtime.block_on(run(listener, engine, stopped));
            shut_down(runtime);
            drop(encoding);
        })
        .map_err(|source| Error::Threads { source })
}

async fn run(listener: TcpListener, engine: Arc<Engine>, stopped: oneshot::Receiver<()>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the server cannot listen");
            return;
        }
    };
    let (drain, drained) = oneshot::channel();
    let serving = axum::serve(
        http::Listener::new(listener, http::PATIENCE),
        http::router(engine),
    )
    .with_graceful_shutdown(async move {
        // A dropped sender means the same as a message.
        let _ = stopped.await;
        let _ = drain.send(());
    });
    let bound = async move {
        let _ = drained.await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        outcome = async { serving.await } => {
            if let Err(error) = outcome {
                tracing::error!(%error, "the server cannot go on");
            }
        }
        () = bound => tracing::warn!("requests were cut off when the server stopped"),
    }
}

fn shut_down(runtime: Runtime) {
    runtime.shutdown_timeout(STOP_TIMEOUT);
}
