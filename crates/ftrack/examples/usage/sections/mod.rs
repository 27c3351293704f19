//! One module for each section of the documentation's "Usage examples".

mod assignments;
mod components;
mod custom_attribute_configurations;
mod custom_attributes;
mod encoding_media;
mod entity_links;
mod jobs;
mod ldap;
mod link_attributes;
mod lists;
mod locations;
mod metadata;
mod notes;
mod projects;
mod publishing_versions;
mod review_sessions;
mod scopes;
mod security_roles;
mod task_templates;
mod thumbnails;
mod timers;
mod users;
mod web_review;

use ftrack::prelude::*;
use ftrack::{SessionBuilder, Trace};
use ftrack_server::{RunningServer, Server};

/// What an example answers.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// An example's name, and the example.
pub(crate) type Section = (&'static str, fn() -> Outcome);

/// Every example by its name, in the order of the documentation.
pub(crate) const SECTIONS: [Section; 23] = [
    ("locations", locations::run),
    ("projects", projects::run),
    ("components", components::run),
    ("review_sessions", review_sessions::run),
    ("metadata", metadata::run),
    ("custom_attributes", custom_attributes::run),
    (
        "custom_attribute_configurations",
        custom_attribute_configurations::run,
    ),
    ("link_attributes", link_attributes::run),
    ("scopes", scopes::run),
    ("jobs", jobs::run),
    ("notes", notes::run),
    ("lists", lists::run),
    ("timers", timers::run),
    ("assignments", assignments::run),
    ("thumbnails", thumbnails::run),
    ("encoding_media", encoding_media::run),
    ("entity_links", entity_links::run),
    ("web_review", web_review::run),
    ("publishing_versions", publishing_versions::run),
    ("security_roles", security_roles::run),
    ("task_templates", task_templates::run),
    ("ldap", ldap::run),
    ("users", users::run),
];

/// A server of our own with a small production on it. It stops when it is dropped.
fn start() -> Result<RunningServer, Box<dyn std::error::Error>> {
    Ok(Server::builder().demo(true).start()?)
}

thread_local! {
    /// The requests of all sessions of this thread, which has run one example: tests pin their number.
    pub(crate) static REQUESTS: Trace = Trace::new();
}

/// A session with that server. With a server of your studio, `Session::from_env()` is all it takes.
fn connect(server: &RunningServer) -> ftrack::Result<Session> {
    builder(server).connect()
}

/// The same, for more to be said.
fn builder(server: &RunningServer) -> SessionBuilder {
    let builder = Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(ftrack::SchemaCache::Disabled);
    REQUESTS.with(|trace| builder.trace(trace))
}

/// A folder for files, which is removed when it is dropped, and its path.
fn folder() -> Result<(tempfile::TempDir, String), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("the folder is not Unicode")?;
    let path = path.to_owned();
    Ok((folder, path))
}

/// A picture: one grey pixel as PNG.
const PICTURE: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\
    \x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\x68\x00\x00\x00\
    \x82\x00\x81\x77\xcd\x72\xb6\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";
