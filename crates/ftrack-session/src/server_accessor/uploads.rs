//! The calls that upload, by the components whose files they send.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::journal::{Journal, Owner, PlaceError, key};
use super::notice::{StartedAnewReason, UploadNotice};
use super::options::{UploadOptions, UploadState};
use crate::session::{Session, State};

/// What a call that uploads says of its files.
#[derive(Debug, Default)]
pub(crate) struct UploadRun {
    pub(super) options: UploadOptions,
    pub(super) journal: Option<Arc<Journal>>,
    /// Whether something failed that may succeed later.
    interrupted: AtomicBool,
}

/// The calls of a session that are under way. The accessor looks here for what was said of a file.
#[derive(Default)]
pub(crate) struct Uploads {
    runs: Mutex<FxHashMap<String, Arc<UploadRun>>>,
}

/// A call that is under way.
pub(crate) struct UploadCall {
    uploads: Arc<Uploads>,
    run: Arc<UploadRun>,
    components: Vec<String>,
}

/// Opens the state of what these texts say together, for an upload of so many bytes. There is none where it is not
/// worth it or cannot be; then the upload goes on without.
pub(crate) fn open_journal(
    session: &Session,
    options: &UploadOptions,
    what: &[&str],
    source: Option<&str>,
    bytes: u64,
) -> Option<Arc<Journal>> {
    if options.state == UploadState::Disabled || bytes <= options.worth_a_state() {
        return None;
    }
    let owner = Owner {
        server: session.server_url(),
        user: session.api_user(),
    };
    let mut parts = vec![owner.server, owner.user];
    parts.extend(what);
    let key = key(&parts);
    let opened = Journal::open(&options.state, owner, &key, source).or_else(|error| {
        // Folders of files that are uploaded are often not ours to write to.
        let is_beside = options.state == UploadState::BesideSource;
        match error {
            PlaceError::Io { .. } if is_beside => {
                Journal::open(&UploadState::Default, owner, &key, None)
            }
            error => Err(error),
        }
    });
    match opened {
        Ok(journal) => {
            if journal.is_damaged() {
                options.tell(&UploadNotice::StartedAnew {
                    component: source.unwrap_or("(several)").to_owned(),
                    reason: StartedAnewReason::StateDamaged,
                });
            }
            Some(Arc::new(journal))
        }
        Err(error) => {
            options.tell(&UploadNotice::NotResumable {
                reason: error.to_string(),
            });
            None
        }
    }
}

impl UploadRun {
    pub(super) fn note_interruption(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    pub(super) fn tell(&self, notice: &UploadNotice) {
        self.options.tell(notice);
    }

    pub(super) fn started_anew(&self, component: &str, reason: StartedAnewReason) {
        self.tell(&UploadNotice::StartedAnew {
            component: component.to_owned(),
            reason,
        });
    }
}

impl Uploads {
    /// What was said of the file of a component; the defaults, where it is written by other ways.
    pub(super) fn run(&self, component: &str) -> Arc<UploadRun> {
        let known = self.runs.lock().get(component).cloned();
        known.unwrap_or_default()
    }
}

impl UploadCall {
    /// Begins a call that sends the files of these components, so many bytes altogether.
    pub(crate) fn begin(
        session: &Session,
        options: UploadOptions,
        journal: Option<Arc<Journal>>,
        components: Vec<String>,
        bytes: u64,
    ) -> Self {
        options.control.add_total(bytes);
        let uploads: Arc<Uploads> = session.connection().states.get();
        let run = Arc::new(UploadRun {
            options,
            journal,
            interrupted: AtomicBool::new(false),
        });
        let mut runs = uploads.runs.lock();
        for component in &components {
            // Whoever sends the same file at the same time goes on as it was told.
            runs.entry(component.clone())
                .or_insert_with(|| Arc::clone(&run));
        }
        drop(runs);
        Self {
            uploads,
            run,
            components,
        }
    }

    /// Whether what arrived is kept although the call failed: the same call may go on with it later.
    pub(crate) fn is_resumable(&self) -> bool {
        self.run.interrupted.load(Ordering::Relaxed) && self.has_progress()
    }

    /// Whether something arrived that is known to later calls.
    pub(crate) fn has_progress(&self) -> bool {
        let journal = self.run.journal.as_ref();
        journal.is_some_and(|journal| journal.has_progress())
    }

    /// The components are about to be registered.
    pub(crate) fn registering(&self) {
        if let Some(journal) = &self.run.journal {
            journal.registering();
        }
    }

    /// Nothing of the call needs to be known any more.
    pub(crate) fn forget(&self) {
        if let Some(journal) = &self.run.journal {
            journal.remove();
        }
    }
}

impl Drop for UploadCall {
    fn drop(&mut self) {
        let mut ours = Vec::new();
        let mut runs = self.uploads.runs.lock();
        for component in &self.components {
            if runs
                .get(component)
                .is_some_and(|run| Arc::ptr_eq(run, &self.run))
            {
                ours.extend(runs.remove(component));
            }
        }
        // What is dropped with the last of them may be the user's.
        drop(runs);
    }
}

impl State for Uploads {
    fn unit_ended(&self, _: u64) {}

    fn closed(&self) {
        let runs = std::mem::take(&mut *self.runs.lock());
        drop(runs);
    }
}
