//! Who sent a request, and how they want its answer.

mod tokens;

use std::sync::Arc;

pub(crate) use self::tokens::Tokens;
use crate::rights::Grant;
use crate::value::Value;

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) id: Value,
    pub(crate) username: String,
    /// What they are given goes by this, and ends with it.
    pub(crate) grant: Grant,
    /// By which its client knows its own changes again.
    pub(crate) tokens: Tokens,
    /// The address at which their client reached the server, if it said: what they are told begins with it.
    pub(crate) reached: Option<Arc<str>>,
}

impl Caller {
    /// The server itself, which may do everything.
    pub(crate) fn server() -> Self {
        Self {
            id: Value::Null,
            username: String::new(),
            grant: Grant::default(),
            tokens: Tokens::default(),
            reached: None,
        }
    }
}

/// How a client wants its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AnswerOptions {
    /// Spell every entity out wherever it occurs.
    pub(crate) denormalize: bool,
    /// Errors are to carry an error status, and what only this mode has may be asked for.
    pub(crate) strict: bool,
}
