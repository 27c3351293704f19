//! Primary keys.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::text::Text;

/// The primary key of an entity: one text for most types, an ordered list of them for composite keys.
///
/// A lower-case dashed uuid, which is what nearly every key is, takes 16 bytes without an allocation; any other
/// text is kept as it is. The text that went in comes out again, byte for byte.
///
/// ```
/// use ftrack_entity::Key;
///
/// let key = Key::from("0154901c-eaf9-11e5-b165-00505681ec7a");
/// assert_eq!(key.to_string(), "0154901c-eaf9-11e5-b165-00505681ec7a");
///
/// let composite = Key::composite(["0154901c-eaf9-11e5-b165-00505681ec7a", "frameIn"]);
/// assert_eq!(composite.len(), 2);
/// assert_eq!(composite.part(1).unwrap().to_string(), "frameIn");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Repr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Repr {
    Single(KeyPart),
    Composite(Arc<[KeyPart]>),
}

/// One text of a [`Key`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyPart(PartRepr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PartRepr {
    Uuid([u8; 16]),
    Text(Arc<str>),
}

impl Key {
    /// A key of several texts, in the order of the type's primary key attributes.
    pub fn composite<I>(parts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<KeyPart>,
    {
        let mut parts: Vec<KeyPart> = parts.into_iter().map(Into::into).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() => Self(Repr::Single(only)),
            Some(last) => {
                parts.push(last);
                Self(Repr::Composite(parts.into()))
            }
            None => Self(Repr::Composite(Arc::from([]))),
        }
    }

    /// A new random key: a version 4 uuid.
    pub fn random() -> Self {
        Self(Repr::Single(KeyPart(PartRepr::Uuid(
            *uuid::Uuid::new_v4().as_bytes(),
        ))))
    }

    /// How many texts the key has.
    #[expect(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        self.parts().len()
    }

    /// The texts of the key, in order.
    pub fn parts(&self) -> &[KeyPart] {
        match &self.0 {
            Repr::Single(part) => std::slice::from_ref(part),
            Repr::Composite(parts) => parts,
        }
    }

    /// The text at `index`.
    pub fn part(&self, index: usize) -> Option<&KeyPart> {
        self.parts().get(index)
    }
}

impl KeyPart {
    /// The text of this part as a value's.
    pub(crate) fn to_value_text(&self) -> Text {
        match &self.0 {
            PartRepr::Uuid(bytes) => Text::from_uuid(&format_uuid(bytes)),
            PartRepr::Text(text) => Text::from(&**text),
        }
    }

    /// The text of this part; a uuid is written on the stack.
    pub fn to_text(&self) -> KeyText<'_> {
        KeyText(match &self.0 {
            PartRepr::Uuid(bytes) => TextRepr::Uuid(format_uuid(bytes)),
            PartRepr::Text(text) => TextRepr::Borrowed(text),
        })
    }
}

/// The text of a [`KeyPart`]; it dereferences to `str`.
#[derive(Clone)]
pub struct KeyText<'part>(TextRepr<'part>);

#[derive(Clone)]
enum TextRepr<'part> {
    Uuid([u8; 36]),
    Borrowed(&'part str),
}

impl std::ops::Deref for KeyText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // The bytes are hexadecimal digits and dashes, written by `format_uuid`.
            TextRepr::Uuid(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            TextRepr::Borrowed(text) => text,
        }
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Where the digits of a dashed uuid stand, one entry a byte.
const DIGITS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn format_uuid(bytes: &[u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    for (byte, position) in bytes.iter().zip(DIGITS) {
        text[position] = HEX[usize::from(byte >> 4)];
        text[position + 1] = HEX[usize::from(byte & 15)];
    }
    text
}

/// Every entity that is read has its key parsed, and digits and letters follow each other at random: a table and one
/// look at the end spare the branches that no processor can foresee.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    if [8, 13, 18, 23].iter().any(|&dash| text[dash] != b'-') {
        return None;
    }
    let mut bytes = [0_u8; 16];
    let mut seen = 0_u8;
    for (byte, position) in bytes.iter_mut().zip(DIGITS) {
        let high = VALUES[usize::from(text[position])];
        let low = VALUES[usize::from(text[position + 1])];
        seen |= high | low;
        *byte = high << 4 | low & 15;
    }
    (seen < NO_DIGIT).then_some(bytes)
}

/// What no digit has as its value.
const NO_DIGIT: u8 = 16;

/// The values of the hexadecimal digits, by character.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < NO_DIGIT {
        values[HEX[value as usize] as usize] = value;
        value += 1;
    }
    values
};

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for part in self.parts() {
            part.hash(state);
        }
    }
}

/// A uuid is hashed as it is, with nothing around it: looking an entity up is mostly this.
impl Hash for KeyPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            PartRepr::Uuid(bytes) => state.write(bytes),
            PartRepr::Text(text) => text.hash(state),
        }
    }
}

impl From<&str> for KeyPart {
    fn from(text: &str) -> Self {
        match parse_uuid(text) {
            Some(bytes) => Self(PartRepr::Uuid(bytes)),
            None => Self(PartRepr::Text(Arc::from(text))),
        }
    }
}

impl From<String> for KeyPart {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for KeyPart {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<KeyPart> for Key {
    fn from(part: KeyPart) -> Self {
        Self(Repr::Single(part))
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        KeyPart::from(text).into()
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        KeyPart::from(text.as_str()).into()
    }
}

impl From<&String> for Key {
    fn from(text: &String) -> Self {
        KeyPart::from(text.as_str()).into()
    }
}

impl From<&Self> for Key {
    fn from(key: &Self) -> Self {
        key.clone()
    }
}

impl fmt::Display for KeyPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_text())
    }
}

impl fmt::Debug for KeyPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_text(), formatter)
    }
}

/// The texts of the key, joined by `, `.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().iter().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            fmt::Display::fmt(part, formatter)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.parts()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_lower_case_dashed_uuids_are_packed() {
        let packed = |text: &str| matches!(KeyPart::from(text).0, PartRepr::Uuid(_));
        assert!(packed("0154901c-eaf9-11e5-b165-00505681ec7a"));
        assert!(!packed("0154901C-EAF9-11E5-B165-00505681EC7A"));
        assert!(!packed("0154901ceaf911e5b16500505681ec7a"));
        assert!(!packed("0154901c-eaf9-11e5-b165_00505681ec7a"));
        assert!(!packed("7545384e-a653-11e1-a82c-f22c11dd25eq"));
        assert!(!packed("björk-äaf9-11e5-b165-00505681ec7a"));
    }

    #[test]
    fn a_key_is_small() {
        assert_eq!(size_of::<Key>(), 24);
    }

    #[test]
    fn a_composite_of_one_is_a_plain_key() {
        assert_eq!(Key::composite(["a"]), Key::from("a"));
        assert_ne!(Key::composite(["a", "b"]), Key::from("a"));
    }

    proptest! {
        #[test]
        fn text_comes_out_as_it_went_in(text in "\\PC{0,40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}") {
            prop_assert_eq!(Key::from(text.as_str()).to_string(), text);
        }
    }
}
