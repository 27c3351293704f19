//! Comparing stored values with the values of a query.

use std::cmp::Ordering;

use crate::value::{Value, midnight, parse_moment};

/// Whether two values are the same to a person: 8 is 8.0, and a list is each of its elements.
pub(super) fn same(stored: &Value, wanted: &Value) -> bool {
    if stored == wanted {
        return true;
    }
    if let Value::Json(text) = stored {
        return contains(text, wanted);
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

/// The order in which rows are listed: by value, those without one last.
pub(super) fn listed(left: &Value, right: &Value) -> Ordering {
    compare(left, right).unwrap_or_else(|| rank(left).cmp(&rank(right)))
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
fn contains(json: &str, wanted: &Value) -> bool {
    match serde_json::from_str(json) {
        Ok(serde_json::Value::Array(elements)) => elements
            .iter()
            .any(|element| same(&Value::variable(element), wanted)),
        _ => wanted.as_text().as_deref() == Some(json),
    }
}

/// A pattern of `like`: `%` stands for anything, `_` for one character, case aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<char>);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_lowercase().chars().collect())
    }

    /// Whether a text fits, without backtracking further than the last `%`.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let (mut at, mut in_pattern) = (0, 0);
        let mut last_wildcard: Option<(usize, usize)> = None;
        while at < text.len() {
            let wanted = self.0.get(in_pattern);
            if wanted == Some(&'%') {
                last_wildcard = Some((in_pattern, at));
                in_pattern += 1;
            } else if wanted == Some(&'_') || (wanted.is_some() && wanted == text.get(at)) {
                at += 1;
                in_pattern += 1;
            } else if let Some((wildcard, from)) = last_wildcard {
                last_wildcard = Some((wildcard, from + 1));
                in_pattern = wildcard + 1;
                at = from + 1;
            } else {
                return false;
            }
        }
        self.0
            .get(in_pattern..)
            .is_none_or(|rest| rest.iter().all(|part| *part == '%'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Real;

    #[test]
    fn patterns_match_as_in_sql_whatever_the_case() {
        for (pattern, text, expected) in [
            ("%thrones", "Game of Thrones", true),
            ("%thrones", "thrones of glass", false),
            ("sh_t%", "Shot 010", true),
            ("%a%b%", "xxaxxbxx", true),
            ("%a%b", "ab ba", false),
            ("", "", true),
            ("%", "", true),
            ("_", "", false),
            ("GRÜN", "grün", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn equality_looks_at_meaning() {
        assert!(same(&Value::Int(8), &Value::Real(Real(8.0))));
        assert!(same(&Value::Int(8), &Value::text("8")));
        assert!(same(
            &Value::Json("[\"a\",\"b\"]".into()),
            &Value::text("b")
        ));
        assert!(same(&Value::Bool(true), &Value::text("True")));
        assert!(!same(&Value::text("a"), &Value::text("A")));
        assert!(!same(&Value::Null, &Value::text("")));
    }
}
