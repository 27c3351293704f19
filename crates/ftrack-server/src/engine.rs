//! The server without its sockets: requests in, answers out.

mod credentials;
mod reset;
mod start;
#[cfg(test)]
mod tests;
mod write;

use std::net::IpAddr;
use std::path::Path;
#[cfg(feature = "media")]
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;

use self::credentials::Administrator;
use self::reset::Start;
use crate::budget::{Budget, Pool, Resources};
use crate::caller::Caller;
use crate::credentials::Credentials;
use crate::definitions::Definitions;
use crate::error::Result;
use crate::event::Events;
use crate::files::Files;
use crate::limits::ServerLimits;
use crate::links::Links;
#[cfg(feature = "media")]
use crate::media_queue::Queue;
use crate::persist::Disk;
use crate::read::View;
use crate::rights::{Grants, Rights};
use crate::snapshot;
use crate::store::Published;
use crate::widgets::Widgets;

/// Everything that requests share.
#[derive(Debug)]
pub(crate) struct Engine {
    store: Published,
    disk: Option<Disk>,
    credentials: RwLock<Credentials>,
    pub(crate) grants: Grants,
    /// The entity types; those that a studio adds are among them at once.
    definitions: RwLock<Arc<Definitions>>,
    /// Whose key is kept for the next start, where anything is kept.
    administrator: OnceLock<Administrator>,
    pub(crate) files: Files,
    pub(crate) events: Events,
    /// What requests share of the machine.
    pub(crate) resources: Resources,
    /// What is to be encoded.
    #[cfg(feature = "media")]
    pub(crate) media: Queue,
    /// The program that encodes videos: a path, or a name that is looked for in the PATH.
    #[cfg(feature = "media")]
    pub(crate) ffmpeg: PathBuf,
    /// Where the server can be reached, known once it listens.
    links: OnceLock<Links>,
    /// Whose word about the client's request is believed.
    trusted_proxies: OnceLock<Vec<IpAddr>>,
    /// What to go back to, on a server for tests.
    start: OnceLock<Start>,
    /// Pages that can be opened.
    pub(crate) widgets: Widgets,
}

impl Engine {
    /// Says what clients may ask for.
    pub(crate) fn set_limits(&mut self, limits: ServerLimits) {
        self.files.pixels = Arc::new(Pool::new(limits.pixels));
        self.resources = Resources::new(limits);
        self.events.set_bounds(&self.resources.limits);
    }

    /// Says where the server can be reached.
    pub(crate) fn set_url(&self, url: String) {
        // Set once, by the start of the server.
        let _ = self.links.set(Links::new(url));
    }

    /// Says where the server can be reached whatever clients say.
    pub(crate) fn set_public_url(&self, url: String) {
        let _ = self.links.set(Links::public(url));
    }

    /// Says whose word about the client's request is believed.
    pub(crate) fn trust(&self, proxies: Vec<IpAddr>) {
        let _ = self.trusted_proxies.set(proxies);
    }

    /// Whose word about the client's request is believed.
    pub(crate) fn trusted_proxies(&self) -> &[IpAddr] {
        self.trusted_proxies.get().map_or(&[], Vec::as_slice)
    }

    /// Makes addresses of this server for somebody.
    pub(crate) fn links_for(&self, caller: &Caller) -> Links {
        let reached = caller.reached.as_ref();
        self.links().told_to(caller.grant).reached_at(reached)
    }

    /// Makes addresses of this server.
    pub(crate) fn links(&self) -> &Links {
        self.links.get_or_init(Links::default)
    }

    /// The entity types as they are now.
    pub(crate) fn definitions(&self) -> Arc<Definitions> {
        Arc::clone(&self.definitions.read())
    }

    /// Writes everything to a file.
    pub(crate) fn snapshot(&self, path: &Path) -> Result<()> {
        self.read(|view| snapshot::write(view, path))
    }

    /// Reads from the store as it is now. What is written meanwhile is not seen, and does not wait.
    pub(crate) fn read<T>(&self, read: impl FnOnce(View<'_>) -> T) -> T {
        self.read_within(&Budget::unlimited(), read)
    }

    /// As `read`, within what a request may take.
    fn read_within<T>(&self, budget: &Budget, read: impl FnOnce(View<'_>) -> T) -> T {
        let store = self.store.current();
        read(View {
            store: &store,
            links: self.links(),
            reader: None,
            budget,
            is_settled: true,
        })
    }

    /// Reads from the store what a user may see, within what a request may take.
    pub(crate) fn read_as<T>(
        &self,
        caller: &Caller,
        budget: &Budget,
        read: impl FnOnce(View<'_>) -> T,
    ) -> T {
        self.read_within(budget, |view| {
            let rights = Rights::new(view.store, &caller.id);
            let links = self.links_for(caller);
            read(View {
                links: &links,
                reader: rights.as_ref(),
                ..view
            })
        })
    }
}
