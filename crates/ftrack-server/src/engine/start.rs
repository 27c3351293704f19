//! An engine comes into being: over data that is there, or over a seed.

use std::path::Path;
#[cfg(feature = "media")]
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;

use super::Engine;
use super::credentials::accounts;
use crate::budget::{Budget, Resources};
use crate::catalog::Catalog;
use crate::credentials::Credentials;
use crate::definitions::{self, Choice, Definitions};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::files::Files;
use crate::links::Links;
#[cfg(feature = "media")]
use crate::media_queue::Queue;
use crate::persist::{Disk, Step};
use crate::rights::Grants;
use crate::schema::{Schema, SchemaVersion};
use crate::snapshot::Snapshot;
use crate::store::{Published, Store};
use crate::studio::Row;
use crate::value::Value;
use crate::widgets::Widgets;
use crate::write::Batch;

/// What is in a new server.
#[derive(Debug)]
enum Seed {
    /// Entities as a client would make them.
    Rows(Vec<Row>),
    /// Entities as another server had them.
    Snapshot(Snapshot),
}

impl Seed {
    fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Rows(_) => None,
            Self::Snapshot(snapshot) => Some(snapshot),
        }
    }
}

impl Engine {
    /// An engine over a folder, or in memory, that holds `seed` when it is new.
    pub(crate) fn new(
        disk: Option<Disk>,
        files: Files,
        choice: Option<Choice>,
        seed: impl FnOnce(&Schema) -> Result<Vec<Row>>,
    ) -> Result<Self> {
        Self::build(disk, files, choice, |schema| seed(schema).map(Seed::Rows))
    }

    /// An engine over a folder, or in memory, that holds the entities of a file when it is new.
    pub(crate) fn from_file(
        disk: Option<Disk>,
        files: Files,
        choice: Option<Choice>,
        path: &Path,
    ) -> Result<Self> {
        Self::build(disk, files, choice, |_| {
            Snapshot::read(path).map(Seed::Snapshot)
        })
    }

    fn build(
        disk: Option<Disk>,
        files: Files,
        choice: Option<Choice>,
        seed: impl FnOnce(&Schema) -> Result<Seed>,
    ) -> Result<Self> {
        let remembered = disk.as_ref().map(definitions::remembered).transpose()?;
        let remembered = remembered.flatten();
        let is_new = remembered.is_none();
        let choice = choice
            .or_else(|| remembered.clone())
            .unwrap_or(Choice::Version(SchemaVersion::default()));
        let schema = choice.schema().map_err(|reason| Error::Seed { reason })?;
        let seed = is_new.then(|| seed(&schema)).transpose()?;
        let snapshot = seed.as_ref().and_then(Seed::snapshot);
        let rows = definitions::object_types(snapshot, disk.as_ref())?;
        let (definitions, renamed) = Definitions::with_object_types(schema, &rows);
        let mut store = Store::new(Arc::new(Catalog::new(&definitions.schema)));
        let mut credentials = Credentials::default();
        if let Some(seed) = &seed {
            seed_store(&mut store, disk.as_ref(), seed, &choice)?;
        } else if let Some(disk) = &disk {
            if !renamed.is_empty() {
                let step = Step {
                    renamed: &renamed,
                    ..Step::new(&store, &[])
                };
                disk.write(step, Vec::new)?;
            }
            disk.load(&mut store)?;
            for (user, key) in disk.keys()? {
                credentials.set(user, key);
            }
            if remembered.as_ref() != Some(&choice) {
                adapt(&mut store, disk, &choice, &credentials)?;
            }
        }
        credentials.set_accounts(accounts(&store));
        tracing::info!(rows = store.len(), is_new, "the data is ready");
        let events = Events::new(&definitions.schema, store.catalog());
        Ok(Self {
            store: Published::new(store),
            disk,
            credentials: RwLock::new(credentials),
            grants: Grants::default(),
            definitions: RwLock::new(Arc::new(definitions)),
            administrator: OnceLock::new(),
            files,
            events,
            resources: Resources::default(),
            #[cfg(feature = "media")]
            media: Queue::default(),
            #[cfg(feature = "media")]
            ffmpeg: PathBuf::from("ffmpeg"),
            links: OnceLock::new(),
            trusted_proxies: OnceLock::new(),
            start: OnceLock::new(),
            widgets: Widgets::default(),
        })
    }
}

/// Brings data to another schema than the one that it was stored with.
fn adapt(store: &mut Store, disk: &Disk, choice: &Choice, credentials: &Credentials) -> Result<()> {
    let links = Links::default();
    let budget = Budget::unlimited();
    let mut batch = Batch::new(store, &links, Value::Null, &budget);
    batch.derive_all();
    let changes = batch.into_transaction().changes();
    let step = Step {
        facts: &[(definitions::FACT, choice.text())],
        ..Step::new(store, &changes)
    };
    disk.write(step, || credentials.keys())
}

/// Fills a new store.
fn seed_store(store: &mut Store, disk: Option<&Disk>, seed: &Seed, choice: &Choice) -> Result<()> {
    let (links, budget) = (Links::default(), Budget::unlimited());
    let mut batch = Batch::new(store, &links, Value::Null, &budget);
    match seed {
        Seed::Rows(rows) => seed_rows(&mut batch, rows)?,
        Seed::Snapshot(snapshot) => snapshot.seed(&mut batch)?,
    }
    if let Some(disk) = disk {
        let changes = batch.transaction().changes();
        let step = Step {
            facts: &[(definitions::FACT, choice.text())],
            ..Step::new(batch.transaction().store(), &changes)
        };
        disk.write(step, Vec::new)?;
    }
    Ok(())
}

fn seed_rows(batch: &mut Batch<'_>, rows: &[Row]) -> Result<()> {
    for row in rows {
        batch
            .seed(&row.entity_type, &row.values)
            .map_err(|error| Error::Seed {
                reason: format!("{}: {}", row.entity_type, error.message),
            })?;
    }
    batch.finish().map_err(|error| Error::Seed {
        reason: error.message,
    })
}
