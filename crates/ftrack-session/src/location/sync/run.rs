//! Batch after batch from one location to another.

use std::sync::Arc;

use ftrack_entity::Identity;
use ftrack_query::{Query, attr};
use parking_lot::Mutex;

use super::options::Told;
use super::plan::{Comparison, Row, Wanted, in_project, is_file, query};
use super::{SyncFailure, SyncItem, SyncOptions, SyncProgress, SyncReport};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::location::collect::collect;
use crate::location::{AddOptions, Location};

/// How many registrations are looked at, copied and registered together.
const BATCH: usize = 250;

/// When all of so many fail, so would the rest.
const MANY: usize = 10;

/// How many ids one query names at the most.
const LARGEST_QUERY: usize = 1_000;

/// One call that brings files from one location to another.
pub(super) struct Sync<'a> {
    target: &'a Location,
    source: &'a Location,
    options: &'a SyncOptions,
    queries: Vec<Query>,
    report: SyncReport,
    progress: Arc<Progress>,
}

/// What is told while files are copied.
struct Progress {
    now: Mutex<SyncProgress>,
    told: Option<Told>,
}

impl Progress {
    /// Changes what is known and tells it, with no lock held.
    fn change(&self, change: impl FnOnce(&mut SyncProgress)) {
        let now = {
            let mut now = self.now.lock();
            change(&mut now);
            *now
        };
        if let Some(told) = &self.told {
            told(&now);
        }
    }
}

impl<'a> Sync<'a> {
    pub(super) fn new(
        target: &'a Location,
        source: &'a Location,
        options: &'a SyncOptions,
    ) -> Result<Self> {
        Ok(Self {
            target,
            source,
            options,
            queries: queries(source, options)?,
            report: SyncReport::default(),
            progress: Arc::new(Progress {
                now: Mutex::default(),
                told: options.told.clone(),
            }),
        })
    }

    #[track_caller]
    pub(super) fn run(mut self) -> Result<SyncReport> {
        let _loading = crate::location::loading(self.target.session());
        for query in std::mem::take(&mut self.queries) {
            let rows = self.source.session().query(&query).records::<Row>();
            let mut batch = Vec::with_capacity(BATCH);
            for row in rows {
                batch.push(row?);
                if batch.len() == BATCH {
                    self.bring(std::mem::take(&mut batch))?;
                }
                if self.report.given_up {
                    return Ok(self.report);
                }
            }
            self.bring(batch)?;
        }
        Ok(self.report)
    }

    fn check_cancellation(&self) -> Result<()> {
        if !self.options.cancellation.is_cancelled() {
            return Ok(());
        }
        let message = format!(
            "it was cancelled after {} files; what was brought to {:?} stays",
            self.report.files, self.target
        );
        Err(Error::new(ErrorKind::Cancelled, message)
            .with_detail("checked", self.report.checked)
            .with_detail("files", self.report.files))
    }

    #[track_caller]
    fn bring(&mut self, rows: Vec<Row>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.check_cancellation()?;
        let checked = rows.len() as u64;
        let comparison = Comparison {
            source: self.source,
            target: self.target,
            options: self.options,
        };
        let compared = comparison.compare(rows).or_else(|error| {
            // Whoever cancels breaks reading off.
            self.check_cancellation()?;
            Err(error)
        });
        let Wanted { items, impossible } = compared?;
        self.report.checked += checked;
        let wanted = (items.len() + impossible.len()) as u64;
        self.progress.change(|progress| {
            progress.checked += checked;
            progress.wanted += wanted;
        });
        self.report.wanted.extend(items.iter().cloned());
        for (item, error) in impossible {
            self.report.wanted.push(item.clone());
            self.report.failed.push(SyncFailure { item, error });
        }
        if self.options.dry_run || items.is_empty() {
            return Ok(());
        }
        let all = items.len();
        let failed = self.copy(items)?;
        // A storage that takes nothing more is not asked again and again.
        self.report.given_up = failed == all && all >= MANY;
        Ok(())
    }

