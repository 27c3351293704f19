//! What is worth saying of an upload.

use std::fmt;

/// What is worth telling a person of an upload, beside how far it is. Its text is a sentence without a full stop.
///
/// ```
/// use ftrack_session::UploadOptions;
///
/// let options = UploadOptions::new().notice(|notice| eprintln!("{notice}"));
/// # drop(options);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadNotice {
    /// An upload goes on where an earlier attempt ended.
    Resumed {
        /// The id of the component.
        component: String,
        /// How many bytes need not be sent again.
        bytes: u64,
        /// How many bytes the file has.
        total: u64,
    },
    /// What an earlier attempt sent is of no use.
    StartedAnew {
        /// The id of the component.
        component: String,
        /// Why.
        reason: StartedAnewReason,
    },
    /// The upload goes on if it is cut, but not if this program ends.
    NotResumable {
        /// Why no state can be kept.
        reason: String,
    },
}

/// Why an upload starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartedAnewReason {
    /// The server does not know the upload any more, or cannot give new addresses for it.
    Forgotten,
    /// The file is not the one that was sent before.
    SourceChanged,
    /// The state of the earlier attempt cannot be read.
    StateDamaged,
    /// The server did not put together what was sent.
    NotJoined,
}

impl fmt::Display for UploadNotice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resumed {
                component,
                bytes,
                total,
            } => write!(
                formatter,
                "the upload of component {component} goes on: {bytes} of {total} bytes are on the server"
            ),
            Self::StartedAnew { component, reason } => write!(
                formatter,
                "the upload of component {component} starts anew: {reason}"
            ),
            Self::NotResumable { reason } => write!(
                formatter,
                "the upload cannot be resumed by another run of this program: {reason}"
            ),
        }
    }
}

impl fmt::Display for StartedAnewReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Forgotten => "the server does not know the earlier one any more",
            Self::SourceChanged => "the file has changed since",
            Self::StateDamaged => "the state of the earlier one is damaged",
            Self::NotJoined => "the server did not take the parts of the earlier one",
        })
    }
}
