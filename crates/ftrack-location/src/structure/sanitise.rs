//! Names that every file system takes.

use unicode_normalization::UnicodeNormalization;

use crate::windows::is_device;

/// Which letters a name keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// Those without accents of the Latin script, as in the official client.
    Latin,
    /// Those of all scripts.
    All,
}

/// `text` in lower case, with `substitute` for everything but letters, digits, `_`, `.` and `-`.
pub(super) fn sanitise(text: &str, substitute: &str, letters: Letters) -> String {
    match letters {
        Letters::Latin => latin(text, substitute),
        Letters::All => all(text, substitute),
    }
}

/// Takes letters apart and drops what is not ASCII.
fn latin(text: &str, substitute: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.nfkd().filter(char::is_ascii) {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-') {
            name.push(character.to_ascii_lowercase());
        } else {
            name.push_str(substitute);
        }
    }
    name.trim().to_lowercase()
}

fn all(text: &str, substitute: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.nfc().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() || is_mark(character) || matches!(character, '_' | '.' | '-')
        {
            name.push(character);
        } else {
            name.push_str(substitute);
        }
    }
    let name: String = name.nfc().collect();
    for_windows(&name, substitute)
}

/// Whether a character belongs to the letter before it: without the vowel signs of many scripts, names mean nothing.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

fn for_windows(name: &str, substitute: &str) -> String {
    let kept = name.trim_end_matches(['.', ' ']);
    let mut safe = String::with_capacity(name.len());
    if is_device(kept.split('.').next().unwrap_or_default()) {
        // A name has to change even where nothing is put for illegal characters.
        safe.push_str(if substitute.is_empty() {
            "_"
        } else {
            substitute
        });
    }
    safe.push_str(kept);
    for _ in kept.len()..name.len() {
        safe.push_str(substitute);
    }
    safe
}
