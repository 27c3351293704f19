//! A server of the workspace, as its users start it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::Tools;
use crate::Outcome;

/// How long a server may take to say that it is ready.
const LIMIT: Duration = Duration::from_secs(60);

/// `ftrack serve`, until this is dropped.
pub(crate) struct LocalServer {
    child: Child,
    url: String,
    user: String,
    api_key: String,
}

impl LocalServer {
    /// Starts one with the demo production, on a port that is free.
    pub(crate) fn start(tools: &Tools) -> Outcome<Self> {
        let child = tools
            .program("ftrack")?
            .args(["serve", "--listen", "127.0.0.1:0", "--demo", "--json"])
            // Scripts may cut connections, to see what the client does.
            .arg("--testing")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut server = Self {
            child,
            url: String::new(),
            user: String::new(),
            api_key: String::new(),
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Outcome {
        let output = self.child.stdout.take().ok_or("the server has no output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            let read = output.read_line(&mut line).map(|_| line);
            let _ = sender.send(read);
            // The server must not stop because nobody reads what else it says.
            let _ = std::io::copy(&mut output.by_ref(), &mut std::io::sink());
        });
        let line = lines
            .recv_timeout(LIMIT)
            .map_err(|_| format!("the server was not ready within {} s", LIMIT.as_secs()))??;
        let ready: serde_json::Value = serde_json::from_str(&line)
            .map_err(|error| format!("the server's first line, {line:?}, is not JSON: {error}"))?;
        let text = |name: &str| {
            let value = ready[name].as_str().filter(|value| !value.is_empty());
            value
                .map(str::to_owned)
                .ok_or_else(|| format!("the server's first line, {line:?}, has no {name:?}"))
        };
        self.url = text("url")?;
        self.user = text("user")?;
        self.api_key = text("api_key")?;
        Ok(())
    }

    /// Tells a program where the server is and how to be let in.
    pub(crate) fn introduce(&self, command: &mut Command) {
        command
            .env("FTRACK_SERVER", &self.url)
            .env("FTRACK_API_USER", &self.user)
            .env("FTRACK_API_KEY", &self.api_key);
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
