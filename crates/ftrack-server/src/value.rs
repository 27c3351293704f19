//! What a row stores: small typed values, and their form on the wire.

use std::borrow::Cow;
use std::fmt::Display;
use std::hash::{Hash, Hasher};
use std::io::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::{Value as Json, json};

use crate::schema::ScalarType;

/// A finite number that can be compared and hashed, so that values can be keys of an index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Real(pub(crate) f64);

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Real {}

impl std::hash::Hash for Real {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// A stored value.
///
/// Ids are packed into 16 bytes; they are what most of a production consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Value {
    /// No value.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Real(Real),
    /// Text that is a lower-case dashed uuid.
    Id([u8; 16]),
    /// Any other text.
    Text(Box<str>),
    /// A point in time: microseconds since 1970 in UTC.
    DateTime(i64),
    /// A day, in attributes that hold any kind of value.
    Date(NaiveDate),
    /// Anything else: compact JSON text.
    Json(Box<str>),
}

impl Hash for Value {
    /// Hashes the content alone: it is told apart by it, and every byte more costs time in each index.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => state.write_u8(0),
            Self::Bool(value) => value.hash(state),
            Self::Int(number) | Self::DateTime(number) => number.hash(state),
            Self::Real(number) => number.hash(state),
            Self::Id(bytes) => state.write(bytes),
            Self::Text(text) | Self::Json(text) => text.hash(state),
            Self::Date(date) => date.hash(state),
        }
    }
}

impl Value {
    /// Stores text, packed when it is an id.
    pub(crate) fn text(text: &str) -> Self {
        match packed_id(text) {
            Some(bytes) => Self::Id(bytes),
            None => Self::Text(text.into()),
        }
    }

    /// A fresh random id.
    pub(crate) fn fresh_id() -> Self {
        Self::Id(uuid::Uuid::new_v4().into_bytes())
    }

    /// The present moment, to the second, as a real server stores it.
    pub(crate) fn now() -> Self {
        Self::DateTime(Utc::now().timestamp() * 1_000_000)
    }

    /// Whether there is no value.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text value.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Id(bytes) => Some(unpacked_id(bytes)),
            Self::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// The text, or nothing for any other kind of value.
    pub(crate) fn to_text(&self) -> String {
        self.as_text().unwrap_or_default()
    }

    /// The number of a numeric value.
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of a production stay far below 2^53"
    )]
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(number.0),
            _ => None,
        }
    }

    /// Whether the value is `true`.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// Reads what a client sent for an attribute of type `scalar`.
    ///
    /// # Errors
    /// The kind of value that was expected.
    pub(crate) fn decode(json: &Json, scalar: ScalarType) -> Result<Self, &'static str> {
        if json.is_null() {
            return Ok(Self::Null);
        }
        match scalar {
            ScalarType::Text => json.as_str().map(Self::text).ok_or("text"),
            ScalarType::Boolean => json.as_bool().map(Self::Bool).ok_or("true or false"),
            ScalarType::Integer => decode_integer(&number_of(json)).ok_or("a whole number"),
            ScalarType::Number => decode_number(&number_of(json)).ok_or("a number"),
            ScalarType::DateTime => decode_moment(json).ok_or("a date and time"),
            ScalarType::Object if json.is_object() => Ok(Self::Json(json.to_string().into())),
            ScalarType::Object => Err("an object"),
            ScalarType::Variable => Ok(Self::variable(json)),
        }
    }

    /// Reads a value of any kind, with tagged dates recognised.
    pub(crate) fn variable(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(_) => decode_number(json).unwrap_or_default(),
            Json::String(text) => Self::text(text),
            Json::Array(_) => Self::Json(json.to_string().into()),
            Json::Object(_) => {
                decode_tagged(json).unwrap_or_else(|| Self::Json(json.to_string().into()))
            }
        }
    }

    /// The value as it is sent to clients.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => json!(value),
            Self::Int(value) => json!(value),
            Self::Real(value) => json!(value.0),
            Self::Id(bytes) => Json::String(unpacked_id(bytes)),
            Self::Text(text) => Json::String(text.to_string()),
            Self::DateTime(micros) => {
                json!({"__type__": "datetime", "value": naive_iso(*micros).to_string()})
            }
            Self::Date(date) => json!({"__type__": "date", "value": date.to_string()}),
            Self::Json(text) => serde_json::from_str(text).unwrap_or(Json::Null),
        }
    }

    /// Writes the value as it is sent to clients.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Id(bytes) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                let text = uuid::Uuid::from_bytes(*bytes)
                    .hyphenated()
                    .encode_lower(&mut buffer);
                out.push(b'"');
                out.extend_from_slice(text.as_bytes());
                out.push(b'"');
            }
            Self::Text(text) => write_text(text, out),
            Self::Json(text) => out.extend_from_slice(text.as_bytes()),
            Self::Int(number) => write_display(number, out),
            // As JSON has numbers: with a point, so that it stays what it is.
            Self::Real(number) => write_display(json!(number.0), out),
            Self::DateTime(micros) => write_moment(*micros, out),
            Self::Date(date) => write_tagged("date", date, out),
        }
    }
}

