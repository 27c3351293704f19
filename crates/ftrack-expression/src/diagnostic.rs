//! From a byte range of a text to a [`ParseError`] that can be shown.

use std::ops::Range;

use crate::error::{ParseError, ParseErrorKind};

/// How many characters of a line an error shows at most, and how many of them
/// stand before the mistake in a longer line.
const WIDTH: usize = 76;
const BEFORE: usize = 40;

impl ParseError {
    pub(crate) fn new(
        kind: ParseErrorKind,
        message: impl Into<Box<str>>,
        text: &str,
        span: Range<usize>,
    ) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |position| position + 1);
        let column = text
            .get(line_start..span.start)
            .unwrap_or_default()
            .chars()
            .count();
        let line = text
            .get(line_start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let (excerpt, skipped) = excerpt(line, column);
        let caret = column - skipped;
        let covered = text.get(span.clone()).unwrap_or_default().chars().count();
        let room = excerpt.chars().count().saturating_sub(caret);
        Self {
            kind,
            message: message.into(),
            expected: &[],
            line: before.matches('\n').count() + 1,
            column: column + 1,
            excerpt: excerpt.into(),
            caret,
            carets: covered.min(room).max(1),
            span,
        }
    }

    /// Says that one of `expected` should stand at `position`.
    pub(crate) fn unexpected(
        text: &str,
        position: usize,
        expected: &'static [&'static str],
    ) -> Self {
        let span = token_at(text, position);
        let one_of = if expected.len() > 1 { "one of " } else { "" };
        let wanted = expected.join(", ");
        let found = match text.get(span.clone()) {
            None | Some("") => "the end".to_owned(),
            Some(found) => format!("`{}`", shortened(found)),
        };
        let message = format!("expected {one_of}{wanted}, but found {found}");
        let mut error = Self::new(ParseErrorKind::Unexpected, message, text, span);
        error.expected = expected;
        error
    }

    /// Says that a value without quotes stops short at `position`.
    pub(crate) fn needs_quotes(text: &str, position: usize) -> Self {
        let span = token_at(text, position);
        let found = shortened(text.get(span.clone()).unwrap_or_default());
        let message = format!("a value with `{found}` in it has to be in quotes");
        Self::new(ParseErrorKind::Unexpected, message, text, span)
    }
}

/// What a reader sees as one piece at `position`: a word, or a run of signs. At
/// the end of the text it is empty, and just behind the last character.
fn token_at(text: &str, position: usize) -> Range<usize> {
    let rest = text.get(position..).unwrap_or_default();
    let Some(first) = rest.chars().next() else {
        let end = text.trim_end().len();
        return end..end;
    };
    let is_word = |character: char| character.is_alphanumeric() || "_.".contains(character);
    let is_alone = |character: char| "()'\"".contains(character) || character.is_whitespace();
    let length = if is_alone(first) {
        first.len_utf8()
    } else {
        rest.find(|character| is_alone(character) || is_word(character) != is_word(first))
            .unwrap_or(rest.len())
    };
    position..position + length
}

/// The part of `line` to show for a mistake in `column`, and how many characters
/// at its start that leaves out (an ellipsis stands in for the last of them).
fn excerpt(line: &str, column: usize) -> (String, usize) {
    let length = line.chars().count();
    let start = if length <= WIDTH {
        0
    } else {
        column.saturating_sub(BEFORE)
    };
    let mut excerpt: String = line.chars().skip(start).take(WIDTH).map(visible).collect();
    if start > 0 {
        let rest: String = excerpt.chars().skip(1).collect();
        excerpt = format!("…{rest}");
    }
    if length > start + WIDTH {
        excerpt.push('…');
    }
    (excerpt, start)
}

/// Tabs and other controls would move the carets, or the reader's terminal.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

fn shortened(found: &str) -> String {
    const LONGEST: usize = 32;
    let mut short: String = found.chars().take(LONGEST).map(visible).collect();
    if found.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
