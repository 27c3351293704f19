//! A program that uploads is killed again and again until the upload is done: what arrived is not sent again, and the
//! component is registered once.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use ftrack_server::Fault;
use ftrack_session::{AddOptions, SchemaCache, UploadOptions, UploadState, values};

use super::Place;

const FILE: &str = "FTRACK_SESSION_TEST_UPLOAD";
const STATES: &str = "FTRACK_SESSION_TEST_UPLOAD_STATES";
const PART_SIZE: &str = "FTRACK_SESSION_TEST_UPLOAD_PART_SIZE";
const PART: usize = 64 * 1024;
const PARTS: usize = 48;
/// How many parts are sent at once.
const PARALLEL: usize = 6;
const REQUESTS: u32 = 1_000_000;

/// Uploads until it is killed. In the run of all tests there is nothing to upload.
#[test]
fn uploads() {
    let (Ok(file), Ok(states)) = (env::var(FILE), env::var(STATES)) else {
        return;
    };
    let session = ftrack_session::SessionBuilder::new()
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    let server = session.location("ftrack.server").unwrap();
    let part_size = env::var(PART_SIZE).map_or(PART as u64, |size| size.parse().unwrap());
    let upload = UploadOptions::new()
        .state(UploadState::Folder(states.into()))
        .part_size(part_size);
    // A version that is new in each run, as in a script that is started again.
    let asset = session.query("Asset").first().unwrap().unwrap();
    let version = session
        .create("AssetVersion", values! { "asset": &asset })
        .unwrap();
    // Written past the test harness, which would keep it back.
    let mut output = std::io::stdout().lock();
    output.write_all(b"\nuploading\n").unwrap();
    output.flush().unwrap();
    let before = memory("VmRSS");
    let component = session
        .create_component_with(
            &file,
            values! { "name": "night", "version": &version },
            &server,
            &AddOptions::new().upload(upload),
        )
        .unwrap();
    let grown = memory("VmHWM").saturating_sub(before);
    writeln!(output, "grown {grown}").unwrap();
    writeln!(output, "uploaded {}", component.id()).unwrap();
    output.flush().unwrap();
}

/// What Linux says of the memory of this process, in KiB; 0 elsewhere.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|line| line.strip_prefix(name));
    let number = found.and_then(|rest| rest.split_whitespace().nth(1));
    number.map_or(0, |number| number.parse().unwrap())
}

fn start(place: &Place, file: &Path) -> Child {
    command(place, file).stdout(Stdio::piped()).spawn().unwrap()
}

/// What uploads in another process.
fn command(place: &Place, file: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "location::uploading::uploads", "--nocapture"])
        .env(FILE, file)
        .env(STATES, place.path("states"))
        .env("FTRACK_SERVER", place.server.url())
        .env("FTRACK_API_USER", place.server.user())
        .env("FTRACK_API_KEY", place.server.api_key());
    command
}

/// Uploads in another process, which is killed after `delay`; the id of the component, if it was quicker.
fn upload_and_kill(place: &Place, file: &Path, delay: Option<Duration>) -> Option<String> {
    let mut child = start(place, file);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "uploading"));
    if let Some(delay) = delay {
        thread::sleep(delay);
        child.kill().unwrap();
    }
    child.wait().unwrap();
    lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("uploaded ").map(str::to_owned))
}

/// The id of the component, if a program was killed after it had registered everything, and before it could say so.
fn done(place: &Place) -> Option<String> {
    let states = fs::read_dir(place.path("states"));
    if states.is_ok_and(|mut states| states.next().is_some()) {
        return None;
    }
    let query = "select id from FileComponent where name is night";
    let found = place.other_session().query(query).first().unwrap();
    found.map(|component| component.id())
}

/// Numbers that look like chance, and are the same in each run.
fn chance(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    }
}

#[test]
fn an_upload_that_is_killed_again_and_again_is_done_once() {
    for seed in [7, 1914] {
        let place = Place::new();
        let mut chance = chance(seed);
        let words =
            (0..(PART * PARTS / 8) as u64).map(|word| word.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let content: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        let file = place.path("night.mov");
        fs::write(&file, &content).unwrap();
        // The parts take their time, and are counted.
        let slow = Fault::delay(Duration::from_millis(25)).path("/upload/");
        place.server.fail_next(slow.times(REQUESTS)).unwrap();
        let (mut kills, mut uploaded) = (0, None);
        while uploaded.is_none() {
            // A machine that has no time to spare must come to an end as well.
            let delay = (kills < 25).then(|| Duration::from_millis(20 + chance(150)));
            uploaded = upload_and_kill(&place, &file, delay).or_else(|| done(&place));
            kills += usize::from(uploaded.is_none());
        }
        let sent = (REQUESTS - place.server.faults_left()) as usize;
        assert!(
            sent >= PARTS && sent <= PARTS + kills * PARALLEL,
            "{sent} requests for {PARTS} parts and {kills} kills"
        );
        let id = uploaded.unwrap();
        let session = place.other_session();
        let query = "select id from FileComponent where name is night";
        let all = session.query(query).all().unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].id(), id);
        let server = session.location("ftrack.server").unwrap();
        assert_eq!(server.component_availability(&all[0]).unwrap(), 100.0);
        let mut found = Vec::new();
        let mut reader = server.accessor().unwrap().open(&id).unwrap();
        std::io::Read::read_to_end(&mut reader, &mut found).unwrap();
        assert!(found == content);
        assert_eq!(fs::read_dir(place.path("states")).unwrap().count(), 0);
    }
}

/// The parts that are sent at once would not fit into what is allowed here, nor would the file.
#[cfg(target_os = "linux")]
#[test]
fn an_upload_takes_no_more_memory_than_its_buffers() {
    const PART: u64 = 8 << 20;
    const MOST: u64 = 32 << 10;
    let place = Place::new();
    let file = place.path("night.mov");
    // Of a file with holes, too, all bytes are sent.
    fs::File::create(&file).unwrap().set_len(8 * PART).unwrap();
    let output = command(&place, &file)
        .env(PART_SIZE, PART.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let grown = text.lines().find_map(|line| line.strip_prefix("grown "));
    let grown: u64 = grown.expect("it has uploaded").parse().unwrap();
    assert!(grown > 0 && grown < MOST, "{grown} KiB");
    let session = place.other_session();
    let query = "select id from FileComponent where name is night";
    let component = session.query(query).one().unwrap();
    let server = session.location("ftrack.server").unwrap();
    let reader = server.accessor().unwrap().open(&component.id()).unwrap();
    assert_eq!(reader.size(), Some(8 * PART));
}
