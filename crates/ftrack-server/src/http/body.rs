//! JSON bodies in memory: of bounded size, in bounded time, and of a bounded size together.

use std::sync::Arc;

use axum::body::Body;
use futures_util::StreamExt;

use crate::budget::{Pool, Share};
use crate::json_size::JsonSize;
use crate::limits::ServerLimits;
use crate::request_error::{RequestError, RequestErrorKind};

/// How many times as much as is allowed is read and thrown away, so that the client gets to read why.
const DRAINED: usize = 4;

/// Bytes that take a share of what all may hold, until they are dropped.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    _share: Option<Share>,
}

impl Held {
    pub(super) fn new(bytes: Vec<u8>, share: Option<Share>) -> Self {
        Self {
            bytes,
            _share: share,
        }
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What is read of a body.
enum Reading {
    Held {
        bytes: Vec<u8>,
        share: Share,
        json: JsonSize,
    },
    /// It is thrown away, for this reason.
    Refused(RequestError),
}

/// Reads a JSON body of bounded size in bounded time. What has too many values is forgotten as soon as that is known.
///
/// What is too large is read on for a while and forgotten: a client that is still sending does not
/// see the answer otherwise.
///
/// # Errors
/// A body that is too large or comes too slowly, and one for which there is no room.
pub(super) async fn read(
    body: Body,
    limits: &ServerLimits,
    pool: &Arc<Pool>,
) -> Result<Held, RequestError> {
    let mut reading = match pool.take(0) {
        Some(share) => Reading::Held {
            bytes: Vec::new(),
            share,
            json: JsonSize::default(),
        },
        None => Reading::Refused(busy()),
    };
    let (mut data, mut size) = (body.into_data_stream(), 0_usize);
    let all = async {
        while let Some(chunk) = data.next().await {
            let chunk = chunk.map_err(|_| {
                RequestError::validation("the request ended before it was complete")
            })?;
            size = size.saturating_add(chunk.len());
            if size > limits.request_bytes.saturating_mul(DRAINED) {
                break;
            }
            reading = add(reading, &chunk, limits);
        }
        match reading {
            Reading::Held { bytes, share, .. } => Ok(Held::new(bytes, Some(share))),
            Reading::Refused(error) => Err(error),
        }
    };
    tokio::time::timeout(limits.body_time, all)
        .await
        .unwrap_or_else(|_| {
            Err(RequestError::validation(
                "the request took too long to arrive",
            ))
        })
}

fn add(reading: Reading, chunk: &[u8], limits: &ServerLimits) -> Reading {
    let Reading::Held {
        mut bytes,
        mut share,
        mut json,
    } = reading
    else {
        return reading;
    };
    if bytes.len() + chunk.len() > limits.request_bytes {
        let message = format!("the request is larger than {} bytes", limits.request_bytes);
        return Reading::Refused(RequestError::new(RequestErrorKind::TooLarge, message));
    }
    json.add(chunk);
    if json.values() > limits.values {
        let message = format!(
            "the request has more than {} values: send it in parts",
            limits.values
        );
        return Reading::Refused(RequestError::new(RequestErrorKind::TooLarge, message));
    }
    if json.elements() > limits.operations {
        let message = format!(
            "the request has more than {} operations: send it in parts",
            limits.operations
        );
        return Reading::Refused(RequestError::new(RequestErrorKind::TooLarge, message));
    }
    if !share.grow(chunk.len()) {
        return Reading::Refused(busy());
    }
    bytes.extend_from_slice(chunk);
    Reading::Held { bytes, share, json }
}

fn busy() -> RequestError {
    let message = "the requests under way are too large together: try again later";
    RequestError::new(RequestErrorKind::Busy, message)
}
