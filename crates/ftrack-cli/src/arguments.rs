//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::disk::Disk;

/// Work with an ftrack server, or run one.
#[derive(Debug, Parser)]
#[command(name = "ftrack", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Log more to standard error; repeat for more yet.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do. What a command says of itself is the documentation of its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(Serve),
    Demo(Demo),
    Check(Check),
    Query(Query),
    Schema(Schema),
    Listen(Listen),
    Publish(Publish),
    Actions(Actions),
    PublishVersion(PublishVersion),
    Download(Download),
    LsLocations(LsLocations),
}

/// Run a local server to develop and test against.
///
/// When it is ready, one line on standard output says where it listens, and with which user and key. It stops on
/// SIGINT and SIGTERM, and exits with 1 if it could not write its snapshot then.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
    /// Keep everything in this folder; without it, it is gone when the server stops.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Begin with a production in it to look at.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Begin with the entities of this file alone, without the studio; it must hold the user and their roles.
    ///
    /// Each line is a JSON object, one entity: its concrete type under `__entity_type__` and the attributes of its own
    /// row, with foreign keys in place of references. Attributes that are not mentioned get their defaults. A data
    /// folder that has data keeps it, and the file is not read. Files of components and API keys are not in it.
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub(crate) from: Option<PathBuf>,
    /// Write all entities to this file when the server stops, to begin with them again.
    ///
    /// The file is replaced when the new one is complete; it may be the one of `--from`. A server that is killed
    /// leaves it as it was.
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Let clients reset the server and make it fail, to test against it.
    ///
    /// With credentials, `POST /_local/reset` goes back to the state at the start, and `POST /_local/faults` makes
    /// requests to come fail: `{"kind": "status", "status": 503, "action": "create", "path": "/api", "count": 2}`, or
    /// one of the kinds `delay` (with `delay_ms`), `cut` (with `after_bytes`), `garbage`, `disconnect` and
    /// `drop_websockets`. `DELETE /_local/faults` forgets them. Never use it where data matters.
    #[arg(long)]
    pub(crate) testing: bool,
    /// The name of the user who may do everything.
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub(crate) user: String,
    /// The API key of that user; a new one is made unless given.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// Print the line as a JSON object with `url`, `user` and `api_key`.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Walk through the product's tutorial, against a local server of its own.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the server's data in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Read queries or event expressions and say what is wrong with them.
///
/// Prints the canonical text of each, or the error with its place. Exit code 1 if any is wrong.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The texts to check; `-` reads one a line from standard input.
    #[arg(required = true, value_name = "TEXT")]
    pub(crate) texts: Vec<String>,
    /// The texts are event expressions, not queries.
    #[arg(long)]
    pub(crate) expression: bool,
    /// Also check against the entity types of this server; user and key come from the environment.
    #[arg(long, value_name = "URL", conflicts_with = "expression")]
    pub(crate) server: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to reach a server; what is not given comes from the environment.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// The address of the server [env: `FTRACK_SERVER`].
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The user to connect as [env: `FTRACK_API_USER`].
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
}

/// Ask a server and print what it answers.
///
/// The API key comes from the environment: `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct Query {
    /// The query, such as `select name, status.name from Task`.
    #[arg(value_name = "QUERY")]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the entity types of a server.
///
/// The API key comes from the environment: `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Only this type, with its attributes.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) entity_type: Option<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print what the server answers, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the events that a server tells of, until interrupted.
///
/// The API key comes from the environment: `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Which events to print, such as `topic=ftrack.update`.
    #[arg(value_name = "EXPRESSION", default_value = "topic=*")]
    pub(crate) expression: String,
    /// Stop after so many events.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<usize>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print each event as a JSON object on a line of its own.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Publish an event.
///
/// Ends when the server has it. The API key comes from the environment: `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The topic, such as `studio.render.finished`.
    #[arg(value_name = "TOPIC")]
    pub(crate) topic: String,
    /// The data of the event, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = json)]
    pub(crate) data: serde_json::Value,
    /// Which subscribers are meant, such as `applicationId=nuke`; all unless given.
    #[arg(long, value_name = "EXPRESSION", default_value = "")]
    pub(crate) target: String,
    /// Wait for a reply and print its data.
    #[arg(long)]
    pub(crate) wait: bool,
    /// How many seconds to wait for the server, and for the reply.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Which locations can be used.
