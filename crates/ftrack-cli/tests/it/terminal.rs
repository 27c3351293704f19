//! Nothing of a server's text reaches a terminal raw: each command on a pseudo-terminal, with a hostile server.

mod commands;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use ftrack::prelude::*;

use crate::Serving;
use crate::events::{session, with_server};
use crate::ftrack;

/// What a terminal would obey: clears the screen, sets the clipboard, colours, and turns the text around.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}y\u{8}\r\n\u{2066}z";

/// Runs a command with its output on a terminal, and gives what the terminal was told.
fn on_terminal(command: Command) -> String {
    let (told, _) = in_dialogue(command, false, &[]);
    told
}

/// Runs a command on a terminal. What is typed comes after what it asks; also tells how it ended. It is the terminal of
/// the command itself if it is `controlling`, as a shell's is.
fn in_dialogue(
    mut command: Command,
    is_controlling: bool,
    dialogue: &[(&str, &str)],
) -> (String, Option<i32>) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let open = || {
        let path = name.to_str().unwrap();
        File::options().read(true).write(true).open(path).unwrap()
    };
    let (output, errors) = (open(), open());
    if is_controlling {
        let mut inner = Command::new("setsid");
        inner.arg("--ctty").arg("--wait").arg(command.get_program());
        inner.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inner.env(name, value),
                None => inner.env_remove(name),
            };
        }
        command = inner;
    }
    if dialogue.is_empty() {
        command.stdin(Stdio::null());
    } else {
        command.stdin(open());
    }
    let mut child = command.stdout(output).stderr(errors).spawn().unwrap();
    // Both ends here would keep the terminal open.
    drop(command);
    let mut terminal = File::from(master.as_fd().try_clone_to_owned().unwrap());
    drop(master);
    let mut told = Vec::new();
    let mut buffer = [0; 4096];
    let mut waiting = dialogue.iter();
    let mut next = waiting.next();
    // When the last writer has gone, reading fails.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        told.extend_from_slice(&buffer[..count]);
        if let Some((question, answer)) = next
            && String::from_utf8_lossy(&told).ends_with(question)
        {
            terminal.write_all(answer.as_bytes()).unwrap();
            next = waiting.next();
        }
    }
    let code = child.wait().unwrap().code();
    let modes = rustix::termios::tcgetattr(&terminal).unwrap().local_modes;
    assert!(
        modes.contains(rustix::termios::LocalModes::ECHO),
        "the terminal still hides what is typed"
    );
    (String::from_utf8_lossy(&told).into_owned(), code)
}

#[test]
fn deleting_asks_on_a_terminal() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let delete = || with_server(&serving, &["delete", "last_lantern/storm/010/lighting"]);
    let question = "Delete Task last_lantern/storm/010/lighting? [y/N] ";
    let (told, code) = in_dialogue(delete(), false, &[(question, "n\n")]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("nothing was done"), "{told}");
    let (told, code) = in_dialogue(delete(), false, &[(question, "yes\n")]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("deleted Task last_lantern/storm/010/lighting"),
        "{told}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_is_not_shown_while_it_is_typed() {
    let serving = Serving::start(&["--json", "--api-key", "a-secret-key"]);
    let folder = tempfile::tempdir().unwrap();
    let mut command = ftrack();
    command.env("XDG_CONFIG_HOME", folder.path()).arg("login");
    let url = format!("{}\n", serving.url());
    let dialogue = [
        ("Server: ", url.as_str()),
        ("User: ", "admin\n"),
        ("API key: ", "a-secret-key\n"),
    ];
    let (told, code) = in_dialogue(command, true, &dialogue);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("as admin (profile default, "), "{told}");
    assert!(!told.contains("a-secret-key"), "{told}");
    let kept = folder.path().join("ftrack/profiles/default.json");
    assert!(
        std::fs::read_to_string(kept)
            .unwrap()
            .contains("a-secret-key")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_as_before_when_a_login_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = ftrack();
    command.env("XDG_CONFIG_HOME", folder.path());
    command.args(["login", "--server", "http://127.0.0.1:9", "--user", "ada"]);
    let (told, code) = in_dialogue(command, true, &[("API key: ", "a-sec\u{3}")]);
    assert_eq!(code, Some(130), "{told}");
    assert!(!told.contains("a-sec"), "{told}");
    assert!(!folder.path().join("ftrack/profiles/default.json").exists());
}

