//! The body of an answer, read while it arrives.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::time::timeout;

use super::failure;
use crate::engine::WeakEngine;
use crate::{Effort, Error, Pending, Result};

/// Reads a body piece by piece. While one piece is worked on, the engine fetches the next; when
/// nobody reads, the sender is held back.
pub(super) struct Incoming {
    engine: WeakEngine,
    limit: Duration,
    origin: String,
    piece: Bytes,
    state: State,
}

enum State {
    Idle(reqwest::Response),
    Fetching(Pending<Fetched>),
    Ended,
    Failed,
}

type Fetched = (reqwest::Response, Option<Bytes>);

impl Incoming {
    pub(super) fn new(
        response: reqwest::Response,
        engine: WeakEngine,
        limit: Duration,
        origin: String,
    ) -> Self {
        Self {
            engine,
            limit,
            origin,
            piece: Bytes::new(),
            state: State::Idle(response),
        }
    }

    fn fetch(&self, mut response: reqwest::Response) -> Pending<Fetched> {
        let limit = self.limit;
        let origin = self.origin.clone();
        self.engine.spawn(async move {
            match timeout(limit, response.chunk()).await {
                Ok(Ok(piece)) => Ok((response, piece)),
                Ok(Err(error)) => Err(failure::of_body(error, &origin)),
                Err(_) => Err(Error::Timeout {
                    origin,
                    limit,
                    sent: true,
                    effort: Effort::default(),
                }),
            }
        })
    }

    /// Makes sure that there is a piece, or that the end is reached.
    fn advance(&mut self) -> Result<()> {
        // Whatever goes wrong on the way, the body must not look as if it ended well.
        let pending = match std::mem::replace(&mut self.state, State::Failed) {
            State::Idle(response) => self.fetch(response),
            State::Fetching(pending) => pending,
            State::Ended => {
                self.state = State::Ended;
                return Ok(());
            }
            State::Failed => return Err(Error::Interrupted),
        };
        self.state = match pending.wait()? {
            (response, Some(piece)) => {
                self.piece = piece;
                State::Fetching(self.fetch(response))
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
