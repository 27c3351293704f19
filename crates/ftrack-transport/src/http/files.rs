//! Requests other than calls: the way of files.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, RANGE};
use tracing::{Span, debug};
use url::Url;

use super::attempt::{self, Answer, Deadline, Message};
use super::body::Payload;
use super::incoming::Incoming;
use super::pace::{LEAST_OF_A_FILE, Pace};
use super::{Wire, headers};
use crate::engine::WeakEngine;
use crate::error::{Error, Result, RetryStatistics};
use crate::request::Request;
use crate::response::Response;
use crate::server_url::origin;

/// How many redirects in a row are followed.
const LONGEST_WAY: usize = 10;

/// What goes along to another origin: headers that say which bytes are wanted.
const HARMLESS: [reqwest::header::HeaderName; 3] = [ACCEPT, ACCEPT_ENCODING, RANGE];

impl Wire {
    /// Makes a request, follows redirects, and gives the answer as soon as its head is there.
    pub(super) async fn request_file(
        &self,
        mut request: Request,
        engine: WeakEngine,
    ) -> Result<Response> {
        let mut url = parse(&request.url)?;
        let mut own_headers = HeaderMap::new();
        // Files are moved as they are: a length should be that of the file.
        own_headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        // Storage services list the length among the headers to send; it follows from the body.
        let lists_length = |name: &str| name.eq_ignore_ascii_case("content-length");
        request.headers.retain(|(name, _)| !lists_length(name));
        headers::add(&mut own_headers, &request.headers)
            .map_err(|problem| Error::InvalidRequest { problem })?;
        let payload = Payload::from(request.take_body());
        let mut trusted = request.with_credentials;
        let limit = request.timeout.unwrap_or(self.timeout);
        let deadline = request.deadline.and_then(Deadline::after);
        let retry = request.retry.clone();
        let retry = retry.as_ref().unwrap_or(&self.retry);

        for _ in 0..=LONGEST_WAY {
            trusted = trusted && url.origin() == self.server.url().origin();
            Span::current().record("server", origin(&url));
            let message = Message {
                method: request.method,
                url: &url,
                headers: self.file_headers(&own_headers, trusted),
                payload: payload.clone(),
                limit,
                deadline,
                retry,
                idempotent: request.idempotent && payload.is_repeatable(),
                with_cookies: trusted,
            };
            let FileAnswer(response) = self.send(&message).await?;
            let Some(target) = next_hop(&request, &response, &url)? else {
                debug!(status = response.status().as_u16(), "answered");
                let pace = Pace::new(origin(&url), limit, deadline, LEAST_OF_A_FILE);
                return Ok(answer(response, engine, pace));
            };
            if target.origin() != url.origin() {
                let kept = HARMLESS.into_iter();
                own_headers = kept
                    .filter_map(|name| own_headers.get(&name).cloned().map(|value| (name, value)))
                    .collect();
            }
            url = target;
        }
        Err(Error::Redirect {
            origin: origin(&url),
            status: 302,
            target: origin(&url),
            problem: "there were too many redirects before",
        })
    }

    fn file_headers(&self, own: &HeaderMap, trusted: bool) -> HeaderMap {
        let mut headers = if trusted {
            &self.headers.server
        } else {
            &self.headers.anywhere
        }
        .clone();
        for (name, value) in own {
            headers.insert(name, value.clone());
        }
        headers
    }
}

struct FileAnswer(reqwest::Response);

impl Answer for FileAnswer {
    async fn read(_wire: &Wire, head: reqwest::Response, _limit: Duration) -> Result<Self> {
        Ok(Self(head))
    }

    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn retry_after(&self) -> Option<Duration> {
        attempt::retry_after(self.0.headers())
    }

    fn after(self, _statistics: RetryStatistics) -> Self {
        self
    }
}

/// The URL to ask next, or nothing if this is the answer.
fn next_hop(request: &Request, response: &reqwest::Response, url: &Url) -> Result<Option<Url>> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let rejection = |target: String, problem| {
        Err(Error::Redirect {
            origin: origin(url),
            status,
            target,
            problem,
        })
    };
    let Some(target) = attempt::target(response.headers(), url) else {
        return rejection("nowhere".to_owned(), "it names no address");
    };
    if !request.method.is_safe() {
        return rejection(origin(&target), "only reading requests are redirected");
    }
    match (url.scheme(), target.scheme()) {
        (_, "https") | ("http", "http") => Ok(Some(target)),
        ("https", "http") => rejection(origin(&target), "it leads from https to http"),
        _ => rejection(origin(&target), "it is neither http nor https"),
    }
}

fn answer(mut response: reqwest::Response, engine: WeakEngine, pace: Pace) -> Response {
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let headers = headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let headers = headers.collect();
    Response::new(status, headers, Incoming::new(response, engine, pace))
}

fn parse(text: &str) -> Result<Url> {
    // The URL may hold credentials, so it is not shown.
    let problem = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => return Ok(url),
        Ok(url) => format!("{}:// is neither http:// nor https://", url.scheme()),
        Err(error) => format!("its URL is malformed: {error}"),
    };
    Err(Error::InvalidRequest { problem })
}
