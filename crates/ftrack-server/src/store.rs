//! All rows in memory: a table per concrete type, with the indexes that make lookups cheap.
//!
//! A copy of a store is cheap, as it shares with the original whatever neither changes. So whoever reads has a copy of
//! their own, and whoever writes changes another one, which takes the place of the store when all is done.

mod chunks;
mod custom;
mod fill;
mod index;
mod keys;
mod merge;
mod prior_state;
mod published;
mod reclaim;
mod reference;
mod row_list;
mod shared;
mod shared_map;
mod table;
mod transaction;
mod turns;

use std::sync::Arc;

pub(crate) use self::chunks::Row;
pub(crate) use self::custom::CustomValues;
pub(crate) use self::index::Index;
use self::keys::Keys;
pub(crate) use self::prior_state::{History, PriorState};
pub(crate) use self::published::{Published, Turn};
pub(crate) use self::row_list::RowList;
pub(crate) use self::table::Table;
pub(crate) use self::transaction::{Change, Transaction, Undo};
pub(crate) use self::turns::{Size, Waited};
use crate::catalog::{Catalog, Slot, TypeId};
use crate::value::Value;

/// Names a stored row. Rows of one type are numbered in the order of their insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowRef {
    pub(crate) type_id: TypeId,
    pub(crate) row: u32,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    One(Value),
    Many(Box<[Value]>),
}

