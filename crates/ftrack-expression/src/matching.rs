//! Whether a candidate fulfils an expression.

use std::cmp::Ordering;
use std::fmt::{self, Write};

use crate::candidate::{Candidate, Member, find};
use crate::condition::{Condition, Test};
use crate::expression::{Expression, Kind};

impl Expression {
    /// Whether `candidate` fulfils the expression. It always has an answer: what
    /// cannot be compared does not match.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use ftrack_expression::Expression;
    ///
    /// let subscriber = HashMap::from([("id", "render-42"), ("applicationId", "maya")]);
    /// assert!(Expression::parse("applicationId=maya and id=render-*")?.matches(&subscriber));
    /// assert!(!Expression::parse("host!=workstation")?.matches(&subscriber));
    /// # Ok::<(), ftrack_expression::ParseError>(())
    /// ```
    pub fn matches(&self, candidate: &dyn Candidate) -> bool {
        match self.kind() {
            Kind::Condition(condition) => condition.matches(candidate),
            Kind::Not(operand) => !operand.matches(candidate),
            Kind::All(members) => members.iter().all(|member| member.matches(candidate)),
            Kind::Any(members) => members.iter().any(|member| member.matches(candidate)),
        }
    }
}

impl Condition {
    /// Whether `candidate` has the field, with a value that passes the test.
    pub fn matches(&self, candidate: &dyn Candidate) -> bool {
        find(candidate, self.keys()).is_some_and(|member| self.test().passes(&member))
    }
}

impl Test {
    /// Whether a value that a candidate has passes the test.
    ///
    /// ```
    /// use ftrack_expression::{Member, Test};
    ///
    /// assert!(Test::Is("10".to_owned()).passes(&Member::Integer(10)));
    /// assert!(Test::Less("10".to_owned()).passes(&Member::Integer(9)));
    /// assert!(!Test::IsNot("10".to_owned()).passes(&Member::Null));
    /// ```
    pub fn passes(&self, member: &Member<'_>) -> bool {
        let order = |text: &str| compare(member, text);
        match self {
            Self::Exists => true,
            Self::Is(text) => text_is(member, text, false) == Some(true),
            Self::StartsWith(prefix) => text_is(member, prefix, true) == Some(true),
            Self::IsNot(text) => text_is(member, text, false) == Some(false),
            Self::Less(text) => order(text).is_some_and(Ordering::is_lt),
            Self::LessOrEqual(text) => order(text).is_some_and(Ordering::is_le),
            Self::Greater(text) => order(text).is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual(text) => order(text).is_some_and(Ordering::is_ge),
        }
    }
}

/// Whether the text form of `member` is `text`, or at least begins with it;
/// `None` if it has no text form.
fn text_is(member: &Member<'_>, text: &str, prefix: bool) -> Option<bool> {
    match member {
        Member::Null | Member::List | Member::Map(_) => None,
        Member::Boolean(value) => Some(written_is(format_args!("{value}"), text, prefix)),
        Member::Integer(value) => Some(written_is(format_args!("{value}"), text, prefix)),
        // 10.0 is written `10` by some programs and `10.0` by others.
        Member::Float(value) => Some(
            written_is(format_args!("{value}"), text, prefix)
                || written_is(format_args!("{value:?}"), text, prefix),
        ),
        Member::Text(value) if prefix => Some(value.starts_with(text)),
        Member::Text(value) => Some(value == text),
    }
}

fn written_is(written: fmt::Arguments<'_>, text: &str, prefix: bool) -> bool {
    let mut comparison = Comparison { rest: text, prefix };
    comparison.write_fmt(written).is_ok() && comparison.rest.is_empty()
}

/// Compares what is written to it with a text, without building a string.
struct Comparison<'a> {
    rest: &'a str,
    prefix: bool,
}

impl Write for Comparison<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Some(rest) = self.rest.strip_prefix(piece) {
            self.rest = rest;
            return Ok(());
        }
        if self.prefix && piece.starts_with(self.rest) {
            self.rest = "";
            return Ok(());
        }
        Err(fmt::Error)
    }
}

/// How `member` is ordered against `text`: numbers by their size if both are
/// numbers, texts by their characters, and nothing else at all.
fn compare(member: &Member<'_>, text: &str) -> Option<Ordering> {
    match member {
        Member::Text(value) => Some(value.as_ref().cmp(text)),
        Member::Integer(value) => match Number::read(text)? {
            Number::Integer(number) => Some(value.cmp(&number)),
            Number::Float(number) => as_float(*value).partial_cmp(&number),
        },
        Member::Float(value) => match Number::read(text)? {
            Number::Integer(number) => value.partial_cmp(&as_float(number)),
            Number::Float(number) => value.partial_cmp(&number),
        },
        Member::Null | Member::Boolean(_) | Member::List | Member::Map(_) => None,
    }
}

enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        // Words such as `inf` and `nan` are texts here.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        {
            return None;
        }
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        text.parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
            .map(Self::Float)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "one side is a float, so it is all there is"
)]
fn as_float(integer: i128) -> f64 {
    integer as f64
}
