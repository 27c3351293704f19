//! Expressions as canonical text.

use std::fmt::{self, Display, Formatter, Write};

use crate::condition::{Condition, Test};
use crate::expression::{Expression, Kind};

impl Display for Expression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Condition(condition) => condition.fmt(formatter),
            Kind::Not(operand) => {
                formatter.write_str("not ")?;
                let grouped = matches!(operand.kind(), Kind::All(_) | Kind::Any(_));
                write_operand(formatter, operand, grouped)
            }
            Kind::All(members) => write_group(formatter, members, " and ", |member| {
                matches!(member.kind(), Kind::Any(_))
            }),
            Kind::Any(members) => write_group(formatter, members, " or ", |_| false),
        }
    }
}

fn write_group(
    formatter: &mut Formatter<'_>,
    members: &[Expression],
    conjunction: &str,
    grouped: impl Fn(&Expression) -> bool,
) -> fmt::Result {
    for (position, member) in members.iter().enumerate() {
        if position > 0 {
            formatter.write_str(conjunction)?;
        }
        write_operand(formatter, member, grouped(member))?;
    }
    Ok(())
}

fn write_operand(
    formatter: &mut Formatter<'_>,
    operand: &Expression,
    grouped: bool,
) -> fmt::Result {
    if !grouped {
        return operand.fmt(formatter);
    }
    formatter.write_char('(')?;
    operand.fmt(formatter)?;
    formatter.write_char(')')
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
