//! Expressions as canonical text.

use std::fmt::{self, Display, Formatter, Write};

use crate::condition::{Condition, Test};
use crate::expression::{Expression, Kind};

impl Display for Expression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (members, conjunction) = match self.kind() {
            Kind::Condition(condition) => return condition.fmt(formatter),
            Kind::Not(operand) => {
                formatter.write_str("not ")?;
                (std::slice::from_ref(operand), "")
            }
            Kind::All(members) => (members, " and "),
            Kind::Any(members) => (members, " or "),
        };
        for (position, member) in members.iter().enumerate() {
            if position > 0 {
                formatter.write_str(conjunction)?;
            }
            if needs_parentheses(self.kind(), member.kind()) {
                formatter.write_char('(')?;
                member.fmt(formatter)?;
                formatter.write_char(')')?;
            } else {
                member.fmt(formatter)?;
            }
        }
        Ok(())
    }
}

/// Whether `inner` would read as something else directly within `outer`.
pub(crate) fn needs_parentheses(outer: Kind<'_>, inner: Kind<'_>) -> bool {
    match inner {
        Kind::Condition(_) | Kind::Not(_) => false,
        Kind::All(_) => matches!(outer, Kind::Not(_)),
        Kind::Any(_) => matches!(outer, Kind::Not(_) | Kind::All(_)),
    }
}

impl Display for Condition {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.field())?;
        formatter.write_str(self.test().operator())?;
        match self.test() {
            Test::Exists => formatter.write_char('*'),
            Test::Is(text) if text.ends_with('*') => write_escaped(formatter, text, Star::Literal),
            Test::StartsWith(text) => write_value(formatter, text, Star::Wildcard),
            Test::Is(text)
            | Test::IsNot(text)
            | Test::Less(text)
            | Test::LessOrEqual(text)
            | Test::Greater(text)
            | Test::GreaterOrEqual(text) => write_value(formatter, text, Star::Absent),
        }
    }
}

/// What becomes of a star at the end of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Star {
    /// Nothing special is there.
    Absent,
    /// One has to be added, as the wildcard.
    Wildcard,
    /// The text ends in one that is not a wildcard.
    Literal,
}

/// Writes `text` in the plainest form that reads back as it.
fn write_value(formatter: &mut Formatter<'_>, text: &str, star: Star) -> fmt::Result {
    let wildcard = if star == Star::Wildcard { "*" } else { "" };
    if !text.is_empty() && text.bytes().all(is_bare) {
        return write!(formatter, "{text}{wildcard}");
    }
    for quote in ['"', '\''] {
        if fits_between(quote, text, wildcard) {
            return write!(formatter, "{quote}{text}{wildcard}{quote}");
        }
    }
    write_escaped(formatter, text, star)
}

/// Whether `byte` may stand in a value without quotes.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_,./*@+".contains(&byte)
}

/// Whether the text between two of `quote` is read as it is, up to its end.
fn fits_between(quote: char, text: &str, wildcard: &str) -> bool {
    let mut rest = text.chars().chain(wildcard.chars());
    while let Some(character) = rest.next() {
        let taken_together = match character {
            '\\' => rest.next().is_some(),
            character if character == quote => rest.next() == Some(quote),
            _ => true,
        };
        if !taken_together {
            return false;
        }
    }
    true
}

fn write_escaped(formatter: &mut Formatter<'_>, text: &str, star: Star) -> fmt::Result {
    let (body, end) = match star {
        Star::Absent => (text, ""),
        Star::Wildcard => (text, "*"),
        Star::Literal => (text.strip_suffix('*').unwrap_or(text), "\\*"),
    };
    formatter.write_str("e\"")?;
    for character in body.chars() {
        if matches!(character, '"' | '\\') {
            formatter.write_char('\\')?;
        }
        formatter.write_char(character)?;
    }
    write!(formatter, "{end}\"")
}
