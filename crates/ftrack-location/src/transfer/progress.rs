//! How far a transfer is.

/// How far a transfer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes were copied.
    pub bytes: u64,
    /// How many bytes there will be, if that is known of all resources.
    pub total_bytes: Option<u64>,
    /// How many resources are whole.
    pub files: u64,
    /// How many resources there will be.
    pub total_files: u64,
}
