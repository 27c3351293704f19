//! What stands in which table of the database.

use std::borrow::Borrow;
use std::sync::mpsc;
use std::thread;

use redb::{Database, ReadableDatabase, ReadableTable, StorageError, Table, WriteTransaction};
use serde_json::{Map, Value as Json};

use super::error::DiskError;
use super::layout::{CUSTOM, EncodedChange, FACTS, KEYS, ROWS};
use super::row;
use super::staged::{self, Stage, Staged};
use crate::credentials::HashedKey;
use crate::store::{Change, RowRef, Store};

const FORMAT: &str = "1";
const SEQUENCE: &str = "sequence";

/// How many changes are encoded in one piece, and how many pieces may wait to be stored.
const ENCODED_TOGETHER: usize = 1024;
const PIECES: usize = 4;

/// A row as it was written, by attribute name.
pub(super) type RawRow = Map<String, Json>;

/// Makes the tables that are missing; says how many batches were stored.
pub(super) fn prepare(database: &Database) -> Result<u64, DiskError> {
    let transaction = database.begin_write()?;
    let sequence;
    {
        let mut facts = transaction.open_table(FACTS)?;
        let format = facts.get("format")?.map(|value| value.value().to_owned());
        match format.as_deref() {
            Some(FORMAT) => {}
            Some(other) => {
                let reason = format!("its format is {other}, not {FORMAT}");
                return Err(DiskError::Corrupt(reason));
            }
            None => {
                facts.insert("format", FORMAT)?;
            }
        }
        sequence = match facts.get(SEQUENCE)? {
            None => 0,
            Some(text) => text.value().parse().map_err(|_| {
                DiskError::Corrupt("the number of the last batch is not a number".to_owned())
            })?,
        };
        transaction.open_table(ROWS)?;
        transaction.open_table(CUSTOM)?;
        transaction.open_table(KEYS)?;
    }
    staged::move_all(&transaction)?;
    transaction.commit()?;
    Ok(sequence)
}

/// What was noted about the data under a name.
pub(super) fn fact(database: &Database, name: &str) -> Result<Option<String>, DiskError> {
    let facts = database.begin_read()?.open_table(FACTS)?;
    let text = facts.get(name)?;
    Ok(text.map(|text| text.value().to_owned()))
}

pub(super) fn is_empty(database: &Database) -> Result<bool, DiskError> {
    let rows = database.begin_read()?.open_table(ROWS)?;
    Ok(rows.first()?.is_none())
}

pub(super) fn raw_rows(database: &Database, entity_type: &str) -> Result<Vec<RawRow>, DiskError> {
    let rows = database.begin_read()?.open_table(ROWS)?;
    let mut found = Vec::new();
    for entry in rows.range((entity_type, 0)..=(entity_type, u32::MAX))? {
        let (_, bytes) = entry?;
        found.push(serde_json::from_slice(bytes.value())?);
    }
    Ok(found)
}

pub(super) fn keys(database: &Database) -> Result<Vec<(String, HashedKey)>, DiskError> {
    let keys = database.begin_read()?.open_table(KEYS)?;
    let mut found = Vec::new();
    for entry in keys.iter()? {
        let (user, bytes) = entry?;
        let key = serde_json::from_slice(bytes.value())?;
        found.push((user.value().to_owned(), key));
    }
    Ok(found)
}

/// One step of the data: what of it to store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// What there is after it.
    pub(crate) store: &'a Store,
    /// What of that is new, changed or gone.
    pub(crate) changes: &'a [Change],
    /// The first of the changes, encoded already.
    pub(crate) encoded: &'a [EncodedChange],
    /// Whether these are put aside on disk, and where.
    pub(crate) staged: Option<Stage>,
    /// Keys that are new.
    pub(crate) keys: &'a [(String, HashedKey)],
    /// Entity types that have another name now: the old one and the new one.
    pub(crate) renamed: &'a [(String, String)],
    /// Facts about the data, by name.
    pub(crate) facts: &'a [(&'a str, &'a str)],
}

impl<'a> Step<'a> {
    /// A step that changes rows only.
    pub(crate) fn new(store: &'a Store, changes: &'a [Change]) -> Self {
        Self {
            store,
            changes,
            encoded: &[],
            staged: None,
            keys: &[],
            renamed: &[],
            facts: &[],
        }
    }
}

/// Stores a step as the one of that number.
pub(super) fn write(database: &Database, step: Step<'_>, sequence: u64) -> Result<(), DiskError> {
    let transaction = database.begin_write()?;
    if !step.renamed.is_empty() {
        staged::move_all(&transaction)?;
    }
    for (old, new) in step.renamed {
        rename_type(&transaction, old, new)?;
    }
    finish(transaction, step, sequence)
}

/// Stores a step, and nothing of what there was before.
pub(super) fn replace(database: &Database, step: Step<'_>, sequence: u64) -> Result<(), DiskError> {
    let transaction = database.begin_write()?;
    transaction.delete_table(ROWS)?;
    transaction.delete_table(CUSTOM)?;
    transaction.delete_table(KEYS)?;
    staged::clear(&transaction)?;
    finish(transaction, step, sequence)
}

fn finish(transaction: WriteTransaction, step: Step<'_>, sequence: u64) -> Result<(), DiskError> {
    write_changes(&transaction, step)?;
    write_keys(&transaction, step.keys)?;
    {
        let mut facts = transaction.open_table(FACTS)?;
        for (name, text) in step.facts {
            facts.insert(*name, *text)?;
        }
        facts.insert(SEQUENCE, sequence.to_string().as_str())?;
    }
    Ok(transaction.commit()?)
}

