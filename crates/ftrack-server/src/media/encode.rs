//! One task: from the file of the source to components that the job and the version have.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value as Json, json};

use super::fault::Fault;
use super::kind::Kind;
use super::queue::{JOB_TYPE, Output, Task};
use super::video::{self, Ffmpeg};
use crate::caller::{Caller, Tokens};
use crate::engine::Engine;
use crate::files::{Staged, picture};
use crate::read::SERVER_LOCATION;
use crate::refusal::Refusal;
use crate::value::Value;
use crate::write::Batch;

/// The longer side of an image for review, in pixels.
const IMAGE_SIZE: u32 = 4096;

/// An output with its file.
struct Made {
    output: Output,
    name: &'static str,
    file_type: &'static str,
    /// What the web interface has to know to show it.
    review: Option<Json>,
    file: Staged,
}

/// Does a task, and says in its job how it went.
pub(super) fn perform(engine: &Engine, task: &Task) {
    let running = json!({"status": "running"});
    if let Err(refusal) = set_job(engine, &task.caller, &task.job, running) {
        tracing::warn!(
            job = task.job,
            message = refusal.message,
            "nothing to encode for"
        );
        return;
    }
    // Media comes from anywhere; what breaks a decoder must not end the thread.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let made = make(engine, task)?;
        keep(engine, task, &made)
    }));
    let Err(fault) = outcome.unwrap_or(Err(Fault::Broken)) else {
        return;
    };
    let message = fault.to_string();
    tracing::warn!(job = task.job, message, "media was not encoded");
    let failed = json!({"status": "failed", "data": task.data(&[], Some(&message))});
    if let Err(refusal) = set_job(engine, &task.caller, &task.job, failed) {
        tracing::warn!(job = task.job, message = refusal.message, "the job is gone");
    }
}

/// Ends the jobs that the last run of the server did not get done.
pub(super) fn give_up_unfinished(engine: &Engine) {
    let unfinished: Vec<(String, Json)> = engine.read(|view| {
        let jobs = view.store.rows_with("Job", "type", &Value::text(JOB_TYPE));
        jobs.into_iter()
            .map(|job| (job, view.store.named(job, "status").to_text()))
            .filter(|(_, status)| status == "queued" || status == "running")
            .map(|(job, _)| {
                let data = view.store.named(job, "data").to_text();
                (
                    view.store.id(job).to_text(),
                    serde_json::from_str(&data).unwrap_or_default(),
                )
            })
            .collect()
    });
    let server = Caller {
        id: Value::Null,
        username: String::new(),
        tokens: Tokens::default(),
    };
    for (job, mut data) in unfinished {
        if let Json::Object(data) = &mut data {
            data.insert("output".to_owned(), json!([]));
            data.insert("message".to_owned(), json!(Fault::Stopped.to_string()));
        }
        let failed = json!({"status": "failed", "data": data.to_string()});
        if let Err(refusal) = set_job(engine, &server, &job, failed) {
            tracing::warn!(job, message = refusal.message, "an unfinished job stays");
        }
    }
}

fn set_job(engine: &Engine, caller: &Caller, job: &str, values: Json) -> Result<(), Refusal> {
    engine.write(caller, |batch| {
        batch.update("Job", Some(&json!([job])), &object(values))?;
        batch.finish()?;
        Ok(((), Vec::new()))
    })
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}

fn make(engine: &Engine, task: &Task) -> Result<Vec<Made>, Fault> {
    let source = engine.files.path(&task.source);
    match Kind::of(&source).ok_or(Fault::NoFile)? {
        Kind::Other => Err(Fault::NotMedia),
        Kind::Image => {
            let image = picture::fitted(picture::read(&source)?, IMAGE_SIZE);
            let file = engine.files.stage();
            picture::write_jpeg(&image, &file.path)?;
            let review = json!({"format": "image"});
            let output = output(task, "image/jpeg");
            Ok(vec![picture_of(
                output,
                "ftrackreview-image",
                Some(review),
                file,
            )])
        }
        Kind::Video { container } => {
            let is_stopping = || engine.media.is_stopping();
            let ffmpeg = Ffmpeg::new(&engine.files, &is_stopping);
            let encoded = ffmpeg.encode(&source, container)?;
            let picture = encoded.picture;
            let mut made = vec![Made {
                output: output(task, encoded.codec.format),
                name: encoded.codec.component_name,
                file_type: encoded.codec.file_type,
                review: Some(review_of(encoded.length)),
                file: encoded.video,
            }];
            let output = output(task, "image/jpeg");
            made.extend(picture.map(|file| picture_of(output, "thumbnail", None, file)));
            Ok(made)
        }
    }
}

fn picture_of(output: Output, name: &'static str, review: Option<Json>, file: Staged) -> Made {
    Made {
        output,
        name,
        file_type: ".jpg",
        review,
        file,
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
fn output(task: &Task, format: &'static str) -> Output {
    let kind = format.split('/').next().unwrap_or_default();
    let announced = task
        .outputs
        .iter()
        .find(|output| output.format.starts_with(kind));
    let id = announced.map(|output| output.component_id.clone());
    Output {
        component_id: id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
        format,
    }
}

/// Stores what was made: all of it, or nothing.
fn keep(engine: &Engine, task: &Task, made: &[Made]) -> Result<(), Fault> {
    let outcome = publish(engine, made).and_then(|sizes| {
        let written = engine.write(&task.caller, |batch| {
            for (made, size) in made.iter().zip(sizes) {
                add_component(batch, task, made, size)?;
            }
            finish(batch, task, made)?;
            Ok(((), Vec::new()))
        });
        written.map_err(|refusal| Fault::Refused(refusal.message))
    });
    if outcome.is_err() {
        for made in made {
            engine.files.remove(&made.output.component_id);
        }
    }
    outcome
}

/// Makes the files those of the components to be; gives their sizes.
fn publish(engine: &Engine, made: &[Made]) -> Result<Vec<u64>, Fault> {
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

fn add_component(
    batch: &mut Batch<'_>,
    task: &Task,
    made: &Made,
    size: u64,
) -> Result<(), Refusal> {
    let id = &made.output.component_id;
    let mut component =
        json!({"id": id, "name": made.name, "file_type": made.file_type, "size": size});
    if let Some(version) = &task.version {
        component["version_id"] = json!(version);
    }
    batch.create("FileComponent", &object(component))?;
    let location =
        json!({"component_id": id, "location_id": SERVER_LOCATION, "resource_identifier": id});
    batch.create("ComponentLocation", &object(location))?;
    let link = json!({"component_id": id, "job_id": task.job});
    batch.create("JobComponent", &object(link))?;
    if let Some(review) = &made.review {
        let metadata = json!({
            "parent_id": id, "parent_type": "FileComponent", "key": "ftr_meta", "value": review.to_string(),
        });
        batch.create("Metadata", &object(metadata))?;
    }
    Ok(())
}

/// Gives the version its picture, removes the source where it is not wanted any more, and ends the job.
fn finish(batch: &mut Batch<'_>, task: &Task, made: &[Made]) -> Result<(), Refusal> {
    let picture = made
        .iter()
        .find(|made| made.output.format == "image/jpeg")
        .map(|made| &made.output.component_id);
    if let (Some(version), Some(picture)) = (&task.version, picture) {
        let thumbnail = json!({"thumbnail_id": picture});
        batch.update("AssetVersion", Some(&json!([version])), &object(thumbnail))?;
    }
    let source = Value::text(&task.source);
    if !task.keep_original
        && batch
            .view()
            .store
            .find_named("Component", &source)
            .is_some()
    {
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
