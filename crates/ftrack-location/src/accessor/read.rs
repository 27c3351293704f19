//! Reading from a storage.

use std::fmt;
use std::io::{self, Read};

/// A resource that is being read, and how many bytes are to come, if the storage says so.
///
/// ```
/// use std::io::Read;
///
/// use ftrack_location::ResourceReader;
///
/// let mut reader = ResourceReader::new(&b"pixels"[..]).with_size(6);
/// assert_eq!(reader.size(), Some(6));
/// let mut content = Vec::new();
/// reader.read_to_end(&mut content).unwrap();
/// assert_eq!(content, b"pixels");
/// ```
pub struct ResourceReader {
    inner: Box<dyn Read + Send>,
    size: Option<u64>,
}

impl ResourceReader {
    /// A reader of a size that is not known.
    pub fn new(inner: impl Read + Send + 'static) -> Self {
        Self {
            inner: Box::new(inner),
            size: None,
        }
    }

    /// Says how many bytes are to come, from where the reader stands.
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// How many bytes were to come when the resource was opened, if that was known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }
}

impl Read for ResourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl fmt::Debug for ResourceReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ResourceReader")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
