//! The server without its sockets: requests in, answers out.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, RwLock};
use serde_json::Value as Json;

use crate::caller::{Caller, Tokens};
use crate::catalog::Catalog;
use crate::credentials::{Account, Credentials, HashedKey};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::files::Files;
use crate::links::Links;
use crate::media::queue::Queue;
use crate::persist::Disk;
use crate::read::{Reader, View};
use crate::refusal::{Refusal, RefusalKind};
use crate::schema::Schema;
use crate::snapshot::{self, Snapshot};
use crate::store::{Change, RowRef, Store};
use crate::studio::Row;
use crate::value::Value;
use crate::write::Batch;

/// Everything that requests share.
#[derive(Debug)]
pub(crate) struct Engine {
    store: RwLock<Store>,
    disk: Option<Disk>,
    credentials: RwLock<Credentials>,
    /// The answer to `query_schemas`.
    pub(crate) schema_report: String,
    pub(crate) schema_hash: String,
    pub(crate) files: Files,
    pub(crate) events: Events,
    /// What is to be encoded.
    pub(crate) media: Queue,
    /// Where the server can be reached, known once it listens.
    links: OnceLock<Links>,
    /// What to go back to, on a server for tests.
    start: OnceLock<Start>,
    /// Tokens of widget addresses with the moment at which they expire.
    pub(crate) widget_tokens: Mutex<Vec<(String, i64)>>,
}

/// The state at the start.
#[derive(Debug)]
struct Start {
    store: Store,
    credentials: Credentials,
}

/// What is in a new server.
#[derive(Debug)]
enum Seed {
    /// Entities as a client would make them.
    Rows(Vec<Row>),
    /// Entities as another server had them.
    Snapshot(Snapshot),
}

impl Engine {
    /// An engine over a folder, or in memory, that holds `seed` when it is new.
    pub(crate) fn new(
        disk: Option<Disk>,
        files: Files,
        seed: impl FnOnce() -> Vec<Row>,
    ) -> Result<Self> {
        Self::build(disk, files, || Ok(Seed::Rows(seed())))
    }

    /// An engine over a folder, or in memory, that holds the entities of a file when it is new.
    pub(crate) fn from_file(disk: Option<Disk>, files: Files, path: &Path) -> Result<Self> {
        Self::build(disk, files, || Snapshot::read(path).map(Seed::Snapshot))
    }

    fn build(
        disk: Option<Disk>,
        files: Files,
        seed: impl FnOnce() -> Result<Seed>,
    ) -> Result<Self> {
        let is_new = match &disk {
            Some(disk) => disk.is_empty()?,
            None => true,
        };
        let seed = is_new.then(seed).transpose()?;
        let schema = schema_of(disk.as_ref(), seed.as_ref())?;
        let catalog = Arc::new(Catalog::new(&schema));
        let mut store = Store::new(catalog);
        let mut credentials = Credentials::default();
        if let Some(seed) = &seed {
            plant(&mut store, disk.as_ref(), seed)?;
        } else if let Some(disk) = &disk {
            disk.load(&mut store)?;
            for (user, key) in disk.keys()? {
                credentials.set(user, key);
            }
        }
        credentials.set_accounts(accounts(&store));
        tracing::info!(rows = store.len(), is_new, "the data is ready");
        let events = Events::new(&schema, store.catalog());
        Ok(Self {
            store: RwLock::new(store),
            disk,
            credentials: RwLock::new(credentials),
            schema_report: schema.report().to_string(),
            schema_hash: schema.hash(),
            files,
            events,
            media: Queue::default(),
            links: OnceLock::new(),
            start: OnceLock::new(),
            widget_tokens: Mutex::default(),
        })
    }

    /// Says where the server can be reached.
    pub(crate) fn set_url(&self, url: String) {
        // Set once, by the start of the server.
        let _ = self.links.set(Links::new(url));
    }

    /// Where the server can be reached.
    pub(crate) fn url(&self) -> &str {
        self.links().url()
    }

    /// Makes addresses of this server.
    pub(crate) fn links(&self) -> &Links {
        self.links.get_or_init(Links::default)
    }

    /// Gives a user a key, in place of the one before.
    pub(crate) fn set_key(&self, username: &str, key: &str) -> Result<()> {
        let store = self.store.read();
        let user = find_user(&store, username).ok_or_else(|| Error::Seed {
            reason: format!("there is no user {username}"),
        })?;
        let id = store.id(user).to_text();
        let hashed = HashedKey::new(key);
        if let Some(disk) = &self.disk {
            disk.write(&store, &[], &[(id.clone(), hashed.clone())])?;
        }
        self.credentials.write().set(id, hashed);
        Ok(())
    }

    /// Remembers the present state as the one to go back to.
    pub(crate) fn remember_start(&self) {
        let _ = self.start.set(Start {
            store: self.store.read().clone(),
            credentials: self.credentials.read().clone(),
        });
        self.files.remember();
    }

    /// Goes back to the state that was remembered. Nobody is told by events.
    ///
    /// # Errors
    /// No such state, or a folder that cannot be written; nothing changed then.
    pub(crate) fn reset(&self) -> Result<()> {
        let start = self.start.get().ok_or(Error::NotTesting)?;
        let mut store = self.store.write();
        if let Some(disk) = &self.disk {
            disk.replace(&start.store, &start.credentials.keys())?;
        }
        *store = start.store.clone();
        *self.credentials.write() = start.credentials.clone();
        self.widget_tokens.lock().clear();
        self.files.rewind();
        Ok(())
    }

