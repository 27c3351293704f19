//! What is known of an upload when the program that began it is gone.
//!
//! One file belongs to one call that uploads, and is locked by it. Each step is a line that is added at the end; when
//! everything is registered the file is removed.

mod line;
mod place;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use self::line::Line;
pub(crate) use self::place::{PlaceError, key};
use super::fingerprint::Fingerprint;
use super::options::UploadState;

/// What the first line has to say.
const FORMAT: &str = "ftrack-upload-1";

/// No state is as large as this, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How much a crash of the machine may cost.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The state of one call that uploads.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    /// Says whose state it is.
    first: Line,
    /// Whether there was a state that could not be read.
    is_damaged: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    state: State,
    synced: Instant,
    /// Whether writing failed: what follows would not fit to what is there.
    is_broken: bool,
}

/// What the lines say.
#[derive(Debug, Default)]
struct State {
    /// The ids of components by the paths that they were created for.
    components: FxHashMap<String, String>,
    /// By the ids of components.
    files: FxHashMap<String, FileState>,
    is_registering: bool,
}

/// How far the file of a component is.
#[derive(Debug, Clone)]
pub(super) struct FileState {
    pub(super) fingerprint: Fingerprint,
    pub(super) part_size: u64,
    /// The id of the upload, if it goes in parts.
    pub(super) upload: Option<String>,
    /// The parts that arrived, by number.
    pub(super) parts: BTreeMap<u64, PartState>,
    /// Whether the server has all of it.
    pub(super) is_sent: bool,
}

/// A part that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartState {
    /// What the storage called it.
    pub(super) tag: String,
    /// The checksum of what was sent, in hexadecimal digits.
    pub(super) md5: String,
}

/// Whose state it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) server: &'a str,
    pub(crate) user: &'a str,
}

impl Journal {
    /// Opens the state of this key, or begins one; `source` is the path of what is uploaded, where there is one.
    pub(crate) fn open(
        state: &UploadState,
        owner: Owner<'_>,
        key: &str,
        source: Option<&str>,
    ) -> Result<Self, PlaceError> {
        let path = place::path(state, key, source)?;
        let mut file = place::open(&path)?;
        let first = Line::Begin {
            format: FORMAT.to_owned(),
            server: owner.server.to_owned(),
            user: owner.user.to_owned(),
        };
        let outcome = load(&mut file, &first);
        let (state, is_damaged) = outcome.map_err(|source| PlaceError::Io {
            path: path.clone(),
            source,
        })?;
        if state.is_empty() {
            place::remove_old(&path);
        }
        Ok(Self {
            path,
            first,
            is_damaged,
            inner: Mutex::new(Inner {
                file,
                state,
                synced: Instant::now(),
                is_broken: false,
            }),
        })
    }

    /// Whether there was a state that could not be read.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Whether the files of all components are still the ones that were sent.
    pub(crate) fn has_same_files(&self) -> bool {
        let (components, files) = {
            let inner = self.inner.lock();
            (inner.state.components.clone(), inner.state.files.clone())
        };
        components.iter().all(|(path, id)| {
            let Some(known) = files.get(id) else {
                // Nothing was sent for a sequence itself.
                return true;
            };
            let found = File::open(path).and_then(|file| Fingerprint::new(&file, false));
            found.is_ok_and(|found| found == known.fingerprint)
        })
    }

    /// Forgets everything, and begins anew.
    pub(crate) fn restart(&self) {
        let mut inner = self.inner.lock();
        inner.state = State::default();
        let outcome = begin(&mut inner.file, &self.first);
        inner.is_broken = outcome.is_err();
    }

    /// The id of the component that was created for a path.
    pub(crate) fn component(&self, path: &str) -> Option<String> {
        self.inner.lock().state.components.get(path).cloned()
    }

    /// All components that were created, with their paths.
    pub(crate) fn components(&self) -> Vec<(String, String)> {
        let inner = self.inner.lock();
        let components = inner.state.components.iter();
        components
            .map(|(path, id)| (path.clone(), id.clone()))
            .collect()
    }

    /// A component was created for a path.
    pub(crate) fn add_component(&self, path: &str, id: &str) {
        self.add(Line::Component {
            path: path.to_owned(),
            id: id.to_owned(),
        });
    }

    /// How far the file of a component is.
    pub(super) fn file(&self, id: &str) -> Option<FileState> {
        self.inner.lock().state.files.get(id).cloned()
    }

