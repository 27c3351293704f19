//! Writing to a storage.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use md5::Digest;

use super::{AccessorError, Result};

/// A resource that is being written: seen by nobody before [`Upload::finish`], gone without a trace if dropped.
pub trait Upload: Write + Send {
    /// Checks what was written and publishes it under its identifier, without replacing anything.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceExists`] if somebody else was faster, [`AccessorError::SizeMismatch`] and
    /// [`AccessorError::ChecksumMismatch`] if it is not what [`CreateOptions`] announced. Nothing remains then.
    fn finish(self: Box<Self>) -> Result<()>;

    /// As [`Upload::finish`], for storages that send what was written only then: `watch` is told how many more bytes
    /// were sent, from any thread, and says whether to go on.
    ///
    /// # Errors
    ///
    /// As of [`Upload::finish`]; any error if `watch` broke it off.
    fn finish_watched(self: Box<Self>, watch: &Watch<'_>) -> Result<()> {
        let _ = watch;
        self.finish()
    }

    /// Takes a file of this machine as the whole of what is to be written, for storages that send files: then it need
    /// not be written here first. Nothing must have been written before. An upload that wants bytes, as most do,
    /// gives the file back.
    fn take_file(&mut self, file: File) -> Option<File> {
        Some(file)
    }

    /// The file on this machine that is written to, if there is one: then it can be filled without passing through
    /// this program. What is written to it counts as written to the upload.
    fn local_file(&self) -> Option<&File> {
        None
    }
}

/// Hears of bytes that were sent, and says whether to go on.
pub type Watch<'run> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'run;

/// What is known of a resource before it is written.
///
/// ```
/// use ftrack_location::{CreateOptions, Md5};
///
/// let options = CreateOptions::new().size(6).md5(Md5::compute(b"pixels"));
/// assert_eq!(options.expected_size(), Some(6));
/// ```
#[derive(Clone, Debug, Default)]
pub struct CreateOptions {
    size: Option<u64>,
    md5: Option<Md5>,
    file_name: Option<String>,
    durable: bool,
}

impl CreateOptions {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes will be written; with any other number the upload fails.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// The checksum of what will be written; with any other the upload fails.
    pub fn md5(mut self, checksum: Md5) -> Self {
        self.md5 = Some(checksum);
        self
    }

    /// The name, with its extension, that the resource has for people: for storages that give resources to browsers.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Asks the storage to have the bytes on its medium before they are published. That takes its time; without it,
    /// only a crash of the whole machine can lose what was published last.
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// The announced number of bytes.
    pub fn expected_size(&self) -> Option<u64> {
        self.size
    }

    /// The announced checksum.
    pub fn expected_md5(&self) -> Option<&Md5> {
        self.md5.as_ref()
    }

    /// The name that the resource has for people.
    pub fn known_file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Whether the storage is asked to have the bytes on its medium before they are published.
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// Compares what was announced with what was stored, for accessors. The checksum is asked for only if one was
    /// announced.
    ///
    /// # Errors
    ///
    /// [`AccessorError::SizeMismatch`], [`AccessorError::ChecksumMismatch`], or what kept the checksum from being
    /// found out.
    pub fn check(
        &self,
        resource_identifier: &str,
        written: u64,
        checksum: impl FnOnce() -> io::Result<Md5>,
    ) -> Result<()> {
        if let Some(expected) = self.size
            && expected != written
        {
            return Err(AccessorError::SizeMismatch {
                resource_identifier: resource_identifier.to_owned(),
                expected,
                written,
            });
        }
        if let Some(expected) = &self.md5 {
            let stored = checksum()
                .map_err(|error| AccessorError::from_io("check", resource_identifier, error))?;
            if stored != *expected {
                return Err(AccessorError::ChecksumMismatch {
                    resource_identifier: resource_identifier.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// An MD5 checksum: what ftrack's servers check uploads by. It finds accidents, not forgeries.
///
/// ```
/// use ftrack_location::Md5;
///
/// assert_eq!(Md5::compute(b"pixels"), Md5::read(&mut &b"pixels"[..])?);
/// assert_eq!(Md5::compute(b"").as_bytes()[..2], [0xd4, 0x1d]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Md5([u8; 16]);

impl Md5 {
    /// The checksum that has these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The checksum of `content`.
    pub fn compute(content: &[u8]) -> Self {
        Self(md5::Md5::digest(content).into())
    }

    /// The checksum of everything that `reader` still gives.
    ///
    /// # Errors
    ///
    /// Reading failed.
    pub fn read(reader: &mut dyn Read) -> io::Result<Self> {
        let mut digest = md5::Md5::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self(digest.finalize().into())),
                Ok(count) => digest.update(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The 16 bytes of the checksum.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
