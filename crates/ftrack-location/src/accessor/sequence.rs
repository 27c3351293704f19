//! Sequences of files in a storage.

use super::{Accessor, AccessorError, Result};
use crate::sequence::{Indexes, Sequence, SequencePattern};

/// Whether the expression of a sequence, with ranges or without, names files that exist.
pub(super) fn is_on_storage<A>(accessor: &A, resource_identifier: &str) -> Result<bool>
where
    A: Accessor + ?Sized,
{
    let name = last_part(resource_identifier);
    let sequence = name.parse::<Sequence>().ok();
    let pattern = match &sequence {
        Some(sequence) => sequence.pattern().clone(),
        None => match name.parse::<SequencePattern>() {
            Ok(pattern) => pattern,
            Err(_) => return Ok(false),
        },
    };
    let entries = match accessor
        .container(resource_identifier)
        .and_then(|container| accessor.list(&container))
    {
        Ok(entries) => entries,
        Err(
            AccessorError::ResourceNotFound { .. }
            | AccessorError::ParentResourceNotFound { .. }
            | AccessorError::ResourceInvalid { .. },
        ) => return Ok(false),
        Err(error) => return Err(error),
    };
    let present: Indexes = entries
        .iter()
        .filter_map(|entry| pattern.index_of(last_part(entry)))
        .collect();
    Ok(match sequence {
        Some(wanted) => !wanted.is_empty() && present.contains_all(wanted.indexes()),
        None => !present.is_empty(),
    })
}

fn last_part(resource_identifier: &str) -> &str {
    resource_identifier
        .rsplit_once('/')
        .map_or(resource_identifier, |(_, name)| name)
}
