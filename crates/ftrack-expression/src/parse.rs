//! From text to tree.

use std::str::FromStr;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::condition::{Condition, Test};
use crate::error::{ParseError, ParseErrorKind};
use crate::expression::Expression;
use crate::grammar::{Grammar, Rule};
use crate::limits;

const CONDITION: &[&str] = &["a condition such as `topic=ftrack.update`", "`not`", "`(`"];
const OPERATOR: &[&str] = &["`=`", "`!=`", "`<`", "`<=`", "`>`", "`>=`"];
const VALUE: &[&str] =
    &["a value, in quotes if it has other characters than letters, digits and -_,./*@+"];
const CONJUNCTION: &[&str] = &["`and`", "`or`", "the end"];
const CONJUNCTION_INSIDE: &[&str] = &["`and`", "`or`", "`)`"];

impl Expression {
    /// Reads an expression from its text.
    ///
    /// # Errors
    ///
    /// [`ParseError`], with its place in the text, if `text` is empty or is not an
    /// expression, is longer than [`MAX_LENGTH`](crate::MAX_LENGTH) bytes or
    /// nests parentheses deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    ///
    /// ```
    /// use ftrack_expression::Expression;
    ///
    /// assert!(Expression::parse("topic=ftrack.update and data.id=42").is_ok());
    /// let error = Expression::parse("topic=ftrack.update and").unwrap_err();
    /// assert_eq!((error.line(), error.column()), (1, 24));
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

fn parse(text: &str) -> Result<Expression, ParseError> {
    limits::check(text)?;
    if text.trim_ascii().is_empty() {
        let message = "the expression is empty";
        return Err(ParseError::new(ParseErrorKind::Empty, message, text, 0..0));
    }
    let tokens = Grammar::parse(Rule::text, text).map_err(|error| explain(text, &error))?;
    let mut tree = Tree::new(text);
    for token in tokens.flatten() {
        tree.accept(&token)?;
    }
    tree.finish()
}

/// The groups that are open while the tokens are read, the innermost last.
struct Tree<'a> {
    text: &'a str,
    outer: Vec<(usize, Group)>,
    group: Group,
    field: &'a str,
    operator: &'a str,
}

/// What has been read between one pair of parentheses so far.
#[derive(Default)]
struct Group {
    /// The alternatives before the last `or`.
    alternatives: Vec<Expression>,
    /// The members of the conjunction that is being read.
    members: Vec<Expression>,
    /// Whether an odd number of `not` stands before the operand that follows.
    negated: bool,
}

impl<'a> Tree<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            outer: Vec::new(),
            group: Group::default(),
            field: "",
            operator: "",
        }
    }

    fn accept(&mut self, token: &Pair<'a, Rule>) -> Result<(), ParseError> {
        match token.as_rule() {
            Rule::not => self.group.negated = !self.group.negated,
            Rule::or => self.group.close_conjunction(),
            Rule::open => {
                let outer = std::mem::take(&mut self.group);
                self.outer.push((token.as_span().start(), outer));
            }
            Rule::close => self.close(token.as_span().start())?,
            Rule::field => self.field = token.as_str(),
            Rule::operator => self.operator = token.as_str(),
            Rule::bare => self.operand(token.as_str().to_owned(), true),
            Rule::quoted => self.operand(inside_quotes(token.as_str()).to_owned(), true),
            Rule::escaped => {
                let (value, wildcard) = unescape(self.text, token)?;
                self.operand(value, wildcard);
            }
            _ => {}
        }
        Ok(())
    }

    /// `wildcard` is whether a star at the end of `value` is one.
    fn operand(&mut self, mut value: String, wildcard: bool) {
        let test = match self.operator {
            "!=" => Test::IsNot(value),
            "<" => Test::Less(value),
            "<=" => Test::LessOrEqual(value),
            ">" => Test::Greater(value),
            ">=" => Test::GreaterOrEqual(value),
            _ if wildcard && value.ends_with('*') => {
                value.pop();
                Test::starting_with(value)
            }
            _ => Test::Is(value),
        };
        self.group.push(Expression::condition(Condition::new(
            self.field.to_owned(),
            test,
        )));
    }

    fn close(&mut self, position: usize) -> Result<(), ParseError> {
        let Some((_, outer)) = self.outer.pop() else {
            let message = "this parenthesis was never opened";
            let span = position..position + 1;
            return Err(ParseError::new(
                ParseErrorKind::UnopenedParenthesis,
                message,
                self.text,
                span,
            ));
        };
        let inner = std::mem::replace(&mut self.group, outer);
        if let Some(expression) = inner.finish() {
            self.group.push(expression);
        }
        Ok(())
    }

    fn finish(self) -> Result<Expression, ParseError> {
        if let Some((position, _)) = self.outer.last() {
            let message = "this parenthesis is never closed";
            let span = *position..position + 1;
            return Err(ParseError::new(
                ParseErrorKind::UnclosedParenthesis,
                message,
                self.text,
                span,
            ));
        }
        let end = self.text.len();
        self.group
            .finish()
            .ok_or_else(|| ParseError::unexpected(self.text, end, CONDITION))
    }
}

