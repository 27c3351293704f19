//! One request on the wire, and the repetition of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_LENGTH, COOKIE, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tracing::{Span, debug};
use url::Url;

use super::Wire;
use super::body::{Payload, Progress};
use super::failure::Route;
use crate::error::{Error, Result, RetryStatistics};
use crate::failure;
use crate::request::Method;
use crate::retry::{RetryPolicy, TOO_MANY_REQUESTS, is_temporary};
use crate::server_url::origin;

/// The status by which a proxy wants another user and password.
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// One request, ready to be sent as often as it takes.
pub(super) struct Message<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    /// How long nothing may move.
    pub(super) limit: Duration,
    /// When it all has to be over, and how long that is from the beginning.
    pub(super) deadline: Option<Deadline>,
    /// When it is tried again.
    pub(super) retry: &'a RetryPolicy,
    /// Whether it may be repeated although the server may have seen it.
    pub(super) idempotent: bool,
    /// Whether the server's cookies belong to it.
    pub(super) with_cookies: bool,
}

/// When something has to be over.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) limit: Duration,
}

impl Deadline {
    /// So long from now; none if the clock cannot say when that is.
    pub(super) fn after(limit: Duration) -> Option<Self> {
        let at = Instant::now().checked_add(limit)?;
        Some(Self { at, limit })
    }

    /// Whether there is time for more after this delay, which a server may have asked for.
    fn leaves(self, delay: Duration) -> bool {
        let after = Instant::now().checked_add(delay);
        after.is_some_and(|after| after < self.at)
    }

    pub(super) fn exceeded(self, origin: String, sent: bool) -> Error {
        Error::DeadlineExceeded {
            origin,
            limit: self.limit,
            sent,
            statistics: RetryStatistics::default(),
        }
    }
}

impl Wire {
    /// Sends a message until there is an answer or no hope.
    pub(super) async fn send<T: Answer>(&self, message: &Message<'_>) -> Result<T> {
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let progress = Progress::new(&message.payload);
            let attempt = async {
                let head = self.attempt(message, &progress).await?;
                T::read(self, head, message.limit).await
            };
            let result = match message.deadline {
                None => attempt.await,
                Some(deadline) => timeout_at(deadline.at, attempt).await.unwrap_or_else(|_| {
                    Err(deadline.exceeded(origin(message.url), progress.is_sent()))
                }),
            };
            let statistics = RetryStatistics::new(attempts, started.elapsed());
            if let Some(asked) = worth_repeating(&result, message)
                && let Some(delay) = message.retry.delay(attempts, statistics.elapsed, asked)
                && message
                    .deadline
                    .is_none_or(|deadline| deadline.leaves(delay))
            {
                debug!(attempts, delay_ms = milliseconds(delay), "trying again");
                sleep(delay).await;
                continue;
            }
            record(statistics, result.as_ref().ok().map(Answer::status));
            return match result {
                Ok(answer) => Ok(answer.after(statistics)),
                Err(error) => Err(error.with_retry_statistics(statistics)),
            };
        }
    }

    /// Sends a message once, and waits for the head of the answer.
    async fn attempt(
        &self,
        message: &Message<'_>,
        progress: &Arc<Progress>,
    ) -> Result<reqwest::Response> {
        let request = self.request(message, progress);
        let origin = origin(message.url);
        let route = Route {
            origin: &origin,
            proxy: self.proxy(message.url),
        };
        let response = match within(message.limit, progress, request.send()).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(route.failed(error, message.limit, progress)),
            None => return Err(route.timed_out(message.limit, progress.is_sent())),
        };
        if let (PROXY_AUTHENTICATION_REQUIRED, Some(proxy)) =
            (response.status().as_u16(), route.proxy)
        {
            return Err(failure::proxy_status_error(
                origin.clone(),
                proxy.to_owned(),
            ));
        }
        if message.with_cookies {
            self.cookies.follow(&response.headers().get_all(SET_COOKIE));
        }
        Ok(response)
    }

    /// The origin of the proxy on the way to a server, if there is one.
    pub(super) fn proxy(&self, url: &Url) -> Option<&str> {
        let proxy = self.proxies.for_url(url)?;
        Some(&proxy.origin)
    }

    fn request(&self, message: &Message<'_>, progress: &Arc<Progress>) -> reqwest::RequestBuilder {
        let method = match message.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut headers = message.headers.clone();
        if message.with_cookies
            && !headers.contains_key(COOKIE)
            && let Some(cookies) = self.cookies.header()
        {
            headers.insert(COOKIE, cookies);
        }
        let has_length = !message.method.is_safe() || message.payload.length() != Some(0);
        if let (Some(length), true) = (message.payload.length(), has_length) {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        let request = self
            .client
            .request(method, message.url.clone())
            .headers(headers);
        match message.payload.clone().start(progress) {
            Some(body) => request.body(body),
            None => request,
        }
    }
}

