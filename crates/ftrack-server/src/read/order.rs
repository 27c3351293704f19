//! The order of results.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::compare::listed;
use super::{Handle, Hop, View};
use crate::catalog::Source;
use crate::value::Value;

/// One key of an order.
#[derive(Debug)]
pub(super) struct SortKey {
    pub(super) hops: Vec<Hop>,
    pub(super) is_descending: bool,
}

/// How many entities are looked at together.
const BLOCK: usize = 64;

/// An entity with the values by which it is sorted.
struct Keyed<'a> {
    first: Cow<'a, Value>,
    /// Those of the other keys: most orders have none.
    more: Vec<Cow<'a, Value>>,
    handle: Handle,
}

/// Brings the values by which entities are sorted from memory, side by side. Comparing them at once would wait for one
/// after the other.
fn fetch(block: &[Keyed<'_>]) {
    let texts = block.iter().map(|keyed| match &*keyed.first {
        Value::Text(text) => text.as_bytes().first().copied(),
        _ => None,
    });
    for first in texts {
        std::hint::black_box(first);
    }
}

/// Sorts entities; those without a value come last, and equal ones in the order of their primary keys.
///
/// Gives the first `wanted` of them.
pub(super) fn sort(
    view: View<'_>,
    handles: impl Iterator<Item = Handle>,
    keys: &[SortKey],
    wanted: usize,
) -> Vec<Handle> {
    let Some((first, more)) = keys.split_first() else {
        return handles.take(wanted).collect();
    };
    let order = |left: &Keyed<'_>, right: &Keyed<'_>| {
        // The order must hold also when this was one step too many.
        view.budget.spend(1);
        in_order(&left.first, &right.first, first.is_descending)
            .then_with(|| {
                let values = more.iter().zip(left.more.iter().zip(&right.more));
                values
                    .map(|(key, (left, right))| in_order(left, right, key.is_descending))
                    .find(|order| *order != Ordering::Equal)
                    .unwrap_or(Ordering::Equal)
            })
            .then_with(|| by_primary_key(view, left.handle, right.handle))
    };
    let keyed = |handle| {
        view.budget.spend_on(keys.len());
        let value = |key: &SortKey| sort_value(view, handle, &key.hops);
        Keyed {
            first: value(first),
            more: more.iter().map(value).collect(),
            handle,
        }
    };
    let mut kept: Vec<Keyed<'_>> = Vec::new();
    // The last one that is wanted of those that were looked at, once these are more.
    let last = wanted.saturating_sub(1);
    let mut is_cut = false;
    let mut handles = handles.map(keyed);
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.extend(handles.by_ref().take(BLOCK));
        if block.is_empty() {
            break;
        }
        fetch(&block);
        for keyed in block.drain(..) {
            if is_cut
                && kept
                    .get(last)
                    .is_some_and(|last| order(&keyed, last).is_ge())
            {
                continue;
            }
            kept.push(keyed);
            if kept.len() >= wanted.saturating_mul(2) {
                kept.select_nth_unstable_by(last, order);
                kept.truncate(wanted);
                is_cut = true;
            }
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(wanted);
    kept.into_iter().map(|keyed| keyed.handle).collect()
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

/// The order of primary keys, as people read them.
fn by_primary_key(view: View<'_>, left: Handle, right: Handle) -> Ordering {
    match (packed_key(view, left), packed_key(view, right)) {
        // Packed ids are in the order of their texts.
        (Some(left), Some(right)) => left.cmp(right),
        _ => view.key(left).display().cmp(&view.key(right).display()),
    }
}

/// The primary key of most entities: an id.
fn packed_key(view: View<'_>, handle: Handle) -> Option<&[u8; 16]> {
    let (Handle::Row(row) | Handle::Shown { row, .. }) = handle else {
        return None;
    };
    let [slot] = view.store.catalog().get(row.type_id).primary_key[..] else {
        return None;
    };
    match view.store.value(row, slot) {
        Value::Id(bytes) => Some(bytes),
        _ => None,
    }
}

/// The value by which a row is sorted: the smallest where a path has several ends.
fn sort_value<'a>(view: View<'a>, mut handle: Handle, mut hops: &[Hop]) -> Cow<'a, Value> {
    // What rows store is not copied.
    while let Some((hop, rest)) = hops.split_first()
        && hop.cast.is_none()
        && view.budget.spend(1)
        && let Some(attribute) = view.attribute(handle, hop.name)
    {
        match &attribute.source {
            Source::Stored { .. } | Source::Reference { .. } if rest.is_empty() => {
                return view.value(handle, attribute);
            }
            Source::Reference { .. } => match view.reference(handle, attribute) {
                Some(target) => (handle, hops) = (target, rest),
                None => return Cow::Owned(Value::Null),
            },
            _ => break,
        }
    }
    let mut best = Value::Null;
    view.any_value(handle, hops, &mut |value| {
        if best.is_null() || listed(value, &best) == Ordering::Less {
            best = value.clone();
        }
        false
    });
    Cow::Owned(best)
}