#[derive(Debug, Args)]
pub(crate) struct Disks {
    /// Reach the location NAME by the folder DIR, such as `studio.london=/mnt/london`.
    ///
    /// Repeat for more locations. Files have their places in it by the standard structure; `NAME=id:DIR` and
    /// `NAME=entity-id:DIR` choose another. A location given like this is preferred to those that are configured
    /// otherwise: by the storage scenario of the server, or by plugins.
    #[arg(long = "disk", value_name = "NAME=DIR")]
    pub(crate) disks: Vec<Disk>,
}

/// Publish files as a new version of an asset.
///
/// The asset belongs to the parent of the task; it is created if there is none of that name. Each FILE becomes a
/// component that is called as the file without its extension. The files are copied to a location: the one of
/// `--location`, else the first one that is configured, see `ftrack ls-locations`. Without any, they stay where they
/// are (`ftrack.unmanaged`).
///
/// The version shows as published when all files are in place. If that fails, or on Ctrl-C, everything is taken back:
/// copies, components, version, and the asset if it is new. A second Ctrl-C ends at once.
///
/// The API key comes from the environment: `FTRACK_API_KEY`. Exit codes: 0, 1 if it failed, 130 if it was interrupted.
#[derive(Debug, Args)]
pub(crate) struct PublishVersion {
    /// A file, or a sequence as `plate.%04d.exr [1001-1100]`; without ranges, all frames that there are.
    #[arg(required = true, value_name = "FILE|SEQUENCE")]
    pub(crate) paths: Vec<String>,
    /// The id of the task that the version was made for.
    #[arg(long, value_name = "ID")]
    pub(crate) task: String,
    /// The name of the asset.
    #[arg(long, value_name = "NAME")]
    pub(crate) asset: String,
    /// The type of the asset by its short name, such as `geo`.
    #[arg(long = "type", value_name = "SHORT")]
    pub(crate) asset_type: String,
    /// What to say about the version.
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
    /// Where the files go, by name or id, such as `ftrack.server`.
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,
    /// A picture that stands for the version.
    #[arg(long, value_name = "FILE")]
    pub(crate) thumbnail: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print what was published as a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Copy the files of a component to a folder.
///
/// A file gets the name of the component and its extension, the files of a sequence the number besides, and a container
/// becomes a folder. Files that exist are never replaced. If the copy fails, or on Ctrl-C, nothing of it remains; a
/// second Ctrl-C ends at once.
///
/// The API key comes from the environment: `FTRACK_API_KEY`. Exit codes: 0, 1 if it failed, 130 if it was interrupted.
#[derive(Debug, Args)]
pub(crate) struct Download {
    /// The id of the component.
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: String,
    /// The folder to copy to; it is made if it is missing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) to: PathBuf,
    /// The location to copy from, by name or id; otherwise the first that has the component.
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print what was copied as a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the locations, and which of them can be used from here.
///
/// Those that can be used come first, by priority: files are published to the first one unless another is named. A
/// location is configured by the storage scenario of the server, by plugins, or by `--disk`; the built-in ones always
/// are.
///
/// The API key comes from the environment: `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct LsLocations {
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// List the actions that are offered for entities, or launch one.
///
/// Exit code 1 if the action that is launched says that it failed. The API key comes from the environment:
/// `FTRACK_API_KEY`.
#[derive(Debug, Args)]
pub(crate) struct Actions {
    /// An entity that is selected, such as `Shot:f7a9…`; may be repeated.
    #[arg(long, value_name = "TYPE:ID", value_parser = selected)]
    pub(crate) selection: Vec<Selected>,
    /// Launch the action with this identifier.
    #[arg(long, value_name = "IDENTIFIER")]
    pub(crate) launch: Option<String>,
    /// What is filled into the form of the action that is launched, as a JSON object by the names of its items.
    #[arg(long, value_name = "JSON", requires = "launch", value_parser = object)]
    pub(crate) values: Option<serde_json::Value>,
    /// How many seconds offers are collected.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) collect: Duration,
    /// How many seconds to wait for the answer of the action that is launched.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print offers as JSON objects, one a line, and answers as they are.
    #[arg(long)]
    pub(crate) json: bool,
}

/// An entity, as it is named on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(crate) entity_type: String,
    pub(crate) id: String,
}

fn selected(text: &str) -> Result<Selected, String> {
    match text.split_once(':') {
        Some((entity_type, id)) if !entity_type.is_empty() && !id.is_empty() => Ok(Selected {
            entity_type: entity_type.to_owned(),
            id: id.to_owned(),
        }),
        _ => Err("write the type and the id of an entity, such as Shot:f7a9".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "this is no number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn object(text: &str) -> Result<serde_json::Value, String> {
    json(text).and_then(|value| match value {
        serde_json::Value::Object(_) => Ok(value),
        _ => Err("this is no JSON object".to_owned()),
    })
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}
