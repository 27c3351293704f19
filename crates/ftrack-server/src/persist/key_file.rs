//! The key of the administrator, kept with the data so that it is the same after a restart.
//!
//! The database has a hash of it only, and a server says the key when it starts. The file can be read by its owner
//! only.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const FILE_NAME: &str = "api-key.json";

/// The file of the key.
#[derive(Debug)]
pub(crate) struct KeyFile {
    path: PathBuf,
}

#[derive(Deserialize, Serialize)]
struct Content {
    user: String,
    api_key: String,
}

impl KeyFile {
    /// The file in a data folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            path: folder.join(FILE_NAME),
        }
    }

    /// The key of a user; nothing where the file is of another one, or makes no sense.
    pub(crate) fn read(&self, user: &str) -> Option<String> {
        let bytes = std::fs::read(&self.path).ok()?;
        let content: Content = serde_json::from_slice(&bytes).ok()?;
        (content.user == user).then_some(content.api_key)
    }

    /// Puts the key of a user in place of what there was.
    pub(crate) fn write(&self, user: &str, key: &str) -> io::Result<()> {
        let content = serde_json::to_vec(&Content {
            user: user.to_owned(),
            api_key: key.to_owned(),
        })?;
        super::access::write_file(&self.path, &content)
    }
}
