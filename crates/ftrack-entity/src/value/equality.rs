//! Which values are the same.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Value;
use crate::identity::Identity;

/// Values are equal if they mean the same: 8 and 8.0, a day and its midnight in UTC, the members of a collection in
/// any order. NaN equals NaN, so that every value equals itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NotSet, Self::NotSet) | (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (
                Self::Int(_) | Self::Unsigned(_) | Self::Float(_),
                Self::Int(_) | Self::Unsigned(_) | Self::Float(_),
            ) => number(self) == number(other),
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Date(_) | Self::DateTime(_), Self::Date(_) | Self::DateTime(_)) => {
                self.as_timestamp() == other.as_timestamp()
            }
            (Self::Reference(left), Self::Reference(right)) => left == right,
            (Self::Collection(left), Self::Collection(right)) => same_members(left, right),
            (Self::Json(left), Self::Json(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::NotSet => state.write_u8(0),
            Self::Null => state.write_u8(1),
            Self::Bool(value) => value.hash(state),
            Self::Int(_) | Self::Unsigned(_) | Self::Float(_) => number(self).hash(state),
            Self::Text(text) => text.hash(state),
            Self::Date(_) | Self::DateTime(_) => self.as_timestamp().hash(state),
            Self::Reference(identity) => identity.hash(state),
            Self::Collection(members) => {
                // A sum does not depend on the order.
                let hash = |identity: &Identity| {
                    let mut hasher = rustc_hash::FxHasher::default();
                    identity.hash(&mut hasher);
                    hasher.finish()
                };
                let sum = members.iter().map(hash).fold(0, u64::wrapping_add);
                state.write_u64(sum);
            }
            Self::Json(json) => json.hash(state),
        }
    }
}

/// What a number is, in one form: whole where it is whole.
#[derive(PartialEq, Eq, Hash)]
enum Number {
    Whole(i128),
    /// The bits of a float that is not whole, or beyond any integer's range.
    Other(u64),
    Undefined,
}

fn number(value: &Value) -> Option<Number> {
    /// Floats up to this are whole numbers that `i128` holds.
    const LARGEST: f64 = 1e38;
    Some(match *value {
        Value::Int(number) => Number::Whole(number.into()),
        Value::Unsigned(number) => Number::Whole(number.into()),
        Value::Float(number) if number.is_nan() => Number::Undefined,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked: integral and within range"
        )]
        Value::Float(number) if number.fract() == 0.0 && number.abs() <= LARGEST => {
            Number::Whole(number as i128)
        }
        Value::Float(number) => Number::Other(number.to_bits()),
        _ => return None,
    })
}

/// Whether both have the same members, each as often.
fn same_members(left: &Arc<[Identity]>, right: &Arc<[Identity]>) -> bool {
    if Arc::ptr_eq(left, right) || left == right {
        return true;
    }
    if left.len() != right.len() {
        return false;
    }
    let mut counts: FxHashMap<&Identity, usize> = FxHashMap::default();
    for identity in left.iter() {
        *counts.entry(identity).or_default() += 1;
    }
    right.iter().all(|identity| match counts.get_mut(identity) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_compare_by_what_they_mean() {
        assert_eq!(Value::from(8), Value::from(8.0));
        assert_ne!(Value::from(8), Value::from(8.5));
        assert_eq!(Value::from(0.0), Value::from(-0.0));
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
        assert_ne!(Value::from(f64::NAN), Value::from(0));
        assert_eq!(
            Value::from(1_u64 << 63),
            Value::from(9_223_372_036_854_775_808.0)
        );
    }

    #[test]
    fn collections_compare_without_order_but_with_counts() {
        let members = |keys: &[&str]| {
            let identities = keys.iter().map(|key| Identity::new("Task", *key));
            Value::from(identities.collect::<Vec<_>>())
        };
        assert_eq!(members(&["a", "b"]), members(&["b", "a"]));
        assert_ne!(members(&["a", "b"]), members(&["a", "c"]));
        let (once, twice) = (members(&["a", "b", "c"]), members(&["a", "a", "b"]));
        assert_ne!(once, twice);
        assert_ne!(twice, once);
        assert_ne!(twice, members(&["a", "b", "b"]));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        // Numbers around the limits of floats and integers, where conversions lose something.
        let near = prop::sample::select(vec![
            0_i64,
            1 << 53,
            (1 << 53) + 1,
            i64::MAX,
            i64::MAX - 1,
            i64::MIN,
        ]);
        let key = prop::sample::select(vec!["a", "b"]);
        prop_oneof![
            near.clone().prop_map(Value::Int),
            #[expect(clippy::cast_precision_loss, reason = "what the test is about")]
            near.prop_map(|number| Value::Float(number as f64)),
            prop::sample::select(vec![u64::MAX, 1 << 63, (1 << 63) + 1]).prop_map(Value::Unsigned),
            prop::sample::select(vec![f64::NAN, f64::INFINITY, 0.5, -0.0]).prop_map(Value::Float),
            prop::collection::vec(key.prop_map(|key| Identity::new("Task", key)), 0..4)
                .prop_map(Value::from),
            Just(Value::Null),
            Just(Value::Bool(false)),
            Just(Value::from("0")),
        ]
    }

    proptest! {
        #[test]
        fn equality_is_an_equivalence_and_hashes_follow_it(
            (a, b, c) in (any_value(), any_value(), any_value())
        ) {
            let hasher = rustc_hash::FxBuildHasher;
            prop_assert_eq!(&a, &a.clone());
            prop_assert_eq!(a == b, b == a);
            if a == b {
                prop_assert_eq!(hasher.hash_one(&a), hasher.hash_one(&b));
                prop_assert_eq!(a == c, b == c);
            }
        }
    }
}
