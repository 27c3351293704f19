//! What may exist only once.

use super::Batch;
use crate::catalog::Slot;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::RowRef;
use crate::value::Value;

/// Attributes whose values together name one row of a type at most; the first one has an index.
pub(super) const UNIQUE: [(&str, &[&str]); 9] = [
    ("User", &["username"]),
    ("Project", &["name"]),
    ("Location", &["name"]),
    ("TypedContext", &["parent_id", "name", "object_type_id"]),
    ("Asset", &["context_id", "name", "type_id"]),
    ("AssetVersion", &["asset_id", "version"]),
    ("Timer", &["user_id"]),
    (
        "CustomConfigurationBase",
        &["key", "entity_type", "object_type_id", "project_id"],
    ),
    ("ComponentLocation", &["component_id", "location_id"]),
];

/// A row that is the same as another in everything that tells them apart.
#[derive(Debug)]
pub(super) struct Duplicate {
    pub(super) other: RowRef,
    pub(super) error: RequestError,
}

impl Batch<'_> {
    /// Whether a row is the same as another, which may not be.
    pub(super) fn duplicate(&self, row: RowRef) -> Option<Duplicate> {
        UNIQUE
            .iter()
            .filter(|(family, _)| self.is_a(row, family))
            .find_map(|(family, names)| self.same(row, family, names))
    }

    fn same(&self, row: RowRef, family: &str, names: &[&str]) -> Option<Duplicate> {
        let store = self.store();
        let slots_of = |row: RowRef| -> Vec<Option<Slot>> {
            let slot = |name: &&str| self.catalog.slot(row.type_id, name);
            names.iter().map(slot).collect()
        };
        let value = |row: RowRef, slot: Option<Slot>| {
            slot.map_or(&Value::Null, |slot| store.value(row, slot))
        };
        let slots = slots_of(row);
        let values: Vec<&Value> = slots.iter().map(|slot| value(row, *slot)).collect();
        // Scopes of configurations may be null; anything else without a value names nothing.
        let is_scope = family == "CustomConfigurationBase";
        if values.first()?.is_null() || (!is_scope && values.iter().any(|value| value.is_null())) {
            return None;
        }
        let has_same_values = |other: RowRef| {
            let same_in = |slots: &[Option<Slot>]| {
                let mut pairs = slots.iter().zip(&values);
                pairs.all(|(slot, expected)| value(other, *slot) == *expected)
            };
            if other.type_id == row.type_id {
                same_in(&slots)
            } else {
                same_in(&slots_of(other))
            }
        };
        let others = self.likely_same(row, family, names, &values);
        let other = others
            .into_iter()
            .find(|other| *other != row && has_same_values(*other))?;
        let told: Vec<String> = values
            .iter()
            .map(|value| value.to_json().to_string())
            .collect();
        let message = format!(
            "there is a {} with this {} already: {}",
            self.type_name(row),
            names.join(", "),
            told.join(", ")
        );
        let error = RequestError::new(RequestErrorKind::Duplicate, message);
        Some(Duplicate { other, error })
    }

    /// Rows that share a value with this one: the value that the fewest rows have.
    fn likely_same(
        &self,
        row: RowRef,
        family: &str,
        names: &[&str],
        values: &[&Value],
    ) -> Vec<RowRef> {
        let store = self.store();
        let table = store.table(row.type_id);
        // Rows of other types of the family differ in the object type, where that counts.
        if names.contains(&"object_type_id") && family == "TypedContext" {
            let rarest = names
                .iter()
                .zip(values)
                .filter_map(|(name, value)| {
                    let index = table.index(self.catalog.slot(row.type_id, name)?)?;
                    Some(index.rows(value))
                })
                .min_by_key(|rows| rows.len());
            let rows = rarest.unwrap_or_default().iter();
            return rows
                .map(|other| RowRef {
                    type_id: row.type_id,
                    row: *other,
                })
                .collect();
        }
        match (names.first(), values.first()) {
            (Some(name), Some(value)) => store.rows_with(family, name, value),
            _ => Vec::new(),
        }
    }
}
