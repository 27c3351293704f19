//! The official clients judge the local server, and the Python one shows what it sends.

mod javascript;
pub(crate) mod python;
mod script;
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;

use crate::metadata::Metadata;
use crate::{Outcome, command, root};
pub(crate) use script::{Verdict, isolate, run as run_limited};
pub(crate) use server::LocalServer;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Runs only what has this in its name.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Compares the schema that the server reports with a recorded answer to `query_schemas` in this file.
    #[arg(long, value_name = "FILE")]
    schema_reference: Option<PathBuf>,
}

/// What the suite works with.
pub(crate) struct Tools {
    python: PathBuf,
    /// The folder with the JavaScript client, if it is needed.
    javascript: Option<PathBuf>,
    /// The programs of the workspace, by name.
    programs: BTreeMap<String, PathBuf>,
    scripts: PathBuf,
    /// For logs and caches; emptied at the start.
    folder: PathBuf,
}

/// One thing that passes or fails.
struct Check {
    name: String,
    run: Run,
}

/// What the names of checks with the JavaScript client begin with.
const JAVASCRIPT: &str = "javascript/";

type Run = Box<dyn Fn(&Tools) -> Outcome<Verdict>>;

/// Runs the suite. What cannot be run fails it, but for scripts that say what this machine lacks for them.
pub(crate) fn run(options: &Options) -> Outcome {
    let checks = checks(options)?;
    if checks.is_empty() {
        return Err("no check has that name".into());
    }
    let tools = tools(&checks)?;
    let (mut failed, mut skipped) = (0, 0);
    for check in &checks {
        let start = Instant::now();
        let verdict =
            (check.run)(&tools).unwrap_or_else(|error| Verdict::Failed(error.to_string()));
        let seconds = start.elapsed().as_secs_f64();
        match verdict {
            Verdict::Passed => println!("ok      {} ({seconds:.1} s)", check.name),
            Verdict::Skipped(reason) => {
                skipped += 1;
                println!("skipped {}: {reason}", check.name);
            }
            Verdict::Failed(output) => {
                failed += 1;
                println!("FAILED  {} ({seconds:.1} s)", check.name);
                for line in output.lines() {
                    println!("        | {line}");
                }
            }
        }
    }
    let passed = checks.len() - failed - skipped;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        return Err("the server does not conform, or the clients differ".into());
    }
    Ok(())
}

fn checks(options: &Options) -> Outcome<Vec<Check>> {
    let mut checks = Vec::new();
    for path in script_paths("python", "py")? {
        checks.push(Check {
            name: format!("python/{}", stem(&path)),
            run: Box::new(move |tools| run_python(tools, &path)),
        });
    }
    for path in script_paths("javascript", "mjs")? {
        checks.push(Check {
            name: format!("{JAVASCRIPT}{}", stem(&path)),
            run: Box::new(move |tools| run_javascript(tools, &path)),
        });
    }
    checks.push(Check {
        name: "wire".to_owned(),
        run: Box::new(compare_wire),
    });
    checks.push(Check {
        name: "files".to_owned(),
        run: Box::new(exchange_files),
    });
    checks.push(Check {
        name: "storage_scenario".to_owned(),
        run: Box::new(compare_wizard),
    });
    if let Some(reference) = options.schema_reference.clone() {
        checks.push(Check {
            name: "schema".to_owned(),
            run: Box::new(move |tools| compare_schema(tools, &reference)),
        });
    }
    if let Some(filter) = &options.filter {
        checks.retain(|check| check.name.contains(filter.as_str()));
    }
    Ok(checks)
}

