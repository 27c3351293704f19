//! One resource after the other.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use super::progress::Reporter;
use super::{CancellationToken, CopyError, TransferItem, TransferOptions};
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
            Some((file, size)) => self.copy_file(item, file, size),
            None => self.copy_stream(item),
        };
        match copied {
            Ok(()) => Outcome::Copied,
            Err(Stop::Cancelled) => Outcome::Cancelled,
            Err(Stop::Failed(error)) => Outcome::Failed(error),
        }
    }

    /// The source as a file of this machine, and its size. What is wrong with it is found out, and said better, by
    /// its accessor.
    fn local_source(&self, item: &TransferItem) -> Option<(File, u64)> {
        let file = File::open(self.source.local_path(item.source())?).ok()?;
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some((file, metadata.len()))
    }

    /// Hands the file over, if the target takes files; lets the system copy, if the target is a file of this machine
    /// as well.
    fn copy_file(&mut self, item: &TransferItem, source: File, size: u64) -> Result<(), Stop> {
        let mut upload = self.start(item, Some(size))?;
        let Some(mut source) = upload.take_file(source) else {
            return self.finish(upload, |sent| self.reporter.add_bytes(sent));
        };
        let Some(target) = upload.local_file() else {
            return self.copy_chunks(item, &mut source, upload);
        };
        let mut left = size;
        while left > 0 {
            self.check_cancellation()?;
            let mut chunk = (&source).take(left.min(LOCAL_CHUNK));
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
        self.finish(upload, |_| {})
    }

    fn copy_stream(&mut self, item: &TransferItem) -> Result<(), Stop> {
        let mut reader = self.source.open(item.source()).map_err(failed_source)?;
        let upload = self.start(item, reader.size())?;
        self.copy_chunks(item, &mut reader, upload)
    }

    fn copy_chunks(
        &mut self,
        item: &TransferItem,
        reader: &mut dyn Read,
        mut upload: Box<dyn Upload>,
    ) -> Result<(), Stop> {
        self.buffer.resize(self.options.chunk_size, 0);
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
            let chunk = self.buffer.get(..count).unwrap_or_default();
            upload
                .write_all(chunk)
                .map_err(|error| failed_target("write", item, error))?;
            self.reporter.add_bytes(count as u64);
        }
        upload
            .flush()
            .map_err(|error| failed_target("write", item, error))?;
        // What is sent now was counted when it was written.
        self.finish(upload, |_| {})
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
        let mut reader = Cancellable {
            inner: self.source.open(item.source()).map_err(failed_source)?,
            token: &self.options.cancellation,
        };
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

/// A reader that fails once somebody has cancelled.
struct Cancellable<'token, R> {
    inner: R,
    token: &'token CancellationToken,
}

impl<R: Read> Read for Cancellable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.token.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.inner.read(buffer)
    }
}