/// An answer, and what it must tell for the decision to ask again.
pub(super) trait Answer: Sized {
    /// Makes the answer of its head. This belongs to the attempt: when it fails, the message is
    /// sent again.
    fn read(
        wire: &Wire,
        head: reqwest::Response,
        limit: Duration,
    ) -> impl Future<Output = Result<Self>> + Send;

    fn status(&self) -> u16;
    /// How long the server asks to wait.
    fn retry_after(&self) -> Option<Duration>;
    /// The same answer after so many attempts.
    fn after(self, statistics: RetryStatistics) -> Self;
}

/// Whether a result is worth another attempt, and how long the server asks to wait before it.
#[expect(clippy::option_option, reason = "whether, and then perhaps how long")]
fn worth_repeating<T: Answer>(
    result: &Result<T>,
    message: &Message<'_>,
) -> Option<Option<Duration>> {
    match result {
        Ok(answer) if is_temporary(answer.status()) => {
            // A server that has too many requests has not carried this one out.
            let is_untouched = answer.status() == TOO_MANY_REQUESTS;
            let may_be_repeated =
                message.idempotent || (is_untouched && message.payload.is_repeatable());
            may_be_repeated.then(|| answer.retry_after())
        }
        Err(Error::Connect { .. } | Error::Timeout { sent: false, .. }) => Some(None),
        Err(Error::Proxy {
            credentials_rejected,
            ..
        }) => (!credentials_rejected).then_some(None),
        Err(Error::ConnectionLost { .. } | Error::Timeout { .. }) if message.idempotent => {
            Some(None)
        }
        _ => None,
    }
}

/// Waits for the work as long as something moves; `None` if nothing has for so long.
async fn within<T>(
    limit: Duration,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(work);
    loop {
        let Some(until) = progress.last().checked_add(limit) else {
            return Some(work.await);
        };
        tokio::select! {
            biased;
            result = &mut work => return Some(result),
            () = sleep_until(until) => {
                if progress.last().checked_add(limit).is_some_and(|until| until <= Instant::now()) {
                    return None;
                }
            }
        }
    }
}

/// Where an answer points to.
pub(super) fn target(headers: &HeaderMap, base: &Url) -> Option<Url> {
    let location = headers.get(LOCATION)?;
    base.join(std::str::from_utf8(location.as_bytes()).ok()?)
        .ok()
}

/// How long a server asks to wait, given in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(SystemTime::now()).ok()
}

fn record(statistics: RetryStatistics, status: Option<u16>) {
    let span = Span::current();
    span.record("attempts", statistics.attempts);
    span.record("elapsed_ms", milliseconds(statistics.elapsed));
    span.record("status", status);
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_time_to_wait_is_understood() {
        let ask = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(&headers)
        };
        assert_eq!(ask("120"), Some(Duration::from_secs(120)));
        assert_eq!(ask("soon"), None);
        assert_eq!(ask("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        let long = ask("Sat, 21 Oct 2180 07:28:00 GMT").unwrap();
        assert!(long > Duration::from_secs(3600));
    }
}
