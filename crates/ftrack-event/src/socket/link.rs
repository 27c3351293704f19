//! The hub's end of a connection.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use super::driver;
use super::server::Server;
use super::state::{LINGER, Settings, State};
use crate::command::Command;
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::subscriber::Announcement;

/// The hub's end of a connection. Dropping it ends the connection, without waiting.
pub(crate) struct Link {
    /// Bounded by what is let in, see [`Outbox`](crate::outbox::Outbox).
    commands: UnboundedSender<Command>,
    end: End,
    /// The process it was made in. In a forked one nobody is at the other end.
    process: u32,
}

/// The end of a connection, which can be waited for.
#[derive(Clone)]
pub(crate) struct End(Arc<Mutex<Receiver<()>>>);

/// A connection that is not yet under way.
pub(crate) struct Beginning {
    commands: UnboundedReceiver<Command>,
    ended: SyncSender<()>,
}

impl Link {
    /// Both ends of a connection. What is sent before it is under way waits for it.
    pub(crate) fn new() -> (Self, Beginning) {
        let (sender, commands) = unbounded_channel();
        let (ended, receiver) = sync_channel(1);
        let link = Self {
            commands: sender,
            end: End(Arc::new(Mutex::new(receiver))),
            process: std::process::id(),
        };
        (link, Beginning { commands, ended })
    }

    /// Tells the connection something; whether it is still there.
    pub(crate) fn send(&self, command: Command) -> bool {
        self.process == std::process::id() && self.commands.send(command).is_ok()
    }

    pub(crate) fn end(&self) -> End {
        self.end.clone()
    }
}

impl End {
    /// Blocks until the connection has ended, but not much longer than that may take.
    pub(crate) fn wait(&self) {
        let limit = LINGER + Duration::from_secs(2);
        // It is also over when the other end is gone.
        let _ = self.0.lock().recv_timeout(limit);
    }
}

impl Beginning {
    /// Sets the connection going. What comes of the first attempt can be received.
    pub(crate) fn start(
        self,
        server: &Server,
        shared: Arc<Shared>,
        settings: Settings,
        announcements: impl IntoIterator<Item = (u64, Arc<Announcement>)>,
    ) -> Result<Receiver<Result<()>>> {
        let (established, result) = sync_channel(1);
        let state = State::new(settings, announcements);
        let span = tracing::debug_span!("events", server = ?server);
        let work = driver::run(server.clone(), shared, state, self.commands, established);
        let ended = self.ended;
        let work = async move {
            work.await;
            let _ = ended.try_send(());
        };
        // It ends by itself when nobody commands it, after sending what waits; the engine's own
        // handle would end it at once.
        let work = work.instrument(span).with_current_subscriber();
        let started = server.engine().spawn(async move {
            tokio::spawn(work);
            Ok(())
        });
        started.wait().map_err(|source| Error::Transport {
            source: source.into(),
        })?;
        Ok(result)
    }
}
