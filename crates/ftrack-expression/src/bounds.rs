//! How large an expression may be.

/// How many bytes the text of an expression may have: 1 MiB.
pub const MAX_LENGTH: usize = 1 << 20;

/// How deep parentheses may be nested.
pub const MAX_DEPTH: usize = 128;
