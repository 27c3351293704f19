//! How to transfer.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::Progress;

/// How many bytes are read at once unless asked otherwise.
const CHUNK_SIZE: usize = 1024 * 1024;

/// The most resources that are copied at once unless asked otherwise: more only make storages seek, and each may take
/// a chunk of memory.
const MOST_PARALLEL: usize = 8;

/// How to transfer.
///
/// ```
/// use std::time::Duration;
///
/// use ftrack_location::transfer::{CancellationToken, TransferOptions};
///
/// let cancellation = CancellationToken::new();
/// let options = TransferOptions::new()
///     .chunk_size(4 * 1024 * 1024)
///     .parallel(4)
///     .checksum(true)
///     .progress_interval(Duration::from_millis(250))
///     .progress(|progress| println!("{} bytes", progress.bytes))
///     .cancellation(cancellation.clone());
/// assert!(!cancellation.is_cancelled());
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct TransferOptions {
    pub(super) chunk_size: usize,
    pub(super) parallel: usize,
    pub(super) checksum: bool,
    pub(super) durable: bool,
    pub(super) progress: Option<ProgressCallback>,
    pub(super) progress_interval: Duration,
    pub(super) cancellation: CancellationToken,
}

pub(super) type ProgressCallback = Arc<dyn Fn(&Progress) + Send + Sync>;

impl Default for TransferOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl TransferOptions {
    /// Chunks of 1 MiB, several resources at once, sizes checked, checksums not.
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            chunk_size: CHUNK_SIZE,
            parallel: (cores * 2).min(MOST_PARALLEL),
            checksum: false,
            durable: false,
            progress: None,
            progress_interval: Duration::from_millis(100),
            cancellation: CancellationToken::new(),
        }
    }

    /// As [`TransferOptions::new`], with chunks of as many bytes as the environment variable
    /// `FTRACK_API_FILE_CHUNK_SIZE` says, if it is a positive number (product documentation, release 1.8.1).
    pub fn from_env() -> Self {
        Self::from_environment(std::env::var("FTRACK_API_FILE_CHUNK_SIZE").ok().as_deref())
    }

    fn from_environment(chunk_size: Option<&str>) -> Self {
        match chunk_size.map(|text| text.trim().parse::<usize>()) {
            None => Self::new(),
            Some(Ok(bytes)) if bytes > 0 => Self::new().chunk_size(bytes),
            Some(_) => {
                tracing::warn!("FTRACK_API_FILE_CHUNK_SIZE is not a positive number of bytes");
                Self::new()
            }
        }
    }

    /// How many bytes are read at once; at least one.
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = bytes.max(1);
        self
    }

    /// How many resources are copied at once; at least one.
    pub fn parallel(mut self, resources: usize) -> Self {
        self.parallel = resources.max(1);
        self
    }

    /// How many resources are copied at once at the most.
    pub fn most_parallel(&self) -> usize {
        self.parallel
    }

    /// Compares the checksums of source and target before a resource is published. Both are read once more for that.
    pub fn checksum(mut self, checksum: bool) -> Self {
        self.checksum = checksum;
        self
    }

    /// Asks the target to have each resource on its medium before it is published.
    pub fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// Whom to tell how far it is: from time to time, from any thread but one after the other, and once at the end.
    pub fn progress(mut self, callback: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(callback));
        self
    }

    /// How much time to leave at least between two calls of the progress callback.
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        self.progress_interval = interval;
        self
    }

    /// What can stop the transfer before its end.
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }
}

impl fmt::Debug for TransferOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TransferOptions")
            .field("chunk_size", &self.chunk_size)
            .field("parallel", &self.parallel)
            .field("checksum", &self.checksum)
            .field("durable", &self.durable)
            .finish_non_exhaustive()
    }
}

/// Stops transfers, from any thread; clones stop the same ones.
///
/// ```
/// use ftrack_location::transfer::CancellationToken;
///
/// let token = CancellationToken::new();
/// token.clone().cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancellationToken(Arc<AtomicBool>);

impl CancellationToken {
    /// A token that nobody has cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops what uses this token, at the next chunk.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody has cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Reads what `inner` gives, and fails once somebody has cancelled.
    pub fn reader<R: Read>(&self, inner: R) -> impl Read + use<'_, R> {
        Cancellable { inner, token: self }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ends_once_somebody_has_cancelled() {
        let token = CancellationToken::new();
        let mut reader = token.reader(&b"pixels"[..]);
        let mut start = [0; 3];
        reader.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"pix");
        token.cancel();
        let error = reader.read(&mut start).unwrap_err();
        assert_eq!(error.to_string(), "cancelled");
    }

    #[test]
    fn the_environment_may_say_the_size_of_chunks() {
        for (text, expected) in [
            (None, CHUNK_SIZE),
            (Some("4096"), 4096),
            (Some(" 65536\n"), 65536),
            (Some("0"), CHUNK_SIZE),
            (Some("-1"), CHUNK_SIZE),
            (Some("1 MiB"), CHUNK_SIZE),
            (Some(""), CHUNK_SIZE),
        ] {
            assert_eq!(
                TransferOptions::from_environment(text).chunk_size,
                expected,
                "{text:?}"
            );
        }
    }
}
