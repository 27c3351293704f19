//! A server in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ftrack_server::Server;
use serde_json::{Value, json};

use super::Outcome;
use crate::http::{Answer, Connection};
use crate::process;

/// The key of the administrator.
pub(crate) const KEY: &str = "bench-key";

/// A server in a process of its own, which ends when this is dropped.
pub(crate) struct Child {
    process: std::process::Child,
    /// The server stops when nobody holds this any more.
    input: Mutex<Option<ChildStdin>>,
    /// Where it listens: `host:port`.
    pub(super) address: String,
    /// How long it took from nothing to ready.
    pub(super) started: Duration,
    /// How long it computed for that. Other work on the machine lengthens this less.
    pub(super) computed: Duration,
}

/// What the process does: serves until nobody holds the other end of its standard input.
///
/// # Errors
/// A server that does not start.
pub(crate) fn serve(arguments: &[String]) -> Outcome {
    let mut builder = Server::builder().api_key(KEY);
    for pair in arguments.chunks(2) {
        builder = match pair {
            [name, value] if name == "--data" => builder.data_dir(value),
            [name, value] if name == "--from" => builder.from_file(value),
            _ => return Err(format!("{} is not known", pair.concat()).into()),
        };
    }
    let server = builder.start()?;
    writeln!(
        std::io::stdout(),
        "{}",
        json!({"address": server.address().to_string()})
    )?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

impl Child {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(arguments: &[(&str, &Path)]) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve");
        for (name, value) in arguments {
            command.arg(name).arg(value);
        }
        let start = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let started = start.elapsed();
        let computed = process::cpu_time_of(child.id())?;
        let ready: Value = serde_json::from_str(&line)
            .map_err(|_| "the server did not start; what it says about it is above")?;
        let address = ready["address"]
            .as_str()
            .ok_or("the server says no address")?;
        Ok(Self {
            input: Mutex::new(child.stdin.take()),
            process: child,
            address: address.to_owned(),
            started,
            computed,
        })
    }

    /// How much memory it holds, in KiB.
    pub(super) fn memory(&self) -> Outcome<u64> {
        Ok(process::resident_memory_of(self.process.id())?)
    }

    /// A connection with the credentials of the administrator.
    pub(super) fn connect(&self) -> Outcome<Client> {
        self.connect_as("admin", KEY)
    }

    /// Tells the server to stop, which ends the requests that others still wait for. Without anybody at the other end
    /// of its input it stops in good order.
    pub(super) fn stop(&self) {
        drop(
            self.input
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// A connection with the credentials of a user.
    pub(super) fn connect_as(&self, user: &str, key: &str) -> Outcome<Client> {
        Ok(Client {
            connection: Connection::open(self.address.as_str())?,
            credentials: headers(user, key),
        })
    }

    /// A session of the client with this server.
    pub(crate) fn session(&self) -> Outcome<ftrack_session::Session> {
        Ok(ftrack_session::SessionBuilder::new()
            .server_url(format!("http://{}", self.address))
            .api_user("admin")
            .api_key(KEY)
            .connect()?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop();
        let _ = self.process.wait();
    }
}

/// A connection with credentials.
pub(super) struct Client {
    connection: Connection,
    credentials: String,
}

/// An answer, how long it took to come, and what the server says about it.
pub(super) struct Reply {
    pub(super) took: Duration,
    /// How long the server was at it.
    pub(super) answering: Duration,
    /// How long a batch waited for its turn to write.
    pub(super) waiting: Duration,
    /// How many rows the server looked at.
    pub(super) examined: u64,
    pub(super) body: Vec<u8>,
}

/// The headers of the administrator.
pub(super) fn credentials() -> String {
    headers("admin", KEY)
}

fn headers(user: &str, key: &str) -> String {
    format!("ftrack-user: {user}\r\nftrack-api-key: {key}\r\n")
}

impl Client {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            credentials: credentials(),
        }
    }

    /// Sends a body with these headers; any answer will do.
    pub(super) fn post(&mut self, headers: &str, body: &[u8]) -> Outcome<Answer> {
        self.connection.send("POST", "/api", headers, body)
    }

    /// Sends operations.
    pub(super) fn call(&mut self, operations: &Value) -> Outcome<Reply> {
        let body = operations.to_string().into_bytes();
        let headers = format!("{}Content-Type: application/json\r\n", self.credentials);
        let start = Instant::now();
        let answer = self.connection.send("POST", "/api", &headers, &body)?;
        let took = start.elapsed();
        if answer.body.first() != Some(&b'[') {
            return Err(String::from_utf8_lossy(&answer.body).into());
        }
        let timing = answer.header("server-timing").unwrap_or_default();
        let seconds = part(timing, "dur=")? / 1e3;
        let waiting = part(timing, "wait;dur=").unwrap_or_default() / 1e3;
        let rows = part(timing, "desc=\"")?;
        Ok(Reply {
            took,
            answering: Duration::from_secs_f64(seconds),
            waiting: Duration::from_secs_f64(waiting),
            examined: format!("{rows:.0}").parse()?,
            body: answer.body,
        })
    }

    /// Sends one query.
    pub(super) fn query(&mut self, expression: &str) -> Outcome<Reply> {
        self.call(&json!([{"action": "query", "expression": expression}]))
    }

    /// Asks for something else than the API.
    pub(super) fn get(&mut self, path: &str, headers: &str) -> Outcome<Answer> {
        self.connection.send("GET", path, headers, b"")
    }

    /// Sends a file to an address that lets anybody send it.
    pub(super) fn put(&mut self, path: &str, file: &[u8]) -> Outcome {
        let answer = self.connection.send("PUT", path, "", file)?;
        if !answer.head.starts_with("HTTP/1.1 200") {
            return Err(answer.head.into());
        }
        Ok(())
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}

impl Reply {
    /// How many entities the first operation answers with.
    pub(super) fn entities(&self) -> Outcome<usize> {
        let answers: Value = serde_json::from_slice(&self.body)?;
        Ok(answers[0]["data"].as_array().map_or(0, Vec::len))
    }
}

/// The number that follows a word.
fn part(timing: &str, word: &str) -> Outcome<f64> {
    let (_, rest) = timing
        .split_once(word)
        .ok_or("the server does not say how long it took")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
    Ok(rest
        .get(..end.unwrap_or(rest.len()))
        .unwrap_or_default()
        .parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_says_how_long_it_took() {
        let timing = "answer;dur=1.25, rows;desc=\"512\"";
        assert_eq!(part(timing, "dur=").ok(), Some(1.25));
        assert_eq!(part(timing, "desc=\"").ok(), Some(512.0));
        assert!(part(timing, "more=").is_err());
    }
}
