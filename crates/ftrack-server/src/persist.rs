//! Rows on disk: every batch is there, completely, before it is answered.

mod row;
mod trouble;

use std::borrow::Borrow;
use std::path::{Path, PathBuf};

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, Table, TableDefinition,
    WriteTransaction,
};
use serde_json::{Map, Value as Json};

use self::trouble::Trouble;
use crate::catalog::{Catalog, TypeId};
use crate::credentials::HashedKey;
use crate::error::{Error, Result};
use crate::store::{Change, RowRef, Store};
use crate::value::Value;

/// Rows by entity type and number.
const ROWS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("rows");
/// Custom attribute values by entity type, row number and row number of the configuration.
const CUSTOM: TableDefinition<(&str, u32, u32), &[u8]> = TableDefinition::new("custom_values");
/// Hashed API keys by user id.
const KEYS: TableDefinition<&str, &[u8]> = TableDefinition::new("api_keys");
/// Facts about the data itself.
const FACTS: TableDefinition<&str, &str> = TableDefinition::new("facts");

const FORMAT: &str = "1";
/// What the database may keep in memory, in bytes.
const CACHE_SIZE: usize = 32 * 1024 * 1024;
const FILE_NAME: &str = "ftrack.redb";

/// The data of one folder.
#[derive(Debug)]
pub(crate) struct Disk {
    database: Database,
    folder: PathBuf,
}

impl Disk {
    /// Opens the data of a folder, which is made where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|source| Error::DataFolder {
            path: folder.to_owned(),
            source,
        })?;
        let mut builder = Database::builder();
        // All rows are in memory already: the database needs no room to keep them once more.
        builder.set_cache_size(CACHE_SIZE);
        let database = builder
            .create(folder.join(FILE_NAME))
            .map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => Error::DataFolderInUse {
                    path: folder.to_owned(),
                },
                other => Error::Data {
                    path: folder.to_owned(),
                    source: Box::new(other),
                },
            })?;
        let disk = Self {
            database,
            folder: folder.to_owned(),
        };
        disk.report(prepare(&disk.database))?;
        Ok(disk)
    }

    /// Whether nothing was ever stored.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        self.report(is_empty(&self.database))
    }

    /// The rows of one entity type as they were written, by attribute name.
    pub(crate) fn raw_rows(&self, entity_type: &str) -> Result<Vec<Map<String, Json>>> {
        self.report(raw_rows(&self.database, entity_type))
    }

    /// Fills a store with everything that is stored.
    pub(crate) fn load(&self, store: &mut Store) -> Result<()> {
        self.report(load(&self.database, store))
    }

    /// The hashed keys of all users.
    pub(crate) fn keys(&self) -> Result<Vec<(String, HashedKey)>> {
        self.report(keys(&self.database))
    }

    /// Stores what a batch changed, and new keys; it is on disk when this returns.
    pub(crate) fn write(
        &self,
        store: &Store,
        changes: &[Change],
        keys: &[(String, HashedKey)],
    ) -> Result<()> {
        self.report(write(&self.database, store, changes, keys))
    }

    /// Stores this and nothing else; all of it is on disk when this returns, or nothing changed.
    pub(crate) fn replace(&self, store: &Store, keys: &[(String, HashedKey)]) -> Result<()> {
        self.report(replace(&self.database, store, keys))
    }

    /// Says where the trouble is.
    fn report<T>(&self, outcome: Result<T, Trouble>) -> Result<T> {
        let path = || self.folder.clone();
        outcome.map_err(|trouble| match trouble {
            Trouble::Database(source) => Error::Data {
                path: path(),
                source,
            },
            Trouble::Corrupt(reason) => Error::Corrupt {
                path: path(),
                reason,
            },
        })
    }
}

fn prepare(database: &Database) -> Result<(), Trouble> {
    let transaction = database.begin_write()?;
    {
        let mut facts = transaction.open_table(FACTS)?;
        let format = facts.get("format")?.map(|value| value.value().to_owned());
        match format.as_deref() {
            Some(FORMAT) => {}
            Some(other) => {
                let reason = format!("its format is {other}, not {FORMAT}");
                return Err(Trouble::Corrupt(reason));
            }
            None => {
                facts.insert("format", FORMAT)?;
            }
        }
        transaction.open_table(ROWS)?;
        transaction.open_table(CUSTOM)?;
        transaction.open_table(KEYS)?;
    }
    Ok(transaction.commit()?)
}

fn is_empty(database: &Database) -> Result<bool, Trouble> {
    let rows = database.begin_read()?.open_table(ROWS)?;
    Ok(rows.first()?.is_none())
}

