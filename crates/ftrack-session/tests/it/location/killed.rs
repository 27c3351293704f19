//! A program that publishes is killed at any moment: no half file has its final name, nothing is registered without its
//! data, and publishing works again.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_location::IdStructure;
use ftrack_session::{SchemaCache, Session, values};

use super::Place;

const STORAGE: &str = "FTRACK_SESSION_TEST_STORAGE";
const SEQUENCE: &str = "FTRACK_SESSION_TEST_SEQUENCE";
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
    let session = Session::builder()
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    let location = super::location(&session, "storage", &storage, IdStructure::new());
    // Written past the test harness, which would keep it back.
    let mut output = std::io::stdout().lock();
    output.write_all(b"\npublishing\n").unwrap();
    output.flush().unwrap();
    // Should the parent be gone, nobody will kill us.
    while started.elapsed() < Duration::from_secs(20) {
        session
            .create_component(&sequence, values! { "name": "plate" }, &location)
            .unwrap();
    }
}

/// Lets another process publish, and kills it after `delay`.
fn publish_and_kill(place: &Place, sequence: &str, delay: Duration) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "location::killed::publishes", "--nocapture"])
        .env(STORAGE, place.path("storage"))
        .env(SEQUENCE, sequence)
        .env("FTRACK_SERVER", place.server.url())
        .env("FTRACK_API_USER", place.server.user())
        .env("FTRACK_API_KEY", place.server.api_key())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "publishing"));
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
    for kill in 0..KILLS {
        publish_and_kill(&place, &sequence, Duration::from_millis(kill * 7));
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
            for path in location.get_filesystem_paths(&members).unwrap() {
                assert!(path.is_file(), "{}", path.display());
            }
        }
    }
    let again = place
        .session
        .create_component(&sequence, values! { "name": "plate" }, &location)
        .unwrap();
    assert_eq!(location.get_component_availability(&again).unwrap(), 100.0);
}