#[test]
fn a_table_fits_the_terminal() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let mut command = Command::new("sh");
    for (name, value) in serving.command().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let program = env!("CARGO_BIN_EXE_ftrack");
    let query = "select id, description, name from Shot where project.name is last_lantern";
    let script = format!("stty rows 24 cols 60 <&1; exec '{program}' query '{query}'");
    command.args(["-c", &script]);
    let told = on_terminal(command);
    assert!(told.lines().count() > 5, "{told}");
    assert!(told.contains('…'), "{told}");
    for line in told.lines() {
        let width = line
            .chars()
            .filter(|character| !character.is_control())
            .count();
        assert!(width <= 60, "{width}: {line}");
    }
}

/// Checks that a terminal was told nothing that it obeys but our own styles, and that the text was there.
fn check(command: Command) -> String {
    let told = check_raw(command);
    assert!(told.contains("\\u001b[2J"), "{told:?}");
    assert!(told.contains("\\u009b31m"), "{told:?}");
    assert!(told.contains("\\u202ey"), "{told:?}");
    told
}

/// Checks that a terminal was told nothing that it obeys but our own styles.
fn check_raw(command: Command) -> String {
    let told = on_terminal(command);
    let mut plain = told.clone();
    // The command's own styles, and what progress bars clear lines with.
    let styles = [
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[0m",
        "\u{1b}[31m",
        "\u{1b}[33m",
        "\u{1b}[36m",
    ];
    let bars = ["\u{1b}[1A", "\u{1b}[1B", "\u{1b}[2K"];
    for own in styles.iter().chain(&bars) {
        plain = plain.replace(own, "");
    }
    for obeyed in ["\u{1b}", "\u{7}", "\u{9b}", "\u{202e}", "\u{2066}", "\u{8}"] {
        assert!(!plain.contains(obeyed), "{obeyed:?} in {told:?}");
    }
    told
}

fn styled(serving: &Serving, arguments: &[&str]) -> Command {
    let mut command = with_server(serving, arguments);
    command.env_remove("NO_COLOR").env("TERM", "xterm");
    command
}

#[test]
fn queries_show_hostile_names_escaped() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let session = session(&serving);
    let project = session.query("Project").first().unwrap().unwrap();
    project.set("full_name", HOSTILE).unwrap();
    session.commit().unwrap();
    let query = format!(
        "select full_name from Project where id is \"{}\"",
        project.id()
    );
    let told = check(styled(&serving, &["query", &query]));
    assert_eq!(told.lines().count(), 2, "a cell is one line: {told:?}");

    // JSON stays the JSON that it is.
    let told = check(styled(&serving, &["query", "--json", &query]));
    let row: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(row["full_name"], HOSTILE);
    let piped = styled(&serving, &["query", "--json", &query])
        .output()
        .unwrap();
    let row: serde_json::Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!(row["full_name"], HOSTILE);
}

#[test]
fn locations_are_shown_escaped() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let session = session(&serving);
    session
        .create("Location", values! { "name": HOSTILE, "label": HOSTILE })
        .unwrap();
    session.commit().unwrap();
    check(styled(&serving, &["location", "ls"]));
}

#[test]
fn events_are_shown_escaped() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let listen = styled(&serving, &["event", "listen", "--count", "1", "topic=x*"]);
    let session = session(&serving);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let publishing = std::thread::spawn({
        let stop = stop.clone();
        move || {
            let hub = session.event_hub();
            hub.connect().unwrap();
            // The listener takes a moment to be there.
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                let data = serde_json::json!({ "name": HOSTILE });
                let event = ftrack::event::Event::new(HOSTILE).with_data(data);
                hub.publish(event).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            session.close();
        }
    });
    let told = check(listen);
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    publishing.join().unwrap();
    assert_eq!(told.lines().count(), 1, "an event is one line: {told:?}");
}

