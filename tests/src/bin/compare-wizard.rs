//! Lets the official client's wizard for the centralized storage and ours answer the same walks, and compares the
//! forms.
//!
//! Arguments: the Python with the official client, its half, and the file of walks. The words of labels are each
//! client's own; everything that a user interface works with has to be the same, and so has what is stored in the end.
//! What one has stored the other configures.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use ftrack_server::{RunningServer, Server};
use ftrack_session::{CentralizedStorageWizard, SchemaCache, SessionBuilder};
use ftrack_tests::exchange::BoxError;
use serde_json::{Map, Value, json};

/// The last location that the walks make.
const LOCATION: &str = "studio.more";

fn main() -> ExitCode {
    match compare() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<bool, BoxError> {
    let mut arguments = std::env::args_os().skip(1);
    let mut next = |what: &str| {
        arguments
            .next()
            .ok_or(format!("the argument {what} is missing"))
    };
    let (python, script, walks) = (next("PYTHON")?, next("SCRIPT")?, next("WALKS")?);
    let folder = tempfile::tempdir()?;
    let mount_point = folder.path().to_str().ok_or("the folder is not Unicode")?;
    let walks = fs::read_to_string(walks)?.replace("MOUNT", mount_point);
    let official = Official { python, script };

    let server = Server::builder().demo(true).start()?;
    let theirs = official.walk(&server, folder.path(), &walks)?;
    let theirs_stored = stored(&server)?;
    let session = builder(&server).connect()?;
    let picked = session
        .pick_location()?
        .ok_or("no location is configured")?;
    if picked.name()? != LOCATION {
        return Err(
            format!("{picked:?} is configured after the walk of the official client").into(),
        );
    }

    let server = Server::builder().demo(true).start()?;
    let ours = walk(&server, &walks)?;
    official.run(&server, &["check", LOCATION, mount_point])?;

    let (mut ours, mut theirs) = (skeleton(&ours), skeleton(&theirs));
    ours.push(stored(&server)?);
    theirs.push(theirs_stored);
    let (ours, theirs) = (without_ids(&ours), without_ids(&theirs));
    let mut same = ours.len() == theirs.len();
    for (ours, theirs) in ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, theirs)| ours != theirs)
    {
        same = false;
        println!("official: {theirs}\nours:     {ours}");
    }
    println!(
        "forms: {} of the official client, {} of ours",
        theirs.len() - 1,
        ours.len() - 1
    );
    Ok(same)
}

fn builder(server: &RunningServer) -> SessionBuilder {
    ftrack_session::SessionBuilder::new()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(SchemaCache::Disabled)
}

/// The scenario that the server has, as JSON.
fn stored(server: &RunningServer) -> Result<Value, BoxError> {
    let session = builder(server).connect()?;
    let scenario = session.server_information().get("storage_scenario");
    Ok(scenario.cloned().unwrap_or_default())
}

/// All forms of our wizard.
fn walk(server: &RunningServer, walks: &str) -> Result<Value, BoxError> {
    let session = builder(server).plugin(CentralizedStorageWizard).connect()?;
    let ask = |values: &Value| -> Result<Value, BoxError> {
        let event = ftrack_event::Event::new("ftrack.storage-scenario.configure")
            .with_data(json!({"scenario_id": "ftrack.centralized-storage", "values": values}));
        let mut answers = session.event_hub().publish_synchronously(event)?;
        Ok(answers.pop().ok_or("the wizard does not answer")?)
    };
    let walks: Vec<Vec<Value>> = serde_json::from_str(walks)?;
    let mut recorded = Vec::new();
    for entries in walks {
        let mut forms = vec![ask(&json!({}))?];
        for entered in entries {
            let values = fill(forms.last().unwrap_or(&Value::Null), &entered);
            forms.push(ask(&values)?);
        }
        recorded.push(Value::from(forms));
    }
    Ok(recorded.into())
}

fn items(form: &Value) -> impl Iterator<Item = &Value> {
    form["items"].as_array().into_iter().flatten()
}

/// What a user interface sends back.
fn fill(form: &Value, entered: &Value) -> Value {
    let mut values = Map::new();
    for item in items(form) {
        if let Some(name) = item["name"].as_str() {
            let value = entered.get(name).unwrap_or(&item["value"]);
            values.insert(name.to_owned(), value.clone());
        }
    }
    values.into()
}

/// The forms of all walks, without words that people read and nothing else does.
fn skeleton(walks: &Value) -> Vec<Value> {
    let forms = walks.as_array().into_iter().flatten();
    let forms = forms.flat_map(|walk| walk.as_array().into_iter().flatten());
    forms
        .cloned()
        .map(|mut form| {
            for item in form["items"].as_array_mut().into_iter().flatten() {
                let is_proposal = item["name"] == "location_description";
                if item["type"] == "label" || is_proposal {
                    item["value"] = Value::Null;
                }
                if let Some(item) = item.as_object_mut() {
                    item.remove("empty_text");
                }
            }
            form
        })
        .collect()
}

/// Numbers instead of the ids that are new in each walk, in the order in which they appear.
fn without_ids(values: &[Value]) -> Vec<Value> {
    let mut known = HashMap::new();
    values
        .iter()
        .map(|value| renamed(value, &mut known))
        .collect()
}

fn renamed(value: &Value, known: &mut HashMap<String, usize>) -> Value {
    match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            let next = known.len();
            format!("id-{}", known.entry(text.clone()).or_insert(next)).into()
        }
        Value::Array(values) => values.iter().map(|value| renamed(value, known)).collect(),
        Value::Object(values) => values
            .iter()
            .map(|(name, value)| (name.clone(), renamed(value, known)))
            .collect::<Map<_, _>>()
            .into(),
        value => value.clone(),
    }
}

/// The official client, as processes.
struct Official {
    python: OsString,
    script: OsString,
}

impl Official {
    fn walk(&self, server: &RunningServer, folder: &Path, walks: &str) -> Result<Value, BoxError> {
        let (input, output) = (folder.join("walks.json"), folder.join("forms.json"));
        fs::write(&input, walks)?;
        let path = |path: &Path| path.to_str().map(str::to_owned).ok_or("not Unicode");
        self.run(server, &["walk", &path(&input)?, &path(&output)?])?;
        Ok(serde_json::from_slice(&fs::read(output)?)?)
    }

    fn run(&self, server: &RunningServer, arguments: &[&str]) -> Result<(), BoxError> {
        let status = Command::new(&self.python)
            .arg(&self.script)
            .args(arguments)
            .env("FTRACK_SERVER", server.url())
            .env("FTRACK_API_USER", server.user())
            .env("FTRACK_API_KEY", server.api_key())
            .status()?;
        if status.success() {
            return Ok(());
        }
        Err(format!("the official client failed at {arguments:?} ({status})").into())
    }
}
