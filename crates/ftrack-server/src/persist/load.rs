//! Everything that is stored, read into memory.

use std::sync::mpsc::{SyncSender, sync_channel};

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use serde_json::Value as Json;

use super::error::DiskError;
use super::layout::{CUSTOM, ROWS};
use super::{quiet, row};
use crate::catalog::{Catalog, TypeId};
use crate::store::{Row, RowRef, Store};
use crate::value::Value;

/// How many rows one thread hands to the other at once.
const PIECE: usize = 1_000;

/// How many such pieces may wait.
const PIECES: usize = 8;

/// Fills a store with everything that is stored. Rows are read and decoded in one thread and put in by another.
pub(super) fn load(database: &Database, store: &mut Store) -> Result<(), DiskError> {
    let catalog = store.shared_catalog();
    let transaction = database.begin_read()?;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(PIECES);
        let (catalog, transaction) = (&catalog, &transaction);
        let reading =
            scope.spawn(move || quiet::guard(|| read_rows(transaction, catalog, &sender)));
        for (row, values) in receiver.into_iter().flatten() {
            store.restore(row, values);
        }
        reading.join().unwrap_or(Err(DiskError::Closed))
    })?;
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

/// Reads all rows, in order, and sends them in pieces.
fn read_rows(
    transaction: &ReadTransaction,
    catalog: &Catalog,
    sender: &SyncSender<Vec<(RowRef, Row)>>,
) -> Result<(), DiskError> {
    let mut piece = Vec::with_capacity(PIECE);
    for entry in transaction.open_table(ROWS)?.iter()? {
        let (key, bytes) = entry?;
        let (name, row) = key.value();
        let type_id = type_id(catalog, name)?;
        let values = row::decode(catalog, type_id, bytes.value())?;
        piece.push((RowRef { type_id, row }, values.into()));
        if piece.len() == PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            // Nobody takes them any more only where the other thread panicked.
            let _ = sender.send(full);
        }
    }
    let _ = sender.send(piece);
    Ok(())
}

fn type_id(catalog: &Catalog, name: &str) -> Result<TypeId, DiskError> {
    let info = catalog.find(name);
    info.map(|info| info.id)
        .ok_or_else(|| DiskError::Corrupt(format!("there is no entity type {name}")))
}
