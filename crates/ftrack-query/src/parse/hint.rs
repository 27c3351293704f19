//! Says what was probably meant where people often write something else.

use crate::scan::{Token, Tokens, is_word};
use crate::span::Span;
use crate::text::is_bare_byte;

/// A hint for the text `found` at `at`, where one of `expected` should have been.
pub(super) fn hint(text: &str, at: usize, found: &str, expected: &[&str]) -> Option<&'static str> {
    let before = text.get(..at).unwrap_or_default();
    if expected.contains(&"an operator") {
        return operator_hint(found);
    }
    if expected.contains(&"a value") && found == "=" {
        return Some("equality is one `=`, or `is`");
    }
    if expected.contains(&"`descending`") && ["up", "down"].contains(&found) {
        return Some("the directions are `ascending` and `descending`");
    }
    if expected.contains(&"`and`") {
        return value_hint(before, found);
    }
    None
}

fn operator_hint(found: &str) -> Option<&'static str> {
    match found.chars().next()? {
        '.' => Some("a dot stands between two names"),
        '[' => Some("brackets hold the name of an entity type"),
        _ if found.eq_ignore_ascii_case("not") => {
            Some("`is_not`, `not_in` and `not_like` are one word")
        }
        first if !first.is_ascii() => Some("names are of ASCII letters, digits and `_`"),
        _ => None,
    }
}

/// After a value: it may have been meant to go on.
fn value_hint(before: &str, found: &str) -> Option<&'static str> {
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
    for token in Tokens::of(text) {
        if last.len() == 2 {
            last.remove(0);
        }
        last.push(token);
    }
    last
}
