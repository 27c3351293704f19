//! Publishing large files to the server: interrupted, killed, paused, and gone on with.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Said, Serving, stop};

/// Three parts, of which the last is short.
const SIZE: usize = (16 << 20) + 5;

struct Studio {
    serving: Serving,
    session: ftrack::Session,
    task: String,
    folder: tempfile::TempDir,
}

impl Studio {
    fn new() -> Self {
        let serving = Serving::start(&["--json", "--demo", "--api-key", "k", "--testing"]);
        let session = crate::events::session(&serving);
        let task = session
            .query("Task where name is lighting")
            .first()
            .unwrap()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let words = (0..=SIZE as u64 / 8).map(|word| word.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut content: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        content.truncate(SIZE);
        fs::write(folder.path().join("night.mov"), content).unwrap();
        Self {
            task: task.id(),
            serving,
            session,
            folder,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("night.mov")
    }

    /// The command that publishes the file, with a cache folder of its own.
    fn publish(&self, arguments: &[&str]) -> Command {
        let mut command = self.serving.command();
        command
            .args(["version", "publish", "--task", &self.task])
            .args([
                "--asset",
                "hero",
                "--type",
                "geo",
                "--location",
                "ftrack.server",
            ])
            .args(arguments)
            .arg(self.file())
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = self.publish(arguments).output().unwrap();
        Said {
            status: output.status,
            output: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the command and waits for its first line.
    fn start(&self, arguments: &[&str]) -> (Child, BufReader<ChildStderr>) {
        let mut child = self
            .publish(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut error = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        error.read_line(&mut line).unwrap();
        assert!(line.starts_with("publishing 1 file"), "{line}");
        (child, error)
    }

    fn local(&self, method: &str, body: Option<&Value>) -> String {
        let body = body.map(Value::to_string).unwrap_or_default();
        let address = self.serving.url().replace("http://", "");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "host: local\r\nconnection: close\r\nftrack-user: admin\r\nftrack-api-key: k";
        let length = body.len();
        std::io::Write::write_all(
            &mut stream,
            format!(
                "{method} /_local/faults HTTP/1.1\r\n{head}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .as_bytes(),
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// Two parts arrive, and the others are never answered.
    fn hold_after_two_parts(&self) {
        for (delay, count) in [(0, 2), (600_000, 1000)] {
            let fault =
                json!({"kind": "delay", "delay_ms": delay, "count": count, "path": "/upload/"});
            self.local("POST", Some(&fault));
        }
    }

    fn clear_faults(&self) {
        self.local("DELETE", None);
    }

    /// Waits until two parts arrived, as the state of the upload says.
    fn wait_for_two_parts(&self) {
        let states = self.folder.path().join("cache/ftrack-rust/uploads-v1");
        loop {
            let entries = fs::read_dir(&states).into_iter().flatten();
            let texts = entries.filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok());
            if texts
                .into_iter()
                .any(|text| text.matches("{\"part\":").count() == 2)
            {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// There is one version, with the file, and nothing is left to go on with.
    fn check_published_once(&self) {
        let versions = self
            .session
            .query("select version, is_published, components from AssetVersion where asset.name is hero")
            .all()
            .unwrap();
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0].get::<i64>("version").unwrap(), 1);
        assert!(versions[0].get::<bool>("is_published").unwrap());
        let components = versions[0].collection("components").unwrap();
        let component = components.get(0).unwrap().unwrap();
        assert_eq!(components.len(), 1);
        let server = self.session.location("ftrack.server").unwrap();
        let mut found = Vec::new();
        let mut reader = server.accessor().unwrap().open(&component.id()).unwrap();
        reader.read_to_end(&mut found).unwrap();
        assert!(found == fs::read(self.file()).unwrap());
        for folder in ["uploads-v1", "publications-v1"] {
            let folder = self.folder.path().join("cache/ftrack-rust").join(folder);
            assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
        }
    }
}

#[test]
fn a_killed_publication_goes_on_with_the_parts_that_arrived() {
    let studio = Studio::new();
    for _ in 0..2 {
        studio.hold_after_two_parts();
        let (mut child, _error) = studio.start(&[]);
        studio.wait_for_two_parts();
        child.kill().unwrap();
        child.wait().unwrap();
        studio.clear_faults();
    }
    let said = studio.run(&[]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert!(said.error.contains("goes on: "), "{}", said.error);
    assert!(said.output.starts_with("hero v001"), "{}", said.output);
    studio.check_published_once();
}

#[cfg(unix)]
#[test]
fn an_interrupted_upload_goes_on_or_is_taken_back() {
    let studio = Studio::new();
    studio.hold_after_two_parts();
    let (mut child, mut error) = studio.start(&[]);
    studio.wait_for_two_parts();
    assert_eq!(stop(&mut child, "-INT").code(), Some(130));
    let mut said = String::new();
    error.read_to_string(&mut said).unwrap();
    let expected = "error: interrupted: nothing was published yet, and the same command goes on\n";
    assert_eq!(said, expected);
    let unpublished = "AssetVersion where asset.name is hero and is_published is False";
    let count = |query: &str| studio.session.query(query).all().unwrap().len();
    assert_eq!(count(unpublished), 1);
    studio.clear_faults();

    // Anew, after taking back what was left.
    let said = studio.run(&["--no-resume"]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert!(!said.error.contains("goes on"), "{}", said.error);
    assert_eq!(count(unpublished), 0);
    assert_eq!(count("AssetVersion where asset.name is hero"), 1);
}

#[test]
fn files_that_changed_since_are_published_anew() {
    let studio = Studio::new();
    studio.hold_after_two_parts();
    let (mut child, _error) = studio.start(&[]);
    studio.wait_for_two_parts();
    child.kill().unwrap();
    child.wait().unwrap();
    studio.clear_faults();
    fs::write(studio.file(), vec![9; SIZE + 1]).unwrap();
    let said = studio.run(&[]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert!(said.error.contains("starting anew"), "{}", said.error);
    let versions = "AssetVersion where asset.name is hero";
    assert_eq!(studio.session.query(versions).all().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn signals_pause_an_upload_and_let_it_go_on() {
    let studio = Studio::new();
    let (mut child, mut error) = studio.start(&["--limit", "4M"]);
    let signal = |name: &str, child: &Child| {
        let sent = Command::new("kill")
            .args([name, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    };
    signal("-USR1", &child);
    let mut line = String::new();
    error.read_line(&mut line).unwrap();
    assert_eq!(line, "paused: send SIGUSR2 to go on\n");
    // Longer than all of it would take.
    thread::sleep(Duration::from_secs(6));
    assert!(
        child.try_wait().unwrap().is_none(),
        "it goes on although it is paused"
    );
    signal("-USR2", &child);
    // Stopped and continued as by Ctrl-Z and fg.
    signal("-STOP", &child);
    signal("-CONT", &child);
    let mut said = String::new();
    error.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(said.starts_with("going on\n"), "{said}");
    studio.check_published_once();
}

#[test]
fn what_is_not_a_rate_or_a_time_is_refused_with_an_example() {
    let studio = Studio::new();
    for (arguments, reason) in [
        (["--limit", "fast"], "such as 500K, 20M or 1.5Mi"),
        (["--limit", "10K"], "less than 16Ki"),
        (["--patience", "all night"], "such as 90s, 30m or 12h"),
    ] {
        let said = studio.run(&arguments);
        assert_eq!(said.code(), Some(2));
        assert!(said.error.contains(reason), "{}", said.error);
    }
}