fn write_display(value: impl Display, out: &mut Vec<u8>) {
    // Writing into memory cannot fail.
    let _ = write!(out, "{value}");
}

/// Writes what JSON has no form for; the text has nothing in it that needs an escape.
fn write_tagged(tag: &str, text: impl Display, out: &mut Vec<u8>) {
    let _ = write!(out, r#"{{"__type__":"{tag}","value":"{text}"}}"#);
}

/// Writes a moment; a second of our time without what it takes to write any other.
fn write_moment(micros: i64, out: &mut Vec<u8>) {
    let moment = DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default();
    let year = u32::try_from(moment.year()).unwrap_or(u32::MAX);
    if year > 9999 || moment.nanosecond() != 0 {
        return write_tagged("datetime", naive_iso(micros), out);
    }
    out.extend_from_slice(br#"{"__type__":"datetime","value":""#);
    for (number, scale, end) in [
        (year, 1_000, "-"),
        (moment.month(), 10, "-"),
        (moment.day(), 10, "T"),
        (moment.hour(), 10, ":"),
        (moment.minute(), 10, ":"),
        (moment.second(), 10, "\"}"),
    ] {
        let mut scale = scale;
        while scale > 0 {
            let digit = u8::try_from(number / scale % 10).unwrap_or_default();
            out.push(b'0' + digit);
            scale /= 10;
        }
        out.extend_from_slice(end.as_bytes());
    }
}

/// Writes a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing into memory cannot fail; a string has no part that cannot be written.
    let _ = serde_json::to_writer(out, text);
}

/// Microseconds since 1970 for a moment as text: with an offset, or in UTC; a day alone is its midnight.
pub(crate) fn parse_moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(moment) = plain_moment(text) {
        return Some(moment);
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_micros());
    }
    for pattern in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
        if let Ok(moment) = DateTime::parse_from_str(text, pattern) {
            return Some(moment.timestamp_micros());
        }
    }
    for pattern in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(text, pattern) {
            return Some(moment.and_utc().timestamp_micros());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(midnight(day))
}

/// The form in which moments are sent and stored, without the cost of trying any other.
fn plain_moment(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let is_plain = bytes.len() == 19
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            10 => *byte == b'T',
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
    if !is_plain {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let year = i32::try_from(part(0, 4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, part(5, 7)?, part(8, 10)?)?;
    let moment = day.and_hms_opt(part(11, 13)?, part(14, 16)?, part(17, 19)?)?;
    Some(moment.and_utc().timestamp_micros())
}

/// Microseconds since 1970 of the start of a day.
pub(crate) fn midnight(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

/// The number that a text is: programs send `"0"` where they read a number from somewhere.
fn number_of(json: &Json) -> Cow<'_, Json> {
    let number = json.as_str().and_then(|text| {
        let is_plain =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'e' | b'E' | b'+');
        let text = text.trim();
        let is_number = text.bytes().all(is_plain);
        is_number.then(|| text.parse::<serde_json::Number>().ok())?
    });
    match number {
        Some(number) => Cow::Owned(Json::Number(number)),
        None => Cow::Borrowed(json),
    }
}

fn decode_integer(json: &Json) -> Option<Value> {
    if let Some(number) = json.as_i64() {
        return Some(Value::Int(number));
    }
    let number = json.as_f64()?;
    if number.fract() != 0.0 || number.abs() >= 9.0e15 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was checked to be whole and in range"
    )]
    Some(Value::Int(number as i64))
}

