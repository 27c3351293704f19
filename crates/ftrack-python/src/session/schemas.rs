//! Where each schema is in the text of all.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::value::RawValue;

/// The name of each schema, and where it is in the text.
pub(super) fn places_of(text: &[u8]) -> Vec<(String, Range<usize>)> {
    let schemas: Vec<&RawValue> = serde_json::from_slice(text).unwrap_or_default();
    let start = text.as_ptr().addr();
    let schemas = schemas.into_iter();
    schemas
        .filter_map(|schema| {
            let schema = schema.get();
            let begin = schema.as_ptr().addr() - start;
            let name = name_of(schema)?;
            Some((name, begin..begin + schema.len()))
        })
        .collect()
}

/// The name that a schema gives its entity type.
fn name_of(schema: &str) -> Option<String> {
    let schema: HashMap<&str, &RawValue> = serde_json::from_str(schema).ok()?;
    serde_json::from_str(schema.get("id")?.get()).ok()
}
