//! The local server with very many entities: how long it takes to start and to answer, and how much memory it needs.
//!
//! Servers run in processes of their own, so that their memory is theirs alone. Next to the time of a query stands how
//! many rows the server looked at for it, which does not depend on the machine.

mod child;
mod clients;
mod events;
mod figure;
mod requests;
mod studio;

use std::error::Error;
use std::path::Path;

use self::figure::Figure;
use self::studio::Studio;

pub(crate) use self::child::{Child, serve};

/// What a step gives, or why it could not.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// How many entities there are unless the command line says otherwise.
const ENTITIES: usize = 1_000_000;

/// Measures everything. The words of the command line may say how many entities there are to be.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let entities = match arguments.first() {
        Some(count) => count.parse()?,
        None => ENTITIES,
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("studio.jsonl");
    let studio = Studio::write(&file, entities)?;
    measure_data_folder(folder.path(), &file, entities)?;
    measure_memory(&file, &studio)?;
    clients::measure(&file)
}

/// Starting from a folder, and what is durable before it is answered.
fn measure_data_folder(folder: &Path, file: &Path, entities: usize) -> Outcome {
    let data = folder.join("data");
    let empty = Child::start(&[])?.memory()?;
    let planted = Child::start(&[("--data", &data), ("--from", file)])?;
    Figure::seconds("server.start_from_snapshot", planted.started)
        .with("computing_s", planted.computed.as_secs_f64())
        .print()?;
    drop(planted);
    let server = Child::start(&[("--data", &data)])?;
    Figure::seconds("server.start_from_data", server.started)
        .at_most(15.0)
        .with("computing_s", server.computed.as_secs_f64())
        .print()?;
    let bytes = server.memory()?.saturating_sub(empty) * 1024;
    Figure::count(
        "server.bytes_per_entity",
        bytes / entities.max(1) as u64,
        "bytes",
    )
    .at_most(2048.0)
    .print()?;
    requests::create(&server, "server.create_1000_on_disk", None)
}

/// Everything else, in memory.
fn measure_memory(file: &Path, studio: &Studio) -> Outcome {
    let server = Child::start(&[("--from", file)])?;
    requests::by_key(&server, studio)?;
    requests::by_project_and_status(&server, studio)?;
    requests::ordered(&server, studio)?;
    requests::create(&server, "server.create_1000_in_memory", Some(100.0))?;
    events::measure(&server)
}
