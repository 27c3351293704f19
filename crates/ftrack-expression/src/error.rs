//! What can be wrong with a text, or with what a program builds.

use std::ops::Range;

use crate::bounds::{MAX_DEPTH, MAX_LENGTH};

/// Why a text is not an expression, and where.
///
/// [`Display`](std::fmt::Display) is one line for logs; [`render`](Self::render)
/// shows the place to a person.
///
/// ```
/// use ftrack_expression::{Expression, ParseErrorKind};
///
/// let error = Expression::parse("topic=ftrack.update and (id=a").unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::UnclosedParenthesis);
///
/// let error = Expression::parse("topic is ftrack.update").unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::Unexpected);
/// assert_eq!(error.span(), 6..8);
/// assert_eq!(
///     error.render(),
///     "expected one of `=`, `!=`, `<`, `<=`, `>`, `>=`, but found `is`\n\
///      \x20--> line 1, column 7\n\
///      \x20 |\n\
///      1 | topic is ftrack.update\n\
///      \x20 |       ^^\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct ParseError {
    pub(crate) kind: ParseErrorKind,
    pub(crate) message: Box<str>,
    pub(crate) expected: &'static [&'static str],
    pub(crate) span: Range<usize>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The part of the line that is shown, and where in it the span begins and
    /// how far it goes, in characters.
    pub(crate) excerpt: Box<str>,
    pub(crate) caret: usize,
    pub(crate) carets: usize,
}

/// The kinds of [`ParseError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is nothing but blanks.
    Empty,
    /// The text is longer than [`MAX_LENGTH`](crate::MAX_LENGTH).
    TooLong,
    /// Parentheses are nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    TooDeep,
    /// Something else should stand here.
    Unexpected,
    /// A quoted value does not end.
    UnclosedQuote,
    /// A backslash in an `e"…"` value stands before a character that it cannot
    /// stand before.
    UnknownEscape,
    /// An opening parenthesis without its closing one.
    UnclosedParenthesis,
    /// A closing parenthesis without its opening one.
    UnopenedParenthesis,
    /// The parser ran out of a resource of the calling thread, such as its stack.
    Exhausted,
}

impl ParseError {
    /// What kind of mistake it is.
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The mistake in plain words, without its place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What could have stood there, in plain words. Empty where the
    /// [`message`](Self::message) knows better, as for a quote that is never closed.
    pub fn expected(&self) -> &'static [&'static str] {
        self.expected
    }

    /// The bytes of the text that are at fault; empty at the end of the text.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in the line, in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The mistake, its place, and the line with carets under it. Of a long line
    /// only the part around the mistake is shown. Ends with a line break.
    pub fn render(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        format!(
            "{message}\n{margin}--> line {number}, column {column}\n{margin} |\n\
             {number} | {excerpt}\n{margin} | {blank}{carets}\n",
            message = self.message,
            column = self.column,
            excerpt = self.excerpt,
            blank = " ".repeat(self.caret),
            carets = "^".repeat(self.carets),
        )
    }
}

/// Why what was built is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The name of a field has other characters than letters and digits of
    /// ASCII, `_` and `.`, or none.
    #[error("`{0}` cannot be the field of an expression")]
    Field(String),
    /// The text would nest parentheses deeper than the language allows.
    #[error("the expression is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The text would be longer than the language allows.
    #[error("the expression is longer than {MAX_LENGTH} bytes")]
    TooLong,
}
