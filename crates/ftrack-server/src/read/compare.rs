//! Comparing stored values with the values of a query.

use std::cmp::Ordering;

use crate::text::{self, Case};
use crate::value::{Value, midnight, parse_moment};

/// Whether two values are the same to a person: 8 is 8.0, and a list is each of its elements.
pub(super) fn same(stored: &Value, wanted: &Value, case: Case) -> bool {
    if stored == wanted {
        return true;
    }
    match (stored, wanted) {
        (Value::Json(text), _) => return contains(text, wanted, case),
        (Value::Text(stored), Value::Text(wanted)) => {
            return case == Case::Ignored && text::same(stored, wanted);
        }
        _ => {}
    }
    !stored.is_null() && !wanted.is_null() && compare(stored, wanted) == Some(Ordering::Equal)
}

/// The order of two values that can be compared.
pub(super) fn compare(stored: &Value, wanted: &Value) -> Option<Ordering> {
    match (stored, wanted) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Bool(left), _) => {
            let text = wanted
                .as_text()
                .or_else(|| wanted.as_number().map(|number| number.to_string()))?;
            let right = match text.to_ascii_lowercase().as_str() {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return None,
            };
            Some(left.cmp(&right))
        }
        (Value::DateTime(_) | Value::Date(_), _) => moment(stored)?.partial_cmp(&moment(wanted)?),
        (Value::Int(_) | Value::Real(_), _) => numeric(stored)?.partial_cmp(&numeric(wanted)?),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Text(_) | Value::Id(_), _) => {
            let right = wanted
                .as_text()
                .or_else(|| wanted.as_number().map(|number| number.to_string()));
            let right = match (right, wanted) {
                (Some(right), _) => right,
                (None, Value::Bool(value)) => value.to_string(),
                _ => return None,
            };
            Some(stored.to_text().cmp(&right))
        }
        _ => None,
    }
}

/// The order in which rows are listed: by kind of value, then by value; those without one last.
///
/// It is total: of three values in this order, the first is before the last. [`compare`] is not, as it takes 10 and "9"
/// for numbers, and "10" and "9" for texts.
pub(super) fn listed(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Int(left), Value::Real(right)) => int_to_real(*left, right.0),
        (Value::Real(left), Value::Int(right)) => int_to_real(*right, left.0).reverse(),
        // They are finite, and the two zeros are the same.
        (Value::Real(left), Value::Real(right)) => {
            left.0.partial_cmp(&right.0).unwrap_or(Ordering::Equal)
        }
        (Value::Id(left), Value::Id(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) | (Value::Json(left), Value::Json(right)) => {
            left.cmp(right)
        }
        (Value::Id(_), Value::Text(_)) | (Value::Text(_), Value::Id(_)) => {
            left.to_text().cmp(&right.to_text())
        }
        (Value::DateTime(_) | Value::Date(_), Value::DateTime(_) | Value::Date(_)) => {
            moment(left).cmp(&moment(right))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

/// A whole number beside any other, exactly: numbers beyond 2^53 must not be equal to several that differ.
fn int_to_real(int: i64, real: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if real >= BEYOND {
        return Ordering::Less;
    }
    if real < -BEYOND {
        return Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    let whole = real.floor() as i64;
    // A number with a fraction stands behind its whole part.
    int.cmp(&whole).then(0.0_f64.total_cmp(&real.fract().abs()))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 9,
        Value::Bool(_) => 0,
        Value::Int(_) | Value::Real(_) => 1,
        Value::DateTime(_) | Value::Date(_) => 2,
        Value::Id(_) | Value::Text(_) => 3,
        Value::Json(_) => 4,
    }
}

fn numeric(value: &Value) -> Option<f64> {
    value
        .as_number()
        .or_else(|| value.as_text()?.trim().parse().ok())
}

fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::DateTime(micros) => Some(*micros),
        Value::Date(day) => Some(midnight(*day)),
        Value::Text(text) => parse_moment(text),
        _ => None,
    }
}

/// Whether a stored list has an element; whether the JSON text is this very text.
fn contains(json: &str, wanted: &Value, case: Case) -> bool {
    match serde_json::from_str(json) {
        Ok(serde_json::Value::Array(elements)) => elements
            .iter()
            .any(|element| same(&Value::variable(element), wanted, case)),
        _ => wanted.as_text().as_deref() == Some(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Real;

    #[test]
    fn the_order_of_all_values_is_total() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Bool(false),
            Value::Int(9),
            Value::Int(10),
            Value::Int(i64::MAX),
            Value::Int(i64::MIN),
            Value::Int((1 << 53) + 1),
            Value::Int(1 << 53),
            Value::Real(Real(9_007_199_254_740_992.0)),
            Value::Real(Real(9.5)),
            Value::Real(Real(-0.5)),
            Value::Real(Real(-0.0)),
            Value::Real(Real(0.0)),
            Value::Real(Real(1e300)),
            Value::Real(Real(-1e300)),
            Value::Int(0),
            Value::Int(-1),
            Value::text("9"),
            Value::text("10"),
            Value::text("2015-06-01"),
            Value::text("true"),
            Value::text("11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"),
            Value::text("11c137c0"),
            Value::text("1x"),
            Value::DateTime(0),
            Value::DateTime(1_433_116_800_000_000),
            Value::Date(chrono::NaiveDate::MIN),
            Value::Json("[1]".into()),
            Value::Json("[\"10\"]".into()),
        ];
        for first in &values {
            for second in &values {
                assert_eq!(listed(first, second), listed(second, first).reverse());
                for third in &values {
                    if listed(first, second).is_le() && listed(second, third).is_le() {
                        assert!(
                            listed(first, third).is_le(),
                            "{first:?} {second:?} {third:?}"
                        );
                    }
                }
            }
        }
        assert!(listed(&Value::Int(9), &Value::Real(Real(9.5))).is_lt());
        assert!(listed(&Value::Int(-1), &Value::Real(Real(-0.5))).is_lt());
        assert!(listed(&Value::Int(0), &Value::Real(Real(-0.5))).is_gt());
    }

    #[test]
    fn equality_looks_at_meaning() {
        let exact = |stored: &Value, wanted: &Value| same(stored, wanted, Case::Exact);
        let list = Value::Json("[\"a\",\"b\"]".into());
        assert!(exact(&Value::Int(8), &Value::Real(Real(8.0))));
        assert!(exact(&Value::Int(8), &Value::text("8")));
        assert!(exact(&list, &Value::text("b")));
        assert!(exact(&Value::Bool(true), &Value::text("True")));
        assert!(!exact(&Value::text("a"), &Value::text("A")));
        assert!(!exact(&list, &Value::text("B")));
        assert!(!exact(&Value::Null, &Value::text("")));
        assert!(!exact(&Value::Int(0), &Value::text("")));
        assert!(same(&Value::text("a"), &Value::text("A"), Case::Ignored));
        assert!(same(&list, &Value::text("B"), Case::Ignored));
        assert!(!same(&Value::text("a"), &Value::text("b"), Case::Ignored));
    }
}
