//! The unsafe code of the workspace under tools that watch memory.

use std::process::{Command, Stdio};

use crate::{Outcome, command, root};

/// The only crate with unsafe code.
const CRATE: &str = "ftrack-plugin-abi";

/// Runs the crate's tests under what watches memory, and says what it could not run.
///
/// What is not installed is not an error, as long as one of the tools is there; what is found is.
///
/// # Errors
///
/// A test that fails, memory that is misused, or no tool at all.
pub(crate) fn run() -> Outcome {
    let mut has_run = false;
    if has(&["+nightly", "--version"]) {
        sanitizer()?;
        has_run = true;
    } else {
        println!(
            "address sanitizer: NOT RUN, there is no nightly toolchain (rustup toolchain install nightly)"
        );
        if is_installed("valgrind") {
            valgrind()?;
            has_run = true;
        } else {
            println!("valgrind in its place: NOT RUN, it is not installed");
        }
    }
    if has(&["+nightly", "miri", "--version"]) {
        miri()?;
        has_run = true;
    } else {
        println!(
            "Miri: NOT RUN, it is not installed (rustup +nightly component add miri rust-src)"
        );
    }
    if has_run {
        return Ok(());
    }
    Err("nothing has watched memory: install one of the tools above".into())
}

/// Panics that are caught are leaked on purpose, since their destructors are somebody else's; so leaks are not looked
/// for.
fn sanitizer() -> Outcome {
    let mut tests = cargo(&["+nightly", "test", "--package", CRATE, "--target"]);
    tests
        .arg(host()?)
        .args(["--target-dir", "target/sanitizer"])
        .env("RUSTFLAGS", "-Zsanitizer=address")
        .env("RUSTDOCFLAGS", "-Zsanitizer=address")
        .env("ASAN_OPTIONS", "detect_leaks=0");
    command::run(&mut tests)?;
    println!("address sanitizer: the tests of {CRATE} pass");
    Ok(())
}

fn miri() -> Outcome {
    let mut tests = cargo(&["+nightly", "miri", "test", "--package", CRATE, "--lib"]);
    tests
        .args(["--target-dir", "target/miri"])
        .env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-ignore-leaks");
    command::run(&mut tests)?;
    println!("Miri: the tests of {CRATE} pass");
    Ok(())
}

/// The programs of the tests, one after the other. What is leaked on purpose does not count here either.
fn valgrind() -> Outcome {
    let arguments = [
        "test",
        "--package",
        CRATE,
        "--no-run",
        "--message-format=json",
    ];
    let built = command::output(&mut command::cargo(&arguments))?;
    let programs = programs(&String::from_utf8(built)?);
    if programs.is_empty() {
        return Err(format!("cargo names no test program of {CRATE}").into());
    }
    for program in programs {
        let mut tests = Command::new("valgrind");
        tests
            .args(["--quiet", "--error-exitcode=1", "--leak-check=no"])
            .arg(program)
            .current_dir(root().join("crates").join(CRATE));
        command::run(&mut tests)?;
    }
    println!("valgrind: the tests of {CRATE} pass");
    Ok(())
}

/// The test programs that the messages of cargo name.
fn programs(messages: &str) -> Vec<String> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages
        .filter(|message| message["profile"]["test"] == true)
        .filter_map(|message| Some(message["executable"].as_str()?.to_owned()))
        .collect()
}

fn is_installed(program: &str) -> bool {
    let status = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Whether cargo can do this.
fn has(arguments: &[&str]) -> bool {
    let status = cargo(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// The cargo that rustup chooses; the one that runs this is of one toolchain and knows no `+nightly`.
fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        // Asking for a toolchain that is not there would fetch it.
        .env("RUSTUP_AUTO_INSTALL", "0")
        .current_dir(root());
    command
}

/// The triple of this machine.
fn host() -> Outcome<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc does not say its host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_found_among_the_messages_of_cargo() {
        let messages = "\
{\"reason\":\"compiler-artifact\",\"profile\":{\"test\":false},\"executable\":null}
{\"reason\":\"compiler-artifact\",\"profile\":{\"test\":true},\"executable\":\"/target/it-1\"}
not JSON
{\"reason\":\"build-finished\",\"success\":true}";
        assert_eq!(programs(messages), ["/target/it-1"]);
    }
}
