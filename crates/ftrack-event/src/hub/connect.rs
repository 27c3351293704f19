//! Connecting a hub to its server, and letting go.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use ftrack_transport::{ConnectionOptions, Engine, HttpTransport, Transport};
use serde_json::json;

use super::core::{HUB_ITSELF, ServerLink};
use super::handling::Handling;
use super::{Core, EventHub};
use crate::command::{Command, Confirmed};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::inbox::QueuedEvent;
use crate::options::HubOptions;
use crate::relay::LinkCommand;
use crate::socket::{Beginning, Link, Server, Settings};
use crate::status::ConnectionState;
use crate::subscriber::Announcement;
use crate::topics;

impl EventHub {
    /// A hub for a server. Nothing is sent before it is connected.
    ///
    /// ```no_run
    /// use ftrack_event::EventHub;
    /// use ftrack_transport::ConnectionOptions;
    ///
    /// let connection = ConnectionOptions::new("https://studio.ftrackapp.com", "ada", "the-key")?;
    /// let hub = EventHub::new(connection)?;
    /// hub.connect()?;
    /// hub.subscribe("topic=ftrack.update", |event| {
    ///     println!("{}", event.data);
    ///     Ok(None)
    /// })?;
    /// hub.wait(None)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Transport`] or [`Error::InvalidOptions`] if an option of the connection cannot be
    /// used.
    pub fn new(connection: ConnectionOptions) -> Result<Self> {
        let transport =
            HttpTransport::new(connection.clone()).map_err(|source| Error::Transport {
                source: source.into(),
            })?;
        let engine = transport.engine().clone();
        Self::with_transport(
            Arc::new(transport),
            engine,
            connection,
            HubOptions::default(),
        )
    }

    /// A hub for a server that makes its first request by this transport, which has to be one for
    /// the same connection, runs on this engine, and behaves as these options say. Closing the
    /// engine ends the connection.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use ftrack_event::{EventHub, HubOptions};
    /// use ftrack_transport::{ConnectionOptions, Engine, HttpTransport, Transport};
    ///
    /// let connection = ConnectionOptions::new("https://studio.ftrackapp.com", "ada", "the-key")?;
    /// let transport = HttpTransport::new(connection.clone())?;
    /// let engine = transport.engine().clone();
    /// let hub = EventHub::with_transport(Arc::new(transport), engine, connection, HubOptions::new())?;
    /// assert!(!hub.is_connected());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] if an option of the connection cannot be used.
    pub fn with_transport(
        transport: Arc<dyn Transport>,
        engine: Engine,
        connection: ConnectionOptions,
        options: HubOptions,
    ) -> Result<Self> {
        let user = options.user.clone();
        let user = user.unwrap_or_else(|| connection.api_user().to_owned());
        let identity = Identity::new(Some(user), options.host.clone());
        let mut core = Core::new(identity, options);
        core.server = Some(Server::new(transport, engine, connection)?);
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// The address of the server, if the hub has one.
    pub fn server_url(&self) -> Option<&str> {
        self.core.server.as_ref().map(Server::url)
    }

    /// Whether the connection is, or would be, secure.
    pub fn is_secure(&self) -> bool {
        self.core.server.as_ref().is_some_and(Server::is_secure)
    }

    /// Connects to the server and blocks until that is done. A connection that is lost later is
    /// made again by itself, as [`HubOptions::reconnect`] says.
    ///
    /// # Errors
    /// [`Error::AlreadyConnected`] if there is a connection or one is being made,
    /// [`Error::Connect`] or [`Error::Refused`] if none comes about, [`Error::Transport`] if the
    /// transport is closed.
    pub fn connect(&self) -> Result<()> {
        if let Some(relay) = &self.core.relay {
            return relay.link(LinkCommand::Connect);
        }
        self.core.connect(None)
    }

    /// Begins to connect and returns at once. Until the connection is there, what is published
    /// waits for it; attempts that fail are repeated, as [`HubOptions::reconnect`] says. If the
    /// server refuses user and key, a local event `ftrack.meta.disconnected` tells so.
    ///
    /// # Errors
    /// [`Error::AlreadyConnected`] if there is a connection or one is being made,
    /// [`Error::Transport`] if the transport is closed.
    pub fn connect_in_background(&self) -> Result<()> {
        if let Some(relay) = &self.core.relay {
            return relay.link(LinkCommand::ConnectInBackground);
        }
        self.core.begin_connection(true, None, None).map(drop)
    }

    /// Removes all subscribers and ends the connection. What was published goes out first, within
    /// two seconds.
    ///
    /// # Errors
    /// [`Error::NotConnected`] if there is no connection and none is being made.
    pub fn disconnect(&self) -> Result<()> {
        if !self.core.is_linked() {
            return Err(Error::NotConnected);
        }
        let subscribers = self.core.registry.read().all();
        for subscriber in subscribers {
            // Another thread may have been quicker.
            let _ = self.core.unsubscribe(subscriber.id());
        }
        self.core.leave(false)
    }

    /// Ends the connection, as [`disconnect`](Self::disconnect) does, and keeps all subscribers
    /// for the next one.
    ///
    /// # Errors
    /// [`Error::NotConnected`] if there is no connection and none is being made.
    pub fn disconnect_keeping_subscribers(&self) -> Result<()> {
        self.core.leave(false)
    }

    /// Ends the connection, if there is one, and makes another: `attempts` times at most, with a
    /// pause of `delay` after each that fails. All subscribers are kept.
    ///
    /// Afterwards a local event `ftrack.meta.reconnected` tells how long it took. Between the two
    /// connections nothing can be published.
    ///
    /// # Errors
    /// That of the last attempt. The connection has then ended for good.
    pub fn reconnect(&self, attempts: u32, delay: Duration) -> Result<()> {
        if let Some(relay) = &self.core.relay {
            return relay.link(LinkCommand::Reconnect { attempts, delay });
        }
        self.core.resuming.store(true, Ordering::Release);
        let result = self.core.reconnect(attempts, delay);
        if result.is_err() {
            // Before waiting may end because of it.
            self.core.tell_of_the_end();
        }
        self.core.resuming.store(false, Ordering::Release);
        result
    }
}

impl Core {
    /// Makes a connection, and waits until the server knows all subscribers.
    fn connect(&self, away_since: Option<Instant>) -> Result<()> {
        let (confirmed, confirmation) = Confirmed::channel();
        let result = self.begin_connection(false, away_since, Some(confirmed))?;
        // It may also be ended by somebody else before it stands.
        result.recv().unwrap_or(Err(Error::NotConnected))?;
        if !Handling::is_going_on() {
            confirmation.wait();
        }
        Ok(())
    }

