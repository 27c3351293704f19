//! JSON of any kind as compact text.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::quote::write_text;

/// Writes JSON as it is read: without spaces, with the keys of objects sorted, so that what is equal is written
/// equally. A tree would take several times the memory, and the longest to make of all that a value can be.
#[derive(Debug, Default)]
pub(crate) struct Compact {
    text: Vec<u8>,
    /// The entries of the objects that are being written, an inner one's above its outer one's.
    entries: Vec<Entry>,
    spare: Vec<u8>,
}

/// Where an entry of an object begins, where its name ends, and where it ends itself.
#[derive(Debug, Clone, Copy)]
struct Entry {
    begin: usize,
    name_end: usize,
    end: usize,
}

impl Compact {
    /// What was written. It can be written anew then.
    pub(crate) fn take(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.text).into_owned();
        self.text.clear();
        self.entries.clear();
        text
    }

    pub(crate) fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        self.text.push(b'[');
        let begin = self.text.len();
        while list.next_element_seed(&mut *self)?.is_some() {
            self.text.push(b',');
        }
        self.close(begin, b']');
        Ok(())
    }

    fn object<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mark = self.entries.len();
        self.text.push(b'{');
        let first = self.text.len();
        let mut begin = first;
        while map.next_key_seed(Name(self))?.is_some() {
            let name_end = self.text.len();
            self.text.push(b':');
            map.next_value_seed(&mut *self)?;
            let end = self.text.len();
            self.entries.push(Entry {
                begin,
                name_end,
                end,
            });
            self.text.push(b',');
            begin = self.text.len();
        }
        self.sort(mark, first);
        self.entries.truncate(mark);
        self.close(first, b'}');
        Ok(())
    }

    /// Sorts the entries above `mark`, which begin at `first`. Of two with one name the later counts.
    fn sort(&mut self, mark: usize, first: usize) {
        let (text, entries) = (&mut self.text, &mut self.entries[mark..]);
        let name = |entry: &Entry| &text[entry.begin..entry.name_end];
        if entries.is_sorted_by(|left, right| name(left) < name(right)) {
            return;
        }
        entries.sort_by(|left, right| name(left).cmp(name(right)));
        self.spare.clear();
        for (index, entry) in entries.iter().enumerate() {
            if entries
                .get(index + 1)
                .is_some_and(|next| name(next) == name(entry))
            {
                continue;
            }
            self.spare.extend_from_slice(&text[entry.begin..entry.end]);
            self.spare.push(b',');
        }
        text.truncate(first);
        text.extend_from_slice(&self.spare);
    }

    /// Ends what began at `begin`: the comma after the last item is one too many.
    fn close(&mut self, begin: usize, closing: u8) {
        if self.text.len() > begin {
            self.text.pop();
        }
        self.text.push(closing);
    }

    fn number(&mut self, number: impl serde::Serialize) {
        // Writing a number into memory does not fail.
        drop(serde_json::to_writer(&mut self.text, &number));
    }
}

impl<'de> DeserializeSeed<'de> for &mut Compact {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Compact {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.text.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.text
            .extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.number(value);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        write_text(&mut self.text, text.as_bytes());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.object(map)
    }
}

/// Writes the name of an entry.
struct Name<'c>(&'c mut Compact);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        write_text(&mut self.0.text, name.as_bytes());
        Ok(())
    }
}
