//! What goes to a terminal and comes from it.

pub(crate) mod escape;
pub(crate) mod interruption;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod secret;
pub(crate) mod table;
