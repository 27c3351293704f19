//! A linear look at the tokens of a text, without knowing what they say together.

use crate::span::Span;
use crate::text::is_bare_byte;

/// The longest text that is parsed, in bytes.
pub const MAX_LENGTH: usize = 4 * 1024 * 1024;

/// How deep parentheses and `not`s may be nested.
///
/// The same bound holds for what a builder makes, so it also bounds what printing,
/// checking, evaluating and dropping a tree need of the stack.
pub const MAX_DEPTH: usize = 128;

/// How many attributes a path may have: `status.type.name` has three.
///
/// Nobody writes so many, and whoever follows a path does so for each of them.
pub const MAX_PATH: usize = 64;

/// What the tokens of a text are, as far as quotes and parentheses tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Quoted text; without its closing quote, it goes on to the end.
    Text,
    Open,
    Close,
    /// A keyword, a name, a path, a number or a value without quotes.
    Word,
    /// One character that is nothing of these.
    Other,
}

/// Reads the tokens of a text from front to back.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn bytes_from(&self, start: usize) -> &'a [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    /// How many bytes the quoted text takes that begins with `quote`.
    fn text_length(&self, start: usize, quote: u8) -> usize {
        let mut escaped = false;
        for (index, &byte) in self.bytes_from(start).iter().enumerate().skip(1) {
            match byte {
                b'"' | b'\'' if escaped => escaped = false,
                _ if byte == quote => return index + 1,
                _ => escaped = byte == b'\\',
            }
        }
        self.text.len() - start
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let skipped = self
            .bytes_from(self.at)
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let start = self.at + skipped;
        let rest = self.bytes_from(start);
        let (token, length) = match *rest.first()? {
            quote @ (b'"' | b'\'') => (Token::Text, self.text_length(start, quote)),
            b'(' => (Token::Open, 1),
            b')' => (Token::Close, 1),
            byte if is_word_byte(byte) => (
                Token::Word,
                rest.iter().take_while(|byte| is_word_byte(**byte)).count(),
            ),
            _ => (Token::Other, 1),
        };
        self.at = start + length;
        Some((token, Span::new(start, self.at)))
    }
}

/// Letters beyond ASCII belong to words here, although the grammar does not know them: so
/// that a word in some language is one token and no token ends inside a character.
fn is_word_byte(byte: u8) -> bool {
    is_bare_byte(byte) || !byte.is_ascii()
}

/// Where the text goes deeper than [`MAX_DEPTH`], if it does.
pub(crate) fn too_deep(text: &str) -> Option<Span> {
    // Each level takes a parenthesis or a `not`, so that nearly every text is cleared by counting.
    let marks = text
        .bytes()
        .map(|byte| usize::from(matches!(byte | 0x20, b'(' | b'o')));
    if marks.sum::<usize>() <= MAX_DEPTH {
        return None;
    }
    let mut depth = 0;
    let mut nots = 0;
    let mut levels = Vec::new();
    for (token, span) in Tokens::new(text) {
        match token {
            Token::Open => {
                levels.push(nots + 1);
                depth += nots + 1;
                nots = 0;
            }
            Token::Close => {
                depth -= levels.pop().unwrap_or_default();
                nots = 0;
            }
            Token::Word if is_word(text, span, "not") => nots += 1,
            _ => nots = 0,
        }
        if depth + nots > MAX_DEPTH {
            return Some(span);
        }
    }
    None
}

/// Whether the token at `span` is the keyword, in any case.
pub(crate) fn is_word(text: &str, span: Span, keyword: &str) -> bool {
    text.get(span.range())
        .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(Token, &str)> {
        Tokens::new(text)
            .map(|(token, span)| (token, &text[span.range()]))
            .collect()
    }

    #[test]
    fn quoted_text_ends_at_its_own_unescaped_quote() {
        assert_eq!(
            tokens(r#"'a"b' "c\"d" "e\\" f"and"#),
            [
                (Token::Text, r#"'a"b'"#),
                (Token::Text, r#""c\"d""#),
                (Token::Text, r#""e\\" f""#),
                (Token::Word, "and"),
            ]
        );
    }

    #[test]
    fn an_open_quote_takes_the_rest() {
        assert_eq!(
            tokens("a \"b ) c"),
            [(Token::Word, "a"), (Token::Text, "\"b ) c")]
        );
    }

    #[test]
    fn depth_counts_parentheses_and_the_nots_before_them() {
        let nested = |nots: usize, levels: usize| {
            format!(
                "{}x{}",
                format!("{}(", "not ".repeat(nots)).repeat(levels),
                ")".repeat(levels)
            )
        };
        assert_eq!(too_deep(&nested(0, MAX_DEPTH)), None);
        assert!(too_deep(&nested(0, MAX_DEPTH + 1)).is_some());
        assert_eq!(too_deep(&nested(1, MAX_DEPTH / 2)), None);
        assert!(too_deep(&nested(1, MAX_DEPTH / 2 + 1)).is_some());
        assert_eq!(too_deep(&"not a is 1 and ".repeat(1000)), None);
        assert_eq!(too_deep(&"(a is 1) and ".repeat(1000)), None);
    }
}