    /// Sets a connection going, whose first attempt can be waited for.
    fn begin_connection(
        &self,
        persistent: bool,
        away_since: Option<Instant>,
        confirmed: Option<Confirmed>,
    ) -> Result<Receiver<Result<()>>> {
        let Some(server) = &self.server else {
            return Err(Error::InvalidOptions {
                option: "server_url",
                problem: "the hub was made without a server".to_owned(),
                source: None,
            });
        };
        let beginning = self.install_link()?;
        let settings = Settings {
            identity: Arc::clone(&self.shared.identity),
            policy: self.options.reconnect.clone(),
            acknowledge_timeout: self.options.acknowledge_timeout,
            persistent,
            away_since,
            confirmed,
        };
        let shared = Arc::clone(&self.shared);
        let started = beginning.start(server, shared, settings, self.announcements());
        if started.is_err() {
            self.shared
                .counters
                .set_state(ConnectionState::Disconnected);
            self.shared.inbox.end();
        }
        started
    }

    /// Lets the hub talk to a connection that is about to begin, unless there is another.
    fn install_link(&self) -> Result<Beginning> {
        let (link, beginning) = Link::new();
        let mut server_link = self.server_link.lock();
        let state = self.shared.counters.link().state;
        if server_link.is_some() && state != ConnectionState::Disconnected {
            return Err(Error::AlreadyConnected);
        }
        self.shared.counters.set_state(ConnectionState::Connecting);
        self.shared.inbox.begin();
        *server_link = Some(ServerLink { link });
        Ok(beginning)
    }

    /// Whom the server is to know from the beginning. Whoever subscribes after the link is
    /// installed tells the connection; all others are in here, and perhaps some of those.
    fn announcements(&self) -> Vec<(u64, Arc<Announcement>)> {
        let subscribers = self.registry.read().all();
        let known = subscribers
            .iter()
            .map(|subscriber| (subscriber.sequence(), Arc::clone(subscriber.announcement())));
        std::iter::once((HUB_ITSELF, self.own_announcement()))
            .chain(known)
            .collect()
    }

    /// What lets replies find the hub.
    fn own_announcement(&self) -> Arc<Announcement> {
        let id = self.shared.identity.id.clone();
        let mut information = serde_json::Map::new();
        information.insert("id".to_owned(), id.clone().into());
        Arc::new(Announcement {
            id,
            subscription: format!("topic={}", topics::REPLY),
            information,
        })
    }

    fn is_linked(&self) -> bool {
        let has_link = self.relay.is_some() || self.server_link.lock().is_some();
        has_link && self.state() != ConnectionState::Disconnected
    }

    /// Ends the connection and waits for that, within a bound.
    fn leave(&self, quiet: bool) -> Result<()> {
        if !self.is_linked() {
            return Err(Error::NotConnected);
        }
        if let Some(relay) = &self.relay {
            return relay.link(LinkCommand::Disconnect);
        }
        let server_link = self.server_link.lock();
        let Some(ServerLink { link }) = &*server_link else {
            return Err(Error::NotConnected);
        };
        let told = link.send(Command::Disconnect { quiet });
        let end = link.end();
        drop(server_link);
        if told {
            end.wait();
        }
        Ok(())
    }

    fn reconnect(&self, attempts: u32, delay: Duration) -> Result<()> {
        let away_since = self.shared.counters.link().last_packet;
        match self.leave(true) {
            Ok(()) | Err(Error::NotConnected) => {}
            Err(error) => return Err(error),
        }
        let away_since = away_since.or_else(|| Some(Instant::now()));
        let mut attempt = 1;
        loop {
            let result = self.connect(away_since);
            if result.is_ok() || attempt >= attempts {
                return result;
            }
            attempt += 1;
            std::thread::sleep(delay);
        }
    }

    fn tell_of_the_end(&self) {
        if self.is_linked() {
            return;
        }
        let event = self.shared.identity.event(topics::DISCONNECTED, json!({}));
        self.shared.inbox.push(QueuedEvent::Local(event), 0);
    }

    /// Ends the connection, if there is one.
    pub(crate) fn end_connection(&self) {
        // That of another hub is that one's to end.
        if self.relay.is_some() {
            return;
        }
        // There may be none, which is as good.
        let _ = self.leave(false);
    }
}