    /// The file of a component is sent from its start.
    pub(super) fn start(
        &self,
        id: &str,
        fingerprint: &Fingerprint,
        part_size: u64,
        upload: Option<&str>,
    ) {
        self.add(Line::Start {
            id: id.to_owned(),
            fingerprint: fingerprint.clone(),
            part_size,
            upload: upload.map(str::to_owned),
        });
    }

    /// A part arrived.
    pub(super) fn part(&self, id: &str, number: u64, part: &PartState) {
        self.add(Line::Part {
            id: id.to_owned(),
            number,
            tag: part.tag.clone(),
            md5: part.md5.clone(),
        });
    }

    /// The server has the whole file of a component.
    pub(super) fn sent(&self, id: &str) {
        self.add(Line::Sent { id: id.to_owned() });
    }

    /// The components are about to be registered.
    pub(crate) fn registering(&self) {
        self.add(Line::Registering);
    }

    /// Whether an earlier attempt may have registered the components.
    pub(crate) fn is_registering(&self) -> bool {
        self.inner.lock().state.is_registering
    }

    /// Whether something arrived that need not be sent again.
    pub(crate) fn has_progress(&self) -> bool {
        let inner = self.inner.lock();
        let mut files = inner.state.files.values();
        files.any(|file| file.is_sent || !file.parts.is_empty())
    }

    /// Everything is done, or given up: nothing needs to be known any more.
    pub(crate) fn remove(&self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "the state of an upload cannot be removed");
        }
    }

    /// Adds a line. Where that fails, the upload goes on: it only cannot be resumed from here.
    fn add(&self, line: Line) {
        let mut inner = self.inner.lock();
        if inner.is_broken {
            inner.state.apply(line);
            return;
        }
        let outcome = inner.append(&line);
        inner.is_broken = outcome.is_err();
        inner.state.apply(line);
        drop(inner);
        if let Err(error) = outcome {
            tracing::warn!(path = %self.path.display(), %error, "the state of an upload cannot be written");
        }
    }
}

impl Inner {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        self.file.write_all(line::write(line)?.as_bytes())?;
        if self.synced.elapsed() >= SYNC_INTERVAL || *line == Line::Registering {
            self.file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.components.is_empty() && self.files.is_empty()
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Begin { .. } => {}
            Line::Component { path, id } => {
                self.components.insert(path, id);
            }
            Line::Start {
                id,
                fingerprint,
                part_size,
                upload,
            } => {
                let file = FileState {
                    fingerprint,
                    part_size,
                    upload,
                    parts: BTreeMap::new(),
                    is_sent: false,
                };
                self.files.insert(id, file);
            }
            Line::Part {
                id,
                number,
                tag,
                md5,
            } => {
                if let Some(file) = self.files.get_mut(&id) {
                    file.parts.insert(number, PartState { tag, md5 });
                }
            }
            Line::Sent { id } => {
                if let Some(file) = self.files.get_mut(&id) {
                    file.is_sent = true;
                }
            }
            Line::Registering => self.is_registering = true,
        }
    }
}

/// Reads the state up to the first line that is damaged, cuts off what follows, and says whether that was more than a
/// crash may leave. The file is then ready for more lines.
fn load(file: &mut File, first: &Line) -> io::Result<(State, bool)> {
    let mut state = State::default();
    let length = file.metadata()?.len();
    let mut content = Vec::new();
    if length <= LARGEST {
        file.read_to_end(&mut content)?;
    }
    let mut whole = 0;
    for text in content.split_inclusive(|byte| *byte == b'\n') {
        let line = text.strip_suffix(b"\n").and_then(line::read);
        let Some(line) = line.filter(|line| whole > 0 || line == first) else {
            break;
        };
        whole += text.len();
        state.apply(line);
    }
    // A crash leaves half a line at the most.
    let rest = content.get(whole..).unwrap_or_default();
    let is_damaged = length > LARGEST || (whole == 0 && length > 0) || rest.contains(&b'\n');
    if whole == 0 {
        begin(file, first)?;
    } else {
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::Start(whole as u64))?;
    }
    Ok((state, is_damaged))
}

