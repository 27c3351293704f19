//! Calls to `/api`.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tokio::time::timeout;
use tracing::{Span, debug};
use url::Url;

use super::attempt::{self, Answer, Message};
use super::body::Payload;
use super::{Wire, failure, headers};
use crate::server_url::origin;
use crate::{ApiResponse, CallOptions, Effort, Error, Method, Result, excerpt};

/// How much room is made for an answer on the word of its head alone, in bytes.
const TRUSTED: u64 = 64 << 20;

impl Wire {
    /// Posts a batch and reads the whole answer.
    pub(super) async fn call(&self, body: Vec<u8>, options: CallOptions) -> Result<ApiResponse> {
        let mut headers = self.headers.api.clone();
        headers::add(&mut headers, &options.headers)
            .map_err(|problem| Error::InvalidRequest { problem })?;
        for name in ["ftrack-user", "ftrack-api-key"] {
            if let Some(own) = self.headers.server.get(name) {
                headers.insert(name, own.clone());
            }
        }
        let limit = options.timeout.unwrap_or(self.timeout);
        let message = Message {
            method: Method::Post,
            url: &self.api,
            headers,
            payload: Payload::Bytes(Bytes::from(body)),
            limit,
            idempotent: options.idempotent,
            with_cookies: true,
        };
        let result = self
            .send::<ApiAnswer>(&message)
            .await
            .and_then(|answer| answer.finish(&self.api));
        match &result {
            Ok(response) => debug!(status = response.status, "answered"),
            Err(error) => debug!(%error, "failed"),
        }
        result
    }

    async fn read_answer(
        &self,
        mut response: reqwest::Response,
        limit: Duration,
    ) -> Result<ApiAnswer> {
        let too_large = || Error::TooLarge {
            origin: origin(&self.api),
            limit: self.largest_answer,
        };
        let announced = response.content_length().unwrap_or_default();
        if announced > self.largest_answer {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(usize::try_from(announced.min(TRUSTED)).unwrap_or(0));
        loop {
            match timeout(limit, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(failure::of_body(error, &origin(&self.api))),
                Err(_) => {
                    let (origin, effort) = (origin(&self.api), Effort::default());
                    return Err(Error::Timeout {
                        origin,
                        limit,
                        sent: true,
                        effort,
                    });
                }
            }
            if u64::try_from(body.len()).is_ok_and(|length| length > self.largest_answer) {
                return Err(too_large());
            }
        }
        Span::current().record("bytes_in", body.len());
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        Ok(ApiAnswer {
            status,
            headers,
            body,
            effort: Effort::default(),
        })
    }
}

/// An answer, not judged yet.
struct ApiAnswer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    effort: Effort,
}

impl Answer for ApiAnswer {
    async fn read(wire: &Wire, head: reqwest::Response, limit: Duration) -> Result<Self> {
        wire.read_answer(head, limit).await
    }

    fn status(&self) -> u16 {
        self.status
    }

    fn retry_after(&self) -> Option<Duration> {
        attempt::retry_after(&self.headers)
    }

    fn after(self, effort: Effort) -> Self {
        Self { effort, ..self }
    }
}

impl ApiAnswer {
    fn finish(self, api: &Url) -> Result<ApiResponse> {
        let Self {
            status,
            headers,
            body,
            effort,
        } = self;
        match status {
            300..400 => Err(redirect(status, &headers, api)),
            400.. if !looks_like_json(&body) => Err(Error::Status {
                origin: origin(api),
                status,
                excerpt: excerpt(&body),
                effort,
            }),
            _ => Ok(ApiResponse::new(status, body)),
        }
    }
}

fn redirect(status: u16, headers: &HeaderMap, api: &Url) -> Error {
    let target = attempt::target(headers, api);
    Error::Redirect {
        origin: origin(api),
        status,
        target: target.map_or_else(|| "nowhere".to_owned(), |target| origin(&target)),
        problem: "credentials are not sent elsewhere; use that address if it is the server's",
    }
}

/// Whether a body can be one of ftrack's own answers: an array or an object.
fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}
