//! A server at work.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::testing::{Fault, Switches};

/// A server at work; it stops when this is dropped.
#[derive(Debug)]
pub struct RunningServer {
    pub(super) url: String,
    pub(super) address: SocketAddr,
    pub(super) user: String,
    pub(super) api_key: String,
    pub(super) engine: Arc<Engine>,
    pub(super) switches: Option<Arc<Switches>>,
    pub(super) snapshot_on_stop: Option<PathBuf>,
    pub(super) stop: Option<oneshot::Sender<()>>,
    pub(super) thread: Option<JoinHandle<()>>,
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

    /// Writes everything that the server knows to a file, to start another one from it. The file is complete or as it
    /// was before; files of components and API keys are not in it.
    ///
    /// ```
    /// use ftrack_server::Server;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("studio.jsonl");
    /// let server = Server::builder().start()?;
    /// server.snapshot(&path)?;
    /// let other = Server::builder().from_file(&path).start()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn snapshot(&self, path: impl AsRef<Path>) -> Result<()> {
        self.engine.snapshot(path.as_ref())
    }

    /// Goes back to the state that the server started with, so that the next test finds what this one found: entities,
    /// keys, and files of components. Faults to come are forgotten. Connections stay, and no events tell about it.
    ///
    /// # Errors
    /// A server that is not for tests, or a folder that cannot be written.
    pub fn reset(&self) -> Result<()> {
        self.switches()?.clear();
        self.engine.reset()
    }

    /// Lets the next requests that match fail.
    ///
    /// # Errors
    /// A server that is not for tests.
    pub fn fail_next(&self, fault: Fault) -> Result<()> {
        self.switches()?.arm(fault);
        Ok(())
    }

    /// How many requests are still to fail. None when every fault that was asked for has happened.
    pub fn faults_left(&self) -> u32 {
        self.switches.as_ref().map_or(0, |switches| switches.left())
    }

    /// Lets everything succeed again.
    ///
    /// # Errors
    /// A server that is not for tests.
    pub fn clear_faults(&self) -> Result<()> {
        self.switches()?.clear();
        Ok(())
    }

    /// Cuts the event connections that are open, as a broken network would. New ones can be made at once.
    ///
    /// # Errors
    /// A server that is not for tests.
    pub fn drop_websockets(&self) -> Result<()> {
        self.switches()?.drop_websockets();
        Ok(())
    }

    /// Stops the server. Requests that were received are answered first. A snapshot that cannot be written is logged
    /// only, see [`close`](Self::close).
    pub fn stop(self) {
        drop(self);
    }

    /// Stops the server as [`stop`](Self::stop) does, and says when the snapshot that it should leave could not be
    /// written.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.shut_down()
    }

    fn switches(&self) -> Result<&Switches> {
        self.switches.as_deref().ok_or(Error::NotTesting)
    }

    fn shut_down(&mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone when the server has stopped by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the server stopped by a fault of its own");
        }
        match self.snapshot_on_stop.take() {
            Some(path) => self.engine.snapshot(&path),
            None => Ok(()),
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the server leaves no snapshot");
        }
    }
}
