//! What is refused before anything is parsed.

use crate::bounds::{MAX_DEPTH, MAX_LENGTH};
use crate::error::{ParseError, ParseErrorKind};

/// Refuses a text that is too long or nested too deep, in one pass over it.
pub(crate) fn check(text: &str) -> Result<(), ParseError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the expression is longer than {MAX_LENGTH} bytes");
        return Err(ParseError::new(ParseErrorKind::TooLong, message, "", 0..0));
    }
    let mut depth = 0_usize;
    let refused = outside_quotes(text).find(|(_, byte)| {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    });
    let Some((position, _)) = refused else {
        return Ok(());
    };
    let message = format!("parentheses are nested deeper than {MAX_DEPTH} levels");
    Err(ParseError::new(
        ParseErrorKind::TooDeep,
        message,
        text,
        position..position + 1,
    ))
}

/// The position of a quote that is still open at the end of `text`.
pub(crate) fn unclosed_quote(text: &str) -> Option<usize> {
    let mut scan = outside_quotes(text);
    scan.by_ref().for_each(drop);
    scan.open.map(|(position, _)| position)
}

/// Whether a parenthesis is open at `position`.
pub(crate) fn is_inside_parentheses(text: &str, position: usize) -> bool {
    let depth =
        outside_quotes(text.get(..position).unwrap_or(text)).fold(0_usize, |depth, token| {
            match token.1 {
                b'(' => depth + 1,
                b')' => depth.saturating_sub(1),
                _ => depth,
            }
        });
    depth > 0
}

fn outside_quotes(text: &str) -> OutsideQuotes<'_> {
    OutsideQuotes {
        bytes: text.bytes().enumerate(),
        open: None,
    }
}

/// The bytes of a text, with their positions, that are not within quotes.
struct OutsideQuotes<'a> {
    bytes: std::iter::Enumerate<std::str::Bytes<'a>>,
    /// The quote that the scan stands in: where it began, and its character.
    open: Option<(usize, u8)>,
}

impl Iterator for OutsideQuotes<'_> {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<(usize, u8)> {
        loop {
            let (position, byte) = self.bytes.next()?;
            match self.open {
                Some(_) if byte == b'\\' => drop(self.bytes.next()),
                // A doubled quote closes and opens again, which comes to the same.
                Some((_, quote)) if byte == quote => self.open = None,
                Some(_) => {}
                None if matches!(byte, b'"' | b'\'') => self.open = Some((position, byte)),
                None => return Some((position, byte)),
            }
        }
    }
}
