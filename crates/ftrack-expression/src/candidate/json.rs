//! JSON values as candidates.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::{AsMember, Candidate, Member};

/// Only objects have members.
impl Candidate for Value {
    fn member(&self, key: &str) -> Option<Member<'_>> {
        self.as_object()?.member(key)
    }
}

impl Candidate for Map<String, Value> {
    fn member(&self, key: &str) -> Option<Member<'_>> {
        self.get(key).map(Value::as_member)
    }
}

impl AsMember for Value {
    fn as_member(&self) -> Member<'_> {
        match self {
            Self::Null => Member::Null,
            Self::Bool(value) => Member::Boolean(*value),
            Self::Number(number) => number.as_member(),
            Self::String(text) => Member::Text(Cow::Borrowed(text)),
            Self::Array(_) => Member::List,
            Self::Object(members) => Member::Map(members),
        }
    }
}

impl AsMember for Map<String, Value> {
    fn as_member(&self) -> Member<'_> {
        Member::Map(self)
    }
}

impl AsMember for Number {
    fn as_member(&self) -> Member<'_> {
        if let Some(value) = self.as_i64() {
            return Member::Integer(value.into());
        }
        if let Some(value) = self.as_u64() {
            return Member::Integer(value.into());
        }
        match self.as_f64() {
            Some(value) if value.is_finite() => Member::Float(value),
            // Beyond what a float can hold; only the digits are left to compare.
            _ => Member::Text(Cow::Owned(self.to_string())),
        }
    }
}
