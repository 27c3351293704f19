//! Uploads under way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Checksum, Files, append, storage_error};
use crate::request_error::RequestError;
use crate::rights::Grant;

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
    /// How many bytes the file has, where that was announced.
    pub(crate) size: Option<u64>,
    /// That of whoever uploads it.
    pub(crate) grant: Grant,
    /// Whether the component was there when the upload was announced: then it must be there still.
    pub(crate) is_there: bool,
    /// The parts that arrived: their entity tags and sizes.
    arrived: BTreeMap<u32, (String, u64)>,
    started: Instant,
}

/// A part as the client lists it at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) tag: String,
}

/// A file that was put together of its parts, and takes its place when the batch that asks for it is stored.
#[derive(Debug)]
pub(crate) struct Joined {
    token: String,
    component_id: String,
    staged: Staged,
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
    pub(crate) fn new(
        component_id: String,
        checksum: Option<String>,
        parts: Option<u32>,
        size: Option<u64>,
        grant: Grant,
    ) -> Self {
        Self {
            component_id,
            checksum,
            parts,
            size,
            grant,
            is_there: false,
            arrived: BTreeMap::new(),
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

    /// Takes up an upload again, if there is one of that word that is the same: as one that is announced now, by
    /// whoever announces it. Gives the numbers and tags of the parts that arrived.
    pub(crate) fn announce_again(&self, token: &str, same: &Upload) -> Option<Vec<(u32, String)>> {
        let mut uploads = self.uploads.lock();
        let upload = uploads.get_mut(token)?;
        let is_same = upload.component_id == same.component_id
            && upload.parts == same.parts
            && upload.size == same.size;
        if !is_same {
            return None;
        }
        upload.grant = same.grant;
        upload.is_there = same.is_there;
        upload.started = same.started;
        let arrived = upload.arrived.iter();
        Some(
            arrived
                .map(|(number, (tag, _))| (*number, tag.clone()))
                .collect(),
        )
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
    ) -> Result<String, RequestError> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        check_size(checksum.size, upload.size)?;
        let (base64, hex) = checksum.finish();
        check(&base64, header)?;
        check(&base64, upload.checksum.as_deref())?;
        self.publish(&staged.path, &upload.component_id)
            .map_err(|error| storage_error(&error))?;
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
    ) -> Result<String, RequestError> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        if !upload
            .parts
            .is_some_and(|parts| (1..=parts).contains(&number))
        {
            return Err(RequestError::validation(format!(
                "part {number} was not announced"
            )));
        }
        let size = checksum.size;
        let (base64, hex) = checksum.finish();
        check(&base64, header)?;
        // Nobody gives the upload up in between: the part would stay for ever.
        let mut uploads = self.uploads.lock();
        let upload = uploads.get_mut(token).ok_or_else(unknown)?;
        let others = upload.arrived.iter().filter(|(other, _)| **other != number);
        let others: u64 = others.map(|(_, (_, size))| *size).sum();
        if let Some(announced) = upload.size.filter(|announced| others + size > *announced) {
            return Err(RequestError::validation(format!(
                "the parts have {} bytes, and {announced} were announced",
                others + size
            )));
        }
        std::fs::rename(&staged.path, self.part(token, number))
            .map_err(|error| storage_error(&error))?;
        keep(staged);
        upload.arrived.insert(number, (hex.clone(), size));
        Ok(hex)
    }

    /// Puts the parts together. The file takes its place by [`finish`](Self::finish); until then nothing has changed.
    ///
    /// # Errors
    /// Refuses parts that did not arrive, or not as the client lists them, and another size than was announced.
    pub(crate) fn join(&self, token: &str, parts: &[Part]) -> Result<Joined, RequestError> {
        let upload = self.upload(token).ok_or_else(unknown)?;
        if parts.is_empty() || !parts.is_sorted_by(|one, two| one.number < two.number) {
            return Err(RequestError::validation(
                "the parts must be listed in ascending order, each once",
            ));
        }
        let mut size = 0;
        for part in parts {
            let tag = part.tag.trim_matches('"');
            match upload.arrived.get(&part.number) {
                Some((arrived, bytes)) if arrived == tag => size += bytes,
                _ => {
                    return Err(RequestError::validation(format!(
                        "part {} did not arrive, or has another tag",
                        part.number
                    )));
                }
            }
        }
        check_size(size, upload.size)?;
        let staged = self.stage();
        let joined = (|| -> std::io::Result<()> {
            let mut target = std::fs::File::create(&staged.path)?;
            for part in parts {
                append(&self.part(token, part.number), &mut target)?;
            }
            if self.is_durable() {
                target.sync_all()?;
            }
            Ok(())
        })();
        joined.map_err(|error| storage_error(&error))?;
        Ok(Joined {
            token: token.to_owned(),
            component_id: upload.component_id,
            staged,
        })
    }

    /// Makes a file that was put together that of its component, and forgets its parts.
    ///
    /// # Errors
    /// A file that cannot take its place.
    pub(crate) fn finish(&self, joined: Joined) -> Result<(), RequestError> {
        self.publish(&joined.staged.path, &joined.component_id)
            .map_err(|error| storage_error(&error))?;
        keep(joined.staged);
        self.abort(&joined.token);
        Ok(())
    }

    /// Forgets an upload and its parts.
    pub(crate) fn abort(&self, token: &str) {
        let Some(upload) = self.uploads.lock().remove(token) else {
            return;
        };
        for number in upload.arrived.keys() {
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

fn unknown() -> RequestError {
    RequestError::not_found("there is no such upload, or it is over")
}

fn check_size(actual: u64, announced: Option<u64>) -> Result<(), RequestError> {
    match announced {
        Some(announced) if announced != actual => Err(RequestError::validation(format!(
            "the file has {actual} bytes, and {announced} were announced: nothing was kept"
        ))),
        _ => Ok(()),
    }
}

fn check(actual: &str, wanted: Option<&str>) -> Result<(), RequestError> {
    match wanted {
        Some(wanted) if wanted != actual => Err(RequestError::validation(format!(
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
        let token = files.announce(Upload::new(
            "c".to_owned(),
            None,
            Some(2),
            None,
            Grant::default(),
        ));
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
