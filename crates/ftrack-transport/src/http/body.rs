//! What is sent, and how far it got.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::error::Error;
use crate::request::Body;

/// The size of the pieces in which a body is handed on, and so the measure of progress.
const PIECE: usize = 256 * 1024;

/// A body that can be sent again as long as nothing has been taken from it.
#[derive(Clone)]
pub(super) enum Payload {
    Empty,
    Bytes(Bytes),
    Reader {
        reader: Arc<Mutex<Option<Box<dyn Read + Send>>>>,
        length: Option<u64>,
    },
}

impl From<Body> for Payload {
    fn from(body: Body) -> Self {
        match body {
            Body::Empty => Self::Empty,
            Body::Bytes(bytes) => Self::Bytes(bytes.into()),
            Body::Reader { reader, length } => Self::Reader {
                reader: Arc::new(Mutex::new(Some(reader))),
                length,
            },
        }
    }
}

impl Payload {
    /// The number of bytes, where it is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Reader { length, .. } => *length,
        }
    }

    /// Whether it can be sent a second time after it was sent once.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Reader { .. })
    }

    /// The body for one attempt, which notes its progress.
    pub(super) fn start(self, progress: &Arc<Progress>) -> Option<reqwest::Body> {
        let progress = Arc::clone(progress);
        match self {
            Self::Empty => None,
            Self::Bytes(bytes) => Some(reqwest::Body::wrap_stream(pieces(bytes, progress))),
            Self::Reader { reader, length } => Some(reqwest::Body::wrap_stream(read_pieces(
                reader, length, progress,
            ))),
        }
    }
}

/// How far one attempt got.
pub(super) struct Progress {
    state: Mutex<State>,
}

struct State {
    last: Instant,
    sent: bool,
    failure: Option<io::Error>,
}

impl Progress {
    /// An attempt that begins now. Without a body there is no telling when it is sent, so such a
    /// request counts as sent from the beginning.
    pub(super) fn new(payload: &Payload) -> Arc<Self> {
        let sent = payload.length() == Some(0);
        let state = State {
            last: Instant::now(),
            sent,
            failure: None,
        };
        Arc::new(Self {
            state: Mutex::new(state),
        })
    }

    /// When something last moved.
    pub(super) fn last(&self) -> Instant {
        self.state.lock().last
    }

    /// Whether the other side may have seen the request. The body is asked for only when there is
    /// a connection to send it on.
    pub(super) fn is_sent(&self) -> bool {
        self.state.lock().sent
    }

    /// The error of the user's reader, if that is what ended the attempt.
    pub(super) fn take_failure(&self) -> Option<Error> {
        let source = self.state.lock().failure.take()?;
        Some(Error::Body { source })
    }

    fn note(&self) {
        let mut state = self.state.lock();
        state.last = Instant::now();
        state.sent = true;
    }

    fn fail(&self, error: io::Error) {
        self.state.lock().failure = Some(error);
    }
}

/// Marks the end of a body that could not be read; the reason is in the [`Progress`].
#[derive(Debug, thiserror::Error)]
#[error("the data to send ended early")]
struct EndedEarly;

type Piece = Result<Bytes, EndedEarly>;

fn pieces(bytes: Bytes, progress: Arc<Progress>) -> impl Stream<Item = Piece> + Send {
    stream::unfold(bytes, move |mut rest| {
        progress.note();
        let piece = rest.split_to(rest.len().min(PIECE));
        std::future::ready((!piece.is_empty()).then_some((Ok(piece), rest)))
    })
}

type SharedReader = Arc<Mutex<Option<Box<dyn Read + Send>>>>;
type Received = io::Result<Option<Bytes>>;

fn read_pieces(
    reader: SharedReader,
    length: Option<u64>,
    progress: Arc<Progress>,
) -> impl Stream<Item = Piece> + Send {
    stream::unfold(Source::Reader(reader), move |source| {
        let progress = Arc::clone(&progress);
        async move {
            progress.note();
            let mut pieces = match source {
                Source::Reader(reader) => pump(&reader, length),
                Source::Pieces(pieces) => pieces,
                Source::Ended => return None,
            };
            match pieces.recv().await {
                Some(Ok(Some(piece))) => {
                    progress.note();
                    Some((Ok(piece), Source::Pieces(pieces)))
                }
                Some(Ok(None)) => None,
                Some(Err(error)) => {
                    progress.fail(error);
                    Some((Err(EndedEarly), Source::Ended))
                }
                None => {
                    progress.fail(io::Error::other("the reader panicked or was used before"));
                    Some((Err(EndedEarly), Source::Ended))
                }
            }
        }
    })
}

enum Source {
    Reader(SharedReader),
    Pieces(mpsc::Receiver<Received>),
    Ended,
}

/// Reads on a thread for blocking work: the reader is the user's code and may take its time.
fn pump(reader: &SharedReader, length: Option<u64>) -> mpsc::Receiver<Received> {
    let (sender, receiver) = mpsc::channel(2);
    if let Some(mut reader) = reader.lock().take() {
        tokio::task::spawn_blocking(move || {
            let mut total = 0;
            loop {
                let piece = next_piece(&mut *reader, &mut total, length);
                let more = matches!(piece, Ok(Some(_)));
                // Nobody listens any more when the request has failed or was cancelled.
                if sender.blocking_send(piece).is_err() || !more {
                    return;
                }
            }
        });
    }
    receiver
}

fn next_piece(reader: &mut dyn Read, total: &mut u64, length: Option<u64>) -> Received {
    // All at once: growing would read a file in many small steps.
    let mut piece = Vec::with_capacity(PIECE);
    let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
    let read = reader.take(limit).read_to_end(&mut piece)?;
    *total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    let ended = read == 0;
    match length {
        Some(length) if *total > length || (ended && *total < length) => {
            let problem = format!("it gives another number of bytes than the {length} announced");
            Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
        }
        _ if ended => Ok(None),
        _ => Ok(Some(piece.into())),
    }
}
