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
        let (Some(first_name), Some(first)) = (names.first(), values.first()) else {
            return Ok(());
        };
        // Scopes of configurations may be null; anything else without a value names nothing.
        let is_scope = family == "CustomConfigurationBase";
        if first.is_null() || (!is_scope && values.iter().any(|value| value.is_null())) {
            return Ok(());
        }
        let others = store.rows_with(family, first_name, first);
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
}
