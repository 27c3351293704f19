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
///
/// Only the first `wanted` are put in order, when there are more.
pub(super) fn sort(
    compiler: Compiler<'_>,
    handles: impl Iterator<Item = Handle>,
    keys: &[SortKey],
    wanted: usize,
) -> Vec<Handle> {
    let mut keyed: Vec<(Vec<Value>, Handle)> = handles
        .map(|handle| {
            let values = keys
                .iter()
                .map(|key| compiler.sort_value(handle, &key.hops))
                .collect();
            (values, handle)
        })
        .collect();
    let order = |(left, left_handle): &(Vec<Value>, Handle),
                 (right, right_handle): &(_, Handle)| {
        let right: &Vec<Value> = right;
        keys.iter()
            .zip(left.iter().zip(right))
            .map(|(key, (left, right))| in_order(left, right, key.is_descending))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| {
                let key = |handle: &Handle| compiler.view.key(*handle).display();
                key(left_handle).cmp(&key(right_handle))
            })
    };
    if wanted > 0 && wanted < keyed.len() {
        keyed.select_nth_unstable_by(wanted - 1, order);
        // One more is kept: it tells that there are more.
        let rest = keyed.split_off(wanted);
        keyed.sort_unstable_by(order);
        keyed.extend(rest.into_iter().take(1));
    } else {
        keyed.sort_unstable_by(order);
    }
    keyed.into_iter().map(|(_, handle)| handle).collect()
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
