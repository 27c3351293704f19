//! `ftrack event follow` and `ftrack event dead-letters`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Serving;
use crate::events::{session, with_server};

const FOLLOW: [&str; 3] = ["event", "follow", "topic=ftrack.update"];

/// A server, a session with it, and a folder for files.
struct Studio {
    serving: Serving,
    session: ftrack::Session,
    folder: tempfile::TempDir,
}

/// A listener, stopped at the end of the test whatever happens.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Following {
    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Studio {
    fn new() -> Self {
        let serving = Serving::start(&["--json", "--api-key", "k", "--demo"]);
        let session = session(&serving);
        Self {
            serving,
            session,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn path(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    /// Changes a task, so that there is an event.
    fn rename(&self, name: &str) {
        let task = self.session.query("Task").first().unwrap().unwrap();
        task.set("name", name).unwrap();
        self.session.commit().unwrap();
    }

    /// Follows updates and runs a command for each; from the beginning, so that it does not matter when it starts.
    fn command(&self, exec: &str, more: &[&str]) -> Command {
        let mut command = with_server(&self.serving, &FOLLOW);
        command
            .args(["--from", "oldest", "--exec", exec])
            .args(more);
        command.stderr(Stdio::null());
        command
    }

    fn follow(&self, exec: &str, more: &[&str]) -> Following {
        Following(self.command(exec, more).spawn().unwrap())
    }

    /// The names that the events in a file tell of, and whether each was caught up.
    fn names(&self, file: &str) -> Vec<(String, bool)> {
        let text = std::fs::read_to_string(self.file(file)).unwrap_or_default();
        let events = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let name = |event: &Value| {
            let new = &event["data"]["entities"][0]["changes"]["name"]["new"];
            new.as_str().map(str::to_owned)
        };
        events
            .filter_map(|event| Some((name(&event)?, event["caughtUp"] == true)))
            .collect()
    }
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn output(command: &[&str]) -> (Option<i32>, String) {
    let said = crate::run(command);
    (said.code(), said.output + &said.error)
}

#[test]
fn a_program_gets_each_event_and_after_a_restart_what_was_missed() {
    let studio = Studio::new();
    studio.rename("one");
    let (position, exec) = (
        studio.path("position"),
        format!("cat >> {}", studio.path("seen")),
    );
    let more = ["--position", &position, "--count", "1"];
    assert_eq!(studio.follow(&exec, &more).exit_code(), Some(0));
    assert_eq!(studio.names("seen"), [("one".to_owned(), true)]);
    studio.rename("two");
    assert_eq!(studio.follow(&exec, &more).exit_code(), Some(0));
    let expected = [("one".to_owned(), true), ("two".to_owned(), true)];
    assert_eq!(studio.names("seen"), expected);
}

#[test]
fn events_come_as_they_happen_and_the_health_says_so() {
    let studio = Studio::new();
    let (health, exec) = (
        studio.path("health"),
        format!("cat >> {}", studio.path("seen")),
    );
    let mut following = studio.follow(&exec, &["--health", &health]);
    let state = |name: &'static str| {
        let file = studio.file("health");
        move || {
            let text = std::fs::read(&file).unwrap_or_default();
            let health: Value = serde_json::from_slice(&text).unwrap_or_default();
            health["state"] == name
        }
    };
    until("it listens", state("live"));
    studio.rename("one");
    until("it is told", || !studio.names("seen").is_empty());
    assert_eq!(studio.names("seen"), [("one".to_owned(), false)]);
    following.signal("-TERM");
    assert_eq!(following.exit_code(), Some(0));
    assert!(state("stopped")());
}

#[test]
fn what_cannot_be_handled_is_listed_and_replayed() {
    let studio = Studio::new();
    studio.rename("one");
    let (position, letters) = (studio.path("position"), studio.path("letters"));
    let more = [
        "--position",
        &position,
        "--dead-letters",
        &letters,
        "--retries",
        "0",
    ];
    let mut following = studio.follow("exit 3", &more);
    let list = ["event", "dead-letters", "list", &letters];
    until("it is given up", || {
        output(&list).1.contains("ended with exit status: 3")
    });
    following.signal("-INT");
    assert_eq!(following.exit_code(), Some(0));

    let replay =
        |exec: &str| output(&["event", "dead-letters", "replay", &letters, "--exec", exec]);
    let replayed = |handled: usize, failed: usize| {
        format!("handled {handled} dead letter(s); {failed} failed again\n")
    };
    let before = output(&list);
    let tried = ["event", "dead-letters", "replay", &letters, "--exec"];
    let tried = output(&[&tried[..], &["touch never", "--dry-run"]].concat()).1;
    let begin = "would run the program for 1 dead letter(s): ";
    assert!(tried.starts_with(begin), "{tried}");
    let id = tried.trim_start_matches(begin).trim_end();
    let remove = ["event", "dead-letters", "remove", &letters, id];
    assert_eq!(output(&remove).0, Some(2), "nobody confirms");
    let would = output(&[&remove[..], &["--dry-run"]].concat());
    assert_eq!(would.0, Some(0));
    assert!(would.1.starts_with("would remove 1 dead letter(s)"));
    assert_eq!(output(&list), before);
    assert_eq!(replay("false"), (Some(1), replayed(0, 1)));
    let exec = format!("cat >> {}", studio.path("seen"));
    assert_eq!(replay(&exec), (Some(0), replayed(1, 0)));
    assert_eq!(studio.names("seen"), [("one".to_owned(), true)]);
    assert_eq!(output(&list), (Some(0), String::new()));
    // It is acknowledged: only what comes later is told.
    studio.rename("two");
    let more = ["--position", &position, "--count", "1"];
    assert_eq!(studio.follow(&exec, &more).exit_code(), Some(0));
    assert_eq!(studio.names("seen").last().unwrap().0, "two");
}

#[test]
fn a_program_that_runs_is_waited_for_and_one_that_takes_too_long_is_killed() {
    let studio = Studio::new();
    studio.rename("one");
    let (begun, ended) = (studio.path("begun"), studio.path("ended"));
    let position = studio.path("position");
    let exec = format!("touch {begun}; sleep 60 & wait; touch {ended}");
    let more = ["--position", &position, "--stop-within", "0.2"];
    let mut following = studio.follow(&exec, &more);
    until("it runs", || Path::new(&begun).exists());
    following.signal("-INT");
    assert_eq!(following.exit_code(), Some(130));
    assert!(!Path::new(&ended).exists());

    // Its event comes again.
    std::fs::remove_file(&begun).unwrap();
    let exec = format!("touch {begun}; sleep 0.3; touch {ended}");
    let mut following = studio.follow(&exec, &["--position", &position]);
    until("it runs", || Path::new(&begun).exists());
    following.signal("-TERM");
    assert_eq!(following.exit_code(), Some(0));
    assert!(Path::new(&ended).exists());
}

#[test]
fn a_second_signal_kills_what_runs_at_once_and_its_event_comes_again() {
    let studio = Studio::new();
    studio.rename("one");
    let (begun, position) = (studio.path("begun"), studio.path("position"));
    let exec = format!("touch {begun}; sleep 600");
    let more = ["--position", &position, "--stop-within", "600"];
    let mut following = studio.follow(&exec, &more);
    until("it runs", || Path::new(&begun).exists());
    following.signal("-INT");
    // It is noticed, and what runs goes on.
    std::thread::sleep(Duration::from_millis(300));
    assert!(following.0.try_wait().unwrap().is_none());
    following.signal("-TERM");
    assert_eq!(following.exit_code(), Some(130));
    let exec = format!("cat >> {}", studio.path("seen"));
    let more = ["--position", &position, "--count", "1"];
    assert_eq!(studio.follow(&exec, &more).exit_code(), Some(0));
    assert_eq!(studio.names("seen"), [("one".to_owned(), true)]);
}

#[test]
fn replaying_ends_by_a_signal_and_kills_what_it_started() {
    let studio = Studio::new();
    studio.rename("one");
    let letters = studio.path("letters");
    let more = ["--dead-letters", &letters, "--retries", "0"];
    let _following = studio.follow("exit 3", &more);
    let list = ["event", "dead-letters", "list", &letters];
    until("it is given up", || {
        output(&list).1.contains("ended with exit status: 3")
    });
    let before = output(&list).1;
    let (begun, ended) = (studio.path("begun"), studio.path("ended"));
    let exec = format!("touch {begun}; (sleep 1; touch {ended}) & wait");
    let mut replay = with_server(
        &studio.serving,
        &["event", "dead-letters", "replay", &letters, "--exec", &exec],
    );
    let mut replay = Following(replay.stdout(Stdio::null()).spawn().unwrap());
    until("it runs", || Path::new(&begun).exists());
    replay.signal("-INT");
    replay.signal("-TERM");
    assert_eq!(replay.exit_code(), Some(130));
    assert_eq!(output(&list).1, before, "the letter is as it was");
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!Path::new(&ended).exists(), "it was not killed");
}

#[test]
fn a_program_that_hangs_is_killed_after_its_time_and_counts_as_failed() {
    let studio = Studio::new();
    studio.rename("one");
    let letters = studio.path("letters");
    let more = [
        "--dead-letters",
        &letters,
        "--retries",
        "0",
        "--timeout",
        "0.2",
    ];
    let _following = studio.follow("sleep 60", &more);
    let list = ["event", "dead-letters", "list", &letters];
    until("it is given up", || {
        output(&list)
            .1
            .contains("took longer than 0.2 s and was killed")
    });
}

#[test]
fn what_cannot_begin_says_why() {
    let studio = Studio::new();
    let position = studio.path("position");
    let _first = studio.follow("true", &["--position", &position]);
    until("it runs", || {
        studio.file("position.lock").exists() && studio.file("position").exists()
    });
    let mut second = studio.command("true", &["--position", &position]);
    let said = second.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let text = String::from_utf8(said.stderr).unwrap();
    assert!(text.contains("is in use by another listener"), "{text}");

    let mut wrong = with_server(
        &studio.serving,
        &["event", "follow", "topic=", "--exec", "true"],
    );
    let said = wrong.output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    let text = String::from_utf8(said.stderr).unwrap();
    assert!(text.contains("it is not an event expression"), "{text}");

    let mut refused = studio.command("true", &[]);
    let said = refused.env("FTRACK_API_KEY", "wrong").output().unwrap();
    assert_eq!(said.status.code(), Some(4));

    let (code, text) = output(&["event", "dead-letters", "list", &studio.path("nothing")]);
    assert_eq!(code, Some(3));
    assert!(text.contains("there is no list of dead letters"), "{text}");
}
