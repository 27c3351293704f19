//! The files of components: uploaded in one piece or in parts, staged, and published by renaming.

mod content_type;
#[cfg(feature = "media")]
pub(crate) mod picture;
mod rewind;
mod temporary;
mod thumbnail;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use md5::{Digest, Md5};
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::Sha256;

pub(crate) use self::content_type::{content_type, image_type};
use self::temporary::Temporary;
pub(crate) use self::upload::{Joined, PART_LIMIT, Part, Staged, Upload};
use crate::budget::Pool;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::limits::ServerLimits;
use crate::request_error::{RequestError, RequestErrorKind};

/// Where files are, and what is being uploaded.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    /// What the folder is, where nothing is kept.
    temporary: Option<Temporary>,
    uploads: Mutex<FxHashMap<String, Upload>>,
    /// Pixels of images that are decoded at the moment.
    pub(crate) pixels: Arc<Pool>,
    /// The files at the start of a server for tests.
    start: OnceLock<FxHashSet<PathBuf>>,
}

impl Files {
    /// Keeps files in a folder, or in a temporary one that goes with the server.
    pub(crate) fn new(data_dir: Option<&Path>) -> Result<Self> {
        let (folder, temporary) = if let Some(folder) = data_dir {
            (folder.join("files"), None)
        } else {
            let temporary = Temporary::new(&std::env::temp_dir());
            (temporary.path().to_owned(), Some(temporary))
        };
        let files = Self {
            folder,
            temporary,
            uploads: Mutex::default(),
            pixels: Arc::new(Pool::new(ServerLimits::default().pixels)),
            start: OnceLock::new(),
        };
        if files.temporary.is_none() {
            // What was under way when the server stopped can never be completed.
            let _ = std::fs::remove_dir_all(files.staging());
            files.prepare().map_err(|source| Error::DataFolder {
                path: files.folder.clone(),
                source,
            })?;
        }
        Ok(files)
    }

    /// Makes the folders that are missing.
    fn prepare(&self) -> std::io::Result<()> {
        if let Some(temporary) = &self.temporary {
            temporary.make()?;
        }
        std::fs::create_dir_all(self.staging())?;
        std::fs::create_dir_all(self.folder.join("components"))
    }

    /// Whether files must outlive a crash of the machine: those of a temporary folder do not outlive the server.
    pub(crate) fn is_durable(&self) -> bool {
        self.temporary.is_none()
    }

    fn staging(&self) -> PathBuf {
        self.folder.join("staging")
    }

    /// Where the file of a component is. Ids are chosen by clients: only those that are uuids name
    /// a file as they are.
    pub(crate) fn path(&self, component_id: &str) -> PathBuf {
        let is_uuid = uuid::Uuid::try_parse(component_id)
            .is_ok_and(|id| id.hyphenated().to_string() == component_id);
        let name = if is_uuid {
            component_id.to_owned()
        } else {
            let digest = Sha256::digest(component_id.as_bytes());
            format!("other-{}", hex(&digest))
        };
        self.place(&name)
    }

    /// Where the file of this name is; no folder holds all of them.
    fn place(&self, name: &str) -> PathBuf {
        let group: String = name.chars().rev().take(2).collect();
        self.folder.join("components").join(group).join(name)
    }

    /// Removes the file of a component; whether there was one.
    pub(crate) fn remove(&self, component_id: &str) -> bool {
        self.forget_thumbnails(component_id);
        let path = self.path(component_id);
        self.set_aside(&path) || std::fs::remove_file(path).is_ok()
    }

    /// Makes a staged file that of a component.
    pub(crate) fn publish(&self, staged: &Path, component_id: &str) -> std::io::Result<()> {
        let target = self.path(component_id);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        self.set_aside(&target);
        std::fs::rename(staged, target)?;
        self.forget_thumbnails(component_id);
        Ok(())
    }
}

/// The MD5 of data that passes by.
#[derive(Debug, Default)]
pub(crate) struct Checksum {
    digest: Md5,
    /// How many bytes passed.
    pub(crate) size: u64,
}

impl Checksum {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.size += u64::try_from(bytes.len()).unwrap_or_default();
    }

    /// The digest as it is written in `Content-MD5`, and as it is written in entity tags.
    pub(crate) fn finish(self) -> (String, String) {
        let digest = self.digest.finalize();
        (
            base64::engine::general_purpose::STANDARD.encode(digest),
            hex(&digest),
        )
    }
}

fn storage_error(error: &std::io::Error) -> RequestError {
    tracing::error!(%error, "a file could not be stored");
    RequestError::new(RequestErrorKind::Internal, "the file could not be stored")
}

/// Appends one file to another.
fn append(source: &Path, target: &mut std::fs::File) -> std::io::Result<()> {
    // Where the system can, it copies by itself.
    std::io::copy(&mut std::fs::File::open(source)?, target).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_lead_out_of_the_folder() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|source| Error::DataFolder {
            path: PathBuf::new(),
            source,
        })?;
        let files = Files::new(Some(folder.path()))?;
        for id in [
            "../../etc/passwd",
            "/etc/passwd",
            "",
            ".",
            "a/b",
            "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
        ] {
            let path = files.path(id);
            assert!(
                path.starts_with(folder.path().join("files/components")),
                "{id}"
            );
            assert!(
                path.components().all(|part| part.as_os_str() != ".."),
                "{id}"
            );
        }
        Ok(())
    }
}
