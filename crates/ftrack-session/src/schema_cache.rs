//! Schemas, kept on disk from run to run.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use ftrack_entity::Schema;

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
const FORMAT: &str = concat!("ftrack-schemas-4 ", env!("CARGO_PKG_VERSION"));

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
        if !content.header.starts_with(FORMAT.as_bytes()) {
            return None;
        }
        let kept = content.kept();
        if kept.is_none() {
            tracing::warn!(path = %self.0.display(), "the schema cache is damaged; the server is asked again");
        }
        kept
    }

    /// The parts of the file, the schemas read to where they stay.
    fn content(&self) -> io::Result<Content> {
        let unfit = || io::Error::other("it is not a file of schemas");
        // Opening something else, such as a named pipe, could take forever.
        if !fs::metadata(&self.0)?.is_file() {
            return Err(unfit());
        }
        let file = fs::File::open(&self.0)?;
        // It may be another one by now.
        let size = file.metadata()?.len();
        if size > LARGEST {
            return Err(unfit());
        }
        let mut file = BufReader::new(file).take(size);
        let (mut header, mut places) = (Vec::new(), Vec::new());
        for line in [&mut header, &mut places] {
            file.read_until(b'\n', line)?;
            line.pop();
        }
        let size = usize::try_from(file.limit()).map_err(io::Error::other)?;
        let mut text: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
        if let Some(text) = Arc::get_mut(&mut text) {
            file.read_exact(text)?;
        }
        Ok(Content {
            header,
            places,
            text,
        })
    }

    /// Keeps the text of `schema`. Failing to is not a failure of the session: it is only logged.
    pub(crate) fn write(&self, hash: &str, schema: &Schema) {
        if let Err(error) = self.replace(hash, schema) {
            tracing::warn!(path = %self.0.display(), %error, "cannot write the schema cache");
        }
    }

    fn replace(&self, hash: &str, schema: &Schema) -> io::Result<()> {
        fs::create_dir_all(self.0.parent().unwrap_or(Path::new(".")))?;
        let places = schema.places();
        let places: Vec<Place<'_>> = places
            .map(|(name, place)| (name.into(), place.start, place.end))
            .collect();
        let places = serde_json::to_string(&places)?;
        let text = schema.text().unwrap_or_default();
        let checksum = checksum(places.as_bytes(), text);
        let mut content = format!("{} {checksum}\n{places}\n", header(hash)).into_bytes();
        content.extend_from_slice(text);
        // Whoever reads meanwhile sees the old or the new one.
        replace_file(&self.0, &content, Durability::Lazy)
    }
}

/// What is in a file: two lines, and the rest.
struct Content {
    /// What the rest is, and the checksum of the other two.
    header: Vec<u8>,
    /// Which part of the schemas describes which type, so that nobody has to look for it.
    places: Vec<u8>,
    /// The schemas, as the server wrote them.
    text: Arc<[u8]>,
}

/// The name of a type, and where what describes it begins and ends, in bytes.
type Place<'p> = (Cow<'p, str>, usize, usize);

impl Content {
    /// The schemas, if nothing is damaged.
    fn kept(mut self) -> Option<KeptSchemas> {
        let checksum = checksum(&self.places, &self.text);
        let header = self.header.strip_suffix(checksum.as_bytes())?;
        let length = header.strip_suffix(b" ")?.len();
        self.header.truncate(length);
        let places: Vec<Place<'_>> = serde_json::from_slice(&self.places).ok()?;
        let places = places
            .into_iter()
            .map(|(name, start, end)| (name, start..end));
        let schema = Schema::from_places(self.text, places);
        let header = self.header;
        Some(KeptSchemas { header, schema })
    }
}

/// Schemas of an earlier run.
pub(crate) struct KeptSchemas {
    header: Vec<u8>,
    pub(crate) schema: Schema,
}

impl KeptSchemas {
    /// Whether the server gave them this hash.
    pub(crate) fn are_of(&self, hash: &str) -> bool {
        self.header == header(hash).as_bytes()
    }
}

fn checksum(places: &[u8], text: &[u8]) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(places);
    hasher.update(text);
    format!("{:08x}", hasher.finalize())
}

fn header(hash: &str) -> String {
    format!("{FORMAT} {}", hash.escape_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Schema {
        Schema::from_kept_json(text.as_bytes().into()).unwrap()
    }

    #[test]
    fn schemas_come_back_for_the_same_hash_only() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SchemaCache::Folder(folder.path().join("not/there/yet"));
        let file = cache.file("https://studio.ftrackapp.com").unwrap();
        let read = |hash| Some(file.read().filter(|kept| kept.are_of(hash))?.schema);
        assert!(read("a").is_none());
        let first = schema("[\n{\"id\": \"Task\"},\n{\"id\": \"A \\\"type\\\"\"}]\n");
        file.write("a", &first);
        let kept = read("a").unwrap();
        assert_eq!(kept.text(), first.text());
        assert!(kept.places().eq(first.places()));
        assert_eq!(
            kept.text_of("A \"type\""),
            Some(&br#"{"id": "A \"type\""}"#[..])
        );
        assert!(read("b").is_none());
        file.write("b", &schema("[]"));
        assert_eq!(read("b").unwrap().text(), Some(&b"[]"[..]));
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
        file.write("a", &schema(r#"[{"id": "Task"}]"#));
        assert!(file.read().unwrap().are_of("a"));
        let whole = fs::read(&file.0).unwrap();
        for change in [
            |content: &mut Vec<u8>| content.truncate(content.len() - 1),
            |content: &mut Vec<u8>| content.push(b' '),
            |content: &mut Vec<u8>| {
                let last = content.len() - 4;
                content[last] ^= 1;
            },
            |content: &mut Vec<u8>| {
                // Among the places.
                let line = content.iter().position(|byte| *byte == b'\n').unwrap();
                content[line + 5] ^= 1;
            },
            |content: &mut Vec<u8>| content.truncate(20),
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
        file.write("a", &schema("[]"));
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
