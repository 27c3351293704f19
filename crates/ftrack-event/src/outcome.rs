//! What may become of a published event.

use std::fmt;

/// What became of an event that was published to the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has it.
    Acknowledged,
    /// The server has it and does not want it.
    Refused {
        /// What the server said.
        message: String,
    },
    /// It was sent, but the connection broke, or time ran out, before the server said that it has
    /// it. It is not sent again: handlers should not see it twice.
    Unconfirmed,
    /// It was never sent.
    NotSent,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged => formatter.write_str("acknowledged"),
            Self::Refused { message } => write!(formatter, "refused by the server: {message}"),
            Self::Unconfirmed => formatter.write_str("sent, but not confirmed by the server"),
            Self::NotSent => formatter.write_str("not sent"),
        }
    }
}
