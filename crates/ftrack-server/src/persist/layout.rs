//! The tables of the database, and what goes into them.

use redb::TableDefinition;

use crate::store::Change;

/// Rows by entity type and number.
pub(super) const ROWS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("rows");
/// Custom attribute values by entity type, row number and row number of the configuration.
pub(super) const CUSTOM: TableDefinition<(&str, u32, u32), &[u8]> =
    TableDefinition::new("custom_values");
/// Hashed API keys by user id.
pub(super) const KEYS: TableDefinition<&str, &[u8]> = TableDefinition::new("api_keys");
/// Facts about the data itself.
pub(super) const FACTS: TableDefinition<&str, &str> = TableDefinition::new("facts");

/// A change as it is stored.
#[derive(Debug)]
pub(crate) struct EncodedChange {
    pub(super) change: Change,
    /// Nothing where something is gone.
    pub(super) bytes: Option<Vec<u8>>,
}
