//! The local server with very many entities: how long it takes to start and to answer, and how much memory it needs.
//!
//! Servers run in processes of their own, so that their memory is theirs alone. Next to the time of a query stands how
//! many rows the server looked at for it, which does not depend on the machine.

mod child;
mod clients;
mod events;
mod figure;
pub(crate) mod fuzz;
mod heavy;
mod mixed;
mod requests;
pub(crate) mod soak;
mod studio;

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use self::figure::Figure;
use self::studio::Studio;

pub(crate) use self::child::{Child, serve};

/// What a step gives, or why it could not.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The file with the entities, in the folder of a server.
const DATABASE: &str = "ftrack.redb";

/// How many entities there are by default; the command line may say another number.
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
    measure_data_folder(folder.path(), &file, &studio, entities)?;
    measure_memory(&file, &studio)?;
    clients::measure(&file)
}

/// Starting from a folder, and what is durable before it is answered.
fn measure_data_folder(folder: &Path, file: &Path, studio: &Studio, entities: usize) -> Outcome {
    let data = folder.join("data");
    let empty = Child::start(&[])?.memory()?;
    let planted = Child::start(&[("--data", &data), ("--from", file)])?;
    Figure::seconds("server.start_from_snapshot", planted.started)
        .at_most(6.0)
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
    requests::create(&server, "server.create_1000_on_disk", None)?;
    let scenario = "server.small_write_during_a_large_batch_on_disk";
    mixed::measure(&server, studio, scenario)?;
    drop(server);
    measure_check(&data)
}

/// What looking for damage takes when a server starts: how much longer opening the database takes with it.
fn measure_check(data: &Path) -> Outcome {
    let open = |is_checked: bool| -> Outcome<Duration> {
        let start = Instant::now();
        let mut builder = redb::Database::builder();
        builder.set_check_integrity_on_open(is_checked);
        drop(builder.open(data.join(DATABASE))?);
        Ok(start.elapsed())
    };
    // The first time reads it from the disk.
    open(false)?;
    let (plain, checked) = (open(false)?, open(true)?);
    let size = std::fs::metadata(data.join(DATABASE))?.len();
    Figure::seconds("server.check_integrity", checked.saturating_sub(plain))
        .with("opening_s", plain.as_secs_f64())
        .with("database_mib", size / 1024 / 1024)
        .print()
}

/// Everything else, in memory.
fn measure_memory(file: &Path, studio: &Studio) -> Outcome {
    let server = Child::start(&[("--from", file)])?;
    requests::by_key(&server, studio)?;
    requests::by_project_and_status(&server, studio)?;
    requests::ordered(&server, studio)?;
    requests::as_member(&server, studio)?;
    requests::like(&server)?;
    requests::descendants(&server, studio)?;
    requests::create(&server, "server.create_1000_in_memory", Some(100.0))?;
    heavy::measure(&server, studio)?;
    let scenario = "server.small_write_during_a_large_batch";
    mixed::measure(&server, studio, scenario)?;
    events::measure(&server)
}
