//! Everything that is stored, read into memory.

use std::ops::Bound;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use serde_json::Value as Json;

use super::error::DiskError;
use super::layout::{CUSTOM, ROWS};
use super::{quiet, row};
use crate::catalog::{Catalog, TypeId};
use crate::parallel;
use crate::store::{Row, RowRef, Store};
use crate::value::Value;

/// How many numbers of rows are read in one piece.
const PIECE: u32 = 16_384;

/// Rows of a type whose numbers follow each other.
#[derive(Debug, Clone, Copy)]
struct Piece {
    type_id: TypeId,
    first: u32,
    last: u32,
}

/// Fills a store, which is empty, with everything that is stored.
pub(super) fn load(database: &Database, store: &mut Store) -> Result<(), DiskError> {
    let catalog = store.shared_catalog();
    let transaction = database.begin_read()?;
    let pieces = pieces(&transaction, &catalog)?;
    let read = parallel::each(&pieces, |piece| {
        quiet::guard(|| read_piece(&transaction, &catalog, *piece))
    });
    let read: Vec<Vec<(RowRef, Row)>> = read.into_iter().collect::<Result<_, _>>()?;
    store.fill(read.into_iter().flatten());
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

/// All rows, in order.
fn pieces(transaction: &ReadTransaction, catalog: &Catalog) -> Result<Vec<Piece>, DiskError> {
    let rows = transaction.open_table(ROWS)?;
    let mut pieces = Vec::new();
    let mut following = rows.first()?;
    while let Some((key, _)) = following {
        let (name, first) = key.value();
        let type_id = type_id(catalog, name)?;
        let mut of_type = rows.range((name, first)..=(name, u32::MAX))?;
        let last = match of_type.next_back() {
            Some(entry) => entry?.0.value().1,
            None => first,
        };
        for first in (first..=last).step_by(usize::try_from(PIECE).unwrap_or(usize::MAX)) {
            let last = last.min(first.saturating_add(PIECE - 1));
            pieces.push(Piece {
                type_id,
                first,
                last,
            });
        }
        let after = (Bound::Excluded((name, last)), Bound::Unbounded);
        following = rows.range::<(&str, u32)>(after)?.next().transpose()?;
    }
    Ok(pieces)
}

fn read_piece(
    transaction: &ReadTransaction,
    catalog: &Catalog,
    piece: Piece,
) -> Result<Vec<(RowRef, Row)>, DiskError> {
    let Piece {
        type_id,
        first,
        last,
    } = piece;
    let name = catalog.get(type_id).name.as_str();
    let mut read = Vec::new();
    let rows = transaction.open_table(ROWS)?;
    for entry in rows.range((name, first)..=(name, last))? {
        let (key, bytes) = entry?;
        let (_, row) = key.value();
        let values = row::decode(catalog, type_id, bytes.value())?;
        read.push((RowRef { type_id, row }, values.into()));
    }
    Ok(read)
}

fn type_id(catalog: &Catalog, name: &str) -> Result<TypeId, DiskError> {
    let info = catalog.find(name);
    info.map(|info| info.id)
        .ok_or_else(|| DiskError::Corrupt(format!("there is no entity type {name}")))
}