fn write_keys(
    transaction: &WriteTransaction,
    keys: &[(String, HashedKey)],
) -> Result<(), DiskError> {
    let mut table = transaction.open_table(KEYS)?;
    for (user, key) in keys {
        let bytes = serde_json::to_vec(key)?;
        table.insert(user.as_str(), bytes.as_slice())?;
    }
    Ok(())
}

fn write_changes(transaction: &WriteTransaction, step: Step<'_>) -> Result<(), DiskError> {
    let catalog = step.store.catalog();
    if step.staged.is_some() {
        staged::count(transaction)?;
    }
    let mut staged = Staged::open(transaction)?;
    let mut rows = transaction.open_table(ROWS)?;
    let mut custom = transaction.open_table(CUSTOM)?;
    let mut put_change = |change: Change, bytes: Option<&[u8]>| match change {
        Change::Row(RowRef { type_id, row }) => {
            put(&mut rows, (catalog.get(type_id).name.as_str(), row), bytes)
        }
        Change::Custom(entity, configuration) => {
            let name = catalog.get(entity.type_id).name.as_str();
            put(&mut custom, (name, entity.row, configuration), bytes)
        }
    };
    let mut later = |change: Change, bytes: Option<&[u8]>| -> Result<(), DiskError> {
        if let Some(staged) = &mut staged {
            staged.forget(catalog, change)?;
        }
        Ok(put_change(change, bytes)?)
    };
    if step.staged.is_none() {
        for encoded in step.encoded {
            later(encoded.change, encoded.bytes.as_deref())?;
        }
    }
    let rest = step.changes.get(step.encoded.len()..).unwrap_or_default();
    each_encoded(step.store, rest, later)
}

/// Does something with each change as it is to be stored; of many, another thread encodes those that follow.
fn each_encoded(
    store: &Store,
    changes: &[Change],
    mut each: impl FnMut(Change, Option<&[u8]>) -> Result<(), DiskError>,
) -> Result<(), DiskError> {
    if changes.len() <= ENCODED_TOGETHER {
        return each_encoded_here(store, changes, each);
    }
    thread::scope(|scope| {
        let (sender, pieces) = mpsc::sync_channel(PIECES);
        let encoder = move || {
            for piece in changes.chunks(ENCODED_TOGETHER) {
                // Nobody wants it any more after an error.
                if sender.send(encode(store, piece)).is_err() {
                    return;
                }
            }
        };
        if thread::Builder::new().spawn_scoped(scope, encoder).is_err() {
            return each_encoded_here(store, changes, each);
        }
        for encoded in pieces.into_iter().flatten() {
            each(encoded.change, encoded.bytes.as_deref())?;
        }
        Ok(())
    })
}

fn each_encoded_here(
    store: &Store,
    changes: &[Change],
    mut each: impl FnMut(Change, Option<&[u8]>) -> Result<(), DiskError>,
) -> Result<(), DiskError> {
    for change in changes {
        each(*change, encode_change(store, *change).as_deref())?;
    }
    Ok(())
}

/// Encodes changes before it is their turn to be stored.
pub(crate) fn encode(store: &Store, changes: &[Change]) -> Vec<EncodedChange> {
    let changes = changes.iter();
    changes
        .map(|change| EncodedChange {
            change: *change,
            bytes: encode_change(store, *change),
        })
        .collect()
}

fn encode_change(store: &Store, change: Change) -> Option<Vec<u8>> {
    match change {
        Change::Row(RowRef { type_id, row }) => {
            let values = store.table(type_id).get(row)?;
            Some(row::encode(store.catalog(), type_id, values))
        }
        Change::Custom(entity, configuration) => {
            let value = store.custom().get(entity, configuration)?;
            Some(value.to_json().to_string().into_bytes())
        }
    }
}

/// Puts everything of an entity type under its new name.
fn rename_type(transaction: &WriteTransaction, old: &str, new: &str) -> Result<(), DiskError> {
    let mut rows = transaction.open_table(ROWS)?;
    let moved = rows.extract_from_if((old, 0)..=(old, u32::MAX), |_, _| true)?;
    let moved =
        moved.map(|entry| entry.map(|(key, bytes)| (key.value().1, bytes.value().to_vec())));
    for (row, bytes) in moved.collect::<Result<Vec<_>, _>>()? {
        rows.insert((new, row), bytes.as_slice())?;
    }
    let mut custom = transaction.open_table(CUSTOM)?;
    let all = (old, 0, 0)..=(old, u32::MAX, u32::MAX);
    let moved = custom.extract_from_if(all, |_, _| true)?;
    let moved = moved.map(|entry| {
        entry.map(|(key, bytes)| {
            let (_, row, configuration) = key.value();
            (row, configuration, bytes.value().to_vec())
        })
    });
    for (row, configuration, bytes) in moved.collect::<Result<Vec<_>, _>>()? {
        custom.insert((new, row, configuration), bytes.as_slice())?;
    }
    Ok(())
}

/// Stores what there is; removes what there is not any more.
fn put<'k, K: redb::Key + 'static>(
    table: &mut Table<'_, K, &'static [u8]>,
    key: impl Borrow<K::SelfType<'k>>,
    bytes: Option<&[u8]>,
) -> Result<(), StorageError> {
    match bytes {
        Some(bytes) => table.insert(key, bytes)?,
        None => table.remove(key)?,
    };
    Ok(())
}
