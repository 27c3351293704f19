//! One group of scenarios against a stand-in for a server, as a child of a driver that measures several clients.

mod arguments;
mod codec;
mod commit;
mod copy;
mod events;
mod get;
mod lazy;
mod sample;
mod sequence;
mod start;
mod stub;
mod tasks;

use std::error::Error;

use ftrack_session::{SchemaCache, Session};

use self::arguments::Arguments;

/// What a step of a scenario gives, or why it could not.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A group: its name and how to run it.
type Group = (&'static str, fn(&Arguments) -> Outcome);

/// What this client can do of what drivers ask for.
const GROUPS: &[Group] = &[
    ("start.import", start::import),
    ("start.cold", start::cold),
    ("start.warm", start::warm),
    ("tasks", tasks::run),
    ("commit.each", commit::each),
    ("commit.after", commit::after),
    ("nplus1", lazy::run),
    ("get", get::run),
    ("codec", codec::codec),
    ("filecache", codec::filecache),
    ("events", events::run),
    ("copy", copy::run),
    ("sequence", sequence::run),
];

/// Runs the group that `arguments` name. A group that is not known prints nothing: the client cannot do it.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let arguments = Arguments::parse(arguments)?;
    match GROUPS.iter().find(|(name, _)| *name == arguments.group) {
        Some((_, run)) => run(&arguments),
        None => Ok(()),
    }
}

/// A session as the scenarios want it, with its schema fetched anew.
fn connect(url: &str) -> Outcome<Session> {
    connect_with(url, SchemaCache::Disabled)
}

fn connect_with(url: &str, schema_cache: SchemaCache) -> Outcome<Session> {
    let session = ftrack_session::SessionBuilder::new()
        .server_url(url)
        .api_user("bench")
        .api_key("bench-key")
        .schema_cache(schema_cache)
        .connect()?;
    Ok(session)
}