fn decode_number(json: &Json) -> Option<Value> {
    if let Some(number) = json.as_i64() {
        return Some(Value::Int(number));
    }
    json.as_f64()
        .filter(|number| number.is_finite())
        .map(|number| Value::Real(Real(number)))
}

fn decode_moment(json: &Json) -> Option<Value> {
    let text = match json {
        Json::String(text) => text.as_str(),
        Json::Object(object) => object.get("value")?.as_str()?,
        _ => return None,
    };
    parse_moment(text).map(Value::DateTime)
}

fn decode_tagged(json: &Json) -> Option<Value> {
    let text = json.get("value")?.as_str()?;
    match json.get("__type__")?.as_str()? {
        "datetime" => parse_moment(text).map(Value::DateTime),
        "date" => NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d")
            .ok()
            .map(Value::Date),
        _ => None,
    }
}

/// Naive ISO text in UTC, with a fraction only where there is one.
fn naive_iso(micros: i64) -> impl Display {
    let moment = DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default();
    moment.naive_utc().format("%Y-%m-%dT%H:%M:%S%.f")
}

fn packed_id(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || bytes.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    // Only the dashed form has this length.
    uuid::Uuid::try_parse(text).ok().map(uuid::Uuid::into_bytes)
}

fn unpacked_id(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_packed_and_come_back_exactly() {
        let id = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c";
        assert!(matches!(Value::text(id), Value::Id(_)));
        assert_eq!(Value::text(id).to_text(), id);
        let upper = id.to_uppercase();
        assert_eq!(Value::text(&upper).to_text(), upper);
        let almost = "{11c137c0-ee7e-4f9c-91c5-8c77cec22b}";
        assert_eq!(Value::text(almost).to_text(), almost);
    }

    #[test]
    fn moments_are_stored_in_utc() {
        for (text, expected) in [
            ("2022-10-10T10:12:09", "2022-10-10T10:12:09"),
            ("2022-10-10T10:12:09+02:00", "2022-10-10T08:12:09"),
            ("2022-10-10T10:12:09.500Z", "2022-10-10T10:12:09.500"),
            ("2022-10-10 10:12", "2022-10-10T10:12:00"),
            ("2022-10-10", "2022-10-10T00:00:00"),
        ] {
            let value = Value::decode(
                &json!({"__type__": "datetime", "value": text}),
                ScalarType::DateTime,
            );
            let json = value.map(|value| value.to_json()).unwrap_or_default();
            assert_eq!(json["value"], expected, "{text}");
        }
    }

    #[test]
    fn values_are_written_as_their_json() {
        let moment = |text: &str| Value::DateTime(parse_moment(text).unwrap_or_default());
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(-5),
            Value::Real(Real(8.0)),
            Value::Real(Real(1e300)),
            Value::fresh_id(),
            Value::text("a \"b\" \n ü"),
            moment("2022-10-10T10:12:09"),
            moment("2022-10-10T10:12:09.5"),
            moment("2022-10-10T10:12:09.000012"),
            moment("0007-01-02T03:04:05"),
            moment("9999-12-31T23:59:59"),
            Value::DateTime(253_402_300_800_000_000),
            Value::DateTime(-70_000_000_000_000_000),
            Value::Date(NaiveDate::MIN),
            Value::Json("[1]".into()),
        ] {
            let mut written = Vec::new();
            value.write(&mut written);
            let expected = value.to_json().to_string();
            assert_eq!(String::from_utf8_lossy(&written), expected);
        }
    }

    #[test]
    fn values_of_another_type_are_refused() {
        assert_eq!(Value::decode(&json!(5), ScalarType::Text), Err("text"));
        assert_eq!(
            Value::decode(&json!("five"), ScalarType::Number),
            Err("a number")
        );
        assert_eq!(
            Value::decode(&json!("5"), ScalarType::Integer),
            Ok(Value::Int(5))
        );
        assert_eq!(
            Value::decode(&json!("5.5"), ScalarType::Integer),
            Err("a whole number")
        );
        assert_eq!(
            Value::decode(&json!(5.5), ScalarType::Integer),
            Err("a whole number")
        );
        assert_eq!(
            Value::decode(&json!(5.0), ScalarType::Integer),
            Ok(Value::Int(5))
        );
    }
}
