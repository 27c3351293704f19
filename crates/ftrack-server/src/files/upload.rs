//! Uploads under way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Checksum, Files, append, fault};
use crate::refusal::Refusal;

/// After this an upload that was not completed is forgotten.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The highest part number.
pub(crate) const PART_LIMIT: u32 = 10_000;

/// What is to be uploaded.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) component_id: String,
    /// The MD5 that the file must have, in base64.
    pub(crate) checksum: Option<String>,
    /// How many parts were announced; none for a file in one piece.
    pub(crate) parts: Option<u32>,
    /// Entity tags of the parts that arrived.
    tags: BTreeMap<u32, String>,
    started: Instant,
}

/// A part as the client lists it at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) tag: String,
}

/// A file that arrived and waits to be checked.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) path: PathBuf,
    is_kept: bool,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Upload {
    pub(crate) fn new(component_id: String, checksum: Option<String>, parts: Option<u32>) -> Self {
        Self {
            component_id,
            checksum,
            parts,
            tags: BTreeMap::new(),
            started: Instant::now(),
        }
    }
}

impl Files {
    /// Announces an upload; gives the word by which it is known.
    pub(crate) fn announce(&self, upload: Upload) -> String {
        self.forget_abandoned(Instant::now());
        let token = uuid::Uuid::new_v4().simple().to_string();
        self.uploads.lock().insert(token.clone(), upload);
        token
    }

    /// The upload of that word.
    pub(crate) fn upload(&self, token: &str) -> Option<Upload> {
        self.uploads.lock().get(token).cloned()
    }

    /// A place for data that arrives.
    pub(crate) fn stage(&self) -> Staged {
        // Whoever writes there fails where there is no folder, and says so.
        if let Err(error) = self.prepare() {
            tracing::error!(%error, folder = %self.folder.display(), "there is no place for files");
        }
        let name = uuid::Uuid::new_v4().simple().to_string();
        Staged {
            path: self.staging().join(name),
            is_kept: false,
        }
    }

    /// Takes over a file that arrived in one piece.
    ///
    /// # Errors
    /// Refuses data that does not have the checksum announced; nothing is kept then.
    pub(crate) fn accept(
        &self,
        token: &str,
        staged: Staged,
        checksum: Checksum,
        header: Option<&str>,
    ) -> Result<String, Refusal> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        let (base64, hex) = checksum.finish();
        check(&base64, header)?;
        check(&base64, upload.checksum.as_deref())?;
        self.publish(&staged.path, &upload.component_id)
            .map_err(|error| fault(&error))?;
        keep(staged);
        Ok(hex)
    }

    /// Takes over one part; the same part may come again.
    ///
    /// # Errors
    /// Refuses part numbers that were not announced, and data with another checksum.
    pub(crate) fn accept_part(
        &self,
        token: &str,
        number: u32,
        staged: Staged,
        checksum: Checksum,
        header: Option<&str>,
    ) -> Result<String, Refusal> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        if !upload
            .parts
            .is_some_and(|parts| (1..=parts).contains(&number))
        {
            return Err(Refusal::validation(format!(
                "part {number} was not announced"
            )));
        }
        let (base64, hex) = checksum.finish();
        check(&base64, header)?;
        std::fs::rename(&staged.path, self.part(token, number)).map_err(|error| fault(&error))?;
        keep(staged);
        if let Some(upload) = self.uploads.lock().get_mut(token) {
            upload.tags.insert(number, hex.clone());
        }
        Ok(hex)
    }

    /// Puts the parts together.
    ///
    /// # Errors
    /// Refuses parts that did not arrive, or not as the client lists them.
    pub(crate) fn complete(&self, token: &str, parts: &[Part]) -> Result<String, Refusal> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        if parts.is_empty() || !parts.iter().is_sorted_by_key(|part| part.number) {
            return Err(Refusal::validation(
                "the parts must be listed in ascending order",
            ));
        }
        for part in parts {
            let tag = part.tag.trim_matches('"');
            if upload.tags.get(&part.number).map(String::as_str) != Some(tag) {
                return Err(Refusal::validation(format!(
                    "part {} did not arrive, or has another tag",
                    part.number
                )));
            }
        }
        let staged = self.stage();
        let joined = (|| -> std::io::Result<()> {
            let mut target = std::fs::File::create(&staged.path)?;
            for part in parts {
                append(&self.part(token, part.number), &mut target)?;
            }
            if self.is_durable() {
                target.sync_all()?;
            }
            self.publish(&staged.path, &upload.component_id)
        })();
        joined.map_err(|error| fault(&error))?;
        keep(staged);
        self.abort(token);
        Ok(upload.component_id)
    }

    /// Forgets an upload and its parts.
    pub(crate) fn abort(&self, token: &str) {
        let Some(upload) = self.uploads.lock().remove(token) else {
            return;
        };
        for number in upload.tags.keys() {
            let _ = std::fs::remove_file(self.part(token, *number));
        }
    }

    fn part(&self, token: &str, number: u32) -> PathBuf {
        self.staging().join(format!("{token}.{number}"))
    }

    /// Forgets what nobody completed for long.
    fn forget_abandoned(&self, now: Instant) {
        let old: Vec<String> = {
            let uploads = self.uploads.lock();
            let age = |upload: &Upload| now.saturating_duration_since(upload.started);
            uploads
                .iter()
                .filter(|(_, upload)| age(upload) > LIFETIME)
                .map(|(token, _)| token.clone())
                .collect()
        };
        for token in old {
            self.abort(&token);
        }
    }
}

fn keep(mut staged: Staged) {
    staged.is_kept = true;
}

fn unknown() -> Refusal {
    Refusal::not_found("there is no such upload, or it is over")
}

fn check(actual: &str, wanted: Option<&str>) -> Result<(), Refusal> {
    match wanted {
        Some(wanted) if wanted != actual => Err(Refusal::validation(format!(
            "the data has the MD5 {actual}, not {wanted}: nothing was kept"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_uploads_that_nobody_completes() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let files = Files::new(Some(folder.path())).map_err(std::io::Error::other)?;
        let token = files.announce(Upload::new("c".to_owned(), None, Some(2)));
        let staged = files.stage();
        std::fs::write(&staged.path, "part")?;
        let part = files.accept_part(&token, 1, staged, Checksum::default(), None);
        assert!(part.is_ok());
        let parts = || std::fs::read_dir(files.staging()).map(Iterator::count);
        assert_eq!(parts()?, 1);
        files.forget_abandoned(Instant::now() + LIFETIME / 2);
        assert!(files.upload(&token).is_some(), "it may still be completed");
        files.forget_abandoned(Instant::now() + LIFETIME * 2);
        assert!(files.upload(&token).is_none());
        assert_eq!(parts()?, 0);
        Ok(())
    }
}
