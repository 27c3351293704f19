//! Who sent a request, and how they want its answer.

mod tokens;

pub(crate) use self::tokens::Tokens;
use crate::value::Value;

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) id: Value,
    pub(crate) username: String,
    /// By which its client knows its own changes again.
    pub(crate) tokens: Tokens,
}

/// How a client wants its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Spell every entity out wherever it occurs.
    pub(crate) denormalize: bool,
}
