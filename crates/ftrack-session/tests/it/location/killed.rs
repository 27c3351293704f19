//! A program that publishes or replaces is killed at any moment: no half file has its final name, nothing is registered
//! without its data, and it works again.

use std::collections::HashSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_location::IdStructure;
use ftrack_session::{AddOptions, SchemaCache, Session, SessionBuilder, values};

use super::Place;

const STORAGE: &str = "FTRACK_SESSION_TEST_STORAGE";
const SEQUENCE: &str = "FTRACK_SESSION_TEST_SEQUENCE";
const SOURCE: &str = "FTRACK_SESSION_TEST_SOURCE";
const COMPONENT: &str = "FTRACK_SESSION_TEST_COMPONENT";
const FRAMES: usize = 12;
const SIZE: usize = 512 * 1024;
const KILLS: u64 = 8;

/// Publishes until it is killed. In the run of all tests there is nothing to publish.
#[test]
fn publishes() {
    let (Ok(storage), Ok(sequence)) = (env::var(STORAGE), env::var(SEQUENCE)) else {
        return;
    };
    let started = Instant::now();
    let session = connected();
    let location = super::location(&session, "storage", &storage, IdStructure::new());
    tell("publishing");
    // Should the parent be gone, nobody will kill us.
    while started.elapsed() < Duration::from_secs(20) {
        session
            .create_component(&sequence, values! { "name": "plate" }, &location)
            .unwrap();
    }
}

/// A session by the environment, as a program has it.
fn connected() -> Session {
    SessionBuilder::new()
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap()
}

/// Tells the parent, past the test harness, which would keep it back.
fn tell(word: &str) {
    let mut output = std::io::stdout().lock();
    write!(output, "\n{word}\n").unwrap();
    output.flush().unwrap();
}

/// Lets another process run a test of this file, and kills it so long after it has told `word`.
fn kill(place: &Place, test: &str, word: &str, environment: &[(&str, &OsStr)], delay: Duration) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(STORAGE, place.path("storage"))
        .envs(environment.iter().copied())
        .env("FTRACK_SERVER", place.server.url())
        .env("FTRACK_API_USER", place.server.user())
        .env("FTRACK_API_KEY", place.server.api_key())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == word));
    thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn is_staged(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.starts_with(".ftrack-")
}

#[test]
fn a_program_that_is_killed_leaves_nothing_half_done() {
    let place = Place::new();
    for frame in 1..=FRAMES {
        fs::write(place.path(&format!("plate.{frame:04}.exr")), vec![7; SIZE]).unwrap();
    }
    let sequence = format!("{} [1-{FRAMES}]", place.text("plate.%04d.exr"));
    let location = place.location("storage", IdStructure::new());
    for number in 0..KILLS {
        let environment = [(SEQUENCE, OsStr::new(&sequence))];
        let delay = Duration::from_millis(number * 7);
        kill(
            &place,
            "location::killed::publishes",
            "publishing",
            &environment,
            delay,
        );
        for file in place.files("storage") {
            let path = place.path("storage").join(file);
            let is_whole = fs::metadata(&path).unwrap().len() == SIZE as u64;
            assert!(is_whole || is_staged(&path), "{}", path.display());
        }
        let published = place
            .other_session()
            .query("select id from SequenceComponent where name is plate and version_id is none")
            .all()
            .unwrap();
        let expected = published.len() * (FRAMES + 1);
        assert_eq!(super::registered(&place.session, &location), expected);
        for sequence in published {
            let sequence = place.session.attach(&sequence).unwrap();
            let members = sequence.collection("members").unwrap().entities().unwrap();
            assert_eq!(members.len(), FRAMES);
            for path in location.filesystem_paths(&members).unwrap() {
                assert!(path.is_file(), "{}", path.display());
            }
        }
    }
    let again = place
        .session
        .create_component(&sequence, values! { "name": "plate" }, &location)
        .unwrap();
    assert_eq!(location.component_availability(&again).unwrap(), 100.0);
}

/// Replaces the file of a component until it is killed, each time by one that is all of the next number.
#[test]
fn replaces() {
    let (Ok(storage), Ok(source), Ok(id)) =
        (env::var(STORAGE), env::var(SOURCE), env::var(COMPONENT))
    else {
        return;
    };
    let started = Instant::now();
    let session = connected();
    let location = super::location(&session, "storage", &storage, IdStructure::new());
    let component = session.get("FileComponent", id).unwrap().unwrap();
    let origin = session.location("ftrack.origin").unwrap();
    origin.add_component(&component, source.as_str()).unwrap();
    tell("replacing");
    let replacing = AddOptions::new().replace(true);
    for number in (1..=u8::MAX).cycle() {
        if started.elapsed() > Duration::from_secs(20) {
            return;
        }
        fs::write(&source, vec![number; SIZE]).unwrap();
        location
            .add_components(std::slice::from_ref(&component), [&origin], &replacing)
            .unwrap();
    }
}

/// The number that the whole file is made of.
fn number_of(path: &Path) -> u8 {
    let content = fs::read(path).unwrap();
    assert_eq!(content.len(), SIZE, "a part of a file has the final name");
    let number = content[0];
    assert!(content.iter().all(|byte| *byte == number), "a mixed file");
    number
}

/// Sets the flag when it is dropped, also by a test that fails: else whoever watches would be waited for.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A time below `limit`, another one in each run.
fn at_random(limit: Duration) -> Duration {
    let random = RandomState::new().hash_one(0);
    limit.mul_f64(f64::from(u16::try_from(random & 0xffff).unwrap()) / 65_536.0)
}

#[test]
fn a_program_that_is_killed_while_it_replaces_leaves_the_old_or_the_new_file_at_any_time() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let source = place.path("plate.exr");
    fs::write(&source, vec![0; SIZE]).unwrap();
    let component = place
        .session
        .create_component(&source, values! { "name": "plate" }, &location)
        .unwrap();
    let target = location.filesystem_path(&component).unwrap();
    let is_over = AtomicBool::new(false);
    let (looks, numbers) = thread::scope(|scope| {
        let over = Over(&is_over);
        // Somebody opens the file all the time.
        let watching = scope.spawn(|| {
            let (mut looks, mut numbers) = (0, HashSet::new());
            while !is_over.load(Ordering::Relaxed) {
                numbers.insert(number_of(&target));
                looks += 1;
            }
            (looks, numbers)
        });
        for _ in 0..KILLS {
            let (new, id) = (place.path("new.exr"), component.id());
            let environment = [(SOURCE, new.as_os_str()), (COMPONENT, OsStr::new(&id))];
            let delay = at_random(Duration::from_millis(150));
            kill(
                &place,
                "location::killed::replaces",
                "replacing",
                &environment,
                delay,
            );
            number_of(&target);
            let found = location.verify().unwrap();
            assert!(
                found.missing.is_empty() && found.differing.is_empty(),
                "{found:?}"
            );
            for left in found.left_over.iter().filter(|left| left.is_old) {
                number_of(&place.path("storage").join(&left.resource_identifier));
            }
        }
        drop(over);
        watching.join().unwrap()
    });
    assert!(
        looks > 0 && numbers.len() > 1,
        "{looks} looks at {numbers:?}"
    );
    assert_eq!(super::registered(&place.session, &location), 1);
    fs::write(&source, vec![0; SIZE]).unwrap();
    let options = AddOptions::new().replace(true);
    let origin = place.origin();
    location
        .add_components(std::slice::from_ref(&component), [&origin], &options)
        .unwrap();
    assert_eq!(number_of(&target), 0);
}
