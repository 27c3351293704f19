//! Sending one piece of a file, again if need be.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ftrack_transport::{Request, Response, RetryStatistics};

use super::link::Link;
use super::meter::{GLANCE, Meter, Stopped};
use super::piece::{Digest, Gate, Piece};
use super::source::SourceState;
use super::uploads::UploadRun;

/// How long a request is held while the upload is paused. Servers end it when nothing comes for much longer.
const HELD: Duration = Duration::from_secs(10);

/// A piece of a file, and where it goes.
pub(super) struct Put<'run> {
    pub(super) link: &'run Link,
    pub(super) run: &'run UploadRun,
    pub(super) file: &'run Arc<File>,
    /// How the file must be still when the last byte of it is sent.
    pub(super) source: Option<&'run Arc<SourceState>>,
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
    /// The upload is paused, and the request was ended.
    Paused,
    Refused {
        status: u16,
        answer: String,
    },
    Lost(ftrack_transport::Error),
}

/// A piece that arrived.
pub(super) struct Stored {
    /// The tag by which the storage knows it, if it has any.
    pub(super) tag: Option<String>,
    /// The checksum of what was sent, in hexadecimal digits.
    pub(super) md5: Option<String>,
}

impl From<Stopped> for PutFailure {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl PutFailure {
    /// Whether sending the piece again may help.
    fn is_temporary(&self) -> bool {
        match self {
            Self::Stopped | Self::Paused => false,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..600),
            Self::Lost(error) => error.is_retryable(),
        }
    }

    /// Whether the same upload may go on later.
    pub(super) fn is_interruption(&self) -> bool {
        use ftrack_transport::Error::{Cancelled, Closed};
        match self {
            Self::Stopped | Self::Paused | Self::Lost(Cancelled | Closed) => true,
            failure => failure.is_temporary(),
        }
    }

    /// The same failure, which says how often it was tried.
    fn after(self, statistics: RetryStatistics) -> Self {
        match self {
            Self::Refused { status, answer } => Self::Refused {
                status,
                answer: format!("{answer}{statistics}"),
            },
            Self::Lost(error) => Self::Lost(error.with_retry_statistics(statistics)),
            other => other,
        }
    }
}

impl Put<'_> {
    /// Sends the piece. Of it, `told` bytes were told of already.
    pub(super) fn send(&self, meter: &Meter<'_>, told: &mut u64) -> Result<Stored, PutFailure> {
        let mut backoff = self.link.backoff(self.run.options.retry.as_ref());
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            meter.wait_while_paused()?;
            attempts += 1;
            let mut moved = Instant::now();
            let failure = match self.attempt(meter, told, &mut moved) {
                Ok(stored) => {
                    meter.tell(self.length, told)?;
                    return Ok(stored);
                }
                // What fails while the upload is paused does not count.
                Err(failure)
                    if matches!(failure, PutFailure::Paused)
                        || (failure.is_temporary() && meter.is_paused()) =>
                {
                    attempts -= 1;
                    continue;
                }
                Err(failure) => failure,
            };
            match backoff.next(moved.elapsed()) {
                Some(pause) if failure.is_temporary() => {
                    tracing::debug!(start = self.start, ?pause, "sending a piece again");
                    meter.sleep(pause)?;
                }
                _ => {
                    let statistics = RetryStatistics::new(attempts, started.elapsed());
                    return Err(failure.after(statistics));
                }
            }
        }
    }

    /// Leaves in `moved` when the last byte was sent.
    fn attempt(
        &self,
        meter: &Meter<'_>,
        told: &mut u64,
        moved: &mut Instant,
    ) -> Result<Stored, PutFailure> {
        let _slot = self.link.slots().take(|| meter.tell(0, &mut 0))?;
        *moved = Instant::now();
        let mut before = 0;
        let taken = Arc::new(AtomicU64::new(0));
        let digest = Digest::default();
        let gate = Gate::new(&self.run.options);
        let _ending = gate.ending();
        let request = self.request(&taken, &digest, gate);
        let mut pending = self.link.transport().request(request);
        let response = loop {
            match pending.wait_timeout(GLANCE) {
                Ok(Some(response)) => break response,
                // Returning drops the request, and so breaks it off.
                Ok(None) => {
                    let sent = taken.load(Ordering::Relaxed);
                    if sent > before {
                        (before, *moved) = (sent, Instant::now());
                    }
                    meter.tell(sent, told)?;
                }
                Err(error) => return Err(PutFailure::Lost(error)),
            }
            if meter.paused_for() > Some(HELD) {
                return Err(PutFailure::Paused);
            }
        };
        self.stored(response, &digest)
    }

    fn stored(&self, response: Response, digest: &Digest) -> Result<Stored, PutFailure> {
        if response.is_success() {
            let tag = response.header("etag");
            return Ok(Stored {
                tag: tag.map(|tag| tag.trim_matches('"').to_owned()),
                md5: digest.hex(),
            });
        }
        Err(PutFailure::Refused {
            status: response.status(),
            answer: self.link.refusal(response),
        })
    }

    /// Without credentials: whoever signed the address took care of that, and it may be anybody's.
    fn request(&self, taken: &Arc<AtomicU64>, digest: &Digest, gate: Gate) -> Request {
        let piece = Piece::new(Arc::clone(self.file), self.start, self.length)
            .counted(Arc::clone(taken))
            .digested(digest.clone())
            .unchanged(self.source.cloned())
            .behind(gate);
        let headers = self.headers.iter();
        headers
            .fold(Request::put(self.url), |request, (name, value)| {
                request.header(name, value)
            })
            .reader(piece, Some(self.length))
    }
}
