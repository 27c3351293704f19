//! The values that queries compare with, made fit for the attribute.

use ftrack_query::Literal;

use crate::request_error::RequestError;
use crate::schema::ScalarType;
use crate::value::{Real, Value, parse_moment};

/// Reads a literal as a value of an attribute of type `scalar`; `name` is for the message.
///
/// # Errors
/// Refuses what no such attribute can equal, such as a word where a date belongs.
pub(super) fn coerce(
    literal: &Literal,
    scalar: ScalarType,
    name: &str,
) -> Result<Value, RequestError> {
    let Some(text) = literal.text() else {
        return Ok(Value::Null);
    };
    // No number, date or truth is written like this; programs that compare with it get what equals nothing.
    if text.is_empty() {
        return Ok(Value::text(text));
    }
    let value = match scalar {
        ScalarType::Text | ScalarType::Object => Some(Value::text(text)),
        ScalarType::Variable => Some(variable(literal, text)),
        ScalarType::Boolean => boolean(text),
        ScalarType::Integer | ScalarType::Number => number(text),
        ScalarType::DateTime => parse_moment(text).map(Value::DateTime),
    };
    value.ok_or_else(|| {
        RequestError::validation(format!(
            "{name} is {}, which \"{text}\" is not",
            kind(scalar)
        ))
    })
}

fn kind(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::Boolean => "true or false",
        ScalarType::Integer | ScalarType::Number => "a number",
        ScalarType::DateTime => "a date",
        ScalarType::Text | ScalarType::Variable | ScalarType::Object => "text",
    }
}

fn boolean(text: &str) -> Option<Value> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || text == "1" {
        Some(Value::Bool(true))
    } else if is("false") || text == "0" {
        Some(Value::Bool(false))
    } else {
        None
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(Value::Int(number));
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(Value::Real(Real(number)))
}

fn variable(literal: &Literal, text: &str) -> Value {
    match literal {
        Literal::Number(_) => number(text).unwrap_or_else(|| Value::text(text)),
        Literal::Bool(value) => Value::Bool(*value),
        _ => Value::text(text),
    }
}
