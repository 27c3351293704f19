//! Values that are JSON, and their text.

mod compact;
mod quote;
mod tree;

pub(crate) use self::compact::Compact;
pub(crate) use self::quote::write_text;
pub use self::tree::Json;

/// A name in JSON, with quotes and the colon that follows.
pub(crate) fn name(name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    write_text(&mut text, name.as_bytes());
    text.push(b':');
    text
}
