//! The Python package: its wheel, its tests, and what type checkers make of it.

mod environment;
mod twins;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;

use crate::conformance::Tools;
use crate::metadata::Metadata;
use crate::{Outcome, command, root};

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Options {
    /// Also runs the tests with every other Python from 3.9 on that is installed.
    #[arg(long)]
    all: bool,
    /// Builds the wheel as it is released.
    #[arg(long)]
    release: bool,
    /// Makes 10,000 sessions and loads a million entities in the tests for leaks, and has eight threads share a session
    /// for a minute, which takes half an hour.
    #[arg(long)]
    leaks: bool,
    /// Measures the wheel as it is released beside the official client, turn by turn, and prints a table; nothing is
    /// tested.
    #[arg(long)]
    bench: bool,
    /// How many turns the measurement has, beside a first one that does not count.
    #[arg(long, value_name = "N", default_value_t = 5, requires = "bench")]
    turns: u32,
    /// Runs only what has this in its name: `tests`, `types`, or one of the scripts that both clients run.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
}

/// Pythons that `--all` looks for.
const OTHERS: [&str; 6] = [
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
];

/// Builds the wheel, installs it into a virtual environment, and tests it there.
pub(crate) fn run(options: &Options) -> Outcome {
    let target = PathBuf::from(Metadata::load()?.target_directory());
    let folder = target.join("python");
    fs::create_dir_all(&folder)?;
    let package = root().join("crates/ftrack-python");
    let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let python = environment::python(&folder.join("environment"), Path::new(&base))?;
    let release = options.release || options.bench;
    let wheel = wheel(&python, &package, &folder.join("wheels"), release)?;
    environment::install(&python, &wheel)?;
    let tools = Tools::for_python(&target)?;
    if options.bench {
        return bench(&python, &package, &tools, options.turns);
    }
    let is_wanted = |name: &str| {
        let filter = options.filter.as_deref();
        filter.is_none_or(|filter| name.contains(filter))
    };
    let mut results = Vec::new();
    if is_wanted("tests") {
        results.push(timed("tests", || tests(&python, &package, &tools, options)));
    }
    if is_wanted("types") {
        results.push(timed("types", || types(&python, &package, &folder)));
    }
    results.push(timed("twins", || twins::run(&python, &tools, &is_wanted)));
    if options.all {
        results.push(timed("other Pythons", || {
            others(&folder, &wheel, &package, &tools, options)
        }));
    }
    let failed: Vec<&str> = results.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("the Python package failed: {}", failed.join(", ")).into())
}

/// Builds the wheel alone, and gives back where it is.
pub(crate) fn build_wheel(release: bool) -> Outcome<PathBuf> {
    let folder = PathBuf::from(Metadata::load()?.target_directory()).join("python");
    fs::create_dir_all(&folder)?;
    let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let python = environment::python(&folder.join("environment"), Path::new(&base))?;
    wheel(
        &python,
        &root().join("crates/ftrack-python"),
        &folder.join("wheels"),
        release,
    )
}

/// Does one part and says how it went, so that what comes after is tried as well.
fn timed(name: &'static str, part: impl FnOnce() -> Outcome) -> Result<(), &'static str> {
    let start = Instant::now();
    let result = part();
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(()) => println!("ok      {name} ({seconds:.1} s)"),
        Err(error) => {
            println!("FAILED  {name} ({seconds:.1} s): {error}");
            return Err(name);
        }
    }
    Ok(())
}

/// The wheel, which serves every Python from 3.9 on.
fn wheel(python: &Path, package: &Path, folder: &Path, release: bool) -> Outcome<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut build = Command::new(python);
    build
        .args(["-m", "maturin", "build", "--quiet", "--locked", "--out"])
        .arg(folder)
        .current_dir(package);
    if release {
        build.args(["--profile", "wheel"]);
    }
    command::run(&mut build)?;
    let wheels: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        _ => Err(format!(
            "expected one wheel in {}, found {}",
            folder.display(),
            wheels.len()
        )
        .into()),
    }
}

/// The tests of the package, outside of its folder, so that the wheel is what is tested.
fn tests(python: &Path, package: &Path, tools: &Tools, options: &Options) -> Outcome {
    let folder = python.parent().and_then(Path::parent);
    let folder = folder.ok_or("the environment has no folder")?;
    let mut test = Command::new(python);
    test.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir"])
        .arg(package)
        .arg(package.join("tests"))
        .current_dir(folder)
        .env("FTRACK_TEST_PROGRAM", tools.program_path("ftrack")?)
        .env_remove("PYTHONPATH");
    if options.leaks {
        test.args(["--sessions=10000", "--entities=1000000", "--soak=60"]);
    }
    command::run(&mut test)
}

/// The official client and ours, turn by turn.
fn bench(python: &Path, package: &Path, tools: &Tools, turns: u32) -> Outcome {
    let mut measure = Command::new(python);
    measure
        .arg(package.join("bench/clients.py"))
        .arg(tools.python())
        .arg(python)
        .arg(tools.program_path("ftrack")?)
        .arg(turns.to_string())
        .env_remove("PYTHONPATH")
        .env_remove("FTRACK_EVENT_PLUGIN_PATH");
    command::run(&mut measure)
}

/// What type checkers make of the package, of its stubs, and of a program that uses it.
fn types(python: &Path, package: &Path, folder: &Path) -> Outcome {
    let mut check = Command::new(python);
    check
        .args(["-m", "mypy", "--strict", "--cache-dir"])
        .arg(folder.join("mypy"))
        .args(["python/ftrack_rust", "tests/typing"])
        .env("MYPYPATH", "python")
        .current_dir(package);
    command::run(&mut check)?;
    let mut compare = Command::new(python);
    compare
        .args(["-m", "mypy.stubtest", "ftrack_rust._engine", "--allowlist"])
        .arg(package.join("tests/typing/allowlist.txt"))
        .current_dir(package.join("tests"));
    command::run(&mut compare)
}

/// The same wheel and tests with the other Pythons of this machine.
fn others(
    folder: &Path,
    wheel: &Path,
    package: &Path,
    tools: &Tools,
    options: &Options,
) -> Outcome {
    for name in OTHERS {
        let found = Command::new(name).arg("--version").output();
        if !found.is_ok_and(|output| output.status.success()) {
            println!("{name} is not installed");
            continue;
        }
        println!("with {name}");
        let python = environment::python(&folder.join(name), Path::new(name))?;
        environment::install(&python, wheel)?;
        tests(&python, package, tools, options)?;
    }
    Ok(())
}
