//! Requests and their answers.

use std::panic::Location;
use std::time::Instant;

use ftrack_entity::{
    Answer, Expected, Reply, Request, Schema, Staged, decode_batch, encode_requests,
};
use ftrack_transport::{ApiResponse, CallOptions, Pending, Transport};

use super::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::trace::{TracedRequest, Traces};

/// The way to the server: a transport, and who listens.
#[derive(Clone, Copy)]
pub(crate) struct Channel<'a> {
    pub(crate) transport: &'a dyn Transport,
    pub(crate) traces: &'a Traces,
}

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    pub(crate) name: &'static str,
    /// Whether sending it twice does no harm.
    pub(crate) is_read: bool,
    pub(crate) caller: &'static Location<'static>,
    /// For how many entities something is loaded, and why only for one, where it is.
    pub(crate) loading: (usize, Option<&'static str>),
}

impl Purpose {
    /// A request that only reads.
    #[track_caller]
    pub(crate) fn read(name: &'static str) -> Self {
        Self {
            name,
            is_read: true,
            caller: Location::caller(),
            loading: (0, None),
        }
    }

    /// A request that changes something.
    #[track_caller]
    pub(crate) fn write(name: &'static str) -> Self {
        Self {
            name,
            is_read: false,
            caller: Location::caller(),
            loading: (0, None),
        }
    }

    /// The same request, which loads something for so many entities; `alone` is why it does so for one only.
    pub(crate) fn loading(self, entities: usize, alone: Option<&'static str>) -> Self {
        Self {
            loading: (entities, alone),
            ..self
        }
    }
}

/// A request that was sent and whose answer is still to come.
pub(crate) struct Sent {
    pending: Pending<ApiResponse>,
    purpose: Purpose,
    actions: usize,
    bytes: usize,
    start: Instant,
}

impl Channel<'_> {
    /// Sends `body`, which holds so many actions.
    pub(crate) fn send(&self, body: Vec<u8>, actions: usize, purpose: Purpose) -> Sent {
        self.send_with(body, actions, purpose, CallOptions::new())
    }

    /// Sends `body` in a way of its own.
    pub(crate) fn send_with(
        &self,
        body: Vec<u8>,
        actions: usize,
        purpose: Purpose,
        options: CallOptions,
    ) -> Sent {
        let (bytes, start) = (body.len(), Instant::now());
        let options = options.idempotent(purpose.is_read).actions(actions);
        Sent {
            pending: self.transport.call(body, options),
            purpose,
            actions,
            bytes,
            start,
        }
    }

    /// Sends a query in strict mode, whose answer is to spell every entity out at each of its places.
    pub(crate) fn send_denormalised(&self, text: String, purpose: Purpose) -> Sent {
        let body = encode_requests(&[Request::Query(text)]);
        let options = CallOptions::new()
            .header("ftrack-api-options", "strict:1;denormalize:1")
            // Servers answer `group by` in this mode only.
            .header("ftrack-strict-api", "true");
        self.send_with(body, 1, purpose, options)
    }

    /// Waits for the answer.
    pub(crate) fn receive(&self, sent: Sent) -> Result<Vec<u8>, ftrack_transport::Error> {
        let Sent {
            pending,
            purpose,
            actions,
            bytes,
            start,
        } = sent;
        let outcome = pending.wait();
        if is_unsent(&outcome) {
            return outcome.map(|response| response.body);
        }
        self.traces.add(&TracedRequest {
            actions,
            purpose: purpose.name,
            bytes_sent: bytes,
            bytes_received: outcome.as_ref().map_or(0, |response| response.body.len()),
            duration: start.elapsed(),
            caller: purpose.caller,
            entities: purpose.loading.0,
            alone: purpose.loading.1,
        });
        outcome.map(|response| response.body)
    }

    /// Sends `requests` and waits for the answer.
    pub(crate) fn ask(&self, requests: &[Request], purpose: Purpose) -> Result<Vec<u8>> {
        let sent = self.send(encode_requests(requests), requests.len(), purpose);
        Ok(self.receive(sent)?)
    }
}

/// Whether the request has never left this process.
fn is_unsent<T>(outcome: &Result<T, ftrack_transport::Error>) -> bool {
    use ftrack_transport::Error::{Closed, Forked};
    matches!(outcome, Err(Closed | Forked))
}

impl Session {
    pub(crate) fn channel(&self) -> Channel<'_> {
        self.connection().channel()
    }

    /// Sends requests in one batch and gives back what the server answers to each, as JSON.
    ///
    /// This is the way to actions that have no method of their own. The batch is one transaction on the server, and
    /// it is never sent twice. Entities in the answers are not merged into the session.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let answers = session.call(&[
    ///     serde_json::json!({"action": "query", "expression": "select name from Project"}),
    ///     serde_json::json!({"action": "query", "expression": "select username from User"}),
    /// ])?;
    /// assert_eq!(answers.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server reports, and the errors of the connection.
    #[track_caller]
    pub fn call(&self, requests: &[serde_json::Value]) -> Result<Vec<serde_json::Value>> {
        let batch: Vec<Request> = requests.iter().cloned().map(Request::Json).collect();
        let is_read = requests
            .iter()
            .all(|request| is_read(request["action"].as_str().unwrap_or_default()));
        let purpose = Purpose {
            is_read,
            ..Purpose::write("call")
        };
        let body = self.channel().ask(&batch, purpose)?;
        let (answers, _) = accepted(&body, self.schema(), &vec![Expected::Json; batch.len()])?;
        let json = |answer| match answer {
            Answer::Json(value) => value,
            _ => serde_json::Value::Null,
        };
        Ok(answers.into_iter().map(json).collect())
    }
}

fn is_read(action: &str) -> bool {
    matches!(
        action,
        "query" | "search" | "query_schemas" | "query_server_information" | "permissions"
    )
}

/// The single answer in `body` as JSON, unless the server refused.
pub(crate) fn accepted_json(body: &[u8]) -> Result<serde_json::Value> {
    match accepted(body, &Schema::default(), &[Expected::Json])?
        .0
        .pop()
    {
        Some(Answer::Json(value)) => Ok(value),
        _ => Err(Error::new(
            ErrorKind::MalformedAnswer,
            "the server's answer is empty",
        )),
    }
}

/// The answers in `body`, unless the server refused.
pub(crate) fn accepted(
    body: &[u8],
    schema: &Schema,
    expected: &[Expected],
) -> Result<(Vec<Answer>, Staged)> {
    match decode_batch(body, schema, expected) {
        Ok(Reply::Accepted { answers, staged }) => Ok((answers, staged)),
        Ok(Reply::Rejected(rejection)) => Err(Error::rejected(&rejection)),
        Ok(_) => Err(Error::new(
            ErrorKind::MalformedAnswer,
            "the server's answer is of an unknown kind",
        )),
        Err(error) => {
            let is_text = matches!(error, ftrack_entity::Error::Malformed { .. });
            let error = Error::from(error);
            Err(if is_text { showing(error, body) } else { error })
        }
    }
}

/// The error with the beginning of what came instead of an answer; what is not JSON at all is most likely a page for
/// people, which says best what is wrong.
fn showing(error: Error, body: &[u8]) -> Error {
    let shown = ftrack_transport::excerpt(body);
    let is_page = !matches!(body.trim_ascii_start().first(), Some(b'[' | b'{'));
    let error = if is_page {
        let message = format!("{}: {shown}", error.message());
        error.with_message(message)
    } else {
        error
    };
    error.with_detail("body", shown)
}
