//! One resource after the other.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::reporter::Reporter;
use super::{CopyError, TransferItem, TransferOptions};
use crate::accessor::{Accessor, AccessorError, CreateOptions, Md5, Upload};

/// How many bytes the system copies before cancellation is looked for: much, for each call has its cost.
const LOCAL_CHUNK: u64 = 16 * 1024 * 1024;

pub(super) enum Outcome {
    Copied,
    Cancelled,
    Failed(CopyError),
}

/// Copies resources one after the other, in one buffer.
pub(super) struct Copy<'run> {
    source: &'run dyn Accessor,
    target: &'run dyn Accessor,
    options: &'run TransferOptions,
    reporter: &'run Reporter<'run>,
    buffer: Vec<u8>,
}

/// Why copying stopped.
enum Stop {
    Cancelled,
    Failed(CopyError),
}

impl<'run> Copy<'run> {
    pub(super) fn new(
        source: &'run dyn Accessor,
        target: &'run dyn Accessor,
        options: &'run TransferOptions,
        reporter: &'run Reporter<'run>,
    ) -> Self {
        Self {
            source,
            target,
            options,
            reporter,
            buffer: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, item: &TransferItem) -> Outcome {
        let copied = match self.local_source(item) {
            Some(source) => self.copy_file(item, source),
            None => self.copy_stream(item),
        };
        match copied {
            Ok(()) => Outcome::Copied,
            Err(Stop::Cancelled) => Outcome::Cancelled,
            Err(Stop::Failed(error)) => Outcome::Failed(error),
        }
    }

    /// The source as a file of this machine. What is wrong with it is found out, and said better, by its accessor.
    fn local_source(&self, item: &TransferItem) -> Option<LocalSource> {
        let path = self.source.local_path(item.source())?;
        // Looking first keeps us from waiting for the other end of a pipe.
        fs::metadata(&path).ok().filter(Metadata::is_file)?;
        LocalSource::open(path).ok()
    }

    /// Hands the file over, if the target takes files; lets the system copy, if the target is a file of this machine
    /// as well.
    fn copy_file(&mut self, item: &TransferItem, source: LocalSource) -> Result<(), Stop> {
        let LocalSource { path, file, state } = source;
        check_size(item, state.size)?;
        let mut upload = self.start(item, Some(state.size))?;
        let Some(file) = upload.take_file(file) else {
            let sent = self.finish(upload, |sent| self.reporter.add_bytes(sent));
            return self.check_sent(item, &path, state, sent);
        };
        let Some(target) = upload.local_file() else {
            // Somebody may write to it as fast as it is read.
            let mut content = (&file).take(state.size);
            let upload = self.copy_chunks(item, &mut content, upload)?;
            state.check_unchanged(&file)?;
            return self.finish(upload, |_| {});
        };
        let mut left = state.size;
        while left > 0 {
            self.check_cancellation()?;
            let mut chunk = (&file).take(left.min(LOCAL_CHUNK));
            let copied = io::copy(&mut chunk, &mut &*target)
                .map_err(|error| failed_target("copy", item, error))?;
            // A source that has become shorter is found when the size is checked.
            if copied == 0 {
                break;
            }
            left = left.saturating_sub(copied);
            self.reporter.add_bytes(copied);
        }
        self.check_cancellation()?;
        state.check_unchanged(&file)?;
        self.finish(upload, |_| {})
    }

    /// A file that was sent while somebody wrote to it is taken back, unless there was another one before: then nothing
    /// at all would be left of it. That somebody wrote to it also explains why it could not be sent.
    fn check_sent(
        &self,
        item: &TransferItem,
        path: &Path,
        state: FileState,
        sent: Result<(), Stop>,
    ) -> Result<(), Stop> {
        if matches!(sent, Err(Stop::Cancelled)) {
            return sent;
        }
        let unchanged = File::open(path)
            .map_err(|error| failed_source(AccessorError::from_io("read", item.source(), error)))
            .and_then(|file| state.check_unchanged(&file));
        if sent.is_ok()
            && unchanged.is_err()
            && !item.replaces
            && let Err(error) = self.target.remove(item.target())
        {
            tracing::warn!(resource_identifier = item.target(), %error, "a resource is left over");
        }
        unchanged.and(sent)
    }

    fn copy_stream(&mut self, item: &TransferItem) -> Result<(), Stop> {
        let mut reader = self.source.open(item.source()).map_err(failed_source)?;
        if let Some(size) = reader.size() {
            check_size(item, size)?;
        }
        let upload = self.start(item, reader.size())?;
        let upload = self.copy_chunks(item, &mut reader, upload)?;
        // What is sent now was counted when it was written.
        self.finish(upload, |_| {})
    }

    /// Writes all that `reader` gives, and gives the upload back.
    fn copy_chunks(
        &mut self,
        item: &TransferItem,
        reader: &mut dyn Read,
        mut upload: Box<dyn Upload>,
    ) -> Result<Box<dyn Upload>, Stop> {
        self.buffer.resize(self.options.chunk_size, 0);
        let mut total = 0_u64;
        loop {
            self.check_cancellation()?;
            let count = match reader.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let error = AccessorError::from_io("read", item.source(), error);
                    return Err(failed_source(error));
                }
            };
            total = total.saturating_add(count as u64);
            if let Some(expected) = item.expected_size().filter(|expected| total > *expected) {
                let found = None;
                return Err(Stop::Failed(CopyError::WrongSize { expected, found }));
            }
            let chunk = self.buffer.get(..count).unwrap_or_default();
            upload
                .write_all(chunk)
                .map_err(|error| failed_target("write", item, error))?;
            self.reporter.add_bytes(count as u64);
        }
        check_size(item, total)?;
        upload
            .flush()
            .map_err(|error| failed_target("write", item, error))?;
        Ok(upload)
    }

    fn finish(&self, upload: Box<dyn Upload>, sent: impl Fn(u64) + Sync) -> Result<(), Stop> {
        let token = &self.options.cancellation;
        let watch = |bytes| {
            sent(bytes);
            if token.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        upload.finish_watched(&watch).map_err(|error| {
            if token.is_cancelled() {
                return Stop::Cancelled;
            }
            Stop::Failed(CopyError::Target(error))
        })
    }

    fn start(&self, item: &TransferItem, size: Option<u64>) -> Result<Box<dyn Upload>, Stop> {
        let mut options = CreateOptions::new().durable(self.options.durable);
        if let Some(size) = size {
            options = options.size(size);
        }
        if let Some(name) = &item.file_name {
            options = options.file_name(name);
        }
        if self.options.checksum {
            options = options.md5(self.source_checksum(item)?);
        }
        self.target
            .create(item.target(), &options)
            .map_err(|error| Stop::Failed(CopyError::Target(error)))
    }

    fn source_checksum(&self, item: &TransferItem) -> Result<Md5, Stop> {
        let reader = self.source.open(item.source()).map_err(failed_source)?;
        let mut reader = self.options.cancellation.reader(reader);
        Md5::read(&mut reader).map_err(|error| {
            if self.options.cancellation.is_cancelled() {
                return Stop::Cancelled;
            }
            failed_source(AccessorError::from_io("read", item.source(), error))
        })
    }

    fn check_cancellation(&self) -> Result<(), Stop> {
        if self.options.cancellation.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

/// A source that is a file of this machine.
struct LocalSource {
    path: PathBuf,
    file: File,
    state: FileState,
}

impl LocalSource {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::open(&path)?;
        let state = FileState::new(&file.metadata()?);
        Ok(Self { path, file, state })
    }
}

/// What shows that a file was written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileState {
    size: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    fn new(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    fn check_unchanged(self, file: &File) -> Result<(), Stop> {
        match file.metadata() {
            Ok(metadata) if Self::new(&metadata) == self => Ok(()),
            _ => Err(Stop::Failed(CopyError::Changed)),
        }
    }
}

fn check_size(item: &TransferItem, found: u64) -> Result<(), Stop> {
    match item.expected_size() {
        Some(expected) if expected != found => {
            let found = Some(found);
            Err(Stop::Failed(CopyError::WrongSize { expected, found }))
        }
        _ => Ok(()),
    }
}

fn failed_source(error: AccessorError) -> Stop {
    Stop::Failed(CopyError::Source(error))
}

fn failed_target(operation: &'static str, item: &TransferItem, error: io::Error) -> Stop {
    Stop::Failed(CopyError::Target(AccessorError::from_io(
        operation,
        item.target(),
        error,
    )))
}
