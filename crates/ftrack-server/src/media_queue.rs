//! What is to be encoded.

#[cfg(feature = "media")]
mod task;

#[cfg(feature = "media")]
pub(crate) use self::task::{Form, Output, Queue, Task};

/// The type of the jobs that encode media.
pub(crate) const JOB_TYPE: &str = "encode_media";
