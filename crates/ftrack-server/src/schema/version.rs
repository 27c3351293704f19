//! Which of the schemas that real servers were seen to have.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// One of the schemas that are built in, called by the number of entity types that it reports.
///
/// ```
/// use ftrack_server::SchemaVersion;
///
/// assert_eq!(SchemaVersion::default(), SchemaVersion::V128);
/// let older: SchemaVersion = "116".parse()?;
/// assert_eq!(older, SchemaVersion::V116);
/// # Ok::<(), ftrack_server::UnknownSchemaVersion>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SchemaVersion {
    /// That of an older server, for comparison.
    V116,
    /// That of server 4.13.
    #[default]
    V128,
}

/// A number that no built-in schema goes by.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no schema version `{0}`: the versions are 116 and 128")]
pub struct UnknownSchemaVersion(String);

impl SchemaVersion {
    /// The number by which it is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V116 => "116",
            Self::V128 => "128",
        }
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SchemaVersion {
    type Err = UnknownSchemaVersion;

    fn from_str(text: &str) -> Result<Self, UnknownSchemaVersion> {
        let versions = [Self::V116, Self::V128];
        let found = versions.into_iter().find(|found| found.as_str() == text);
        found.ok_or_else(|| UnknownSchemaVersion(text.to_owned()))
    }
}
