//! The order of results.

use std::cmp::Ordering;

use super::compare::listed;
use super::{Handle, Hop, View};
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
    view: View<'_>,
    handles: impl Iterator<Item = Handle>,
    keys: &[SortKey],
    wanted: usize,
) -> Vec<Handle> {
    let mut keyed: Vec<(Vec<Value>, Handle)> = handles
        .map(|handle| {
            view.budget.spend_on(keys.len());
            let values = keys
                .iter()
                .map(|key| sort_value(view, handle, &key.hops))
                .collect();
            (values, handle)
        })
        .collect();
    let order = |(left, left_handle): &(Vec<Value>, Handle),
                 (right, right_handle): &(_, Handle)| {
        let right: &Vec<Value> = right;
        // The order must hold also when this was one step too many.
        view.budget.spend(1);
        keys.iter()
            .zip(left.iter().zip(right))
            .map(|(key, (left, right))| in_order(left, right, key.is_descending))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| {
                let key = |handle: &Handle| view.key(*handle).display();
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

/// The value by which a row is sorted: the smallest where a path has several ends.
fn sort_value(view: View<'_>, handle: Handle, hops: &[Hop]) -> Value {
    let mut best = Value::Null;
    view.any_value(handle, hops, &mut |value| {
        if best.is_null() || listed(value, &best) == Ordering::Less {
            best = value.clone();
        }
        false
    });
    best
}