    /// Writes everything to a file.
    pub(crate) fn snapshot(&self, path: &Path) -> Result<()> {
        self.read(|view| snapshot::write(view, path))
    }

    /// Who has these credentials.
    ///
    /// # Errors
    /// Refuses wrong ones, and does not tell whether the name or the key is wrong.
    pub(crate) fn authenticate(
        &self,
        username: Option<&str>,
        key: Option<&str>,
    ) -> Result<Caller, Refusal> {
        let username = username.unwrap_or_default();
        let id = self
            .credentials
            .read()
            .find(username, key.unwrap_or_default());
        let id = id.ok_or_else(|| {
            let message = "The supplied API key or user name is not valid";
            Refusal::new(RefusalKind::Credentials, message)
        })?;
        Ok(Caller {
            id,
            username: username.to_owned(),
            tokens: Tokens::default(),
        })
    }

    /// Reads from the store.
    pub(crate) fn read<T>(&self, read: impl FnOnce(View<'_>) -> T) -> T {
        let store = self.store.read();
        read(View {
            store: &store,
            links: self.links(),
            reader: None,
        })
    }

    /// Reads from the store what a user may see.
    pub(crate) fn read_as<T>(&self, caller: &Caller, read: impl FnOnce(View<'_>) -> T) -> T {
        self.read(|view| {
            let reader = Reader::new(view.store, &caller.id);
            read(View {
                reader: reader.as_ref(),
                ..view
            })
        })
    }

    /// Writes to the store: all of it or nothing, on disk when this returns.
    pub(crate) fn write<T>(
        &self,
        caller: &Caller,
        write: impl FnOnce(&mut Batch<'_>) -> Result<(T, Vec<(String, HashedKey)>), Refusal>,
    ) -> Result<T, Refusal> {
        let mut store = self.store.write();
        let mut batch = Batch::new(&mut store, self.links(), caller.id.clone());
        let (value, keys) = write(&mut batch)?;
        batch.note_activity();
        let changes = batch.transaction().changes();
        if let Some(disk) = &self.disk
            && !(changes.is_empty() && keys.is_empty())
        {
            disk.write(batch.transaction().store(), &changes, &keys)
                .map_err(|error| {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a batch was not stored"
                    );
                    Refusal::new(RefusalKind::Internal, "the batch could not be stored")
                })?;
        }
        for component in batch.deleted_components() {
            self.files.remove(&component);
        }
        self.events.record(&batch, caller);
        batch.keep();
        self.update_credentials(&store, &changes, keys);
        drop(store);
        self.events.deliver();
        Ok(value)
    }

    fn update_credentials(
        &self,
        store: &Store,
        changes: &[Change],
        keys: Vec<(String, HashedKey)>,
    ) {
        let users = store.catalog().find("User").map(|info| info.id);
        let is_user =
            |change: &Change| matches!(change, Change::Row(row) if Some(row.type_id) == users);
        let mut credentials = self.credentials.write();
        if changes.iter().any(is_user) {
            credentials.set_accounts(accounts(store));
        }
        for (user, key) in keys {
            credentials.set(user, key);
        }
    }
}

/// The users that can log in, by name.
fn accounts(store: &Store) -> impl Iterator<Item = (String, Account)> + '_ {
    let users = store.catalog().find("User").map(|info| info.id);
    users
        .into_iter()
        .flat_map(|users| store.rows(users))
        .map(|row| {
            let is_active = store.named(row, "is_active").is_true();
            let account = Account {
                id: store.id(row).clone(),
                is_active,
            };
            (store.named(row, "username").to_text(), account)
        })
}

fn find_user(store: &Store, username: &str) -> Option<RowRef> {
    store
        .rows_with("User", "username", &Value::text(username))
        .first()
        .copied()
}

/// The built-in schema with the object types that the studio added.
fn schema_of(disk: Option<&Disk>, seed: Option<&Seed>) -> Result<Schema> {
    let mut schema = Schema::builtin();
    let rows = match (seed, disk) {
        (Some(Seed::Snapshot(snapshot)), _) => snapshot.of_type("ObjectType")?,
        (None, Some(disk)) => disk.raw_rows("ObjectType")?,
        // What every studio has is built in.
        _ => Vec::new(),
    };
    for row in rows {
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        match schema.with_object_type(text("id"), text("name")) {
            Ok(wider) => schema = wider,
            Err(error) => tracing::warn!(%error, "an object type gives no entity type"),
        }
    }
    Ok(schema)
}

/// Fills a new store.
fn plant(store: &mut Store, disk: Option<&Disk>, seed: &Seed) -> Result<()> {
    let links = Links::default();
    let mut batch = Batch::new(store, &links, Value::Null);
    match seed {
        Seed::Rows(rows) => plant_rows(&mut batch, rows)?,
        Seed::Snapshot(snapshot) => snapshot.plant(&mut batch)?,
    }
    if let Some(disk) = disk {
        let changes = batch.transaction().changes();
        disk.write(batch.transaction().store(), &changes, &[])?;
    }
    batch.keep();
    Ok(())
}

fn plant_rows(batch: &mut Batch<'_>, rows: &[Row]) -> Result<()> {
    for row in rows {
        batch
            .plant(&row.entity_type, &row.values)
            .map_err(|refusal| Error::Seed {
                reason: format!("{}: {}", row.entity_type, refusal.message),
            })?;
    }
    batch.finish().map_err(|refusal| Error::Seed {
        reason: refusal.message,
    })
}
