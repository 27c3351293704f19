//! The order of results.

use std::cmp::Ordering;

use super::compare::listed;
use super::compile::Compiler;
use super::{Handle, Hop};
use crate::value::Value;

/// One key of an order.
#[derive(Debug)]
pub(super) struct SortKey {
    pub(super) hops: Vec<Hop>,
    pub(super) is_descending: bool,
}

/// Sorts entities; those without a value come last, and equal ones in the order of their primary keys.
pub(super) fn sort(compiler: Compiler<'_>, handles: Vec<Handle>, keys: &[SortKey]) -> Vec<Handle> {
    let mut keyed: Vec<(Vec<Value>, String, Handle)> = handles
        .into_iter()
        .map(|handle| {
            let values = keys
                .iter()
                .map(|key| compiler.sort_value(handle, &key.hops))
                .collect();
            (values, compiler.view.key(handle).display(), handle)
        })
        .collect();
    keyed.sort_by(|(left, left_key, _), (right, right_key, _)| {
        keys.iter()
            .zip(left.iter().zip(right))
            .map(|(key, (left, right))| in_order(left, right, key.is_descending))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| left_key.cmp(right_key))
    });
    keyed.into_iter().map(|(_, _, handle)| handle).collect()
}

fn in_order(left: &Value, right: &Value, is_descending: bool) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if is_descending => listed(right, left),
        (false, false) => listed(left, right),
    }
}
