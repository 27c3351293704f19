//! What becomes of events.

use serde::{Deserialize, Serialize};

/// What became of an event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    Acknowledged,
    Refused { message: String },
    Unconfirmed,
    NotSent,
}
