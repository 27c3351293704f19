//! Faults as they are asked for over HTTP.

use std::time::Duration;

use serde::Deserialize;

use super::Fault;
use crate::request_error::{RequestError, RequestErrorKind};

/// What a request to `/_local/faults` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    Fail(Fault),
    DropWebsockets,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    kind: Kind,
    action: Option<String>,
    path: Option<String>,
    count: Option<u32>,
    status: Option<u16>,
    delay_ms: Option<u64>,
    after_bytes: Option<usize>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Status,
    Delay,
    Cut,
    Garbage,
    Disconnect,
    DropWebsockets,
}

impl Order {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Refuses anything but the object that [`Fault`] describes.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let fields: Fields = serde_json::from_slice(body).map_err(|error| {
            RequestError::new(RequestErrorKind::Parse, format!("not a fault: {error}"))
        })?;
        let details = (fields.status, fields.delay_ms, fields.after_bytes);
        let mut fault = match (fields.kind, details) {
            (Kind::Status, (Some(status @ 200..600), None, None)) => Fault::status(status),
            (Kind::Delay, (None, Some(delay), None)) => Fault::delay(Duration::from_millis(delay)),
            (Kind::Cut, (None, None, Some(bytes))) => Fault::cut_after(bytes),
            (Kind::Garbage, (None, None, None)) => Fault::garbage(),
            (Kind::Disconnect, (None, None, None)) => Fault::disconnect(),
            (Kind::DropWebsockets, (None, None, None)) => return fields.drop_websockets(),
            _ => {
                return Err(RequestError::validation(
                    "status goes with the kind status and is from 200 to 599, delay_ms goes with delay, \
                     after_bytes goes with cut",
                ));
            }
        };
        if fields
            .path
            .as_ref()
            .is_some_and(|path| !path.starts_with('/'))
        {
            return Err(RequestError::validation("path must start with a slash"));
        }
        fault.action = fields.action;
        fault.path = fields.path;
        fault.count = fields.count.unwrap_or(1);
        Ok(Self::Fail(fault))
    }
}

impl Fields {
    fn drop_websockets(self) -> Result<Order, RequestError> {
        if self.action.is_some() || self.path.is_some() || self.count.is_some() {
            let message = "drop_websockets concerns all open websockets, once";
            return Err(RequestError::validation(message));
        }
        Ok(Order::DropWebsockets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_say_what_kind_of_fault_and_which_requests() {
        for (text, expected) in [
            (
                r#"{"kind":"status","status":503,"action":"create","count":2}"#,
                Fault::status(503).action("create").times(2),
            ),
            (
                r#"{"kind":"delay","delay_ms":20,"path":"/api"}"#,
                Fault::delay(Duration::from_millis(20)).path("/api"),
            ),
            (r#"{"kind":"cut","after_bytes":7}"#, Fault::cut_after(7)),
            (r#"{"kind":"garbage"}"#, Fault::garbage()),
            (r#"{"kind":"disconnect"}"#, Fault::disconnect()),
        ] {
            assert_eq!(Order::parse(text.as_bytes()), Ok(Order::Fail(expected)));
        }
        let order = Order::parse(br#"{"kind":"drop_websockets"}"#);
        assert_eq!(order, Ok(Order::DropWebsockets));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"kind":"rain"}"#,
            r#"{"kind":"status"}"#,
            r#"{"kind":"status","status":99}"#,
            r#"{"kind":"status","status":503,"delay_ms":1}"#,
            r#"{"kind":"delay"}"#,
            r#"{"kind":"delay","delay_ms":-1}"#,
            r#"{"kind":"cut"}"#,
            r#"{"kind":"garbage","after_bytes":1}"#,
            r#"{"kind":"garbage","path":"api"}"#,
            r#"{"kind":"garbage","cuont":2}"#,
            r#"{"kind":"drop_websockets","count":2}"#,
        ] {
            assert!(Order::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
