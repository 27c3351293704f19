//! Work that another process does: this test binary, started again with a task in its environment.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use ftrack_cache::{Cache, Error, FileCache};

use super::killed;

const TASK: &str = "FTRACK_CACHE_TEST_TASK";
const FOLDER: &str = "FTRACK_CACHE_TEST_FOLDER";
const BASE: &str = "FTRACK_CACHE_TEST_BASE";

/// A process that works on a folder. It ends when it is dropped.
pub(super) struct Child {
    process: process::Child,
    output: BufReader<process::ChildStdout>,
}

impl Child {
    pub(super) fn start(task: &str, folder: &Path) -> Self {
        Self::spawn(command(env::current_exe().unwrap()), task, folder, 0)
    }

    pub(super) fn write_from(base: u64, folder: &Path) -> Self {
        Self::spawn(command(env::current_exe().unwrap()), "write", folder, base)
    }

    pub(super) fn spawn(mut command: Command, task: &str, folder: &Path, base: u64) -> Self {
        let mut process = command
            .env(TASK, task)
            .env(FOLDER, folder)
            .env(BASE, base.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// Waits until the child says `word`.
    pub(super) fn wait_for(&mut self, word: &str) {
        let mut seen = String::new();
        while !seen.lines().any(|line| line.ends_with(word)) {
            assert!(
                self.output.read_line(&mut seen).unwrap() > 0,
                "the child only said {seen:?}"
            );
        }
    }

    /// Lets the child end on its own and checks that it was content.
    pub(super) fn finish(&mut self) {
        drop(self.process.stdin.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}: {rest}");
    }

    pub(super) fn kill(&mut self) -> ExitStatus {
        self.process.kill().unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How to start `program` so that it does only the task.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.args(ARGUMENTS);
    command
}

pub(super) const ARGUMENTS: [&str; 4] = [
    "--exact",
    "file::child::does_its_task",
    "--nocapture",
    "--test-threads=1",
];

fn say(word: &str) {
    // Written past the test harness, which would keep it back.
    let mut output = std::io::stdout().lock();
    output.write_all(format!("\n{word}\n").as_bytes()).unwrap();
    output.flush().unwrap();
}

/// Does the task of a child process. In the run of all tests there is none, and nothing to do.
#[test]
fn does_its_task() {
    let Ok(task) = env::var(TASK) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    let base = env::var(BASE).unwrap().parse().unwrap();
    match task.as_str() {
        "hold" => hold(&folder),
        "write" => write(&folder, base),
        "fill" => fill(&folder),
        "open without room" => {
            let error = FileCache::open(&folder).unwrap_err();
            assert!(
                matches!(&error, Error::Full { path, .. } if *path == folder),
                "{error:?}"
            );
        }
        "open read-only" => {
            let error = FileCache::open(&folder).unwrap_err();
            assert!(
                matches!(&error, Error::ReadOnly { path, .. } if *path == folder),
                "{error:?}"
            );
        }
        other => panic!("unknown task {other}"),
    }
}

/// Keeps the folder open until the parent says so.
fn hold(folder: &Path) {
    let cache = super::open(folder);
    cache
        .set("held".to_owned(), b"by the child".to_vec())
        .unwrap();
    say("open");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Sets and removes until it is killed.
fn write(folder: &Path, base: u64) {
    let started = Instant::now();
    let cache = super::open(folder);
    say("open");
    for count in base.. {
        let key = killed::key_of(count);
        if count % 23 == 0 {
            drop(cache.remove(&key));
        } else {
            cache
                .set(key.clone(), killed::value_of(&key, count))
                .unwrap();
        }
        if count % 16 == 0 {
            cache.flush().unwrap();
        }
        // Should the parent be gone, nobody will kill us.
        if started.elapsed() > Duration::from_secs(20) {
            return;
        }
    }
}

/// Sets until there is no room.
fn fill(folder: &Path) {
    let cache = super::open(folder);
    let error = (0..20_000_u64)
        .map(|count| {
            let key = killed::key_of(count);
            let value = killed::value_of(&key, count);
            cache.set(key, value)?;
            if count % 20 == 0 {
                cache.flush()
            } else {
                Ok(())
            }
        })
        .find_map(Result::err);
    let is_full =
        |error: &Error| matches!(error, Error::Full { path, .. } if path.as_path() == folder);
    assert!(error.as_ref().is_some_and(is_full), "{error:?}");
    // It goes on failing in the same way, and reading does not panic.
    let error = cache
        .set("more".to_owned(), vec![1; 100_000])
        .and_then(|()| cache.flush());
    assert!(error.as_ref().is_err_and(is_full), "{error:?}");
    for key in cache.keys().unwrap_or_default() {
        if let Ok(Some(value)) = cache.get(&key)
            && key != "more"
        {
            killed::check(&key, &value);
        }
    }
}
