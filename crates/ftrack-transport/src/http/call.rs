//! Calls to `/api`.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use tracing::{Span, debug};
use url::Url;

use super::attempt::{self, Answer, Deadline, Message};
use super::body::Payload;
use super::pace::Pace;
use super::{Wire, headers};
use crate::error::{Error, Result, RetryStatistics};
use crate::excerpt::excerpt;
use crate::request::{CallOptions, Method};
use crate::response::ApiResponse;
use crate::retry::is_temporary;
use crate::server_url::origin;

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
        let message = Message {
            method: Method::Post,
            url: &self.api,
            headers,
            payload: Payload::Bytes(Bytes::from(body)),
            limit: options.timeout.unwrap_or(self.timeout),
            deadline: Deadline::after(options.deadline.unwrap_or(self.deadline)),
            retry: &self.retry,
            idempotent: options.idempotent,
            with_cookies: true,
        };
        let result = self
            .send::<ApiAnswer>(&message)
            .await
            .and_then(|answer| answer.finish(&self.api, self.proxy(&self.api)));
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
        // The deadline holds for the attempt as a whole.
        let mut pace = Pace::new(origin(&self.api), limit, None, 1);
        while let Some(chunk) = pace.next(&mut response).await? {
            body.extend_from_slice(&chunk);
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
            statistics: RetryStatistics::default(),
        })
    }
}

/// An answer, not judged yet.
struct ApiAnswer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    statistics: RetryStatistics,
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

    fn after(self, statistics: RetryStatistics) -> Self {
        Self { statistics, ..self }
    }
}

impl ApiAnswer {
    /// A status of ftrack's own comes with JSON; one that says that the server cannot answer just
    /// now is an error whatever comes with it.
    fn finish(self, api: &Url, proxy: Option<&str>) -> Result<ApiResponse> {
        let Self {
            status,
            headers,
            body,
            statistics,
        } = self;
        match status {
            300..400 => Err(redirect(status, &headers, api)),
            400.. if is_temporary(status) || !looks_like_json(&body) => Err(Error::Status {
                origin: origin(api),
                // Inside TLS nobody but the server can answer.
                proxy: proxy.filter(|_| api.scheme() == "http").map(str::to_owned),
                status,
                retry_after: attempt::retry_after(&headers),
                excerpt: excerpt(&body),
                statistics,
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