fn raw_rows(database: &Database, entity_type: &str) -> Result<Vec<Map<String, Json>>, Trouble> {
    let rows = database.begin_read()?.open_table(ROWS)?;
    let mut found = Vec::new();
    for entry in rows.range((entity_type, 0)..=(entity_type, u32::MAX))? {
        let (_, bytes) = entry?;
        found.push(serde_json::from_slice(bytes.value())?);
    }
    Ok(found)
}

fn load(database: &Database, store: &mut Store) -> Result<(), Trouble> {
    let catalog = store.shared_catalog();
    let transaction = database.begin_read()?;
    for entry in transaction.open_table(ROWS)?.iter()? {
        let (key, bytes) = entry?;
        let (name, row) = key.value();
        let type_id = type_id(&catalog, name)?;
        let values = row::decode(&catalog, type_id, bytes.value())?;
        store.restore(RowRef { type_id, row }, values);
    }
    for entry in transaction.open_table(CUSTOM)?.iter()? {
        let (key, bytes) = entry?;
        let (name, row, configuration) = key.value();
        let type_id = type_id(&catalog, name)?;
        let json: Json = serde_json::from_slice(bytes.value())?;
        let entity = RowRef { type_id, row };
        store.restore_custom(entity, configuration, Value::variable(&json));
    }
    Ok(())
}

fn type_id(catalog: &Catalog, name: &str) -> Result<TypeId, Trouble> {
    let info = catalog.find(name);
    info.map(|info| info.id)
        .ok_or_else(|| Trouble::Corrupt(format!("there is no entity type {name}")))
}

fn keys(database: &Database) -> Result<Vec<(String, HashedKey)>, Trouble> {
    let keys = database.begin_read()?.open_table(KEYS)?;
    let mut found = Vec::new();
    for entry in keys.iter()? {
        let (user, bytes) = entry?;
        let key = serde_json::from_slice(bytes.value())?;
        found.push((user.value().to_owned(), key));
    }
    Ok(found)
}

fn write(
    database: &Database,
    store: &Store,
    changes: &[Change],
    keys: &[(String, HashedKey)],
) -> Result<(), Trouble> {
    let transaction = database.begin_write()?;
    write_rows(&transaction, store, changes)?;
    write_keys(&transaction, keys)?;
    Ok(transaction.commit()?)
}

fn replace(
    database: &Database,
    store: &Store,
    keys: &[(String, HashedKey)],
) -> Result<(), Trouble> {
    let transaction = database.begin_write()?;
    transaction.delete_table(ROWS)?;
    transaction.delete_table(CUSTOM)?;
    transaction.delete_table(KEYS)?;
    write_rows(&transaction, store, &store.everything())?;
    write_keys(&transaction, keys)?;
    Ok(transaction.commit()?)
}

fn write_keys(transaction: &WriteTransaction, keys: &[(String, HashedKey)]) -> Result<(), Trouble> {
    let mut table = transaction.open_table(KEYS)?;
    for (user, key) in keys {
        let bytes = serde_json::to_vec(key)?;
        table.insert(user.as_str(), bytes.as_slice())?;
    }
    Ok(())
}

fn write_rows(
    transaction: &WriteTransaction,
    store: &Store,
    changes: &[Change],
) -> Result<(), Trouble> {
    let catalog = store.catalog();
    let mut rows = transaction.open_table(ROWS)?;
    let mut custom = transaction.open_table(CUSTOM)?;
    for change in changes {
        match *change {
            Change::Row(RowRef { type_id, row }) => {
                let key = (catalog.get(type_id).name.as_str(), row);
                let values = store.table(type_id).get(row);
                let bytes = values.map(|values| row::encode(catalog, type_id, values));
                put(&mut rows, key, bytes)?;
            }
            Change::Custom(entity, configuration) => {
                let name = catalog.get(entity.type_id).name.as_str();
                let value = store.custom().get(entity, configuration);
                let bytes = value.map(|value| value.to_json().to_string().into_bytes());
                put(&mut custom, (name, entity.row, configuration), bytes)?;
            }
        }
    }
    Ok(())
}

/// Stores what there is; removes what there is not any more.
fn put<'k, K: redb::Key + 'static>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: impl Borrow<K::SelfType<'k>>,
    bytes: Option<Vec<u8>>,
) -> Result<(), StorageError> {
    match bytes {
        Some(bytes) => table.insert(key, bytes.as_slice())?,
        None => table.remove(key)?,
    };
    Ok(())
}
