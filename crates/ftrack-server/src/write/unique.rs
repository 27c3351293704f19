//! What may exist only once.

use super::Batch;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;
use crate::value::Value;

/// Attributes whose values together name one row of a type at most; the first one has an index.
const UNIQUE: [(&str, &[&str]); 9] = [
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

impl Batch<'_> {
    /// Refuses a row that is the same as another in everything that tells them apart.
    pub(super) fn refuse_duplicate(&self, row: RowRef) -> Result<(), Refusal> {
        for (family, names) in UNIQUE {
            if self.is_a(row, family) {
                self.refuse_same(row, family, names)?;
            }
        }
        Ok(())
    }

    fn refuse_same(&self, row: RowRef, family: &str, names: &[&str]) -> Result<(), Refusal> {
        let store = self.store();
        let values: Vec<&Value> = names.iter().map(|name| store.named(row, name)).collect();
        let Some(first) = values.first() else {
            return Ok(());
        };
        // Scopes of configurations may be null; anything else without a value names nothing.
        let is_scope = family == "CustomConfigurationBase";
        if first.is_null() || (!is_scope && values.iter().any(|value| value.is_null())) {
            return Ok(());
        }
        let others = self.likely_same(row, family, names, &values);
        let same = others.into_iter().find(|other| {
            *other != row
                && names
                    .iter()
                    .zip(&values)
                    .all(|(name, value)| store.named(*other, name) == *value)
        });
        match same {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                RefusalKind::Duplicate,
                format!(
                    "there is a {} with this {} already: {}",
                    self.type_name(row),
                    names.join(", "),
                    values
                        .iter()
                        .map(|value| value.to_json().to_string())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            )),
        }
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
