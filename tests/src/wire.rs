//! What two clients put on the wire for the same story.
//!
//! A [`Recorder`] stands between a client and a server and keeps the batches. [`normalise`] makes recordings
//! comparable, [`differences`] compares them, and [`Exceptions`] are the differences that are meant to be.

mod compare;
mod exceptions;
mod normalise;
mod recorder;
pub mod story;

pub use self::compare::{Difference, differences};
pub use self::exceptions::{ExceptionError, Exceptions};
pub use self::normalise::normalise;
pub use self::recorder::{Batch, Recorder};
