//! The way to the server, and what it says when something is wrong.

use std::sync::Arc;
use std::time::Duration;

use ftrack_entity::encode_requests;
use ftrack_location::accessor::Result;
use ftrack_location::{AccessorError, BoxError};
use ftrack_transport::{CallOptions, Request, Response, RetryPolicy, Transport};
use serde_json::{Value as Json, json};
use url::form_urlencoded;

use super::backoff::Backoff;
use super::slots::Slots;
use super::uploads::{UploadRun, Uploads};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::session::{Connection, Purpose, accepted_json};

/// A connection, held for as long as something is read or written.
#[derive(Clone)]
pub(super) struct Link {
    connection: Arc<Connection>,
    slots: Arc<Slots>,
}

impl Link {
    pub(super) fn new(connection: Arc<Connection>, slots: Arc<Slots>) -> Self {
        Self { connection, slots }
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    pub(super) fn transport(&self) -> &Arc<dyn Transport> {
        &self.connection.transport
    }

    /// As patient as `policy` says, else as the session is.
    pub(super) fn backoff(&self, policy: Option<&RetryPolicy>) -> Backoff {
        Backoff::new(policy.or(self.connection.retry.as_ref()))
    }

    /// What was said of the file of a component.
    pub(super) fn run(&self, component_id: &str) -> Arc<UploadRun> {
        self.connection.states.get::<Uploads>().run(component_id)
    }

    /// The address of a component, for `get`, `thumbnail` or `remove`. It holds the credentials.
    pub(super) fn url(&self, purpose: &str, resource_identifier: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("id", resource_identifier);
        query.append_pair("username", &self.connection.api_user);
        if let Some(key) = &self.connection.api_key {
            query.append_pair("apiKey", key.expose());
        }
        let server = self.connection.transport.server_url();
        format!("{server}/component/{purpose}?{}", query.finish())
    }

    /// Removes the file of a component.
    pub(super) fn remove(&self, resource_identifier: &str) -> Result<()> {
        let request = || {
            let url = self.url("remove", resource_identifier);
            Request::get(url).with_credentials().idempotent(false)
        };
        let mut answer = self.transport().request(request()).wait();
        let is_again = matches!(&answer, Err(error) if error.is_outcome_unknown());
        if is_again {
            answer = self.transport().request(request()).wait();
        }
        let response = answer.map_err(|error| failed("remove", resource_identifier, error))?;
        match response.status() {
            200..300 => Ok(()),
            // The first request removed it, although its answer was lost.
            404 if is_again => Ok(()),
            _ => Err(self.refused("remove", resource_identifier, response)),
        }
    }

    /// Asks the server's API for something.
    pub(super) fn ask(
        &self,
        request: Json,
        purpose: Purpose,
        timeout: Option<Duration>,
    ) -> crate::error::Result<Json> {
        let channel = self.connection.channel();
        let mut options = CallOptions::new();
        if let Some(timeout) = timeout {
            // Who allows for a long pause allows for the time around it.
            options = options.timeout(timeout).deadline(timeout.saturating_mul(3));
        }
        let body = encode_requests(&[ftrack_entity::Request::Json(request)]);
        let sent = channel.send_with(body, 1, purpose, options);
        accepted_json(&channel.receive(sent)?)
    }

    /// The name that a component has for people, its id if the server does not know it.
    pub(super) fn file_name(&self, component_id: &str) -> crate::error::Result<String> {
        let id = ftrack_query::Literal::Text(component_id.to_owned());
        let expression = format!("select name, file_type from FileComponent where id is {id}");
        let request = json!({"action": "query", "expression": expression});
        let answer = self.ask(request, Purpose::read("query"), None)?;
        let component = &answer["data"][0];
        let Some(name) = component["name"].as_str() else {
            return Ok(component_id.to_owned());
        };
        let file_type = component["file_type"].as_str().unwrap_or_default();
        Ok(match file_type.trim_start_matches('.') {
            "" => name.to_owned(),
            extension => format!("{name}.{extension}"),
        })
    }

    /// The error for an answer that reports a failure.
    pub(super) fn refused(
        &self,
        operation: &'static str,
        resource_identifier: &str,
        response: Response,
    ) -> AccessorError {
        let resource_identifier = resource_identifier.to_owned();
        let status = response.status();
        let source = self.refusal(response);
        match status {
            404 => AccessorError::ResourceNotFound {
                resource_identifier,
            },
            401 | 403 => AccessorError::PermissionDenied {
                operation,
                resource_identifier,
                source: source.into(),
            },
            _ => AccessorError::OperationFailed {
                operation,
                resource_identifier,
                source: source.into(),
            },
        }
    }

    /// The message of an answer that reports a failure.
    pub(super) fn refusal(&self, response: Response) -> String {
        let status = response.status();
        let excerpt = self.without_key(response.into_excerpt());
        format!("the answer has status {status}: {excerpt}")
    }

    /// Pages that report errors like to repeat the address that was asked for.
    fn without_key(&self, text: String) -> String {
        let Some(key) = &self.connection.api_key else {
            return text;
        };
        let encoded: String = form_urlencoded::byte_serialize(key.expose().as_bytes()).collect();
        [key.expose(), &encoded]
            .into_iter()
            .filter(|spelling| !spelling.is_empty())
            .fold(text, |text, spelling| text.replace(spelling, "***"))
    }
}

/// The error for an operation that failed.
pub(super) fn failed(
    operation: &'static str,
    resource_identifier: &str,
    source: impl Into<BoxError>,
) -> AccessorError {
    AccessorError::OperationFailed {
        operation,
        resource_identifier: resource_identifier.to_owned(),
        source: source.into(),
    }
}

/// The error for a request to the API that failed.
pub(super) fn not_answered(
    operation: &'static str,
    resource_identifier: &str,
    error: Error,
) -> AccessorError {
    if error.is(ErrorKind::PermissionDenied) || error.is(ErrorKind::Authentication) {
        return AccessorError::PermissionDenied {
            operation,
            resource_identifier: resource_identifier.to_owned(),
            source: error.into(),
        };
    }
    failed(operation, resource_identifier, error)
}
