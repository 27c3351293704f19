//! Names that every file system takes.

use unicode_normalization::UnicodeNormalization;

/// Takes letters apart, drops what is not ASCII, puts `substitute` for everything but letters, digits, `_`, `.` and
/// `-`, and makes it lower case.
pub(super) fn sanitise(text: &str, substitute: &str) -> String {
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
