//! One task: from the file of the source to components that the job and the version have.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::error::EncodeError;
use super::kind::Kind;
use super::unfinished::object;
use super::video::{self, Ffmpeg};
use crate::budget::Budget;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::files::{Staged, picture};
use crate::media_queue::{Form, Output, Task};
use crate::read::SERVER_LOCATION;
use crate::request_error::RequestError;
use crate::store::Size;
use crate::value::Value;
use crate::write::Batch;

/// How long an image waits for others to be decoded.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The longer side of an image for review, in pixels.
const IMAGE_SIZE: u32 = 4096;

/// An output with its file.
struct Made {
    output: Output,
    /// What the web interface has to know to show it.
    review: Option<Json>,
    file: Staged,
}

/// Does a task, and says in its job how it went.
pub(super) fn perform(engine: &Engine, task: &Task) {
    let running = json!({"status": "running"});
    if let Err(error) = set_job(engine, &task.caller, &task.job, running) {
        tracing::warn!(job = task.job, message = error.message, "the job is gone");
        give_up(engine, task, &EncodeError::Refused(error.message));
        return;
    }
    // Media comes from anywhere; what breaks a decoder must not end the thread.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let made = make(engine, task)?;
        keep(engine, task, &made)
    }));
    if let Err(error) = outcome.unwrap_or(Err(EncodeError::Broken)) {
        tracing::warn!(job = task.job, %error, "media was not encoded");
        give_up(engine, task, &error);
    }
}

/// Creates a component whose file is still to come, for the job and the version.
pub(super) fn add_component(
    batch: &mut Batch<'_>,
    task: &Task,
    output: &Output,
) -> Result<(), RequestError> {
    let Output { component_id, form } = output;
    let mut component = json!({"id": component_id, "name": form.name, "file_type": form.file_type});
    if let Some(version) = &task.version {
        component["version_id"] = json!(version);
    }
    batch.create("FileComponent", &object(component))?;
    let link = json!({"component_id": component_id, "job_id": task.job});
    batch.create("JobComponent", &object(link))?;
    Ok(())
}

/// Removes the components that were announced, which get no files, and says why in the job, where that is still there.
/// The server does it by itself where whoever wanted it may not any more.
fn give_up(engine: &Engine, task: &Task, error: &EncodeError) {
    let failed = json!({"status": "failed", "data": task.data(&[], Some(&error.to_string()))});
    let failed = object(failed);
    let write = |caller: &Caller| {
        engine.write(caller, &Budget::unlimited(), Size::Small, |batch| {
            remove_announced(batch, task, |_| false)?;
            if is_there(batch, "Job", &task.job) {
                batch.update("Job", Some(&json!([task.job])), &failed)?;
            }
            batch.finish()?;
            Ok(((), Vec::new()))
        })
    };
    if let Err(error) = write(&task.caller).or_else(|_| write(&Caller::server())) {
        let message = error.message;
        tracing::error!(job = task.job, message, "announced components stay");
    }
}

fn is_there(batch: &Batch<'_>, family: &str, id: &str) -> bool {
    let store = batch.view().store;
    store.find_named(family, &Value::text(id)).is_some()
}

fn set_job(engine: &Engine, caller: &Caller, job: &str, values: Json) -> Result<(), RequestError> {
    engine.write(caller, &Budget::unlimited(), Size::Small, |batch| {
        batch.update("Job", Some(&json!([job])), &object(values))?;
        batch.finish()?;
        Ok(((), Vec::new()))
    })
}

fn make(engine: &Engine, task: &Task) -> Result<Vec<Made>, EncodeError> {
    let source = engine.files.path(&task.source);
    match Kind::from_path(&source).ok_or(EncodeError::NoFile)? {
        Kind::Other => Err(EncodeError::NotMedia),
        Kind::Image => {
            let pixels = &engine.files.pixels;
            let read = picture::read(&source, |wanted| pixels.take_within(wanted, TIMEOUT))?;
            let (image, _share) = read.ok_or(EncodeError::Pixels)?;
            let image = picture::fitted(image, IMAGE_SIZE);
            let file = engine.files.stage();
            picture::write_jpeg(&image, &file.path)?;
            let review = json!({"format": "image"});
            Ok(vec![Made {
                output: output(task, Form::IMAGE),
                review: Some(review),
                file,
            }])
        }
        Kind::Video { container } => {
            let is_stopping = || engine.media.is_stopping();
            let ffmpeg = Ffmpeg::new(&engine.ffmpeg, &engine.files, &is_stopping);
            let encoded = ffmpeg.encode(&source, container)?;
            let mut made = vec![Made {
                output: output(task, encoded.codec.form),
                review: Some(review_of(encoded.length)),
                file: encoded.video,
            }];
            made.extend(encoded.picture.map(|file| Made {
                output: output(task, Form::THUMBNAIL),
                review: None,
                file,
            }));
            Ok(made)
        }
    }
}

/// Frames are counted from zero; a rate that is whole is written as such.
fn review_of(length: video::Length) -> Json {
    let rate: Option<serde_json::Number> = length.rate.to_string().parse().ok();
    json!({
        "frameIn": 0,
        "frameOut": length.frames.saturating_sub(1),
        "frameRate": rate,
    })
}