impl Group {
    fn push(&mut self, operand: Expression) {
        let negated = std::mem::take(&mut self.negated);
        self.members
            .push(if negated { operand.negated() } else { operand });
    }

    fn close_conjunction(&mut self) {
        self.alternatives
            .extend(Expression::all(std::mem::take(&mut self.members)));
    }

    fn finish(mut self) -> Option<Expression> {
        self.close_conjunction();
        Expression::any(self.alternatives)
    }
}

fn inside_quotes(quoted: &str) -> &str {
    quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default()
}

/// The value of an `e"…"` token, and whether a star at its end is a wildcard.
fn unescape(text: &str, token: &Pair<'_, Rule>) -> Result<(String, bool), ParseError> {
    let body = inside_quotes(token.as_str().get(1..).unwrap_or_default());
    let start = token.as_span().start() + 2;
    let mut value = String::with_capacity(body.len());
    let mut wildcard = false;
    let mut characters = body.char_indices();
    while let Some((offset, character)) = characters.next() {
        wildcard = character == '*';
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some((_, escaped @ ('\\' | '"' | '\'' | '*'))) => value.push(escaped),
            other => {
                let end = start + offset + 1 + other.map_or(0, |(_, wrong)| wrong.len_utf8());
                let message = "after a backslash, expected one of `\\`, `\"`, `'`, `*`";
                let span = start + offset..end;
                return Err(ParseError::new(
                    ParseErrorKind::UnknownEscape,
                    message,
                    text,
                    span,
                ));
            }
        }
    }
    Ok((value, wildcard))
}

/// Puts the parser's finding into words.
fn explain(text: &str, error: &pest::error::Error<Rule>) -> ParseError {
    let (InputLocation::Pos(position) | InputLocation::Span((position, _))) = error.location;
    let attempts = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { message } => {
            let message = message.as_str();
            return ParseError::new(ParseErrorKind::Exhausted, message, text, position..position);
        }
    };
    if limits::unclosed_quote(text) == Some(position) {
        let message = "this quote is never closed";
        let span = position..position + 1;
        return ParseError::new(ParseErrorKind::UnclosedQuote, message, text, span);
    }
    if attempts.contains(&Rule::and) && continues_value(text, position) {
        return ParseError::needs_quotes(text, position);
    }
    let expected = if attempts.contains(&Rule::operator) {
        OPERATOR
    } else if attempts.contains(&Rule::bare) {
        VALUE
    } else if attempts.contains(&Rule::and) {
        if limits::is_inside_parentheses(text, position) {
            CONJUNCTION_INSIDE
        } else {
            CONJUNCTION
        }
    } else {
        CONDITION
    };
    ParseError::unexpected(text, position, expected)
}

/// Whether what stands at `position` was probably meant to belong to the value
/// that ends there.
fn continues_value(text: &str, position: usize) -> bool {
    let before = text
        .get(..position)
        .and_then(|before| before.chars().next_back());
    let behind = text
        .get(position..)
        .and_then(|behind| behind.chars().next());
    before.is_some_and(|before| before.is_ascii_alphanumeric() || "-_,./*@+".contains(before))
        && behind.is_some_and(|behind| !"()\"'".contains(behind))
}
