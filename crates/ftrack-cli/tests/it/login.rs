//! Profiles: written by `login` and `serve`, used by every command.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::{Serving, ftrack};

/// The command with profiles of its own.
fn with_profiles(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = ftrack();
    command.env("XDG_CONFIG_HOME", folder).args(arguments);
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Logs in with a key on standard input.
fn log_in(folder: &Path, arguments: &[&str], key: &str) -> Output {
    let mut child = with_profiles(folder, &[&["login"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(key.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

const PROJECTS: [&str; 2] = [
    "query",
    "select name from Project where name is last_lantern",
];

#[test]
fn who_has_logged_in_needs_no_environment() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let folder = tempfile::tempdir().unwrap();
    let url = serving.url();
    let account = ["--server", &url, "--user", "admin"];
    let (code, output, error) = said(&log_in(folder.path(), &account, "k\n"));
    assert_eq!(code, Some(0), "{error}");
    assert!(
        output.starts_with(&format!("logged in to {url} as admin (profile default, ")),
        "{output}"
    );
    let (code, output, error) = said(&with_profiles(folder.path(), &PROJECTS).output().unwrap());
    assert_eq!(
        (code, output.as_str()),
        (Some(0), "name\nlast_lantern\n"),
        "{error}"
    );

    // The environment wins.
    let mut elsewhere = with_profiles(folder.path(), &PROJECTS);
    elsewhere
        .env("FTRACK_API_USER", "admin")
        .env("FTRACK_API_KEY", "wrong");
    assert_eq!(elsewhere.output().unwrap().status.code(), Some(4));

    let forget = ["login", "--forget", "--yes"];
    assert_eq!(
        with_profiles(folder.path(), &forget)
            .output()
            .unwrap()
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        with_profiles(folder.path(), &forget)
            .output()
            .unwrap()
            .status
            .code(),
        Some(3)
    );
    let (code, _, error) = said(&with_profiles(folder.path(), &PROJECTS).output().unwrap());
    assert_eq!(code, Some(1));
    assert!(error.contains("hint: `ftrack login`"), "{error}");
}

#[test]
fn a_key_that_the_server_refuses_is_not_kept() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let folder = tempfile::tempdir().unwrap();
    let url = serving.url();
    let account = ["--server", &url, "--user", "admin", "--profile", "x"];
    let (code, _, error) = said(&log_in(folder.path(), &account, "wrong\n"));
    assert_eq!(code, Some(4), "{error}");
    assert!(
        error.contains("nothing was kept") && !error.contains("wrong\n"),
        "{error}"
    );
    let (code, _, error) = said(&log_in(folder.path(), &account, "\n"));
    assert_eq!(code, Some(2), "{error}");
    let (code, _, error) = said(&log_in(folder.path(), &["--user", "admin"], "k\n"));
    assert_eq!(code, Some(2));
    assert!(error.contains("--server"), "{error}");
    assert!(!folder.path().join("ftrack/profiles/x.json").exists());
}

#[test]
fn a_served_profile_leads_to_the_server_as_long_as_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start_with(
        with_profiles(folder.path(), &[]),
        &["--demo", "--profile", "local"],
    );
    let file = folder.path().join("ftrack/profiles/local.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for arguments in [
        PROJECTS.to_vec(),
        [&PROJECTS[..], &["--profile", "local"]].concat(),
    ] {
        let (code, output, error) =
            said(&with_profiles(folder.path(), &arguments).output().unwrap());
        assert_eq!(
            (code, output.as_str()),
            (Some(0), "name\nlast_lantern\n"),
            "{error}"
        );
    }
    assert_eq!(serving.stop("-TERM").code(), Some(0));
    assert!(!file.exists(), "a server that has stopped is nowhere");
    let gone = [&PROJECTS[..], &["--profile", "local"]].concat();
    let (code, _, error) = said(&with_profiles(folder.path(), &gone).output().unwrap());
    assert_eq!(code, Some(3), "{error}");
}

#[cfg(unix)]
#[test]
fn a_shell_can_take_over_the_environment_of_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_ftrack");
    let script = format!(
        "eval \"$('{program}' serve --demo --env &)\"
         '{program}' query 'select name from Project where name is last_lantern'
         kill $FTRACK_SERVER_PID"
    );
    let mut shell = Command::new("sh");
    for (name, value) in with_profiles(folder.path(), &[]).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let mut child = shell
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(lines, ["name", "last_lantern"]);
    assert!(child.wait().unwrap().success());
}
