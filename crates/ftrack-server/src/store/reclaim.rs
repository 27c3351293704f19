//! Freeing what nobody sees any more, with nobody waiting for it.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::Builder;

use super::Store;

/// How many stores may wait to be freed; what comes beyond that is freed by whoever brings it.
const WAITING: usize = 4;

/// A thread that frees stores. It ends with this.
#[derive(Debug, Default)]
pub(super) struct Reclaimer {
    /// Nothing where no thread could be started.
    sender: OnceLock<Option<SyncSender<Arc<Store>>>>,
}

impl Reclaimer {
    /// Frees a store soon, unless somebody still reads it.
    pub(super) fn take(&self, store: Arc<Store>) {
        if let Some(sender) = self.sender.get_or_init(start) {
            // One that comes back is freed here.
            drop(sender.try_send(store));
        }
    }
}

fn start() -> Option<SyncSender<Arc<Store>>> {
    let (sender, receiver) = sync_channel(WAITING);
    let free = move || receiver.into_iter().for_each(drop);
    let thread = Builder::new().name("ftrack-server reclaim".to_owned());
    thread.spawn(free).is_ok().then_some(sender)
}