    /// Copies and registers items, all in one go; if that fails, half of them at a time, so that those that can be
    /// brought are. Gives back how many cannot.
    #[track_caller]
    fn copy(&mut self, items: Vec<SyncItem>) -> Result<usize> {
        let mut waiting = vec![items];
        let mut failed = 0;
        while let Some(mut items) = waiting.pop() {
            let Err(error) = self.add(&items) else {
                let files = items.iter().filter(|item| is_file(item));
                self.report.files += files.clone().count() as u64;
                self.report.bytes += files.filter_map(|item| item.size).sum::<u64>();
                continue;
            };
            self.check_cancellation()?;
            if is_fatal(&error) {
                return Err(error);
            }
            match items.len() {
                0 => {}
                1 => {
                    failed += 1;
                    let failures = items.into_iter().zip([error]);
                    let failures = failures.map(|(item, error)| SyncFailure { item, error });
                    self.report.failed.extend(failures);
                }
                length => {
                    let second = items.split_off(length / 2);
                    waiting.push(second);
                    waiting.push(items);
                }
            }
        }
        Ok(failed)
    }

    /// In a unit of work of its own: nothing else is committed, and nothing is kept of it.
    #[track_caller]
    fn add(&self, items: &[SyncItem]) -> Result<()> {
        let unit = self.target.session().begin();
        let components: Vec<Entity> = items
            .iter()
            .map(|item| {
                let kind = item.component_type.as_str();
                unit.entity(&Identity::new(kind, item.component_id.as_str()))
            })
            .collect::<Result<_>>()?;
        let before = *self.progress.now.lock();
        let progress = Arc::clone(&self.progress);
        let transfer = self
            .options
            .transfer
            .clone()
            .checksum(self.options.checksum)
            .cancellation(self.options.cancellation.clone())
            .progress(move |copied| {
                progress.change(|progress| {
                    progress.files = before.files + copied.files;
                    progress.bytes = before.bytes + copied.bytes;
                });
            });
        let options = AddOptions::new()
            .recursive(false)
            .replace(true)
            .transfer(transfer);
        let added = self
            .target
            .add_components(&components, [self.source], &options);
        if added.is_err() {
            self.progress.change(|progress| *progress = before);
        }
        added
    }
}

/// Whether it makes no sense to go on with others.
fn is_fatal(error: &Error) -> bool {
    let is_of_connection = |kind: ErrorKind| {
        kind.is_a(ErrorKind::Connection)
            || matches!(
                kind,
                ErrorKind::ConnectionClosed
                    | ErrorKind::Authentication
                    | ErrorKind::Cancelled
                    | ErrorKind::Forked
            )
    };
    let causes =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |cause| {
            cause.source()
        });
    causes
        .filter_map(|cause| cause.downcast_ref::<Error>())
        .any(|cause| is_of_connection(cause.kind()))
}

/// What asks for the registrations that are wanted.
fn queries(source: &Location, options: &SyncOptions) -> Result<Vec<Query>> {
    let session = source.session();
    let project = match &options.project {
        Some(project) => Some(in_project(session, project)?),
        None => None,
    };
    let Some(components) = &options.components else {
        return Ok(vec![query(source, project)?]);
    };
    let components: Vec<Entity> = components
        .iter()
        .map(|component| session.attach(component))
        .collect::<Result<_>>()?;
    let all = collect(session, &components, true)?;
    let ids: Vec<String> = all.iter().map(|found| found.component.id()).collect();
    ids.chunks(LARGEST_QUERY)
        .map(|ids| {
            let wanted = attr("component_id").is_in(ids);
            let wanted = match &project {
                Some(project) => wanted.and(project.clone()),
                None => wanted,
            };
            query(source, Some(wanted))
        })
        .collect()
}