/// Makes the file one that says nothing but whose state it is.
fn begin(file: &mut File, first: &Line) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(line::write(first)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Owner<'_> = Owner {
        server: "https://studio.example",
        user: "ada",
    };

    struct Place(tempfile::TempDir);

    impl Place {
        fn open(&self) -> Journal {
            let state = UploadState::Folder(self.0.path().into());
            Journal::open(&state, OWNER, "k", None).unwrap()
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("k.upload")
        }
    }

    fn place() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn fingerprint() -> Fingerprint {
        Fingerprint::new(&tempfile::tempfile().unwrap(), true).unwrap()
    }

    fn part(tag: &str) -> PartState {
        PartState {
            tag: tag.to_owned(),
            md5: "m".to_owned(),
        }
    }

    /// A state with two parts of three.
    fn filled(place: &Place) {
        let journal = place.open();
        journal.add_component("/plates/a.mov", "c");
        journal.start("c", &fingerprint(), 10, Some("u"));
        journal.part("c", 2, &part("t2"));
        journal.part("c", 1, &part("t1"));
    }

    #[test]
    fn a_state_comes_back_and_goes_on() {
        let place = place();
        filled(&place);
        let journal = place.open();
        assert!(!journal.is_damaged() && journal.has_progress() && !journal.is_registering());
        assert_eq!(journal.component("/plates/a.mov").as_deref(), Some("c"));
        let file = journal.file("c").unwrap();
        assert_eq!(file.upload.as_deref(), Some("u"));
        assert_eq!(file.parts.keys().copied().collect::<Vec<_>>(), [1, 2]);
        journal.part("c", 3, &part("t3"));
        journal.sent("c");
        journal.registering();
        drop(journal);
        let journal = place.open();
        assert!(journal.is_registering() && journal.file("c").unwrap().is_sent);
        assert_eq!(journal.file("c").unwrap().parts[&3], part("t3"));
        // Starting anew forgets what was sent.
        journal.start("c", &fingerprint(), 10, Some("v"));
        assert!(!journal.has_progress());
        journal.remove();
        assert!(!place.path().exists());
    }

    #[test]
    fn a_torn_line_costs_one_step_and_no_more() {
        let place = place();
        filled(&place);
        let content = fs::read(place.path()).unwrap();
        let last = content[..content.len() - 1]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap();
        for end in last + 2..content.len() {
            fs::write(place.path(), &content[..end]).unwrap();
            let journal = place.open();
            assert!(!journal.is_damaged(), "{end}");
            assert_eq!(journal.file("c").unwrap().parts.len(), 1, "{end}");
            journal.part("c", 1, &part("again"));
            drop(journal);
            assert_eq!(place.open().file("c").unwrap().parts[&1], part("again"));
        }
    }

    #[test]
    fn damage_is_told_and_what_precedes_it_counts() {
        let place = place();
        filled(&place);
        let content = fs::read(place.path()).unwrap();
        for position in 0..content.len() {
            let mut damaged = content.clone();
            damaged[position] ^= 1;
            fs::write(place.path(), &damaged).unwrap();
            let journal = place.open();
            let before = content[..position].split(|byte| *byte == b'\n').count() - 1;
            let parts = journal.file("c").map_or(0, |file| file.parts.len());
            assert_eq!(parts, before.saturating_sub(3), "{position}");
            // Without its end, the last line is one that a crash tore.
            let is_torn = position + 1 == content.len();
            assert_eq!(journal.is_damaged(), !is_torn, "{position}");
        }
        for rubbish in [&b"\0\0\0\0"[..], b"{}\n", b"\n\n\n", b"ftrack"] {
            fs::write(place.path(), rubbish).unwrap();
            let journal = place.open();
            assert!(journal.is_damaged() && journal.component("/plates/a.mov").is_none());
        }
    }

    #[test]
    fn the_state_of_another_user_or_server_is_not_ours() {
        let place = place();
        filled(&place);
        let state = UploadState::Folder(place.0.path().into());
        for owner in [
            Owner {
                user: "bob",
                ..OWNER
            },
            Owner {
                server: "https://other.example",
                ..OWNER
            },
        ] {
            let journal = Journal::open(&state, owner, "k", None).unwrap();
            assert!(journal.file("c").is_none());
        }
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let place = place();
        fs::create_dir(place.path()).unwrap();
        let state = UploadState::Folder(place.0.path().into());
        let error = Journal::open(&state, OWNER, "k", None).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("k.upload") && text.contains("not a file"),
            "{text}"
        );
    }
}
