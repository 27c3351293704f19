//! Why an event is not accepted.

use ftrack_expression::ParseError;

/// An event that is not accepted; the acknowledgement says why.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    #[error("the packet is not JSON: {0}")]
    Json(serde_json::Error),
    #[error("the packet must have the name ftrack.event and one event as its argument")]
    Shape,
    #[error("the event is too large: it has {bytes} bytes, and the limit is {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error("the topic of an event must be a text that is not empty")]
    Topic,
    #[error("the {name} of an event must be {expected}")]
    Part {
        name: &'static str,
        expected: &'static str,
    },
    #[error("the target of the event is not an expression: {0}")]
    Target(ParseError),
    #[error("a subscriber must have an id, which is a text")]
    Subscriber,
    #[error("the subscription is not an expression: {0}")]
    Subscription(ParseError),
    #[error("a subscription must be a text")]
    NoSubscription,
    #[error("a connection can have no more than {0} subscriptions")]
    TooMany(usize),
    #[error("the {what} cannot have more than {limit} bytes")]
    TooLong { what: &'static str, limit: usize },
    #[error("an event cannot have more than {0} values")]
    Values(usize),
    #[error("there is a subscriber with the id {0} already")]
    Duplicate(String),
    #[error("there is no subscriber with the id {0}")]
    Unknown(String),
}