#[test]
fn actions_are_shown_escaped() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let session = session(&serving);
    let hub = session.event_hub();
    hub.connect().unwrap();
    hub.subscribe("topic=ftrack.action.discover", |_| {
        Ok(Some(serde_json::json!({
            "items": [{"actionIdentifier": "hostile", "label": HOSTILE, "description": HOSTILE}]
        })))
    })
    .unwrap();
    hub.subscribe("topic=ftrack.action.launch", |_| {
        Ok(Some(
            serde_json::json!({ "success": true, "message": HOSTILE }),
        ))
    })
    .unwrap();
    let worker = hub.clone();
    let waiting = std::thread::spawn(move || worker.wait(None));
    check(styled(&serving, &["action", "list"]));
    check(styled(&serving, &["action", "launch", "hostile"]));
    session.close();
    waiting.join().unwrap().unwrap();
}

#[test]
fn components_are_published_and_downloaded_with_escaped_names() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plate.exr");
    std::fs::write(&file, "pixels").unwrap();
    let session = session(&serving);
    let task = session.query("Task").first().unwrap().unwrap();
    let asset_type = session
        .query("select short from AssetType")
        .first()
        .unwrap()
        .unwrap();
    let told = check(styled(
        &serving,
        &[
            "version",
            "publish",
            file.to_str().unwrap(),
            "--task",
            &task.id(),
            "--asset",
            HOSTILE,
            "--type",
            &asset_type.get::<String>("short").unwrap(),
            "--location",
            "ftrack.server",
        ],
    ));
    assert!(told.contains("plate"), "{told:?}");

    // An error may tell what a server says, too.
    let location = session
        .create("Location", values! { "name": HOSTILE })
        .unwrap();
    session.commit().unwrap();
    let component = session
        .query("FileComponent where name is plate order by version.date descending")
        .first()
        .unwrap()
        .unwrap();
    let told = check_raw(styled(
        &serving,
        &[
            "component",
            "download",
            &component.id(),
            "--location",
            &location.id(),
        ],
    ));
    assert!(told.contains("[2J"), "{told:?}");
}

/// Answers every request with a schema whose names are hostile.
fn serve_hostile_schema(listener: &TcpListener) {
    let schema = serde_json::json!([{
        "id": "Task", "type": "object", "primary_key": ["id"],
        "properties": {
            "id": {"type": "string"},
            HOSTILE: {"type": "string"},
        },
        "default_projections": ["id"],
    }]);
    let information = serde_json::json!({"version": "4.13.0", "schema_hash": "h"});
    for stream in listener.incoming() {
        let Ok(stream) = stream else { return };
        if answer(stream, &schema, &information).is_none() {
            return;
        }
    }
}

fn answer(
    mut stream: TcpStream,
    schema: &serde_json::Value,
    information: &serde_json::Value,
) -> Option<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let body = loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    (name.eq_ignore_ascii_case("content-length"))
                        .then(|| value.trim().parse().ok())?
                })
                .unwrap_or(0_usize);
            if body.len() >= length {
                break body.to_owned();
            }
        }
    };
    let actions: Vec<serde_json::Value> = serde_json::from_str(&body).ok()?;
    let answers: Vec<&serde_json::Value> = actions
        .iter()
        .map(|action| match action["action"].as_str() {
            Some("query_schemas") => schema,
            _ => information,
        })
        .collect();
    let answer = serde_json::to_string(&answers).ok()?;
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    )
    .ok()
}

#[test]
fn schemas_are_shown_escaped() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || serve_hostile_schema(&listener));
    let folder = tempfile::tempdir().unwrap();
    let mut command = ftrack();
    command
        .env_remove("NO_COLOR")
        .env("FTRACK_API_SCHEMA_CACHE_PATH", folder.path())
        .env("FTRACK_SERVER", url)
        .env("FTRACK_API_USER", "admin")
        .env("FTRACK_API_KEY", "k")
        .args(["schema", "--type", "Task"]);
    check(command);
}
