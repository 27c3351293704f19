//! One module for each section of the documentation's "Usage examples".

mod assignments;
mod custom_attribute_configurations;
mod custom_attributes;
mod entity_links;
mod jobs;
mod ldap;
mod link_attributes;
mod lists;
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

use ftrack::Trace;
use ftrack::prelude::*;
use ftrack_server::{RunningServer, Server};

/// What an example answers.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// An example's name, and the example.
pub(crate) type Section = (&'static str, fn() -> Outcome);

/// Every example by its name, in the order of the documentation.
pub(crate) const SECTIONS: [Section; 19] = [
    ("projects", projects::run),
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
    ("entity_links", entity_links::run),
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
    let builder = Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(ftrack::SchemaCache::Disabled);
    REQUESTS.with(|trace| builder.trace(trace)).connect()
}
