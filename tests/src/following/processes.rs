//! The processes of a trial.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ftrack_follow::{Health, ListenerState};
use ftrack_server::Server;

use super::KEY;
use crate::peer::Said;

/// How long a process may take to do what it is asked.
const LIMIT: Duration = Duration::from_secs(60);

/// Serves the data in a folder until it is killed.
///
/// # Errors
///
/// Whatever keeps the server from starting.
pub fn serve(folder: &Path, address: &str) -> Said {
    let builder = Server::builder().data_dir(folder).api_key(KEY).demo(true);
    let server = builder.listen(address).start()?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", server.user())?;
    output.flush()?;
    loop {
        std::thread::park();
    }
}

/// A process that is killed at the end, whatever happens.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that can be killed and started again.
pub(super) struct ServerProcess {
    program: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    pub(super) user: String,
    process: Option<Process>,
}

impl ServerProcess {
    pub(super) fn start(program: &Path, folder: &Path, address: SocketAddr) -> Said<Self> {
        let mut server = Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            address,
            user: String::new(),
            process: None,
        };
        server.again()?;
        Ok(server)
    }

    /// Starts it over the same data, and returns when it answers.
    pub(super) fn again(&mut self) -> Said {
        let mut command = Command::new(&self.program);
        command.arg("serve").arg(&self.folder);
        command.arg(self.address.to_string()).stdout(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let output = process.0.stdout.take().ok_or("there is no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if line.is_empty() {
            return Err("the server has not started".into());
        }
        line.trim().clone_into(&mut self.user);
        self.process = Some(process);
        Ok(())
    }

    pub(super) fn kill(&mut self) {
        self.process = None;
    }
}

/// A listener that can be killed and started again.
pub(super) struct ListenerProcess {
    program: PathBuf,
    folder: PathBuf,
    url: String,
    user: String,
    process: Option<Process>,
}

impl ListenerProcess {
    pub(super) fn new(program: &Path, folder: &Path, url: String, user: &str) -> Self {
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            url,
            user: user.to_owned(),
            process: None,
        }
    }

    /// Starts it where it was.
    pub(super) fn again(&mut self) -> Said {
        let mut command = Command::new(&self.program);
        command.arg("follow").arg(&self.folder);
        command.env("FTRACK_SERVER", &self.url);
        command.env("FTRACK_API_USER", &self.user);
        command.env("FTRACK_API_KEY", KEY);
        self.process = Some(Process(command.spawn()?));
        Ok(())
    }

    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again if it has ended by itself: it cannot begin while there is no server.
    pub(super) fn keep_alive(&mut self) -> Said {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        match process.0.try_wait()? {
            Some(_) => self.again(),
            None => Ok(()),
        }
    }

    /// Waits until its health file says this.
    pub(super) fn wait_until(&mut self, what: &str, is_so: impl Fn(&Health) -> bool) -> Said {
        let until = Instant::now() + LIMIT;
        while Instant::now() < until {
            self.keep_alive()?;
            if Health::read(self.folder.join("health")).is_ok_and(|health| is_so(&health)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("in vain: {what}").into())
    }

    /// Asks it to stop, and waits until it has.
    pub(super) fn stop(&mut self) -> Said {
        std::fs::write(self.folder.join("stop"), "")?;
        let mut process = self.process.take().ok_or("there is no listener")?;
        let until = Instant::now() + LIMIT;
        while Instant::now() < until {
            if let Some(status) = process.0.try_wait()? {
                let health = Health::read(self.folder.join("health"))?;
                let is_well = status.success() && health.state == ListenerState::Stopped;
                return is_well.then_some(()).ok_or_else(|| {
                    format!("the listener has ended badly: {status}, {health:?}").into()
                });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err("the listener does not stop".into())
    }
}
