//! Schemas, kept on disk from run to run.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;

use crate::whole_file::{Durability, replace_file};

/// Where schemas are kept from run to run, so that starting takes one request.
///
/// There is one file per server. Beside the schemas it holds the hash that the server gave for them; a server with
/// another hash, or with none, is asked again. It is asked too if the file is damaged, which a checksum tells, or not a
/// file at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SchemaCache {
    /// In the folder that `FTRACK_API_SCHEMA_CACHE_PATH` names, else in one of this client's own under the user's
    /// cache folder.
    #[default]
    Default,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere: schemas are fetched at every start.
    Disabled,
}

/// The first line of a file says the format; another format is simply not read. The version is part of it, so that what
/// is read was checked as a whole by the same reader.
const FORMAT: &str = concat!("ftrack-schemas-3 ", env!("CARGO_PKG_VERSION"));

/// No schemas are as large as this, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The schemas of one server on disk.
#[derive(Debug)]
pub(crate) struct SchemaFile(PathBuf);

impl SchemaCache {
    /// The file for the server at `server_url`, unless the cache is disabled or there is no place for it.
    pub(crate) fn file(&self, server_url: &str) -> Option<SchemaFile> {
        let folder = match self {
            Self::Disabled => return None,
            Self::Folder(folder) => folder.clone(),
            Self::Default => default_folder()?,
        };
        Some(SchemaFile(folder.join(file_name(server_url))))
    }
}

fn default_folder() -> Option<PathBuf> {
    if let Some(folder) =
        std::env::var_os("FTRACK_API_SCHEMA_CACHE_PATH").filter(|folder| !folder.is_empty())
    {
        return Some(folder.into());
    }
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.cache_dir().join("ftrack-rust").join("schemas-v1"))
}

/// A readable name with no character that a file system minds; distinct for distinct addresses.
fn file_name(server_url: &str) -> String {
    let mut name = String::with_capacity(server_url.len() + 8);
    for character in server_url.chars() {
        match character {
            'a'..='z' | '0'..='9' | '.' | '-' => name.push(character),
            // Writing to a String does not fail.
            other => drop(write!(name, "_{:x}_", u32::from(other))),
        }
    }
    name.truncate(200);
    name + ".schemas"
}

impl SchemaFile {
    /// What is kept, whatever its hash.
    pub(crate) fn read(&self) -> Option<KeptSchemas> {
        let content = match self.content() {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %self.0.display(), %error, "cannot read the schema cache");
                return None;
            }
        };
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let (header, text) = (content.get(..end)?, content.get(end + 1..)?);
        let checksum = checksum(text);
        let is_whole = header
            .strip_suffix(checksum.as_bytes())
            .and_then(|header| header.strip_suffix(b" "));
        let Some(header) = is_whole.map(<[u8]>::to_vec) else {
            tracing::warn!(path = %self.0.display(), "the schema cache is damaged; the server is asked again");
            return None;
        };
        let text = Arc::from(text);
        Some(KeptSchemas { header, text })
    }

    /// What is in the file. Reading something else, such as a named pipe, could take forever.
    fn content(&self) -> io::Result<Vec<u8>> {
        let metadata = fs::metadata(&self.0)?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(io::Error::other("it is not a file of schemas"));
        }
        fs::read(&self.0)
    }

    /// Keeps `schemas`. Failing to is not a failure of the session: it is only logged.
    pub(crate) fn write(&self, hash: &str, schemas: &[u8]) {
        if let Err(error) = self.replace(hash, schemas) {
            tracing::warn!(path = %self.0.display(), %error, "cannot write the schema cache");
        }
    }

    fn replace(&self, hash: &str, schemas: &[u8]) -> io::Result<()> {
        fs::create_dir_all(self.0.parent().unwrap_or(Path::new(".")))?;
        let mut content = format!("{} {}\n", header(hash), checksum(schemas)).into_bytes();
        content.extend_from_slice(schemas);
        // Whoever reads meanwhile sees the old or the new one.
        replace_file(&self.0, &content, Durability::Lazy)
    }
}

/// Schemas of an earlier run.
pub(crate) struct KeptSchemas {
    header: Vec<u8>,
    /// The schemas, as the server wrote them.
    pub(crate) text: Arc<[u8]>,
}

impl KeptSchemas {
    /// Whether the server gave them this hash.
    pub(crate) fn are_of(&self, hash: &str) -> bool {
        self.header == header(hash).as_bytes()
    }
}

fn checksum(schemas: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(schemas))
}

fn header(hash: &str) -> String {
    format!("{FORMAT} {}", hash.escape_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_come_back_for_the_same_hash_only() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SchemaCache::Folder(folder.path().join("not/there/yet"));
        let file = cache.file("https://studio.ftrackapp.com").unwrap();
        let read = |hash| Some(file.read().filter(|kept| kept.are_of(hash))?.text);
        assert_eq!(read("a"), None);
        file.write("a", b"[]\nrest");
        assert_eq!(read("a").as_deref(), Some(&b"[]\nrest"[..]));
        assert_eq!(read("b"), None);
        file.write("b", b"[1]");
        assert_eq!(read("b").as_deref(), Some(&b"[1]"[..]));
        let names = fs::read_dir(folder.path().join("not/there/yet"))
            .unwrap()
            .count();
        assert_eq!(names, 1, "no temporary file is left");
    }

    #[test]
    fn a_file_of_another_kind_is_a_miss() {
        let folder = tempfile::tempdir().unwrap();
        let file = SchemaCache::Folder(folder.path().into())
            .file("http://a")
            .unwrap();
        for content in [&b""[..], b"ftrack-schemas-1 a", b"\n[]", b"{\"a\": 1}\n"] {
            fs::write(&file.0, content).unwrap();
            assert!(file.read().is_none_or(|kept| !kept.are_of("a")));
        }
    }

    #[test]
    fn a_damaged_file_is_a_miss() {
        let folder = tempfile::tempdir().unwrap();
        let file = SchemaCache::Folder(folder.path().into())
            .file("http://a")
            .unwrap();
        file.write("a", br#"[{"id": "Task"}]"#);
        assert!(file.read().unwrap().are_of("a"));
        let whole = fs::read(&file.0).unwrap();
        for change in [
            |content: &mut Vec<u8>| content.truncate(content.len() - 1),
            |content: &mut Vec<u8>| content.push(b' '),
            |content: &mut Vec<u8>| {
                let last = content.len() - 4;
                content[last] ^= 1;
            },
        ] {
            let mut content = whole.clone();
            change(&mut content);
            fs::write(&file.0, content).unwrap();
            assert!(file.read().is_none());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_its_place_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = SchemaCache::Folder(folder.path().into())
            .file("http://a")
            .unwrap();
        let made = std::process::Command::new("mkfifo").arg(&file.0).status();
        assert!(made.unwrap().success());
        assert!(file.read().is_none());
        // It is replaced by what the server says.
        file.write("a", b"[]");
        assert!(file.read().is_some());
    }

    #[test]
    fn servers_have_files_of_their_own() {
        assert_eq!(file_name("https://a.com"), "https_3a__2f__2f_a.com.schemas");
        assert_ne!(file_name("http://a.com/x"), file_name("http://a.com_x"));
    }

    #[test]
    fn a_disabled_cache_has_no_file() {
        assert!(SchemaCache::Disabled.file("https://a.com").is_none());
    }
}
