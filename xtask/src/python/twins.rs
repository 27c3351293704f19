//! The same scripts with the official client and with ours: what they saw, and what they left on the server.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::conformance::{LocalServer, Tools, Verdict, isolate, run_limited, script_paths, stem};

/// Runs every script of the conformance suite for Python, and every example of the product documentation, that is
/// wanted with both clients, and compares.
pub(super) fn run(python: &Path, tools: &Tools, is_wanted: &dyn Fn(&str) -> bool) -> Outcome {
    let mut failed = Vec::new();
    for (folder, script) in scripts()? {
        let name = format!("{folder}{}", stem(&script));
        if !is_wanted(&name) {
            continue;
        }
        match compare(python, tools, &script, &name)? {
            Verdict::Passed => println!("ok      twins/{name}"),
            // A comparison that was not made is none that passed.
            Verdict::Failed(output) | Verdict::Skipped(output) => {
                println!("FAILED  twins/{name}");
                for line in output.lines() {
                    println!("        | {line}");
                }
                failed.push(name);
            }
        }
    }
    if is_wanted("examples") && !all_examples(python, tools)? {
        failed.push("examples".to_owned());
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("both clients differ: {}", failed.join(", ")).into())
}

/// The scripts, each with what is put before its name.
fn scripts() -> Outcome<Vec<(&'static str, PathBuf)>> {
    let suite = script_paths("python", "py")?.into_iter();
    let examples = script_paths("examples", "py")?.into_iter();
    let suite = suite.map(|script| ("", script));
    Ok(suite
        .chain(examples.map(|script| ("examples-", script)))
        .collect())
}

/// Whether every example of the documentation is in a script.
fn all_examples(python: &Path, tools: &Tools) -> Outcome<bool> {
    let mut command = Command::new(python);
    command
        .arg(tools.scripts().join("twins/examples.py"))
        .arg(tools.scripts().join("examples"));
    let output = command.output()?;
    println!(
        "        {}",
        String::from_utf8_lossy(&output.stdout).trim_end()
    );
    Ok(output.status.success())
}

fn compare(python: &Path, tools: &Tools, script: &Path, name: &str) -> Outcome<Verdict> {
    let twins = tools.scripts().join("twins");
    let mut seen: Vec<PathBuf> = Vec::new();
    for (client, interpreter) in [("official", tools.python()), ("ours", python)] {
        let log = tools.folder().join(format!("twins-{name}-{client}"));
        let server = LocalServer::start(tools)?;
        let mut command = Command::new(interpreter);
        command.arg(twins.join("record.py")).arg(client).arg(script);
        command.arg(log.with_extension("json"));
        command.env("FTRACK_TEST_EVENT_PEER", tools.program_path("event-peer")?);
        command.env("FTRACK_TEST_PROGRAM", tools.program_path("ftrack")?);
        server.introduce(&mut command);
        isolate(&mut command, &log.with_extension("cache"))?;
        let verdict = run_limited(&mut command, &log.with_extension("log"))?;
        if let Verdict::Failed(output) | Verdict::Skipped(output) = verdict {
            return Ok(Verdict::Failed(format!("{client} client: {output}")));
        }
        seen.push(log.with_extension("json"));
    }
    let mut command = Command::new(python);
    command
        .arg(twins.join("compare.py"))
        .arg(name)
        .args(&seen)
        .arg(twins.join("differences.md"));
    run_limited(
        &mut command,
        &tools.folder().join(format!("twins-{name}.log")),
    )
}
