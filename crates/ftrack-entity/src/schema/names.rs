//! Attributes by name.

use super::{Attribute, AttributePosition};

/// Where the attributes of a type are, by name.
///
/// Every value that is read, and every field of every answer, begins with a look in here. So it is an open table of
/// positions, at most half full: what is found there is the attribute that was meant nearly always, and its own name,
/// of which no copy is kept, says whether it is.
#[derive(Debug, Clone)]
pub(super) struct Names {
    table: Box<[u16]>,
}

/// No position: types have fewer attributes than this.
const NONE: u16 = u16::MAX;

impl Names {
    /// The table of `attributes`; of two with one name the later counts.
    pub(super) fn new(attributes: &[Attribute]) -> Self {
        let size = (attributes.len() * 2 + 1).next_power_of_two();
        let mut table = vec![NONE; size].into_boxed_slice();
        for (position, attribute) in (0_u16..).zip(attributes) {
            let mut place = hash(attribute.name()) & (size - 1);
            while let Some(taken) = attributes.get(usize::from(table[place]))
                && taken.name() != attribute.name()
            {
                place = (place + 1) & (size - 1);
            }
            table[place] = position;
        }
        Self { table }
    }

    /// The position of the attribute `name` among `attributes`, which are those that the table was made of.
    #[inline]
    pub(super) fn position(
        &self,
        attributes: &[Attribute],
        name: &str,
    ) -> Option<AttributePosition> {
        let last = self.table.len() - 1;
        let mut place = hash(name);
        loop {
            let position = self.table[place & last];
            if attributes.get(usize::from(position))?.name() == name {
                return Some(AttributePosition(position));
            }
            place += 1;
        }
    }
}

/// Mixes the first and the last eight bytes, and the length: names that are alike in these are few.
#[inline]
fn hash(name: &str) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = name.as_bytes();
    let ends = bytes.first_chunk().zip(bytes.last_chunk());
    let (first, last) = ends.map_or_else(
        || {
            let word = |word, byte: &u8| word << 8 | u64::from(*byte);
            (bytes.iter().fold(0, word), bytes.len() as u64)
        },
        |(first, last)| (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
    );
    let mixed = (first ^ last.rotate_left(29)).wrapping_mul(SPREAD);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{AttributeKind, DataType};

    fn attributes(names: &[String]) -> Vec<Attribute> {
        let kind = AttributeKind::Scalar(DataType::Text);
        names
            .iter()
            .map(|name| Attribute::new(name, kind))
            .collect()
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        let middle = |number| format!("beginning_{number}_the_same_end");
        let names: Vec<String> = (0..300)
            .map(|number| format!("a{number}"))
            .chain((0..300).map(middle))
            .chain([String::new(), "björk".to_owned(), "x".repeat(200)])
            .collect();
        let attributes = attributes(&names);
        let table = Names::new(&attributes);
        for (position, name) in (0_u16..).zip(&names) {
            assert_eq!(
                table.position(&attributes, name),
                Some(AttributePosition(position))
            );
        }
        for name in ["a", "a300", "beginning_300_the_same_end", "X"] {
            assert_eq!(table.position(&attributes, name), None, "{name}");
        }
        assert_eq!(Names::new(&[]).position(&[], "a"), None);
    }

    #[test]
    fn of_two_with_one_name_the_later_counts() {
        let attributes = attributes(&["a", "b", "a"].map(str::to_owned));
        let table = Names::new(&attributes);
        assert_eq!(table.position(&attributes, "a"), Some(AttributePosition(2)));
        assert_eq!(table.position(&attributes, "b"), Some(AttributePosition(1)));
    }
}
