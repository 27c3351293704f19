use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::{Serving, ftrack};

/// A listener, stopped at the end of the test whatever happens.
struct Listening(Child);

impl Listening {
    fn start(serving: &Serving, arguments: &[&str]) -> Self {
        Self(
            with_server(serving, arguments)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn with_server(serving: &Serving, arguments: &[&str]) -> Command {
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    let mut command = ftrack();
    command.env("FTRACK_SERVER", ready["url"].as_str().unwrap());
    command
        .env("FTRACK_API_USER", "admin")
        .env("FTRACK_API_KEY", "k")
        .args(arguments);
    command
}

/// A session of this process with the same server.
pub(crate) fn session(serving: &Serving) -> ftrack::Session {
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    <ftrack::Session as ftrack::StartSession>::builder()
        .server_url(ready["url"].as_str().unwrap())
        .api_user("admin")
        .api_key("k")
        .schema_cache(ftrack::SchemaCache::Disabled)
        .connect()
        .unwrap()
}

/// Publishes until the listener, which takes a moment to be there, has heard and printed something.
fn first_line(serving: &Serving, listener: &mut Listening, publish: &[&str]) -> String {
    let mut output = BufReader::new(listener.0.stdout.take().unwrap());
    let heard = std::thread::spawn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    });
    for _ in 0..100 {
        assert!(with_server(serving, publish).status().unwrap().success());
        if heard.is_finished() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    heard.join().unwrap()
}

#[test]
fn what_is_published_is_printed_where_somebody_listens() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let listen = [
        "event",
        "listen",
        "--json",
        "--count",
        "1",
        "topic=studio.*",
    ];
    let mut listener = Listening::start(&serving, &listen);
    let publish = [
        "event",
        "publish",
        "studio.render",
        "--data",
        r#"{"frames": 10}"#,
    ];
    let line = first_line(&serving, &mut listener, &publish);
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["topic"], "studio.render");
    assert_eq!(event["data"]["frames"], 10);
    assert_eq!(event["source"]["user"]["username"], "admin");
    assert!(listener.0.wait().unwrap().success());
}

#[test]
fn a_listener_ends_well_when_interrupted() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let mut listener = Listening::start(&serving, &["event", "listen", "topic=studio.*"]);
    let line = first_line(
        &serving,
        &mut listener,
        &["event", "publish", "studio.hello"],
    );
    let (when, told) = line.split_at(8);
    assert!(
        when.split(':')
            .all(|part| part.len() == 2 && part.parse::<u8>().is_ok()),
        "{line}"
    );
    assert_eq!(told, " admin studio.hello {}\n");
    let id = listener.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(listener.0.wait().unwrap().success());
}

#[test]
fn the_reply_to_an_event_is_printed() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let session = session(&serving);
    session
        .event_hub()
        .subscribe("topic=studio.sum", |event| {
            let numbers = event.data.as_array().into_iter().flatten();
            Ok(Some(
                numbers
                    .filter_map(serde_json::Value::as_i64)
                    .sum::<i64>()
                    .into(),
            ))
        })
        .unwrap();
    session.event_hub().connect().unwrap();
    let workers = session.event_hub().run_workers(1).unwrap();
    let ask = [
        "event",
        "publish",
        "studio.sum",
        "--data",
        "[1, 2, 3]",
        "--wait",
    ];
    let output = with_server(&serving, &ask).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "6\n");
    assert!(output.status.success());
    workers.stop();
}

#[test]
fn nobody_waits_for_a_reply_after_an_interrupt() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let session = session(&serving);
    let (sender, asked) = std::sync::mpsc::channel();
    let hub = session.event_hub();
    hub.subscribe("topic=studio.question", move |_| {
        sender.send(())?;
        Ok(None)
    })
    .unwrap();
    hub.connect().unwrap();
    let workers = hub.run_workers(1).unwrap();
    let ask = [
        "event",
        "publish",
        "studio.question",
        "--wait",
        "--timeout",
        "600",
    ];
    let mut asking = with_server(&serving, &ask).spawn().unwrap();
    asked.recv().unwrap();
    let id = asking.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(asking.wait().unwrap().code(), Some(130));
    workers.stop();
}

#[test]
fn data_that_is_no_json_is_wrong_usage() {
    let said = crate::run(&["event", "publish", "topic", "--data", "{"]);
    assert_eq!(said.code(), Some(2));
    assert!(said.error.contains("this is not JSON"), "{}", said.error);
}

#[test]
fn an_expression_that_is_none_is_shown_with_its_fault() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let output = with_server(&serving, &["event", "listen", "topic="])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("invalid subscription")
    );
}

