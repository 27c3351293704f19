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
    ftrack::Session::builder()
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
    let listen = ["listen", "--json", "--count", "1", "topic=studio.*"];
    let mut listener = Listening::start(&serving, &listen);
    let publish = ["publish", "studio.render", "--data", r#"{"frames": 10}"#];
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
    let mut listener = Listening::start(&serving, &["listen", "topic=studio.*"]);
    let line = first_line(&serving, &mut listener, &["publish", "studio.hello"]);
    assert_eq!(line, "studio.hello  admin  {}\n");
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
    let ask = ["publish", "studio.sum", "--data", "[1, 2, 3]", "--wait"];
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
    let ask = ["publish", "studio.question", "--wait", "--timeout", "600"];
    let mut asking = with_server(&serving, &ask).spawn().unwrap();
    asked.recv().unwrap();
    let id = asking.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(asking.wait().unwrap().code(), Some(1));
    workers.stop();
}

#[test]
fn data_that_is_no_json_is_wrong_usage() {
    let said = crate::run(&["publish", "topic", "--data", "{"]);
    assert_eq!(said.code(), Some(2));
    assert!(said.error.contains("this is no JSON"), "{}", said.error);
}

#[test]
fn an_expression_that_is_none_is_shown_with_its_fault() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let output = with_server(&serving, &["listen", "topic="])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("invalid subscription")
    );
}
