//! Sending one piece of a file, again if need be.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_location::Watch;
use ftrack_transport::{Request, Response};

use super::link::Link;

/// How often is looked for cancellation, and told how far it is.
const GLANCE: Duration = Duration::from_millis(50);

/// A piece of a file, and where it goes.
pub(super) struct Put<'run> {
    pub(super) link: &'run Link,
    pub(super) file: &'run Arc<File>,
    pub(super) start: u64,
    pub(super) length: u64,
    /// Whoever has it may write: not for logs.
    pub(super) url: &'run str,
    pub(super) headers: &'run [(String, String)],
}

/// Why a piece was not sent.
#[derive(Debug)]
pub(super) enum PutFailure {
    /// Nobody wants it any more.
    Stopped,
    Refused {
        status: u16,
        answer: String,
    },
    Lost(ftrack_transport::Error),
}

impl PutFailure {
    /// Whether sending the piece again may help.
    fn is_temporary(&self) -> bool {
        match self {
            Self::Stopped => false,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..600),
            Self::Lost(error) => error.is_retryable(),
        }
    }
}

impl Put<'_> {
    /// Sends the piece, and gives the tag by which the storage knows it, if it has any.
    pub(super) fn send(&self, meter: &Meter<'_>) -> Result<Option<String>, PutFailure> {
        let mut backoff = self.link.backoff();
        let mut told = 0;
        loop {
            let failure = match self.attempt(meter, &mut told) {
                Ok(response) => {
                    meter.tell(self.length, &mut told)?;
                    return Ok(response.header("etag").map(str::to_owned));
                }
                Err(failure) => failure,
            };
            match backoff.next() {
                Some(pause) if failure.is_temporary() => {
                    tracing::debug!(start = self.start, ?pause, "sending a piece again");
                    meter.sleep(pause)?;
                }
                _ => return Err(failure),
            }
        }
    }

    fn attempt(&self, meter: &Meter<'_>, told: &mut u64) -> Result<Response, PutFailure> {
        let _slot = self.link.slots().take(|| meter.tell(0, &mut 0))?;
        let taken = Arc::new(AtomicU64::new(0));
        let mut pending = self.link.transport().exchange(self.request(&taken));
        let response = loop {
            match pending.wait_timeout(GLANCE) {
                Ok(Some(response)) => break response,
                // Returning drops the request, and so breaks it off.
                Ok(None) => meter.tell(taken.load(Ordering::Relaxed), told)?,
                Err(error) => return Err(PutFailure::Lost(error)),
            }
        };
        if response.is_success() {
            return Ok(response);
        }
        Err(PutFailure::Refused {
            status: response.status(),
            answer: self.link.refusal(response),
        })
    }

    /// Without credentials: whoever signed the address took care of that, and it may be anybody's.
    fn request(&self, taken: &Arc<AtomicU64>) -> Request {
        let reader = Piece {
            file: Arc::clone(self.file),
            position: self.start,
            left: self.length,
            taken: Arc::clone(taken),
        };
        let headers = self.headers.iter();
        headers
            .fold(Request::put(self.url), |request, (name, value)| {
                request.header(name, value)
            })
            .reader(reader, Some(self.length))
    }
}

/// Reads a piece of a file that others read as well.
struct Piece {
    file: Arc<File>,
    position: u64,
    left: u64,
    /// How many bytes were read.
    taken: Arc<AtomicU64>,
}

impl Read for Piece {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let (buffer, _) = buffer.split_at_mut(most);
        let count = read_at(&self.file, buffer, self.position)?;
        self.position += count as u64;
        self.left -= count as u64;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

/// Tells how much was sent, and stops everything that sends if nobody wants it any more.
pub(super) struct Meter<'run> {
    watch: &'run Watch<'run>,
    stopped: AtomicBool,
}

impl<'run> Meter<'run> {
    pub(super) fn new(watch: &'run Watch<'run>) -> Self {
        Self {
            watch,
            stopped: AtomicBool::new(false),
        }
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Tells that `sent` bytes of a piece were sent, of which so many are known. What is sent again does not count.
    fn tell(&self, sent: u64, told: &mut u64) -> Result<(), PutFailure> {
        let more = sent.saturating_sub(*told);
        *told += more;
        if self.is_stopped() {
            return Err(PutFailure::Stopped);
        }
        match (self.watch)(more) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                self.stop();
                Err(PutFailure::Stopped)
            }
        }
    }

    fn sleep(&self, pause: Duration) -> Result<(), PutFailure> {
        let start = Instant::now();
        while let Some(left) = pause.checked_sub(start.elapsed()) {
            self.tell(0, &mut 0)?;
            thread::sleep(left.min(GLANCE));
        }
        Ok(())
    }
}