/// The scripts in the order of their names; those that begin with `_` only help others.
pub(crate) fn script_paths(language: &str, extension: &str) -> Outcome<Vec<PathBuf>> {
    let folder = root().join("tests/conformance").join(language);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        let is_script = path.extension().is_some_and(|found| found == extension);
        if is_script && !stem(&path).starts_with('_') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn tools(checks: &[Check]) -> Outcome<Tools> {
    let metadata = Metadata::load()?;
    let target = PathBuf::from(metadata.target_directory());
    let folder = target.join("conformance");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let scripts = root().join("tests/conformance");
    let javascript = checks
        .iter()
        .any(|check| check.name.starts_with(JAVASCRIPT))
        .then(|| javascript::environment(&target, &scripts.join("javascript")))
        .transpose()?;
    Ok(Tools {
        python: python::environment(&target)?,
        javascript,
        programs: programs()?,
        scripts,
        folder,
    })
}

/// Builds the command line and the programs of the test suite.
fn programs() -> Outcome<BTreeMap<String, PathBuf>> {
    let arguments = [
        "build",
        "--quiet",
        "--bins",
        "--package",
        "ftrack-cli",
        "--package",
        "ftrack-tests",
        "--message-format",
        "json-render-diagnostics",
    ];
    let messages = String::from_utf8(command::output(&mut command::cargo(&arguments))?)?;
    let mut programs = BTreeMap::new();
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let name = message["target"]["name"].as_str();
        if let (Some(name), Some(path)) = (name, message["executable"].as_str()) {
            programs.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    Ok(programs)
}

impl Tools {
    /// What comparing two Python clients takes.
    pub(crate) fn for_python(target: &Path) -> Outcome<Self> {
        let folder = target.join("python").join("twins");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self {
            python: python::environment(target)?,
            javascript: None,
            programs: programs()?,
            scripts: root().join("tests/conformance"),
            folder,
        })
    }

    /// The Python that has the official client.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// The folder of the suite's scripts.
    pub(crate) fn scripts(&self) -> &Path {
        &self.scripts
    }

    /// The folder for what is written meanwhile.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command that runs a program of the workspace.
    fn program(&self, name: &str) -> Outcome<Command> {
        self.program_path(name).map(Command::new)
    }

    pub(crate) fn program_path(&self, name: &str) -> Outcome<&Path> {
        let path = self.programs.get(name).map(PathBuf::as_path);
        path.ok_or_else(|| format!("the workspace has no program {name:?}").into())
    }
}

/// Runs a script of the official Python client.
fn run_python(tools: &Tools, path: &Path) -> Outcome<Verdict> {
    let mut command = Command::new(&tools.python);
    command
        .arg(path)
        .env("FTRACK_TEST_EVENT_PEER", tools.program_path("event-peer")?);
    run_script(tools, command, &stem(path))
}

/// Runs a script of the official JavaScript client.
fn run_javascript(tools: &Tools, path: &Path) -> Outcome<Verdict> {
    let folder = tools.javascript.as_ref();
    let folder = folder.ok_or("the JavaScript client is not installed")?;
    let name = path.file_name().ok_or("the script has no name")?;
    let command = javascript::node(&folder.join(name));
    run_script(tools, command, &format!("javascript-{}", stem(path)))
}

/// Runs a script against a server of its own.
fn run_script(tools: &Tools, mut command: Command, name: &str) -> Outcome<Verdict> {
    let server = LocalServer::start(tools)?;
    server.introduce(&mut command);
    script::isolate(&mut command, &tools.folder.join(format!("{name}-cache")))?;
    script::run(&mut command, &tools.folder.join(format!("{name}.log")))
}

/// Lets both clients do the same and compares what they sent.
fn compare_wire(tools: &Tools) -> Outcome<Verdict> {
    let mut command = tools.program("compare-wire")?;
    command
        .arg(&tools.python)
        .arg(tools.scripts.join("wire/story.py"))
        .arg(tools.scripts.join("exceptions.md"));
    script::isolate(&mut command, &tools.folder.join("wire-cache"))?;
    script::run(&mut command, &tools.folder.join("wire.log"))
}

/// Lets both clients publish the same files and find each other's.
fn exchange_files(tools: &Tools) -> Outcome<Verdict> {
    let mut command = tools.program("exchange-files")?;
    command
        .arg(&tools.python)
        .arg(tools.scripts.join("files/exchange.py"));
    script::isolate(&mut command, &tools.folder.join("files-cache"))?;
    script::run(&mut command, &tools.folder.join("files.log"))
}

/// Lets the wizards of both clients answer the same and compares their forms.
fn compare_wizard(tools: &Tools) -> Outcome<Verdict> {
    let folder = tools.scripts.join("storage_scenario");
    let mut command = tools.program("compare-wizard")?;
    command
        .arg(&tools.python)
        .arg(folder.join("wizard.py"))
        .arg(folder.join("walks.json"));
    script::isolate(&mut command, &tools.folder.join("storage_scenario-cache"))?;
    script::run(&mut command, &tools.folder.join("storage_scenario.log"))
}

/// Compares the schema that the server reports with a recorded one.
fn compare_schema(tools: &Tools, reference: &Path) -> Outcome<Verdict> {
    let server = LocalServer::start(tools)?;
    let mut command = tools.program("compare-schema")?;
    command.arg(reference);
    server.introduce(&mut command);
    script::isolate(&mut command, &tools.folder.join("schema-cache"))?;
    script::run(&mut command, &tools.folder.join("schema.log"))
}