/// The output of this kind that the job announced; the file may have become another meanwhile.
fn output(task: &Task, form: Form) -> Output {
    let kind = |form: Form| form.format.split('/').next();
    let announced = task
        .outputs
        .iter()
        .find(|output| kind(output.form) == kind(form));
    let id = announced.map(|output| output.component_id.clone());
    Output {
        component_id: id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        form,
    }
}

/// Stores what was made, without what somebody deleted meanwhile: all of it, or nothing.
fn keep(engine: &Engine, task: &Task, made: &[Made]) -> Result<(), EncodeError> {
    let outcome = publish(engine, made).and_then(|sizes| {
        let written = engine.write(&task.caller, &Budget::unlimited(), Size::Small, |batch| {
            let sized = made.iter().zip(sizes);
            let (deleted, kept): (Vec<_>, Vec<_>) =
                sized.partition(|(made, _)| is_deleted(batch, task, &made.output));
            if kept.is_empty() {
                return Err(RequestError::not_found("they were deleted meanwhile"));
            }
            for (made, size) in &kept {
                fill_component(batch, task, made, *size)?;
            }
            let kept: Vec<&Made> = kept.into_iter().map(|(made, _)| made).collect();
            let is_made = |id: &str| kept.iter().any(|made| made.output.component_id == id);
            remove_announced(batch, task, is_made)?;
            finish(batch, task, &kept)?;
            let deleted: Vec<&Made> = deleted.into_iter().map(|(made, _)| made).collect();
            Ok((deleted, Vec::new()))
        });
        written.map_err(|error| EncodeError::Refused(error.message))
    });
    let (without_component, outcome) = match outcome {
        Ok(deleted) => (deleted, Ok(())),
        Err(error) => (made.iter().collect(), Err(error)),
    };
    for made in without_component {
        engine.files.remove(&made.output.component_id);
    }
    outcome
}

/// Whether a component that was announced is gone.
fn is_deleted(batch: &Batch<'_>, task: &Task, output: &Output) -> bool {
    let id = &output.component_id;
    let is_announced = task.outputs.iter().any(|found| found.component_id == *id);
    is_announced && !is_there(batch, "Component", id)
}

/// Makes the files those of the components to be; gives their sizes.
fn publish(engine: &Engine, made: &[Made]) -> Result<Vec<u64>, EncodeError> {
    made.iter()
        .map(|made| {
            let size = std::fs::metadata(&made.file.path)?.len();
            engine
                .files
                .publish(&made.file.path, &made.output.component_id)?;
            Ok(size)
        })
        .collect()
}

/// Makes a component what its file is. It was announced with the job, if the file was the same at that time.
fn fill_component(
    batch: &mut Batch<'_>,
    task: &Task,
    made: &Made,
    size: u64,
) -> Result<(), RequestError> {
    let Output { component_id, form } = &made.output;
    let is_announced = |output: &Output| output.component_id == *component_id;
    if !task.outputs.iter().any(is_announced) {
        add_component(batch, task, &made.output)?;
    }
    let file = json!({"name": form.name, "file_type": form.file_type, "size": size});
    batch.update("FileComponent", Some(&json!([component_id])), &object(file))?;
    let location = json!({
        "component_id": component_id, "location_id": SERVER_LOCATION, "resource_identifier": component_id,
    });
    batch.create("ComponentLocation", &object(location))?;
    if let Some(review) = &made.review {
        let metadata = json!({
            "parent_id": component_id, "parent_type": "FileComponent", "key": "ftr_meta", "value": review.to_string(),
        });
        batch.create("Metadata", &object(metadata))?;
    }
    Ok(())
}

/// Removes what was announced and has not come out, as far as it is still there.
fn remove_announced(
    batch: &mut Batch<'_>,
    task: &Task,
    is_made: impl Fn(&str) -> bool,
) -> Result<(), RequestError> {
    for output in &task.outputs {
        let id = &output.component_id;
        if is_there(batch, "Component", id) && !is_made(id) {
            batch.delete("Component", Some(&json!([id])))?;
        }
    }
    Ok(())
}

/// Gives the version its picture, removes the source where it is not wanted any more, and ends the job.
fn finish(batch: &mut Batch<'_>, task: &Task, made: &[&Made]) -> Result<(), RequestError> {
    let picture = made
        .iter()
        .find(|made| made.output.form.format == Form::IMAGE.format)
        .map(|made| &made.output.component_id);
    if let (Some(version), Some(picture)) = (&task.version, picture) {
        let thumbnail = json!({"thumbnail_id": picture});
        batch.update("AssetVersion", Some(&json!([version])), &object(thumbnail))?;
    }
    if !task.keep_original && is_there(batch, "Component", &task.source) {
        batch.delete("Component", Some(&json!([task.source])))?;
    }
    let outputs: Vec<Output> = made.iter().map(|made| made.output.clone()).collect();
    let done = json!({"status": "done", "data": task.data(&outputs, None)});
    batch.update("Job", Some(&json!([task.job])), &object(done))?;
    batch.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn review_counts_frames_from_zero() {
        for (frames, rate, expected) in [
            (150, 25.0, r#"{"frameIn":0,"frameOut":149,"frameRate":25}"#),
            (1, 29.97, r#"{"frameIn":0,"frameOut":0,"frameRate":29.97}"#),
        ] {
            let length = video::Length { frames, rate };
            assert_eq!(review_of(length).to_string(), expected);
        }
    }
}
