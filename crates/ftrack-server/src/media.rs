//! Media that browsers can show: a queue of what is to be encoded, and the thread that does it.
//!
//! A request only notes what is wanted; whoever waits for it looks at the job.

mod encode;
mod fault;
pub(crate) mod kind;
pub(crate) mod queue;
mod video;

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// The thread that encodes; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    engine: Arc<Engine>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.engine.media.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("encoding media stopped by a fault of its own");
        }
    }
}

/// Starts to encode what the queue of the engine holds.
///
/// # Errors
/// When there is no thread to be had.
pub(crate) fn start(engine: &Arc<Engine>) -> Result<Worker> {
    encode::give_up_unfinished(engine);
    let shared = Arc::clone(engine);
    let thread = std::thread::Builder::new()
        .name("ftrack-server-media".to_owned())
        .spawn(move || {
            while let Some(task) = shared.media.next() {
                encode::perform(&shared, &task);
            }
        })
        .map_err(|source| Error::Threads { source })?;
    Ok(Worker {
        engine: Arc::clone(engine),
        thread: Some(thread),
    })
}
