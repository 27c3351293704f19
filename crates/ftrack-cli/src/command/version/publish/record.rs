//! What is known of a publication when the command that made it was killed.
//!
//! A publication to the server keeps the ids of its version and components, so that the same command goes on with them
//! and with what the server has of their files. One command at a time has it.
//!
//! A record is a line at the end of its file, below those of earlier attempts: who is killed while it is written leaves
//! the one before.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use etcetera::BaseStrategy;
use ftrack::prelude::*;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Options;
use super::source::Source;
use crate::connection::profile::make_folder;
use crate::terminal::output;

/// Publications of less are over before anybody could go on with them; it is what the library keeps no state for.
const LEAST: u64 = 16 * 1024 * 1024;

/// What is known of a publication.
pub(super) struct Record {
    path: PathBuf,
    file: File,
    known: Option<Known>,
    /// What tells whether the files are still the same.
    files: String,
}

/// What an earlier command left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) asset: String,
    pub(super) asset_is_new: bool,
    pub(super) version: String,
    /// Types and ids, in the order of the sources.
    pub(super) components: Vec<(String, String)>,
    /// What tells whether the files are still the same.
    pub(super) files: String,
}

impl Record {
    /// The record of this publication, if it is one that goes to the server and takes its time. Where none can be kept,
    /// that is said, and the publication goes on without.
    pub(super) fn open(
        session: &Session,
        location: &Location,
        options: &Options,
        sources: &[Source],
    ) -> Option<Self> {
        if !is_kept(location, sources) {
            return None;
        }
        let key = key(session, location, options, sources);
        match Self::open_at(&key, digest_of_files(sources)) {
            Ok(record) => Some(record),
            Err(error) => {
                output::note(&format!(
                    "warning: this publication cannot be resumed by another command: {error}"
                ));
                None
            }
        }
    }

    /// What an earlier command of this publication left, if the files are still the same. Nothing is changed.
    pub(super) fn look(
        session: &Session,
        location: &Location,
        options: &Options,
        sources: &[Source],
    ) -> Option<Known> {
        if options.uploading.no_resume || !is_kept(location, sources) {
            return None;
        }
        let path = path(&key(session, location, options, sources)).ok()?;
        let known = Known::last(&fs::read_to_string(path).ok()?)?;
        (known.files == digest_of_files(sources)).then_some(known)
    }

    fn open_at(key: &str, files: String) -> io::Result<Self> {
        let path = path(key)?;
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("the same command is running already"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut text = String::new();
        // What is damaged is nothing to go on with.
        let known = match file.read_to_string(&mut text) {
            Ok(_) => Known::last(&text),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
            Err(error) => return Err(error),
        };
        if known.is_none() && !text.is_empty() {
            output::note("warning: what is known of the earlier publication is damaged");
        }
        Ok(Self {
            path,
            file,
            known,
            files,
        })
    }

    /// What an earlier command left.
    pub(super) fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    /// Whether the files are still the ones that the earlier command published.
    pub(super) fn is_of_these_files(&self, known: &Known) -> bool {
        known.files == self.files
    }

    /// What tells whether the files are still the same.
    pub(super) fn files(&self) -> &str {
        &self.files
    }

    /// Notes what was created.
    pub(super) fn write(&mut self, known: &Known) {
        // What stands before may have no end.
        let line = format!("\n{}\n", known.text());
        let outcome = self.file.seek(SeekFrom::End(0)).and_then(|_| {
            self.file.write_all(line.as_bytes())?;
            self.file.sync_data()
        });
        if let Err(error) = outcome {
            output::note(&format!(
                "warning: this publication cannot be resumed: {}: {error}",
                self.path.display()
            ));
        }
    }

    /// Forgets it: the publication is complete, or was taken back.
    pub(super) fn remove(self) {
        // A record that stays is of a version that is published, or gone: neither is gone on with.
        let _ = fs::remove_file(&self.path);
    }
}

impl Known {
    fn text(&self) -> String {
        let components: Vec<Json> = self
            .components
            .iter()
            .map(|(entity_type, id)| json!({"type": entity_type, "id": id}))
            .collect();
        json!({
            "asset": self.asset,
            "asset_is_new": self.asset_is_new,
            "version": self.version,
            "components": components,
            "files": self.files,
        })
        .to_string()
    }

    /// The last record in a file.
    fn last(text: &str) -> Option<Self> {
        text.lines().rev().find_map(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let word = |json: &Json| json.as_str().map(str::to_owned);
        let components = json["components"].as_array()?.iter();
        Some(Self {
            asset: word(&json["asset"])?,
            asset_is_new: json["asset_is_new"].as_bool()?,
            version: word(&json["version"])?,
            components: components
                .map(|component| Some((word(&component["type"])?, word(&component["id"])?)))
                .collect::<Option<_>>()?,
            files: word(&json["files"])?,
        })
    }
}

/// Whether a record is kept of what is published: of what goes to the server and takes its time.
fn is_kept(location: &Location, sources: &[Source]) -> bool {
    let sizes = sources.iter().map(Source::size);
    location.kind() == ftrack::LocationKind::Server
        && sizes.fold(0_u64, u64::saturating_add) > LEAST
}

/// Where the record with this name is.
fn path(key: &str) -> io::Result<PathBuf> {
    let folders = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    let folder = folders.cache_dir().join("ftrack-rust/publications-v1");
    Ok(folder.join(format!("{key}.json")))
}

/// A name for everything that makes two commands the same.
fn key(session: &Session, location: &Location, options: &Options, sources: &[Source]) -> String {
    let thumbnail = options.thumbnail.as_ref();
    let mut parts = vec![
        session.server_url().to_owned(),
        session.api_user().to_owned(),
        location.id(),
        options.task.text().to_owned(),
        options.asset.clone(),
        options.asset_type.clone(),
        options.comment.clone().unwrap_or_default(),
        thumbnail.map_or_else(String::new, |path| path.display().to_string()),
    ];
    parts.extend(sources.iter().map(|source| source.path.clone()));
    digest(parts.iter().map(String::as_str))
}

/// Paths, sizes and times of all files.
fn digest_of_files(sources: &[Source]) -> String {
    let texts: Vec<String> = sources
        .iter()
        .flat_map(Source::files)
        .map(|path| {
            let metadata = fs::metadata(&path).ok();
            let modified = metadata.as_ref().and_then(|found| found.modified().ok());
            let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let size = metadata.map(|found| found.len());
            format!("{path} {size:?} {:?}", modified.map(|time| time.as_nanos()))
        })
        .collect();
    digest(texts.iter().map(String::as_str))
}

fn digest<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    let bytes = digest.finalize();
    let start = bytes.first_chunk().copied().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_comes_back_and_what_is_damaged_does_not() {
        let known = Known {
            asset: "a".to_owned(),
            asset_is_new: true,
            version: "v".to_owned(),
            components: vec![("FileComponent".to_owned(), "c".to_owned())],
            files: "f".to_owned(),
        };
        let text = known.text();
        assert_eq!(Known::parse(&text), Some(known));
        for end in 0..text.len() {
            assert_eq!(Known::parse(&text[..end]), None, "{end}");
        }
        assert_eq!(Known::parse("{}"), None);
        // Who was killed while the next one was written has left this one.
        for end in 0..text.len() {
            let two = format!("\n{text}\n\n{}", &text.replace('v', "w")[..end]);
            assert_eq!(Known::last(&two).unwrap().version, "v", "{end}");
        }
    }
}
