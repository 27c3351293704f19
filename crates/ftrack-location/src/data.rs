//! Resources with a position, as the product documents them.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::accessor::{Accessor, AccessorError, CreateOptions, ResourceReader, Result, Upload};

/// An open resource with a position: read, write, seek, tell, close, as the product documents it for the data of
/// accessors.
///
/// What is written is seen by others when [`Data::close`] succeeds; dropping it instead leaves nothing. Where only a
/// stream is needed, [`Accessor::open`] and [`Accessor::create`] do with less.
///
/// ```
/// use std::io::SeekFrom;
/// use std::sync::Arc;
///
/// use ftrack_location::{Accessor, AccessorError, Data, MemoryAccessor};
///
/// let accessor: Arc<dyn Accessor> = Arc::new(MemoryAccessor::new());
/// let mut data = Data::create(&accessor, "notes.txt")?;
/// data.write(b"more ")?;
/// data.write(b"bunnies")?;
/// data.close()?;
///
/// let mut data = Data::open(&accessor, "notes.txt")?;
/// assert_eq!(data.read(Some(4))?, b"more");
/// assert_eq!(data.tell(), 4);
/// data.seek(SeekFrom::Current(1))?;
/// assert_eq!(data.read(None)?, b"bunnies");
/// # Ok::<(), AccessorError>(())
/// ```
pub struct Data {
    accessor: Arc<dyn Accessor>,
    resource_identifier: String,
    /// In bytes from the start.
    position: u64,
    stream: Stream,
}

enum Stream {
    Read {
        reader: ResourceReader,
        /// Of the whole resource, if known.
        size: Option<u64>,
    },
    Write(Box<dyn Upload>),
}

impl Data {
    /// Opens a resource for reading.
    ///
    /// # Errors
    ///
    /// As of [`Accessor::open_at`].
    pub fn open(accessor: &Arc<dyn Accessor>, resource_identifier: &str) -> Result<Self> {
        let reader = accessor.open(resource_identifier)?;
        let size = reader.size();
        Ok(Self::new(
            accessor,
            resource_identifier,
            Stream::Read { reader, size },
        ))
    }

    /// Starts a new resource.
    ///
    /// # Errors
    ///
    /// As of [`Accessor::create`].
    pub fn create(accessor: &Arc<dyn Accessor>, resource_identifier: &str) -> Result<Self> {
        let upload = accessor.create(resource_identifier, &CreateOptions::new())?;
        Ok(Self::new(
            accessor,
            resource_identifier,
            Stream::Write(upload),
        ))
    }

    fn new(accessor: &Arc<dyn Accessor>, resource_identifier: &str, stream: Stream) -> Self {
        Self {
            accessor: Arc::clone(accessor),
            resource_identifier: resource_identifier.to_owned(),
            position: 0,
            stream,
        }
    }

    /// Reads up to `limit` bytes, or everything that is left; nothing at the end.
    ///
    /// # Errors
    ///
    /// Reading failed, or the resource is being written.
    pub fn read(&mut self, limit: Option<u64>) -> Result<Vec<u8>> {
        let Stream::Read { reader, .. } = &mut self.stream else {
            return Err(AccessorError::unsupported("read what is being written"));
        };
        let mut content = Vec::new();
        let read = reader
            .take(limit.unwrap_or(u64::MAX))
            .read_to_end(&mut content);
        self.position += content.len() as u64;
        self.done("read", read)?;
        Ok(content)
    }

    /// Writes `content` at the position.
    ///
    /// # Errors
    ///
    /// Writing failed, or the resource is being read.
    pub fn write(&mut self, content: &[u8]) -> Result<()> {
        let Stream::Write(upload) = &mut self.stream else {
            return Err(AccessorError::unsupported("write what is being read"));
        };
        let written = upload.write_all(content);
        self.done("write", written)?;
        self.position += content.len() as u64;
        Ok(())
    }

    /// Hands what was written to the storage. Others see it after [`Data::close`].
    ///
    /// # Errors
    ///
    /// Writing failed.
    pub fn flush(&mut self) -> Result<()> {
        let flushed = match &mut self.stream {
            Stream::Read { .. } => Ok(()),
            Stream::Write(upload) => upload.flush(),
        };
        self.done("flush", flushed)
    }

    /// Moves the position, and says where it is.
    ///
    /// # Errors
    ///
    /// The position would be before the start; the size is not known and the position is counted from the end; or the
    /// resource is being written to a storage that takes bytes in order only.
    pub fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.position = match &mut self.stream {
            Stream::Write(upload) => {
                let mut file = upload
                    .local_file()
                    .ok_or_else(|| AccessorError::unsupported("seek in what is being written"))?;
                let sought = file.seek(to);
                self.done("seek", sought)?
            }
            Stream::Read { size, .. } => {
                let size = *size;
                self.seek_in_reader(to, size)?
            }
        };
        Ok(self.position)
    }

    fn seek_in_reader(&mut self, to: SeekFrom, size: Option<u64>) -> Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => size
                .ok_or_else(|| AccessorError::unsupported("say how long resources are"))?
                .checked_add_signed(offset),
        };
        let position = position.ok_or_else(|| {
            AccessorError::invalid(
                &self.resource_identifier,
                "there is nothing before its start",
            )
        })?;
        if position != self.position {
            let reader = self.accessor.open_at(&self.resource_identifier, position)?;
            self.stream = Stream::Read { reader, size };
        }
        Ok(position)
    }

    /// The position, in bytes from the start.
    pub fn tell(&self) -> u64 {
        self.position
    }

    /// Ends the access; what was written is published.
    ///
    /// # Errors
    ///
    /// As of [`Upload::finish`].
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        match self.stream {
            Stream::Read { .. } => Ok(()),
            Stream::Write(upload) => upload.finish(),
        }
    }

    fn done<T>(&self, operation: &'static str, result: io::Result<T>) -> Result<T> {
        result.map_err(|error| AccessorError::from_io(operation, &self.resource_identifier, error))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Data")
            .field("resource_identifier", &self.resource_identifier)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
