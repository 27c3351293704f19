//! Rows on disk: every batch is there, completely, before it is answered.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::catalog::{Catalog, Source, TypeId, TypeInfo};
use crate::credentials::HashedKey;
use crate::error::{Error, Result};
use crate::schema::model::ScalarType;
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
        disk.prepare()?;
        Ok(disk)
    }

    fn prepare(&self) -> Result<()> {
        let transaction = self
            .database
            .begin_write()
            .map_err(|error| self.fault(error))?;
        {
            let mut facts = transaction
                .open_table(FACTS)
                .map_err(|error| self.fault(error))?;
            let format = facts
                .get("format")
                .map_err(|error| self.fault(error))?
                .map(|value| value.value().to_owned());
            match format.as_deref() {
                Some(FORMAT) => {}
                Some(other) => {
                    return Err(self.corrupt(format!("its format is {other}, not {FORMAT}")));
                }
                None => {
                    facts
                        .insert("format", FORMAT)
                        .map_err(|error| self.fault(error))?;
                }
            }
            transaction
                .open_table(ROWS)
                .map_err(|error| self.fault(error))?;
            transaction
                .open_table(CUSTOM)
                .map_err(|error| self.fault(error))?;
            transaction
                .open_table(KEYS)
                .map_err(|error| self.fault(error))?;
        }
        transaction.commit().map_err(|error| self.fault(error))
    }

    /// Whether nothing was ever stored.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| self.fault(error))?;
        let rows = transaction
            .open_table(ROWS)
            .map_err(|error| self.fault(error))?;
        let first = rows.first().map_err(|error| self.fault(error))?;
        Ok(first.is_none())
    }

    /// The rows of one entity type as they were written, by attribute name.
    pub(crate) fn raw_rows(&self, entity_type: &str) -> Result<Vec<Map<String, Json>>> {
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| self.fault(error))?;
        let rows = transaction
            .open_table(ROWS)
            .map_err(|error| self.fault(error))?;
        let range = rows
            .range((entity_type, 0)..=(entity_type, u32::MAX))
            .map_err(|error| self.fault(error))?;
        let mut found = Vec::new();
        for entry in range {
            let (_, bytes) = entry.map_err(|error| self.fault(error))?;
            found.push(self.parse(bytes.value())?);
        }
        Ok(found)
    }

    /// Fills a store with everything that is stored.
    pub(crate) fn load(&self, store: &mut Store) -> Result<()> {
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| self.fault(error))?;
        let catalog = store.shared_catalog();
        let rows = transaction
            .open_table(ROWS)
            .map_err(|error| self.fault(error))?;
        for entry in rows.iter().map_err(|error| self.fault(error))? {
            let (key, bytes) = entry.map_err(|error| self.fault(error))?;
            let (name, row) = key.value();
            let type_id = self.type_id(&catalog, name)?;
            let values = row_values(&catalog, type_id, bytes.value())
                .map_err(|error| self.corrupt(error.to_string()))?;
            store.restore(RowRef { type_id, row }, values);
        }
        let custom = transaction
            .open_table(CUSTOM)
            .map_err(|error| self.fault(error))?;
        for entry in custom.iter().map_err(|error| self.fault(error))? {
            let (key, bytes) = entry.map_err(|error| self.fault(error))?;
            let (name, row, configuration) = key.value();
            let type_id = self.type_id(&catalog, name)?;
            let json: Json = serde_json::from_slice(bytes.value())
                .map_err(|error| self.corrupt(error.to_string()))?;
            store.restore_custom(
                RowRef { type_id, row },
                configuration,
                Value::variable(&json),
            );
        }
        Ok(())
    }

    /// The hashed keys of all users.
    pub(crate) fn keys(&self) -> Result<Vec<(String, HashedKey)>> {
        let transaction = self
            .database
            .begin_read()
            .map_err(|error| self.fault(error))?;
        let keys = transaction
            .open_table(KEYS)
            .map_err(|error| self.fault(error))?;
        let mut found = Vec::new();
        for entry in keys.iter().map_err(|error| self.fault(error))? {
            let (user, bytes) = entry.map_err(|error| self.fault(error))?;
            let key = serde_json::from_slice(bytes.value())
                .map_err(|error| self.corrupt(error.to_string()))?;
            found.push((user.value().to_owned(), key));
        }
        Ok(found)
    }

    /// Stores what a batch changed, and new keys; it is on disk when this returns.
    pub(crate) fn write(
        &self,
        store: &Store,
        changes: &[Change],
        keys: &[(String, HashedKey)],
    ) -> Result<()> {
        let transaction = self
            .database
            .begin_write()
            .map_err(|error| self.fault(error))?;
        self.write_all(transaction, store, changes, keys)
    }

    /// Stores this and nothing else; all of it is on disk when this returns, or nothing changed.
    pub(crate) fn replace(&self, store: &Store, keys: &[(String, HashedKey)]) -> Result<()> {
        let transaction = self
            .database
            .begin_write()
            .map_err(|error| self.fault(error))?;
        transaction
            .delete_table(ROWS)
            .and_then(|_| transaction.delete_table(CUSTOM))
            .and_then(|_| transaction.delete_table(KEYS))
            .map_err(|error| self.fault(error))?;
        self.write_all(transaction, store, &store.everything(), keys)
    }

    fn write_all(
        &self,
        transaction: WriteTransaction,
        store: &Store,
        changes: &[Change],
        keys: &[(String, HashedKey)],
    ) -> Result<()> {
        self.write_rows(&transaction, store, changes)?;
        {
            let mut table = transaction
                .open_table(KEYS)
                .map_err(|error| self.fault(error))?;
            for (user, key) in keys {
                let bytes = serde_json::to_vec(key).map_err(|error| self.fault(error))?;
                table
                    .insert(user.as_str(), bytes.as_slice())
                    .map_err(|error| self.fault(error))?;
            }
        }
        transaction.commit().map_err(|error| self.fault(error))
    }

    fn write_rows(
        &self,
        transaction: &WriteTransaction,
        store: &Store,
        changes: &[Change],
    ) -> Result<()> {
        let catalog = store.catalog();
        let mut rows = transaction
            .open_table(ROWS)
            .map_err(|error| self.fault(error))?;
        let mut custom = transaction
            .open_table(CUSTOM)
            .map_err(|error| self.fault(error))?;
        for change in changes {
            match *change {
                Change::Row(row) => {
                    let key = (catalog.get(row.type_id).name.as_str(), row.row);
                    match store.table(row.type_id).get(row.row) {
                        Some(values) => {
                            let bytes = encode(catalog, row.type_id, values);
                            rows.insert(key, bytes.as_slice())
                                .map_err(|error| self.fault(error))?;
                        }
                        None => {
                            rows.remove(key).map_err(|error| self.fault(error))?;
                        }
                    }
                }
                Change::Custom(entity, configuration) => {
                    let name = catalog.get(entity.type_id).name.as_str();
                    let key = (name, entity.row, configuration);
                    match store.custom().get(entity, configuration) {
                        Some(value) => {
                            let bytes = value.to_json().to_string();
                            custom
                                .insert(key, bytes.as_bytes())
                                .map_err(|error| self.fault(error))?;
                        }
                        None => {
                            custom.remove(key).map_err(|error| self.fault(error))?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn type_id(&self, catalog: &Catalog, name: &str) -> Result<TypeId> {
        catalog
            .find(name)
            .map(|info| info.id)
            .ok_or_else(|| self.corrupt(format!("there is no entity type {name}")))
    }

    fn parse(&self, bytes: &[u8]) -> Result<Map<String, Json>> {
        serde_json::from_slice(bytes).map_err(|error| self.corrupt(error.to_string()))
    }

    fn fault(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Data {
            path: self.folder.clone(),
            source: error.into(),
        }
    }

    fn corrupt(&self, reason: String) -> Error {
        Error::Corrupt {
            path: self.folder.clone(),
            reason,
        }
    }
}

/// A row as JSON, by attribute name: it stays readable when attributes are added later.
fn encode(catalog: &Catalog, type_id: TypeId, values: &[Value]) -> Vec<u8> {
    let info = catalog.get(type_id);
    let mut out = vec![b'{'];
    for (slot, value) in values
        .iter()
        .enumerate()
        .filter(|(_, value)| !value.is_null())
    {
        let Some(attribute) = info.slot_attribute(slot) else {
            continue;
        };
        if out.len() > 1 {
            out.push(b',');
        }
        crate::value::write_text(catalog.name(attribute.name), &mut out);
        out.push(b':');
        value.write(&mut out);
    }
    out.push(b'}');
    out
}

/// Reads a row straight into its slots. Names that the schema no longer has are passed over.
fn row_values(
    catalog: &Catalog,
    type_id: TypeId,
    bytes: &[u8],
) -> Result<Vec<Value>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    RowSeed {
        catalog,
        info: catalog.get(type_id),
    }
    .deserialize(&mut reader)
}

struct RowSeed<'a> {
    catalog: &'a Catalog,
    info: &'a TypeInfo,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Vec<Value>, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Value>, A::Error> {
        let mut values = vec![Value::Null; self.info.slots.len()];
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let json: Json = map.next_value()?;
            let name = self.catalog.name_id(&name);
            let attribute = name.and_then(|name| self.info.attribute(name));
            if let Some(Source::Stored { slot, scalar }) = attribute.map(|found| &found.source)
                && let Some(place) = values.get_mut(*slot)
            {
                *place = match scalar {
                    ScalarType::Variable => Value::variable(&json),
                    scalar => Value::decode(&json, *scalar).unwrap_or_default(),
                };
            }
        }
        Ok(values)
    }
}
