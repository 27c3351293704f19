//! Messages instead of bytes.

use ftrack_plugin_abi::message::Answer;
use ftrack_plugin_abi::{RemoteEndpoint, Reply};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::RemoteError;

/// The other side, with messages instead of bytes.
pub(crate) struct Link(RemoteEndpoint);

impl Link {
    pub(crate) fn new(remote: RemoteEndpoint) -> Self {
        Self(remote)
    }

    /// Asks for something that is answered by JSON.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
    ) -> Result<T, RemoteError> {
        self.send(message, b"").map(|(answer, _)| answer)
    }

    /// Asks with bytes, and is answered by JSON and bytes.
    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), RemoteError> {
        let head = serde_json::to_vec(message).map_err(RemoteError::malformed)?;
        let Reply { head, body } = self.0.call(&head, body);
        match serde_json::from_slice(&head).map_err(RemoteError::malformed)? {
            Answer::Ok(answer) => Ok((answer, body)),
            Answer::Error(error) => Err(RemoteError(error)),
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Link")
    }
}

/// What is answered: JSON, and bytes.
pub(crate) type Answered = Result<(Value, Vec<u8>), RemoteError>;

/// Nothing but that it was done.
#[expect(clippy::unnecessary_wraps, reason = "it is an answer among others")]
pub(crate) fn done() -> Answered {
    Ok((Value::Null, Vec::new()))
}

/// An answer without bytes.
pub(crate) fn json(answer: impl Serialize) -> Answered {
    let answer = serde_json::to_value(answer).map_err(RemoteError::malformed)?;
    Ok((answer, Vec::new()))
}

/// Reads a message, has it answered, and writes the answer.
pub(crate) fn answer<M: DeserializeOwned>(
    head: &[u8],
    respond: impl FnOnce(M) -> Answered,
) -> Reply {
    let message = serde_json::from_slice(head).map_err(RemoteError::malformed);
    match message.and_then(respond) {
        Ok((answer, body)) => {
            let head = serde_json::to_vec(&Answer::Ok(answer));
            let head = head.unwrap_or_default();
            Reply { head, body }
        }
        Err(error) => Reply {
            head: error.0.into_head(),
            body: Vec::new(),
        },
    }
}
