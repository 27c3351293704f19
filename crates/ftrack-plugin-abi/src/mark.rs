//! Looking into a file without running it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::entry::{Entry, MAGIC};

/// How much of a file is looked at at a time.
const PIECE: usize = 1 << 18;

/// The bytes of a mark: magic, version and size.
const LENGTH: usize = MAGIC.len() + 8;

/// More than an [`Entry`] of any version has; what claims more is not one.
const LARGEST_ENTRY: u32 = 1 << 12;

/// What a file says of itself that is a plugin: the beginning of its entry, as it is written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// The version of the plugin interface that it was made for.
    pub version: u32,
    /// How many bytes its entry has.
    pub size: u32,
}

impl Mark {
    /// The mark in this file; `None` if the file has none and so is not a plugin. The file is read in pieces, and
    /// nothing of it is run.
    ///
    /// A file may hold bytes that look like marks. One of this version counts before those of others.
    ///
    /// # Errors
    ///
    /// What reading the file fails with.
    pub fn find(path: &Path) -> io::Result<Option<Self>> {
        Self::find_in(File::open(path)?)
    }

    fn find_in(mut file: impl Read) -> io::Result<Option<Self>> {
        let finder = memchr::memmem::Finder::new(&MAGIC);
        let mut found = None;
        let mut content = Vec::with_capacity(PIECE + LENGTH);
        loop {
            let read = file.by_ref().take(PIECE as u64).read_to_end(&mut content)?;
            for place in finder.find_iter(&content) {
                match Self::at(&content[place + MAGIC.len()..]) {
                    Some(mark) if mark.is_ours() => return Ok(Some(mark)),
                    mark => found = found.or(mark),
                }
            }
            if read == 0 {
                return Ok(found);
            }
            // A mark may lie on the border.
            let seen = content.len().saturating_sub(LENGTH - 1);
            content.drain(..seen);
        }
    }

    /// What follows the magic, if it is what follows in an entry.
    fn at(bytes: &[u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first_chunk()?;
        let (size, _) = bytes.split_first_chunk()?;
        let mark = Self {
            version: u32::from_ne_bytes(*version),
            size: u32::from_ne_bytes(*size),
        };
        let is_entry = mark.version > 0 && (24..=LARGEST_ENTRY).contains(&mark.size);
        is_entry.then_some(mark)
    }

    /// Whether it is that of an entry as this side knows them.
    pub(crate) fn is_ours(self) -> bool {
        self.version == crate::entry::VERSION && self.size == Entry::SIZE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::VERSION;

    fn mark(version: u32, size: u32) -> Vec<u8> {
        [&MAGIC[..], &version.to_ne_bytes(), &size.to_ne_bytes()].concat()
    }

    fn find(content: &[u8]) -> Option<Mark> {
        Mark::find_in(content).unwrap()
    }

    #[test]
    fn magic_alone_is_not_a_mark() {
        assert_eq!(find(b""), None);
        assert_eq!(find(&MAGIC), None);
        assert_eq!(find(&mark(0, 32)), None);
        assert_eq!(find(&mark(1, 5)), None);
        assert_eq!(find(&mark(1, u32::MAX)), None);
        assert_eq!(
            find(&mark(7, 40)),
            Some(Mark {
                version: 7,
                size: 40
            })
        );
    }

    #[test]
    fn a_mark_of_this_version_counts_before_others() {
        let ours = Mark {
            version: VERSION,
            size: Entry::SIZE,
        };
        let content = [mark(99, 40), mark(VERSION, Entry::SIZE)].concat();
        assert_eq!(find(&content), Some(ours));
        assert!(ours.is_ours());
    }

    #[test]
    fn marks_on_the_border_of_two_pieces_are_found() {
        for shift in 0..LENGTH {
            let mut content = vec![0; PIECE - shift];
            content.extend(mark(3, 32));
            assert_eq!(
                find(&content),
                Some(Mark {
                    version: 3,
                    size: 32
                }),
                "{shift}"
            );
        }
    }
}
