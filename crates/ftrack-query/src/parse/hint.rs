//! Says what was probably meant where people often write something else.

use crate::scan::{Token, Tokens, is_word};
use crate::span::Span;
use crate::text::is_bare_byte;

/// A hint for the text `found` at `at`, where one of `expected` should have been.
pub(super) fn hint(text: &str, at: usize, found: &str, expected: &[&str]) -> Option<&'static str> {
    let before = text.get(..at).unwrap_or_default();
    if expected.contains(&"an operator") {
        return operator_hint(text, at, found);
    }
    if expected.contains(&"a value") {
        return missing_value_hint(before, found);
    }
    if expected.contains(&"a condition") && found.starts_with('!') {
        return Some("the opposite of a condition is `not` and the condition");
    }
    if expected.contains(&"`from`") && found == "(" {
        return Some("the functions are `count`, `sum`, `avg`, `min` and `max`");
    }
    if found == "*" && expected == ["an attribute"] {
        let is_function = before.trim_end().ends_with('(');
        return Some(if is_function {
            "`count(id)` counts all"
        } else {
            "without `select`, the default attributes are answered with"
        });
    }
    if found.eq_ignore_ascii_case("group") && !expected.contains(&"`group by`") {
        return Some("`group by` comes in front of `order by`, `offset` and `limit`");
    }
    if expected.contains(&"`descending`") && ["up", "down"].contains(&found) {
        return Some("the directions are `ascending` and `descending`");
    }
    if expected.contains(&"`and`") {
        return value_hint(before, found);
    }
    None
}

fn operator_hint(text: &str, at: usize, found: &str) -> Option<&'static str> {
    let is = |word: &str| found.eq_ignore_ascii_case(word);
    match found.chars().next()? {
        '.' => Some("a dot stands between two names"),
        '[' => Some("brackets hold the name of an entity type"),
        '~' => Some("patterns are matched with `like`"),
        _ if is("not") => Some(not_hint(text.get(at + found.len()..).unwrap_or_default())),
        _ if is("contains") => Some("`like \"%text%\"` finds a text anywhere"),
        _ if is("startswith") || is("starts_with") => {
            Some("`like \"text%\"` finds a text at the start")
        }
        _ if is("endswith") || is("ends_with") => Some("`like \"%text\"` finds a text at the end"),
        first if !first.is_ascii() => Some("names are of ASCII letters, digits and `_`"),
        _ => None,
    }
}

/// After a name and `not`.
fn not_hint(after: &str) -> &'static str {
    let next = Tokens::new(after).next();
    let next = next.and_then(|(_, span)| after.get(span.range()));
    match next {
        Some(word)
            if ["any", "has"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known)) =>
        {
            "`not` stands in front of the attribute"
        }
        _ => "`is_not` is one word",
    }
}

/// Where a value should be: what stands there may be the rest of an operator.
fn missing_value_hint(before: &str, found: &str) -> Option<&'static str> {
    let operator = before.trim_end().bytes().last()?;
    match (operator, found) {
        (b'=', "=") => Some("equality is one `=`, or `is`"),
        (b'<', ">") => Some("inequality is `!=`, or `is_not`"),
        (b'=', ">") => Some("at least is `>=`"),
        (b'=', "<") => Some("at most is `<=`"),
        (b'(', ")") => Some("servers refuse an empty list"),
        _ => None,
    }
}

/// After a value: it may have been meant to go on.
fn value_hint(before: &str, found: &str) -> Option<&'static str> {
    match found.chars().next() {
        Some('&') => return Some("conditions are joined by `and`"),
        Some('|') => return Some("alternatives are joined by `or`"),
        _ => {}
    }
    let tokens: Vec<(Token, Span)> = last_two(before);
    let [.., (Token::Word, last)] = tokens[..] else {
        return None;
    };
    if let [(Token::Word, operator), (_, value)] = tokens[..]
        && is_word(before, operator, "is")
        && is_word(before, value, "not")
    {
        return Some("`is_not` is one word");
    }
    if is_word(before, last, "and") || is_word(before, last, "or") {
        return Some("a value is missing in front of `and` or `or`");
    }
    let touches = last.end == before.len();
    let word = found.bytes().next().is_some_and(is_bare_byte);
    (touches || word).then_some("a value of several words or other characters needs quotes")
}

fn last_two(text: &str) -> Vec<(Token, Span)> {
    let mut last = Vec::with_capacity(2);
    for token in Tokens::new(text) {
        if last.len() == 2 {
            last.remove(0);
        }
        last.push(token);
    }
    last
}
