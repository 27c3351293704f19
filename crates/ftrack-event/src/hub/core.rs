//! What all handles of a hub share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::command::Command;
use crate::identity::Identity;
use crate::inbox::{Inbox, Limits};
use crate::outbox::Outbox;
use crate::registry::Registry;
use crate::replies::Replies;
use crate::status::Counters;
use crate::subscriber::Handler;
use crate::{ConnectionState, HubOptions, HubStatus, Relay, Result, SubscribeOptions, Subscriber};

/// The number that stands for the hub itself among the subscribers that the server is told of.
pub(crate) const HUB_ITSELF: u64 = 0;

/// What all handles of a hub share.
pub(crate) struct Core {
    pub(crate) options: HubOptions,
    pub(crate) registry: RwLock<Registry>,
    /// Counts subscribers ever made. Taken before `registry`, never after.
    next_sequence: Mutex<u64>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) inlet: Arc<Inlet>,
    /// The connection under way, if any. Nothing is waited for while it is locked.
    pub(crate) uplink: Mutex<Option<Uplink>>,
    /// Whether a connection is just being replaced by another.
    pub(crate) resuming: AtomicBool,
    #[cfg(feature = "socket")]
    pub(crate) server: Option<crate::socket::Server>,
    /// The way to the hub that does the work of this one, if that is so.
    pub(crate) relay: Option<Arc<dyn Relay>>,
}

/// The part that the connection needs. It holds no handlers, and does not keep the hub.
pub(crate) struct Inlet {
    pub(crate) identity: Arc<Identity>,
    pub(crate) inbox: Inbox,
    pub(crate) replies: Replies,
    pub(crate) counters: Counters,
}

/// The way to the connection.
pub(crate) struct Uplink {
    #[cfg(feature = "socket")]
    pub(crate) link: crate::socket::Link,
}

impl Uplink {
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
            inlet: Arc::new(Inlet {
                identity,
                inbox,
                replies: Replies::new(options.awaited_limit, options.reply_timeout),
                counters: Counters::default(),
            }),
            uplink: Mutex::default(),
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
        self.tell(Command::Subscribe(
            sequence,
            Arc::clone(subscriber.announcement()),
        ));
        drop(registry);
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
        self.inlet.replies.clear();
        self.inlet.inbox.clear();
        self.inlet.inbox.wake();
    }

    pub(crate) fn status(&self) -> HubStatus {
        HubStatus {
            incoming: self.inlet.inbox.len(),
            outgoing: self.outbox.events(),
            awaited_replies: self.inlet.replies.len(),
            subscribers: self.registry.read().len(),
            state: self.state(),
            ..self.inlet.counters.status()
        }
    }

    /// Whether nothing will arrive any more, and all that did is taken out.
    pub(super) fn is_over(&self) -> bool {
        self.inlet.inbox.is_over() && !self.resuming.load(Ordering::Acquire)
    }

    /// The state of the connection, here or at the other end of the relay.
    pub(crate) fn state(&self) -> ConnectionState {
        match &self.relay {
            Some(relay) => relay.state(),
            None => self.inlet.counters.link().state,
        }
    }

    /// Tells the connection something, if there is one.
    pub(crate) fn tell(&self, command: Command) -> bool {
        match &*self.uplink.lock() {
            Some(uplink) => uplink.send(command),
            None => false,
        }
    }
}