/// A listener that nobody reads, and what it is sent until its output is full.
#[cfg(unix)]
fn flooded(serving: &Serving) -> Listening {
    let listener = Listening::start(serving, &["event", "listen", "topic=studio.*"]);
    let session = session(serving);
    let hub = session.event_hub();
    hub.connect().unwrap();
    let filler = "x".repeat(20_000);
    for _ in 0..40 {
        let data = serde_json::json!({ "filler": filler });
        hub.publish(ftrack::event::Event::new("studio.flood").with_data(data))
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    session.close();
    listener
}

#[cfg(unix)]
#[test]
fn the_first_signal_ends_a_listener_whose_reader_does_not_read() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    for name in ["-INT", "-TERM"] {
        let mut listener = flooded(&serving);
        let ended = crate::stop(&mut listener.0, name);
        assert_eq!(ended.code(), Some(0), "{name}");
    }
}

#[test]
fn a_listener_ends_quietly_when_its_reader_is_gone() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let mut command = with_server(&serving, &["event", "listen", "topic=studio.*"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut listener = Listening(command.spawn().unwrap());
    drop(listener.0.stdout.take());
    publish_until_ended(&serving, &mut listener);
    let mut said = String::new();
    std::io::Read::read_to_string(listener.0.stderr.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(listener.0.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(said, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_listener_fails_on_a_full_disk() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = with_server(&serving, &["event", "listen", "topic=studio.*"]);
    command.stdout(full).stderr(Stdio::piped());
    let mut listener = Listening(command.spawn().unwrap());
    publish_until_ended(&serving, &mut listener);
    let mut said = String::new();
    std::io::Read::read_to_string(listener.0.stderr.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(listener.0.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("cannot write the output"), "{said}");
}

/// Publishes events until the listener has ended; it takes a moment to be there.
fn publish_until_ended(serving: &Serving, listener: &mut Listening) {
    let session = session(serving);
    let hub = session.event_hub();
    hub.connect().unwrap();
    for _ in 0..200 {
        hub.publish(ftrack::event::Event::new("studio.render"))
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        if listener.0.try_wait().unwrap().is_some() {
            session.close();
            return;
        }
    }
    panic!("the listener goes on");
}

#[test]
fn changes_are_told_by_name_and_only_those_that_are_wanted() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let task = "last_lantern/storm/010/lighting";
    let arguments = ["event", "listen", "--count", "1"];
    let filter = ["--entity", "Task", "--attribute", "status"];
    let mut listener = Listening::start(&serving, &[&arguments[..], &filter].concat());
    let mut output = BufReader::new(listener.0.stdout.take().unwrap());
    let heard = std::thread::spawn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    });
    // The listener takes a moment to be there.
    for number in 0..100 {
        let bid = format!("bid={}", 3600 + number);
        let status = if number % 2 == 0 {
            "Revise"
        } else {
            "Approved"
        };
        for value in [
            bid,
            "status=Not started".to_owned(),
            format!("status={status}"),
        ] {
            let set = with_server(&serving, &["set", task, &value]).output();
            assert!(set.unwrap().status.success());
        }
        if heard.is_finished() {
            break;
        }
    }
    let line = heard.join().unwrap();
    let told = line.get(9..).unwrap().trim_end();
    let wanted = ["Revise", "Approved", "Not started"]
        .map(|status| format!("admin update Task lighting status → {status}"));
    assert!(wanted.iter().any(|wanted| wanted == told), "{line}");
    assert!(listener.0.wait().unwrap().success());
}

#[test]
fn a_component_that_arrives_in_a_location_is_told_by_both_names() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let arguments = ["event", "listen", "--count", "1", "--entity"];
    let arguments = [&arguments[..], &["ComponentLocation"]].concat();
    let mut listener = Listening::start(&serving, &arguments);
    let mut output = BufReader::new(listener.0.stdout.take().unwrap());
    let heard = std::thread::spawn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line
    });
    let folder = tempfile::tempdir().unwrap();
    let scene = folder.path().join("scene.ma");
    std::fs::write(&scene, "a scene").unwrap();
    let task = "last_lantern/storm/010/lighting";
    let publish = [
        "version",
        "publish",
        scene.to_str().unwrap(),
        "--task",
        task,
        "--asset",
        "scene",
        "--type",
        "geo",
        "--location",
        "ftrack.server",
    ];
    // The listener takes a moment to be there.
    for _ in 0..100 {
        let published = with_server(&serving, &publish).output().unwrap();
        assert!(published.status.success(), "{published:?}");
        if heard.is_finished() {
            break;
        }
    }
    let line = heard.join().unwrap();
    let told = line.get(9..).unwrap().trim_end();
    assert_eq!(told, "admin add ComponentLocation scene in ftrack.server");
    assert!(listener.0.wait().unwrap().success());
}
