//! Compares the schema that a server reports with a recorded one.
//!
//! The server and its credentials come from the environment; the argument is a file with an answer to
//! `query_schemas`. Every difference is printed; any is a failure.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use ftrack_session::SchemaCache;
use ftrack_tests::schema_difference::difference;
use serde_json::{Value, json};

fn main() -> ExitCode {
    match differences() {
        Ok(differences) if differences.is_empty() => {
            println!("the schemas are equal");
            ExitCode::SUCCESS
        }
        Ok(differences) => {
            for line in &differences {
                println!("{line}");
            }
            println!("{} difference(s)", differences.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn differences() -> Result<Vec<String>, Box<dyn Error>> {
    let path = std::env::args_os()
        .nth(1)
        .ok_or("the path of the recorded answer is missing")?;
    let reference: Value = serde_json::from_slice(&fs::read(path)?)?;
    let session = ftrack_session::SessionBuilder::new()
        .schema_cache(SchemaCache::Disabled)
        .connect()?;
    let answers = session.call(&[json!({"action": "query_schemas"})])?;
    let ours = answers.first().ok_or("the server gave no answer")?;
    Ok(difference(ours, schemas(&reference)))
}

/// The list of schemas in a recording, which may be the whole answer or only the list in it.
fn schemas(recorded: &Value) -> &Value {
    match recorded.get(0) {
        Some(first) if first.is_array() => first,
        _ => recorded,
    }
}
