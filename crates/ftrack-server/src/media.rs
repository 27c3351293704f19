//! Media that browsers can show: encoded in the background, in the order of the requests.
//!
//! A request only notes what is wanted; whoever waits for it looks at the job. A server that is built without the
//! feature `media` refuses such requests.

#[cfg(not(feature = "media"))]
mod absent;
#[cfg(feature = "media")]
mod encode;
#[cfg(feature = "media")]
mod error;
#[cfg(feature = "media")]
mod kind;
mod unfinished;
#[cfg(feature = "media")]
mod video;
#[cfg(feature = "media")]
mod worker;

#[cfg(not(feature = "media"))]
pub(crate) use self::absent::{Requested, queue, request, start};
#[cfg(feature = "media")]
pub(crate) use self::worker::{Requested, queue, request, start};

/// What somebody wants to be encoded.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "media"),
    expect(dead_code, reason = "it is refused whatever it is")
)]
pub(crate) struct Wanted<'w> {
    /// The component that has the file.
    pub(crate) source: &'w str,
    /// The version that the outputs are to belong to.
    pub(crate) version: Option<&'w str>,
    /// Whether the source stays.
    pub(crate) keep_original: bool,
}

/// Why a job that was not done when the server stopped has failed.
const STOPPED: &str = "the server stopped before the media was encoded";
