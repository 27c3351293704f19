//! What holds for all commands.

mod changing;
mod documentation;
