//! Text of others, made harmless for terminals.
//!
//! A terminal obeys what it is told: colours, titles, the clipboard, moves of the cursor, text that runs from right to
//! left. None of it may come from a server. Escapes are those of JSON, so that JSON stays what it is.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with an escape for every control character but line breaks and tabs.
pub(crate) fn controls(text: &str) -> Cow<'_, str> {
    escaped(text, |character| {
        is_control(character) && !matches!(character, '\n' | '\t')
    })
}

/// `text` on one line: line breaks and tabs are escaped too.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_control)
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' if is_escaped('\n') => safe.push_str("\\n"),
            '\t' if is_escaped('\t') => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            _ if is_escaped(character) => {
                // Writing to a text does not fail.
                let _ = write!(safe, "\\u{:04x}", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// What a terminal acts on: C0, DEL, C1, line separators, and marks that change the direction of text.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_text_is_not() {
        for (text, wanted) in [
            ("plate", "plate"),
            ("日本 é\u{301}", "日本 é\u{301}"),
            ("a\u{1b}[2Jb", "a\\u001b[2Jb"),
            ("\u{9b}31m", "\\u009b31m"),
            ("\u{1b}]52;c;aGk=\u{7}", "\\u001b]52;c;aGk=\\u0007"),
            ("a\rb", "a\\rb"),
            ("a\u{8}\u{7f}", "a\\u0008\\u007f"),
            ("exe\u{202e}gpj", "exe\\u202egpj"),
            ("a\u{2066}b\u{2069}", "a\\u2066b\\u2069"),
            ("line\n\ttab", "line\n\ttab"),
        ] {
            assert_eq!(controls(text), wanted, "{text:?}");
        }
        assert_eq!(one_line("a\nb\tc"), "a\\nb\\tc");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({"na\u{9b}me": "a\u{1b}\u{202e}\u{85}\n\u{7f}"});
        let shown = controls(&value.to_string()).into_owned();
        assert!(!shown.contains(is_control), "{shown}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
