//! Starting: the process, which the driver times, and the session in it.

use std::io::Write;

use ftrack_session::SchemaCache;

use super::sample::measure;
use super::{Arguments, Outcome, connect_with};
use crate::process;

/// A process that has the client in it and ends.
pub(super) fn import(_: &Arguments) -> Outcome {
    print_peak_memory()
}

/// A session that fetches the schema.
pub(super) fn cold(arguments: &Arguments) -> Outcome {
    session(arguments, "B1.cold.session", SchemaCache::Disabled)
}

/// A session that finds the schema on disk, where an earlier round has left it.
pub(super) fn warm(arguments: &Arguments) -> Outcome {
    let folder = arguments.work.join("schema-cache");
    session(arguments, "B1.warm.session", SchemaCache::Folder(folder))
}

fn session(arguments: &Arguments, scenario: &str, cache: SchemaCache) -> Outcome {
    let (session, sample) = measure(None, || connect_with(&arguments.url, cache))?;
    sample.print(scenario, 1, session.types().len())?;
    print_peak_memory()
}

fn print_peak_memory() -> Outcome {
    let line = serde_json::json!({"process_peak_rss_kib": process::peak_memory()?});
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
