//! What all handles of a hub share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};

use super::handling::Handling;
use crate::command::{Command, Confirmed};
use crate::error::Result;
use crate::identity::Identity;
use crate::inbox::{Inbox, Limits};
use crate::options::HubOptions;
use crate::outbox::Outbox;
use crate::registry::Registry;
use crate::relay::Relay;
use crate::replies::Replies;
use crate::shared::Shared;
use crate::status::{ConnectionState, Counters, HubStatus, WaitEnded};
use crate::subscriber::{Handler, SubscribeOptions, Subscriber};

/// The number that stands for the hub itself among the subscribers that the server is told of.
pub(crate) const HUB_ITSELF: u64 = 0;

/// What all handles of a hub share.
pub(crate) struct Core {
    pub(crate) options: HubOptions,
    pub(crate) registry: RwLock<Registry>,
    /// Counts subscribers ever made. Taken before `registry`, never after.
    next_sequence: Mutex<u64>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) shared: Arc<Shared>,
    /// The connection under way, if any. Nothing is waited for while it is locked.
    pub(crate) server_link: Mutex<Option<ServerLink>>,
    /// Whether a connection is just being replaced by another.
    pub(crate) resuming: AtomicBool,
    #[cfg(feature = "socket")]
    pub(crate) server: Option<crate::socket::Server>,
    /// The way to the hub that does the work of this one, if that is so.
    pub(crate) relay: Option<Arc<dyn Relay>>,
}

/// The way to the connection.
pub(crate) struct ServerLink {
    #[cfg(feature = "socket")]
    pub(crate) link: crate::socket::Link,
}

impl ServerLink {
    /// Tells the connection something, without waiting; whether it is still there.
    #[cfg(feature = "socket")]
    pub(crate) fn send(&self, command: Command) -> bool {
        self.link.send(command)
    }

    #[cfg(not(feature = "socket"))]
    #[expect(clippy::unused_self, reason = "as with the feature `socket`")]
    pub(crate) fn send(&self, _command: Command) -> bool {
        false
    }
}

impl Core {
    pub(crate) fn new(identity: Identity, options: HubOptions) -> Self {
        let identity = Arc::new(identity);
        let limits = Limits {
            events: options.incoming_limit,
            bytes: options.incoming_bytes,
        };
        let inbox = Inbox::new(limits, options.remembered_ids, Arc::clone(&identity));
        Self {
            registry: RwLock::default(),
            next_sequence: Mutex::new(HUB_ITSELF + 1),
            outbox: Outbox::new(options.outgoing_limit, options.outgoing_bytes),
            shared: Arc::new(Shared {
                identity,
                inbox,
                replies: Replies::new(options.awaited_limit, options.reply_timeout),
                counters: Counters::default(),
            }),
            server_link: Mutex::default(),
            resuming: AtomicBool::new(false),
            options,
            #[cfg(feature = "socket")]
            server: None,
            relay: None,
        }
    }

    pub(crate) fn subscribe(
        &self,
        subscription: &str,
        options: SubscribeOptions,
        handler: Handler,
    ) -> Result<String> {
        let sequence = {
            let mut next = self.next_sequence.lock();
            *next += 1;
            *next
        };
        let subscriber = Subscriber::new(subscription, options, sequence, handler)?;
        // The server is told under the lock, so that it hears of everything in the same order.
        let mut registry = self.registry.write();
        registry.add(subscriber.clone())?;
        // A handler is not held up: those that come after it wait for it.
        let is_connected = self.shared.counters.link().state == ConnectionState::Connected;
        let (confirmed, confirmation) = Confirmed::channel();
        let confirmed = (is_connected && !Handling::is_going_on()).then_some(confirmed);
        self.tell(Command::Subscribe(
            sequence,
            Arc::clone(subscriber.announcement()),
            confirmed,
        ));
        drop(registry);
        confirmation.wait();
        if let Some(relay) = &self.relay
            && let Err(error) = relay.subscribe(&subscriber)
        {
            let removed = self.registry.write().remove(subscriber.id());
            drop(removed);
            return Err(error);
        }
        Ok(subscriber.id().to_owned())
    }

    pub(crate) fn unsubscribe(&self, id: &str) -> Result<()> {
        let mut registry = self.registry.write();
        let subscriber = registry.remove(id)?;
        self.tell(Command::Unsubscribe(subscriber.sequence()));
        drop(registry);
        if let Some(relay) = &self.relay {
            relay.unsubscribe(id)?;
        }
        // The handler may go with it, and whatever that holds is foreign code.
        drop(subscriber);
        Ok(())
    }

    /// Drops all handlers and all that waits to be handled.
    pub(crate) fn clear(&self) {
        let registry = std::mem::take(&mut *self.registry.write());
        for subscriber in registry.all() {
            subscriber.deactivate();
            if let Some(relay) = &self.relay {
                // The other hub may be closed already.
                let _ = relay.unsubscribe(subscriber.id());
            }
        }
        drop(registry);
        self.shared.replies.clear();
        self.shared.inbox.clear();
        self.shared.inbox.wake();
    }

    pub(crate) fn status(&self) -> HubStatus {
        HubStatus {
            incoming: self.shared.inbox.len(),
            outgoing: self.outbox.events(),
            awaited_replies: self.shared.replies.len(),
            subscribers: self.registry.read().len(),
            state: self.state(),
            ..self.shared.counters.status()
        }
    }

    /// Whether nothing will arrive any more, and all that did is taken out.
    pub(super) fn is_over(&self) -> bool {
        self.shared.inbox.is_over() && !self.resuming.load(Ordering::Acquire)
    }

    /// Whether there is no connection and none is being made or replaced.
    pub(super) fn has_ended(&self) -> bool {
        self.shared.counters.link().state == ConnectionState::Disconnected
            && !self.resuming.load(Ordering::Acquire)
    }

    /// What whoever waits is told of the end.
    pub(super) fn ended(&self) -> Result<WaitEnded> {
        match self.shared.counters.link().rejection {
            Some(rejection) => Err(rejection.error()),
            None => Ok(WaitEnded::Disconnected),
        }
    }

    /// The state of the connection, here or at the other end of the relay.
    pub(crate) fn state(&self) -> ConnectionState {
        match &self.relay {
            Some(relay) => relay.state(),
            None => self.shared.counters.link().state,
        }
    }

    /// Tells the connection something, if there is one.
    pub(crate) fn tell(&self, command: Command) -> bool {
        match &*self.server_link.lock() {
            Some(server_link) => server_link.send(command),
            None => false,
        }
    }
}
