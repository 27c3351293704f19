//! Text of values.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The longest text that is stored in place, in bytes: room for an id, which is what most texts of ftrack are, within
/// the size that a value has anyway.
const IN_PLACE: usize = 38;

/// Text that is cheap to clone; up to 38 bytes are stored in place.
///
/// ```
/// use ftrack_entity::Text;
///
/// let name = Text::from("bunny_010");
/// assert!(name.starts_with("bunny"));
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Short { length: u8, bytes: [u8; IN_PLACE] },
    Long(Arc<str>),
}

impl Text {
    /// The bytes of the text. Reading them needs no look at whether they are UTF-8, which they are.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Repr::Long(text) => text.as_bytes(),
        }
    }

    /// The text of a uuid, copied as what it is: so many bytes, always.
    pub(crate) fn from_uuid(uuid: &[u8; 36]) -> Self {
        let mut bytes = [0; IN_PLACE];
        bytes[..36].copy_from_slice(uuid);
        Self(Repr::Short { length: 36, bytes })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let mut bytes = [0; IN_PLACE];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Repr::Short { length, bytes })
            }
            _ => Self(Repr::Long(Arc::from(text))),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // The bytes were copied from a text of this length.
            Repr::Short { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Repr::Long(text) => text,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Text is ordered as its bytes are.
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, formatter)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_needs_no_allocation() {
        let text = Text::from("0154901c-eaf9-11e5-b165-00505681ec7a");
        assert!(matches!(text.0, Repr::Short { .. }));
        assert!(size_of::<Text>() <= 40);
    }

    proptest! {
        #[test]
        fn text_stays_as_it_is(text in "\\PC{0,60}") {
            prop_assert_eq!(&*Text::from(text.as_str()), text.as_str());
        }
    }
}
