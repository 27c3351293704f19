//! The body of an answer, read while it arrives.

use std::io::{self, Read};

use bytes::{Buf, Bytes};

use super::pace::Pace;
use crate::engine::WeakEngine;
use crate::error::{Error, Result};
use crate::pending::Pending;

/// Reads a body piece by piece. While one piece is worked on, the engine fetches the next; when
/// nobody reads, the sender is held back.
pub(super) struct Incoming {
    engine: WeakEngine,
    piece: Bytes,
    state: State,
}

enum State {
    Idle(Box<Source>),
    Fetching(Pending<Fetched>),
    Ended,
    Failed,
}

/// Where the pieces come from, and how fast they have to come.
struct Source {
    response: reqwest::Response,
    pace: Pace,
}

type Fetched = (Box<Source>, Option<Bytes>);

impl Incoming {
    pub(super) fn new(response: reqwest::Response, engine: WeakEngine, pace: Pace) -> Self {
        Self {
            engine,
            piece: Bytes::new(),
            state: State::Idle(Box::new(Source { response, pace })),
        }
    }

    fn fetch(&self, mut source: Box<Source>) -> Pending<Fetched> {
        self.engine.spawn(async move {
            let piece = source.pace.next(&mut source.response).await?;
            Ok((source, piece))
        })
    }

    /// Makes sure that there is a piece, or that the end is reached.
    fn advance(&mut self) -> Result<()> {
        // Whatever goes wrong on the way, the body must not look as if it ended well.
        let pending = match std::mem::replace(&mut self.state, State::Failed) {
            State::Idle(source) => self.fetch(source),
            State::Fetching(pending) => pending,
            State::Ended => {
                self.state = State::Ended;
                return Ok(());
            }
            State::Failed => return Err(Error::Interrupted),
        };
        self.state = match pending.wait()? {
            (source, Some(piece)) => {
                self.piece = piece;
                State::Fetching(self.fetch(source))
            }
            (_, None) => State::Ended,
        };
        Ok(())
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.piece.is_empty() {
            self.advance()?;
            if matches!(self.state, State::Ended) {
                return Ok(0);
            }
        }
        let length = self.piece.len().min(buffer.len());
        let (filled, _) = buffer.split_at_mut(length);
        self.piece.copy_to_slice(filled);
        Ok(length)
    }
}
