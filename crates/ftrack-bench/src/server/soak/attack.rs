//! The worst requests that are known.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::pictures::Pictures;
use super::{Child, events};
use crate::server::Outcome;
use crate::server::child::credentials;

/// What clients that mean harm send.
pub(super) struct Attack<'s> {
    server: &'s Child,
    /// Bodies of requests, with further headers.
    bodies: Vec<(Vec<u8>, &'static str)>,
    pictures: Pictures,
}

/// What is sent besides bodies.
const OTHERS: [fn(&Attack<'_>, usize) -> Outcome; 4] = [
    |attack, _| leave_early(attack.server, &endless()),
    |attack, turn| attack.pictures.ask_for(attack.server, turn),
    |attack, _| events::flood_silent_connections(attack.server),
    |attack, _| events::subscribe_to_too_much(attack.server),
];

impl<'s> Attack<'s> {
    /// Prepares everything.
    pub(super) fn new(server: &'s Child) -> Outcome<Self> {
        Ok(Self {
            server,
            bodies: worst(),
            pictures: Pictures::upload(server)?,
        })
    }

    /// Sends one of the worst after the other until it is over. That they are refused, or that the connection ends, is
    /// as it should be.
    pub(super) fn run(&self, number: usize, is_over: &AtomicBool, sent: &AtomicUsize) {
        let kinds = self.bodies.len() + OTHERS.len();
        for turn in number.. {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            let kind = turn % kinds;
            let answer = match self.bodies.get(kind) {
                Some((body, headers)) => self.post(body, headers),
                None => match OTHERS.get(kind - self.bodies.len()) {
                    Some(send) => send(self, turn),
                    None => Ok(()),
                },
            };
            if answer.is_ok() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn post(&self, body: &[u8], headers: &str) -> Outcome {
        let headers = credentials() + headers;
        self.server.connect()?.post(&headers, body)?;
        Ok(())
    }
}

/// Asks, and leaves before there is an answer.
fn leave_early(server: &Child, query: &str) -> Outcome {
    let body = batch(query);
    let request = format!(
        "POST /api HTTP/1.1\r\nHost: soak\r\n{}Content-Length: {}\r\n\r\n",
        credentials(),
        body.len()
    );
    let mut stream = TcpStream::connect(server.address.as_str())?;
    stream.write_all(request.as_bytes())?;
    stream.write_all(&body)?;
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}

fn batch(query: &str) -> Vec<u8> {
    json!([{"action": "query", "expression": query}])
        .to_string()
        .into_bytes()
}

/// Looks at everything below everything above everything below everything.
fn endless() -> String {
    let open = "descendants any (ancestors any (".repeat(4);
    format!(
        "Project where {open}name like \"%nowhere\"{}",
        ")".repeat(8)
    )
}

/// The bodies of the worst requests, with further headers.
fn worst() -> Vec<(Vec<u8>, &'static str)> {
    const DENORMALIZED: &str = "ftrack-api-options: denormalize:1\r\n";
    let path = "parent.".repeat(7_300) + "name";
    let deep = "children.parent.".repeat(1_500) + "name";
    let nested = "descendants.ancestors.descendants.ancestors.descendants.id";
    let pattern = "%a".repeat(500_000);
    let one = r#"{"action":"query","expression":"Task limit 1"}"#;
    let writing = json!([
        {"action": "query", "expression": endless()},
        {"action": "delete", "entity_type": "Task", "entity_key": ["nothing"]},
    ]);
    let written = json!([
        {"action": "delete", "entity_type": "Task", "entity_key": ["nothing"]},
        {"action": "query", "expression": endless()},
    ]);
    vec![
        (batch(&endless()), ""),
        (batch(&format!("Task where {path} is x")), ""),
        (batch(&format!("Task where name like \"{pattern}\"")), ""),
        (batch(&format!("select {deep} from Project")), ""),
        (
            batch(&format!("select {nested} from Project")),
            DENORMALIZED,
        ),
        (
            format!("[{}{one}]", format!("{one},").repeat(399_999)).into_bytes(),
            "",
        ),
        (
            format!("[{}{{}}]", "{},".repeat(20_900_000)).into_bytes(),
            "",
        ),
        (
            batch("Task where description like \"%a%b%c%d%e%f%g%\" order by description, name"),
            "",
        ),
        (writing.to_string().into_bytes(), ""),
        (written.to_string().into_bytes(), ""),
        (
            batch("select name from Task where not (name like \"%x\") order by parent.name"),
            "",
        ),
        (
            batch("select id from Task order by parent.parent.name descending, description"),
            "",
        ),
    ]
}
