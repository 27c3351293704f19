//! Splits a line into words.

use super::{DefinitionError, Position};
use crate::schema::version::SchemaVersion;

/// The words of one line, taken from the front.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    words: std::vec::IntoIter<&'a str>,
    position: Position<'a>,
}

impl<'a> Words<'a> {
    /// Splits at white space; a quoted text is one word, with its quotes. A word starting with `#` ends the line.
    pub(super) fn new(line: &'a str, position: Position<'a>) -> Result<Self, DefinitionError> {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let end = if rest.starts_with('"') {
                end_of_quoted(rest).ok_or_else(|| position.error("a text is not closed"))?
            } else {
                rest.find(char::is_whitespace).unwrap_or(rest.len())
            };
            let (word, after) = rest.split_at(end);
            words.push(word);
            rest = after.trim_start();
        }
        Ok(Self {
            words: words.into_iter(),
            position,
        })
    }

    /// The next word, if there is one.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    /// Takes the version off the front that a line such as `128: @hidden` is meant for.
    pub(super) fn take_version(&mut self) -> Result<Option<SchemaVersion>, DefinitionError> {
        let first = self.words.as_slice().first();
        let number = first.and_then(|word| word.strip_suffix(':'));
        let is_number = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let Some(number) = number.filter(is_number) else {
            return Ok(None);
        };
        self.words.next();
        match number.parse() {
            Ok(version) => Ok(Some(version)),
            Err(_) => Err(self.position.error(format!("unknown version `{number}`"))),
        }
    }

    /// Whether no words are left.
    pub(super) fn is_empty(&self) -> bool {
        self.words.as_slice().is_empty()
    }

    /// The next word, which `what` says should be there.
    pub(super) fn expect(&mut self, what: &str) -> Result<&'a str, DefinitionError> {
        self.next()
            .ok_or_else(|| self.position.error(format!("{what} is missing")))
    }

    /// The two sides of the next word, `A=V`.
    pub(super) fn pair(&mut self, what: &str) -> Result<(&'a str, &'a str), DefinitionError> {
        let word = self.expect(what)?;
        word.split_once('=').ok_or_else(|| {
            let reason = format!("{what} should read `attribute=value`, not `{word}`");
            self.position.error(reason)
        })
    }

    /// All words that are left.
    pub(super) fn rest(&mut self) -> Vec<&'a str> {
        self.words.by_ref().collect()
    }

    /// Fails when words are left.
    pub(super) fn end(&mut self) -> Result<(), DefinitionError> {
        match self.next() {
            Some(word) => Err(self.position.error(format!("unexpected `{word}`"))),
            None => Ok(()),
        }
    }

    /// Where the line stands.
    pub(super) fn position(&self) -> Position<'a> {
        self.position
    }
}

fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}
