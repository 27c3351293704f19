//! Says in plain words what the grammar expected.

use pest::error::{ErrorVariant, InputLocation};

use super::Rule;
use super::hint::hint;
use crate::error::ParseError;
use crate::scan::{Token, Tokens};
use crate::span::Span;

/// What stands behind the last token.
const END: &str = "the end of the text";

/// How many characters of what was found are repeated in the message.
const FOUND: usize = 40;

pub(super) fn describe(text: &str, error: &pest::error::Error<Rule>) -> ParseError {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let span = token_at(text, at);
    let found = text.get(span.range()).unwrap_or_default();
    let mut expected = expected(&error.variant);
    if found.starts_with(['"', '\'']) && expected.contains(&"a value") {
        return ParseError::at(text, Span::new(at, at + 1), "this quote is never closed");
    }
    if !has_open_parenthesis(text, at) {
        expected.retain(|word| *word != "`)`");
    }
    if expected.contains(&"a condition") {
        // A condition begins with an attribute; that is all the reader needs to know.
        expected.retain(|word| *word != "an attribute");
    }
    // Whatever else is possible reads better in front of that.
    expected.sort_by_key(|word| *word == END);
    let mut message = message(&expected, found);
    if let Some(hint) = hint(text, at, found, &expected) {
        message.push_str("; ");
        message.push_str(hint);
    }
    ParseError::at(text, span, message).with_expected(expected)
}

fn message(expected: &[&str], found: &str) -> String {
    let wanted = join(expected);
    let found = match found.char_indices().nth(FOUND) {
        _ if found.is_empty() => END.to_owned(),
        Some((at, _)) => format!("`{}…`", found.get(..at).unwrap_or_default().escape_debug()),
        None if found.chars().any(char::is_control) => format!("`{}`", found.escape_debug()),
        None => format!("`{found}`"),
    };
    format!("expected {wanted}, found {found}")
}

/// The token that begins at `at`, which may be the middle of a longer one.
fn token_at(text: &str, at: usize) -> Span {
    let rest = text.get(at..).unwrap_or_default();
    match Tokens::new(rest).next() {
        Some((Token::Other, span)) => {
            let width = rest.get(span.start..).and_then(|rest| rest.chars().next());
            let start = at + span.start;
            Span::new(start, start + width.map_or(1, char::len_utf8))
        }
        Some((_, span)) => Span::new(at + span.start, at + span.end),
        None => Span::new(at, at),
    }
}

fn has_open_parenthesis(text: &str, at: usize) -> bool {
    let depth =
        Tokens::new(text.get(..at).unwrap_or_default()).fold(0, |depth: usize, (token, _)| {
            match token {
                Token::Open => depth + 1,
                Token::Close => depth.saturating_sub(1),
                _ => depth,
            }
        });
    depth > 0
}

/// What the rules that could go on here are called, each name once.
fn expected(variant: &ErrorVariant<Rule>) -> Vec<&'static str> {
    let ErrorVariant::ParsingError { positives, .. } = variant else {
        return Vec::new();
    };
    let mut names: Vec<&'static str> = Vec::new();
    for name in positives.iter().flat_map(|rule| names_of(*rule)) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names
}

fn names_of(rule: Rule) -> &'static [&'static str] {
    match rule {
        Rule::type_name => &["an entity type"],
        Rule::path | Rule::order_key => &["an attribute"],
        Rule::filter | Rule::open | Rule::not_word => &["a condition"],
        Rule::operator
        | Rule::compare
        | Rule::in_word
        | Rule::in_values
        | Rule::in_query
        | Rule::query_open
        | Rule::relation_word
        | Rule::relation_open
        | Rule::relation_empty => &["an operator"],
        Rule::string | Rule::bare | Rule::number => &["a value"],
        Rule::count => &["a whole number"],
        Rule::select_clause | Rule::select_word => &["`select`"],
        Rule::from_word => &["`from`"],
        Rule::where_word => &["`where`"],
        Rule::and_word => &["`and`"],
        Rule::or_word => &["`or`"],
        Rule::group_clause | Rule::group_word => &["`group by`"],
        Rule::order_clause | Rule::order_word => &["`order by`"],
        Rule::by_word => &["`by`"],
        Rule::direction => &["`ascending`", "`descending`"],
        Rule::offset_clause | Rule::offset_word => &["`offset`"],
        Rule::limit_clause | Rule::limit_word => &["`limit`"],
        Rule::open_list => &["`(`"],
        Rule::close | Rule::close_list => &["`)`"],
        Rule::comma => &["`,`"],
        Rule::EOI => &[END],
        _ => &[],
    }
}

/// `a`, `a or b`, `a, b or c`.
fn join(words: &[&str]) -> String {
    match words {
        [] => "something else".to_owned(),
        [only] => (*only).to_owned(),
        [front @ .., last] => format!("{} or {last}", front.join(", ")),
    }
}
