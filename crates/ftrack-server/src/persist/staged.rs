//! Large batches reach the disk in pieces, before and after their turn.
//!
//! The database has one writer, and what one transaction writes keeps all others waiting. So the rows of a large batch
//! are put aside first, a piece at a time. The transaction that keeps the batch only says that they count. Afterwards
//! they are moved to where they belong, a piece at a time again; what another batch writes meanwhile takes their place.
//! What was put aside by a batch that was not kept counts for nothing.

use redb::{Database, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::error::DiskError;
use super::layout::{CUSTOM, EncodedChange, FACTS, ROWS};
use crate::catalog::Catalog;
use crate::store::Change;

/// As [`ROWS`], with nothing in place of rows that are gone.
const STAGED_ROWS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("staged_rows");
/// As [`CUSTOM`], with nothing in place of values that are gone.
const STAGED_CUSTOM: TableDefinition<(&str, u32, u32), &[u8]> =
    TableDefinition::new("staged_custom_values");

/// The fact that says whether what is put aside counts.
const FACT: &str = "staged";
const COUNTS: &str = "counts";

/// How many changes are written in one transaction.
pub(super) const PIECE: usize = if cfg!(test) { 20 } else { 1_000 };

/// From how many changes on it is worth to put them aside: with fewer, it takes longer than others would wait.
pub(crate) const WORTH: usize = 4 * PIECE;

/// Where changes are put aside that are going to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stage {
    /// How often what is put aside had been cleared before.
    pub(super) cleared: u64,
}

type Rows<'t> = Table<'t, (&'static str, u32), &'static [u8]>;
type Custom<'t> = Table<'t, (&'static str, u32, u32), &'static [u8]>;

/// What is put aside, and counts, while a batch is written.
pub(super) struct Staged<'t> {
    rows: Rows<'t>,
    custom: Custom<'t>,
}

impl<'t> Staged<'t> {
    /// What counts, if anything does.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Option<Self>, DiskError> {
        if !counts(transaction)? {
            return Ok(None);
        }
        Ok(Some(Self {
            rows: transaction.open_table(STAGED_ROWS)?,
            custom: transaction.open_table(STAGED_CUSTOM)?,
        }))
    }

    /// Forgets a change, because there is a later one.
    pub(super) fn forget(&mut self, catalog: &Catalog, change: Change) -> Result<(), DiskError> {
        match change {
            Change::Row(row) => {
                let name = catalog.get(row.type_id).name.as_str();
                self.rows.remove((name, row.row))?;
            }
            Change::Custom(entity, configuration) => {
                let name = catalog.get(entity.type_id).name.as_str();
                self.custom.remove((name, entity.row, configuration))?;
            }
        }
        Ok(())
    }
}

fn counts(transaction: &WriteTransaction) -> Result<bool, DiskError> {
    let facts = transaction.open_table(FACTS)?;
    let fact = facts.get(FACT)?;
    Ok(fact.is_some_and(|text| text.value() == COUNTS))
}

/// Puts a piece of a batch aside.
pub(super) fn put_aside(
    database: &Database,
    catalog: &Catalog,
    piece: &[EncodedChange],
) -> Result<(), DiskError> {
    let transaction = database.begin_write()?;
    {
        let mut rows = transaction.open_table(STAGED_ROWS)?;
        let mut custom = transaction.open_table(STAGED_CUSTOM)?;
        for encoded in piece {
            let bytes = encoded.bytes.as_deref().unwrap_or_default();
            match encoded.change {
                Change::Row(row) => {
                    let name = catalog.get(row.type_id).name.as_str();
                    rows.insert((name, row.row), bytes)?;
                }
                Change::Custom(entity, configuration) => {
                    let name = catalog.get(entity.type_id).name.as_str();
                    custom.insert((name, entity.row, configuration), bytes)?;
                }
            }
        }
    }
    Ok(transaction.commit()?)
}

/// Says that what is put aside counts, with the batch that is written by this transaction.
pub(super) fn count(transaction: &WriteTransaction) -> Result<(), DiskError> {
    let mut facts = transaction.open_table(FACTS)?;
    facts.insert(FACT, COUNTS)?;
    Ok(())
}

/// Forgets everything that is put aside.
pub(super) fn clear(transaction: &WriteTransaction) -> Result<(), DiskError> {
    transaction.delete_table(STAGED_ROWS)?;
    transaction.delete_table(STAGED_CUSTOM)?;
    let mut facts = transaction.open_table(FACTS)?;
    facts.remove(FACT)?;
    Ok(())
}

/// Moves a piece of what counts to where it belongs, and forgets what does not count; whether nothing is left.
pub(super) fn move_piece(database: &Database) -> Result<bool, DiskError> {
    let transaction = database.begin_write()?;
    let is_done = move_some(&transaction, PIECE)?;
    transaction.commit()?;
    Ok(is_done)
}

/// As [`move_piece`], everything, as part of a transaction.
pub(super) fn move_all(transaction: &WriteTransaction) -> Result<(), DiskError> {
    move_some(transaction, usize::MAX)?;
    Ok(())
}

fn move_some(transaction: &WriteTransaction, most: usize) -> Result<bool, DiskError> {
    if counts(transaction)? {
        let mut left = most;
        let mut staged = transaction.open_table(STAGED_ROWS)?;
        let mut rows = transaction.open_table(ROWS)?;
        while left > 0
            && let Some((key, bytes)) = staged.pop_first()?
        {
            match bytes.value() {
                [] => rows.remove(key.value())?,
                bytes => rows.insert(key.value(), bytes)?,
            };
            left -= 1;
        }
        let mut staged = transaction.open_table(STAGED_CUSTOM)?;
        let mut custom = transaction.open_table(CUSTOM)?;
        while left > 0
            && let Some((key, bytes)) = staged.pop_first()?
        {
            match bytes.value() {
                [] => custom.remove(key.value())?,
                bytes => custom.insert(key.value(), bytes)?,
            };
            left -= 1;
        }
        if left == 0 {
            return Ok(false);
        }
    }
    clear(transaction)?;
    Ok(true)
}
