//! How names, bare words and quoted text are written and read.

use std::fmt::{self, Write};

/// What a backslash is written as where a plain one would escape something.
const BACKSLASH: &str = "\\u005c";

/// Whether `text` can name an attribute or an entity type.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether `text` can name the entity type of a query: these keywords cannot, in any case,
/// as no one could tell `Select` from `select` at the start of a query.
pub(crate) fn is_type_name(text: &str) -> bool {
    let reserved = ["select", "where", "from"];
    is_name(text)
        && !reserved
            .iter()
            .any(|keyword| text.eq_ignore_ascii_case(keyword))
}

/// Whether `text` can stand as a value without quotes.
pub(crate) fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_bare_byte)
}

/// Whether a bare word goes on with this byte.
pub(crate) fn is_bare_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
}

/// Prints text in double quotes so that reading it gives the same text back.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut rest = self.0;
        while let Some(at) = rest.find(['"', '\\']) {
            let (plain, special) = rest.split_at(at);
            f.write_str(plain)?;
            rest = if let Some(after) = special.strip_prefix('"') {
                f.write_str("\\\"")?;
                after
            } else {
                write_backslash(f, special)?
            };
        }
        f.write_str(rest)?;
        f.write_char('"')
    }
}

/// Writes the backslash that `text` begins with and gives what is left to write.
fn write_backslash<'a>(f: &mut fmt::Formatter<'_>, text: &'a str) -> Result<&'a str, fmt::Error> {
    let after = text.strip_prefix('\\').unwrap_or(text);
    if let Some(after_quote) = after.strip_prefix('\'') {
        f.write_str("\\\\'")?;
        return Ok(after_quote);
    }
    let escapes = after.is_empty() || text.starts_with(BACKSLASH);
    f.write_str(if escapes { BACKSLASH } else { "\\" })?;
    Ok(after)
}

/// The text that `inner`, the part between the quotes, stands for.
pub(crate) fn unescape(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let after = special.strip_prefix('\\').unwrap_or(special);
        rest = if let Some(after) = special.strip_prefix(BACKSLASH) {
            text.push('\\');
            after
        } else if let Some(quote) = after
            .chars()
            .next()
            .filter(|next| matches!(next, '"' | '\''))
        {
            text.push(quote);
            after.get(1..).unwrap_or_default()
        } else {
            text.push('\\');
            after
        };
    }
    text.push_str(rest);
    text
}