impl Key {
    /// A key of the values of its attributes, in order.
    pub(crate) fn new(mut parts: Vec<Value>) -> Self {
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => Self::One(only),
            (_, Some(last)) => {
                parts.push(last);
                Self::Many(parts.into())
            }
            (_, None) => Self::One(Value::Null),
        }
    }

    /// The values, in the order of the key attributes.
    pub(crate) fn parts(&self) -> &[Value] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(parts) => parts,
        }
    }

    /// Whether a part of the key is missing.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.parts().iter().any(Value::is_null)
    }

    /// The key as people read it.
    pub(crate) fn display(&self) -> String {
        let text = |value: &Value| {
            value
                .as_text()
                .unwrap_or_else(|| value.to_json().to_string())
        };
        match self {
            Self::One(value) => text(value),
            Self::Many(parts) => parts.iter().map(text).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Everything that the server knows, in memory.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    catalog: Arc<Catalog>,
    /// By type number.
    tables: Vec<Arc<Table>>,
    /// Rows by primary key, by the number of the topmost type of the family.
    keys: Vec<Keys>,
    custom: CustomValues,
}

impl Store {
    /// An empty store.
    pub(crate) fn new(catalog: Arc<Catalog>) -> Self {
        let tables = catalog
            .types()
            .iter()
            .map(|info| Arc::new(Table::new(&info.indexed)))
            .collect();
        let keys = catalog.types().iter().map(|_| Keys::default()).collect();
        Self {
            catalog,
            tables,
            keys,
            custom: CustomValues::default(),
        }
    }

    /// Puts a catalog in place of the one so far, in which all types have the numbers that they had; there may be more.
    pub(crate) fn redefine(&mut self, catalog: Arc<Catalog>) {
        for info in catalog.types().iter().skip(self.tables.len()) {
            self.tables.push(Arc::new(Table::new(&info.indexed)));
            self.keys.push(Keys::default());
        }
        self.catalog = catalog;
    }

    /// The schema of the rows.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A share of the schema of the rows.
    pub(crate) fn shared_catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// The rows of one concrete type.
    #[expect(
        clippy::indexing_slicing,
        reason = "there is a table for each type of the catalog"
    )]
    pub(crate) fn table(&self, type_id: TypeId) -> &Table {
        &self.tables[usize::from(type_id.0)]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "there is a table for each type of the catalog"
    )]
    fn table_mut(&mut self, type_id: TypeId) -> &mut Table {
        Arc::make_mut(&mut self.tables[usize::from(type_id.0)])
    }

    /// The rows by key of the family to which a type belongs.
    #[expect(
        clippy::indexing_slicing,
        reason = "there are keys for each type of the catalog"
    )]
    fn keys(&self, type_id: TypeId) -> &Keys {
        &self.keys[usize::from(self.catalog.get(type_id).root.0)]
    }

    /// The values of custom attributes.
    pub(crate) fn custom(&self) -> &CustomValues {
        &self.custom
    }

    /// The value of a slot; null for a row that is gone.
    pub(crate) fn value(&self, row: RowRef, slot: Slot) -> &Value {
        const NULL: &Value = &Value::Null;
        self.table(row.type_id)
            .get(row.row)
            .and_then(|values| values.get(slot))
            .unwrap_or(NULL)
    }

    /// The value of the attribute `name`; null where the type has no such attribute.
    pub(crate) fn named(&self, row: RowRef, name: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        match self.catalog.slot(row.type_id, name) {
            Some(slot) => self.value(row, slot),
            None => NULL,
        }
    }

    /// Whether the row is there.
    pub(crate) fn contains(&self, row: RowRef) -> bool {
        self.table(row.type_id).get(row.row).is_some()
    }

    /// The row with this key, if it is seen by queries on `family`.
    pub(crate) fn find(&self, family: TypeId, key: &Key) -> Option<RowRef> {
        self.find_parts(family, key.parts())
    }

    /// The row whose single key attribute has this value.
    pub(crate) fn find_id(&self, family: TypeId, id: &Value) -> Option<RowRef> {
        if id.is_null() {
            None
        } else {
            self.find_parts(family, std::slice::from_ref(id))
        }
    }

    fn find_parts(&self, family: TypeId, parts: &[Value]) -> Option<RowRef> {
        let keys = self.keys(family);
        let has_key = |row| key_of(&self.catalog, &self.tables, row).eq(parts);
        let row = keys.get(keys.hash(parts.iter()), has_key)?;
        self.catalog.is_member(row.type_id, family).then_some(row)
    }

    /// As `find_id`, with the type by name.
    pub(crate) fn find_named(&self, family: &str, id: &Value) -> Option<RowRef> {
        self.find_id(self.catalog.find(family)?.id, id)
    }

    /// The primary key of a row.
    pub(crate) fn key(&self, row: RowRef) -> Key {
        let slots = &self.catalog.get(row.type_id).primary_key;
        Key::new(
            slots
                .iter()
                .map(|slot| self.value(row, *slot).clone())
                .collect(),
        )
    }

    /// The first part of the primary key: the id of most rows.
    pub(crate) fn id(&self, row: RowRef) -> &Value {
        let slot = self
            .catalog
            .get(row.type_id)
            .primary_key
            .first()
            .copied()
            .unwrap_or(usize::MAX);
        self.value(row, slot)
    }

    /// All rows that queries on `family` see, in order.
    pub(crate) fn rows(&self, family: TypeId) -> impl Iterator<Item = RowRef> + '_ {
        let members = &self.catalog.get(family).members;
        members.iter().flat_map(|type_id| {
            self.table(*type_id).rows().map(|row| RowRef {
                type_id: *type_id,
                row,
            })
        })
    }

    /// Rows of `family` whose attribute `name` has this value, by index where there is one.
    pub(crate) fn rows_with(&self, family: &str, name: &str, value: &Value) -> Vec<RowRef> {
        let Some(info) = self.catalog.find(family) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for type_id in &info.members {
            let Some(slot) = self.catalog.slot(*type_id, name) else {
                continue;
            };
            self.collect_with(*type_id, slot, value, &mut found);
        }
        found
    }

    /// Adds the rows of a concrete type whose slot has this value.
    pub(crate) fn collect_with(
        &self,
        type_id: TypeId,
        slot: Slot,
        value: &Value,
        found: &mut Vec<RowRef>,
    ) {
        let table = self.table(type_id);
        if table.len() == 0 {
            // Families have many members, most of them without rows.
        } else if let Some(index) = table.index(slot) {
            found.extend(
                index
                    .rows(value)
                    .iter()
                    .map(|row| RowRef { type_id, row: *row }),
            );
        } else if self.catalog.get(type_id).primary_key == [slot] {
            found.extend(self.find_id(type_id, value));
        } else {
            found.extend(
                table
                    .rows()
                    .map(|row| RowRef { type_id, row })
                    .filter(|row| self.value(*row, slot) == value),
            );
        }
    }

    /// How many rows there are, all types together.
    pub(crate) fn len(&self) -> usize {
        self.tables.iter().map(|table| table.len()).sum()
    }

    /// Every row and every custom attribute value, as if all of it had just changed.
    pub(crate) fn everything(&self) -> Vec<Change> {
        let types = self.catalog.types().iter();
        let rows = types.flat_map(|info| {
            let rows = self.table(info.id).rows();
            rows.map(|row| {
                Change::Row(RowRef {
                    type_id: info.id,
                    row,
                })
            })
        });
        let custom = self.custom.iter();
        rows.chain(custom.map(|(entity, configuration, _)| Change::Custom(entity, configuration)))
            .collect()
    }

    /// Puts a row back under the number that it had.
    pub(crate) fn restore(&mut self, row: RowRef, values: Row) {
        self.table_mut(row.type_id).put(row.row, values);
        self.put_key(row);
    }

    /// Puts back a custom attribute value that was read from disk.
    pub(crate) fn restore_custom(&mut self, entity: RowRef, configuration: u32, value: Value) {
        self.custom.set(entity, configuration, Some(value));
    }

    fn insert(&mut self, type_id: TypeId, values: Row) -> RowRef {
        let row = self.table_mut(type_id).push(values);
        self.with_key(RowRef { type_id, row })
    }

    /// As `insert`, without listing the row in indexes: `list` makes them for all of such rows.
    fn insert_unlisted(&mut self, type_id: TypeId, values: Row) -> RowRef {
        let row = self.table_mut(type_id).push_unlisted(values);
        self.with_key(RowRef { type_id, row })
    }

    fn with_key(&mut self, row: RowRef) -> RowRef {
        self.put_key(row);
        row
    }

    fn set(&mut self, row: RowRef, slot: Slot, value: Value) -> Value {
        if !self.catalog.get(row.type_id).is_key(slot) {
            return self.table_mut(row.type_id).set(row.row, slot, value);
        }
        self.remove_key(row);
        let old = self.table_mut(row.type_id).set(row.row, slot, value);
        self.put_key(row);
        old
    }

    fn delete(&mut self, row: RowRef) -> Option<Row> {
        self.remove_key(row);
        self.table_mut(row.type_id).remove(row.row)
    }

    /// Lets a row be found by the key that it has.
    fn put_key(&mut self, row: RowRef) {
        let (catalog, tables) = (&self.catalog, &self.tables);
        let root = usize::from(catalog.get(row.type_id).root.0);
        if let Some(keys) = self.keys.get_mut(root) {
            let hash = keys.hash(key_of(catalog, tables, row));
            let has_key = |other| key_of(catalog, tables, other).eq(key_of(catalog, tables, row));
            keys.put(hash, row, has_key);
        }
    }

    /// Lets a row not be found by the key that it still has.
    fn remove_key(&mut self, row: RowRef) {
        let (catalog, tables) = (&self.catalog, &self.tables);
        let root = usize::from(catalog.get(row.type_id).root.0);
        if let Some(keys) = self.keys.get_mut(root) {
            let hash = keys.hash(key_of(catalog, tables, row));
            keys.remove(hash, row);
        }
    }
}

/// The values of the primary key of a row.
fn key_of<'s>(
    catalog: &'s Catalog,
    tables: &'s [Arc<Table>],
    row: RowRef,
) -> impl Iterator<Item = &'s Value> {
    let table = tables.get(usize::from(row.type_id.0));
    let values = table.and_then(|table| table.get(row.row));
    let slots = catalog.get(row.type_id).primary_key.iter();
    slots.filter_map(move |slot| values?.get(*slot))
}
