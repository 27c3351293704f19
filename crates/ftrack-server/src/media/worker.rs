//! The thread that encodes, and what requests ask of it.

use std::sync::Arc;
use std::thread::JoinHandle;

use serde_json::{Map, Value as Json, json};

use super::kind::Kind;
use super::unfinished::object;
use super::{Wanted, encode, unfinished, video};
use crate::caller::{Caller, Tokens};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::media_queue::{JOB_TYPE, Output, Task};
use crate::request_error::RequestError;
use crate::write::Batch;

/// The thread that encodes; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    engine: Arc<Engine>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.engine.media.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that encodes media panicked");
        }
    }
}

/// The tasks of a batch, to be done once it is kept.
#[derive(Debug, Default)]
pub(crate) struct Requested(Vec<Task>);

/// Makes a job; gives its id. The components that it is going to make are there at once, so that whoever is told of the
/// job finds them with the version. Their files come later.
///
/// # Errors
/// Refuses a video where there is no ffmpeg, and whoever may not make what it takes.
pub(crate) fn request(
    engine: &Engine,
    caller: &Caller,
    batch: &mut Batch<'_>,
    wanted: Wanted<'_>,
    requested: &mut Requested,
) -> Result<String, RequestError> {
    let task = Task {
        job: uuid::Uuid::new_v4().to_string(),
        source: wanted.source.to_owned(),
        version: wanted.version.map(str::to_owned),
        keep_original: wanted.keep_original,
        outputs: outputs(engine, wanted.source)?,
        caller: Caller {
            tokens: Tokens::default(),
            ..caller.clone()
        },
    };
    batch.create("Job", &job(&task))?;
    for output in &task.outputs {
        encode::add_component(batch, &task, output)?;
    }
    let id = task.job.clone();
    requested.0.push(task);
    Ok(id)
}

/// Puts the tasks of a batch into the queue.
pub(crate) fn queue(engine: &Engine, requested: Requested) {
    for task in requested.0 {
        engine.media.push(task);
    }
}

/// The components that encoding the file of a component is going to make. A file that is missing, or that is not media,
/// has none: its job fails, not the request.
fn outputs(engine: &Engine, source: &str) -> Result<Vec<Output>, RequestError> {
    let kind = Kind::from_path(&engine.files.path(source)).unwrap_or(Kind::Other);
    if matches!(kind, Kind::Video { .. }) && !video::is_available(&engine.ffmpeg) {
        let program = engine.ffmpeg.display();
        let message =
            format!("encoding a video needs ffmpeg, and this machine has no program {program}");
        return Err(RequestError::validation(message));
    }
    Ok(kind.outputs())
}

fn job(task: &Task) -> Map<String, Json> {
    object(json!({
        "id": task.job,
        "type": JOB_TYPE,
        "status": "queued",
        "data": task.data(&task.outputs, None),
    }))
}

/// Starts to encode what the queue of the engine holds.
///
/// # Errors
/// When the thread cannot be started.
pub(crate) fn start(engine: &Arc<Engine>) -> Result<Worker> {
    unfinished::give_up(engine);
    let shared = Arc::clone(engine);
    let thread = std::thread::Builder::new()
        .name("ftrack-server-media".to_owned())
        .spawn(move || {
            while let Some(task) = shared.media.next() {
                encode::perform(&shared, &task);
            }
        })
        .map_err(|source| Error::Threads { source })?;
    Ok(Worker {
        engine: Arc::clone(engine),
        thread: Some(thread),
    })
}
