//! Lets the official client and ours publish the same files and find each other's.
//!
//! Arguments: the Python with the official client, and its half of the exchange. For each structure, and for files,
//! sequences and containers: what one client published, the other finds at the same identifiers and paths, with the
//! same values and bytes.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use ftrack_server::{RunningServer, Server};
use ftrack_session::{Entity, SchemaCache, Session, values};
use ftrack_tests::exchange::{BoxError, Plan, Record, SOURCES, check, publish};

fn main() -> ExitCode {
    match exchange() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn exchange() -> Result<bool, BoxError> {
    let mut arguments = std::env::args_os().skip(1);
    let mut next = |what: &str| {
        arguments
            .next()
            .ok_or(format!("the argument {what} is missing"))
    };
    let (python, script) = (next("PYTHON")?, next("SCRIPT")?);

    let folder = tempfile::tempdir()?;
    // The folder as everybody sees it, whatever links lead to it.
    let folder_path = folder.path().canonicalize()?;
    let folder = folder_path.as_path();
    fs::create_dir(folder.join("source"))?;
    for name in SOURCES {
        fs::write(folder.join("source").join(name), name)?;
    }
    let server = Server::builder().demo(true).start()?;
    let session = connect(&server)?;
    let [ours, theirs] = ["ours", "theirs"].map(|name| {
        let version = new_version(&session, name)?;
        Plan::new(folder, version.id())
    });
    let (ours, theirs) = (ours?, theirs?);
    ours.create_locations(&session)?;

    let official = Official {
        python,
        script,
        server: &server,
        folder,
    };
    let published = publish(&session, &ours)?;
    official.check(&ours, &published)?;
    let found = official.publish(&theirs)?;
    let mut differences = check(&connect(&server)?, &theirs, &found)?;
    differences.extend(unlike(&published, &found));
    for difference in &differences {
        println!("{difference}");
    }
    println!(
        "components: {} of ours found by the official client, {} of its found by us",
        published.len(),
        found.len()
    );
    Ok(differences.is_empty())
}

fn connect(server: &RunningServer) -> ftrack_session::Result<Session> {
    ftrack_session::SessionBuilder::new()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(SchemaCache::Disabled)
        .connect()
}

/// A version of an asset whose names are hard on file systems.
fn new_version(session: &Session, name: &str) -> Result<Entity, BoxError> {
    let sequence = session.query("Sequence where name is dawn").one()?;
    let shot = session.create(
        "Shot",
        values! { "name": format!("Größe 010: {name}"), "parent": &sequence },
    )?;
    let kind = session.query("AssetType where short is geo").one()?;
    let values = values! { "name": "Mira's Hut (old)", "type": &kind, "parent": &shot };
    let asset = session.create("Asset", values)?;
    let version = session.create("AssetVersion", values! { "asset": &asset })?;
    session.commit()?;
    Ok(version)
}

/// The official client, as processes.
struct Official<'a> {
    python: OsString,
    script: OsString,
    server: &'a RunningServer,
    folder: &'a Path,
}

impl Official<'_> {
    fn check(&self, plan: &Plan, records: &[Record]) -> Result<(), BoxError> {
        let path = self.folder.join("ours.json");
        fs::write(&path, serde_json::to_vec(records)?)?;
        self.run("check", plan, &path)
    }

    fn publish(&self, plan: &Plan) -> Result<Vec<Record>, BoxError> {
        let path = self.folder.join("theirs.json");
        self.run("publish", plan, &path)?;
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    fn run(&self, action: &str, plan: &Plan, records: &Path) -> Result<(), BoxError> {
        let path = self.folder.join("plan.json");
        fs::write(&path, plan.to_json().to_string())?;
        let status = Command::new(&self.python)
            .arg(&self.script)
            .arg(action)
            .arg(path)
            .arg(records)
            .env("FTRACK_SERVER", self.server.url())
            .env("FTRACK_API_USER", self.server.user())
            .env("FTRACK_API_KEY", self.server.api_key())
            .status()?;
        if status.success() {
            return Ok(());
        }
        Err(format!("the official client did not {action} ({status})").into())
    }
}

/// What both published has to be alike, but for ids and places.
fn unlike(ours: &[Record], theirs: &[Record]) -> Vec<String> {
    if ours.len() != theirs.len() {
        return vec![format!(
            "{} components of ours, {} of theirs",
            ours.len(),
            theirs.len()
        )];
    }
    let values = [
        "location",
        "entity_type",
        "name",
        "file_type",
        "size",
        "padding",
        "content",
    ];
    let pairs = ours.iter().zip(theirs);
    pairs
        .filter(|(ours, theirs)| values.iter().any(|name| ours[name] != theirs[name]))
        .map(|(ours, theirs)| format!("we published {ours}, the official client {theirs}"))
        .collect()
}
