//! Many resources at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;
use rustc_hash::FxHashSet;

use super::copy::{Copy, Outcome};
use super::reporter::Reporter;
use super::{
    CopyError, TransferError, TransferFailure, TransferItem, TransferOptions, TransferSummary,
};
use crate::accessor::{Accessor, AccessorError};

/// One transfer: what its threads share.
pub(super) struct Run<'run> {
    source: &'run dyn Accessor,
    target: &'run dyn Accessor,
    items: &'run [TransferItem],
    options: &'run TransferOptions,
    reporter: Reporter<'run>,
    /// The position of the next item that nobody works at.
    next: AtomicUsize,
    failed: AtomicBool,
    /// The positions of what was transferred.
    transferred: Mutex<Vec<usize>>,
    failures: Mutex<Vec<(usize, CopyError)>>,
    /// The containers of the target that were made.
    containers: Mutex<FxHashSet<String>>,
}

impl<'run> Run<'run> {
    pub(super) fn new(
        source: &'run dyn Accessor,
        target: &'run dyn Accessor,
        items: &'run [TransferItem],
        options: &'run TransferOptions,
    ) -> Self {
        Self {
            source,
            target,
            items,
            options,
            reporter: Reporter::new(items, options),
            next: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            transferred: Mutex::new(Vec::with_capacity(items.len())),
            failures: Mutex::default(),
            containers: Mutex::default(),
        }
    }

    pub(super) fn finish(self) -> Result<TransferSummary, TransferError> {
        thread::scope(|scope| {
            for _ in 1..self.options.parallel.min(self.items.len()) {
                let helper = thread::Builder::new().name("ftrack-transfer".to_owned());
                // This thread works as well, so it goes on, if slower, where no more threads can be had.
                if let Err(error) = helper.spawn_scoped(scope, || self.work()) {
                    tracing::warn!(%error, "transferring with fewer threads");
                    break;
                }
            }
            self.work();
        });
        self.reporter.tell();
        self.result()
    }

    fn result(self) -> Result<TransferSummary, TransferError> {
        let progress = self.reporter.progress();
        let mut transferred = self.transferred.into_inner();
        let mut failures = self.failures.into_inner();
        if transferred.len() == self.items.len() {
            return Ok(TransferSummary {
                files: progress.files,
                bytes: progress.bytes,
            });
        }
        transferred.sort_unstable();
        failures.sort_unstable_by_key(|(position, _)| *position);
        let item = |position: usize| self.items.get(position).cloned();
        Err(TransferError {
            transferred: transferred
                .into_iter()
                .filter_map(|position| Some(item(position)?.target))
                .collect(),
            failures: failures
                .into_iter()
                .filter_map(|(position, error)| {
                    let item = item(position)?;
                    Some(TransferFailure { item, error })
                })
                .collect(),
            total: self.items.len(),
        })
    }

    /// Copies what nobody else does, until there is no more or something failed.
    fn work(&self) {
        let mut copy = Copy::new(self.source, self.target, self.options, &self.reporter);
        while !self.failed.load(Ordering::Relaxed) && !self.options.cancellation.is_cancelled() {
            let position = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(position) else {
                return;
            };
            let outcome = match self.make_container(item.target()) {
                Ok(()) => copy.run(item),
                Err(error) => Outcome::Failed(CopyError::Target(error)),
            };
            match outcome {
                Outcome::Copied => {
                    self.transferred.lock().push(position);
                    self.reporter.add_file();
                }
                Outcome::Cancelled => return,
                Outcome::Failed(error) => {
                    self.failed.store(true, Ordering::Relaxed);
                    self.failures.lock().push((position, error));
                }
            }
        }
    }

    /// Makes the container that a resource goes to, where the storage has containers.
    fn make_container(&self, resource_identifier: &str) -> Result<(), AccessorError> {
        let container = match self.target.container(resource_identifier) {
            Ok(container) => container,
            Err(
                AccessorError::ParentResourceNotFound { .. }
                | AccessorError::UnsupportedOperation { .. },
            ) => return Ok(()),
            Err(error) => return Err(error),
        };
        if self.containers.lock().contains(&container) {
            return Ok(());
        }
        match self.target.make_container(&container, true) {
            Ok(()) | Err(AccessorError::UnsupportedOperation { .. }) => {
                self.containers.lock().insert(container);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
