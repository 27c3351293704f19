//! JSON text: values that are JSON, and writing values as JSON.

mod compact;
mod text;
mod tree;

pub(crate) use self::compact::Compact;
pub use self::text::JsonText;
pub use self::tree::Json;

/// A name in JSON, with quotes and the colon that follows.
pub(crate) fn name(name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    text::write_text(&mut text, name.as_bytes());
    text.push(b':');
    text
}
