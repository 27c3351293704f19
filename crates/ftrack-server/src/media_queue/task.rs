//! What is to be encoded, in the order of the requests.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};
use serde_json::json;

use crate::caller::Caller;

/// Something to encode.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) job: String,
    pub(crate) source: String,
    /// The version that the outputs are to belong to.
    pub(crate) version: Option<String>,
    pub(crate) keep_original: bool,
    pub(crate) outputs: Vec<Output>,
    /// Who wants it. What becomes of it is news to the client, so it has no tokens.
    pub(crate) caller: Caller,
}

/// A component that encoding makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) component_id: String,
    pub(crate) form: Form,
}

/// What an output is, and by which names clients find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// The media type.
    pub(crate) format: &'static str,
    /// The name of the component.
    pub(crate) name: &'static str,
    pub(crate) file_type: &'static str,
}

impl Form {
    /// An image for review.
    pub(crate) const IMAGE: Self = Self {
        format: "image/jpeg",
        name: "ftrackreview-image",
        file_type: ".jpg",
    };
    /// The picture that stands for a video.
    pub(crate) const THUMBNAIL: Self = Self {
        format: "image/jpeg",
        name: "thumbnail",
        file_type: ".jpg",
    };
    /// A video as most browsers play it.
    pub(crate) const MP4: Self = Self {
        format: "video/mp4",
        name: "ftrackreview-mp4",
        file_type: ".mp4",
    };
    /// A video, where ffmpeg cannot make the other kind.
    pub(crate) const WEBM: Self = Self {
        format: "video/webm",
        name: "ftrackreview-webm",
        file_type: ".webm",
    };
}

impl Task {
    /// What `Job.data` holds: JSON text, with a message where encoding failed.
    pub(crate) fn data(&self, outputs: &[Output], message: Option<&str>) -> String {
        let list: Vec<_> = outputs
            .iter()
            .map(
                |output| json!({"format": output.form.format, "component_id": output.component_id}),
            )
            .collect();
        let mut data = json!({
            "output": list,
            "source_component_id": self.source,
            "keep_original": self.keep_original,
        });
        if let Some(message) = message {
            data["message"] = json!(message);
        }
        data.to_string()
    }
}

/// What waits to be encoded.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    tasks: VecDeque<Task>,
    is_stopping: bool,
}

impl Queue {
    /// Adds a task whose job is stored already.
    pub(crate) fn push(&self, task: Task) {
        self.state.lock().tasks.push_back(task);
        self.changed.notify_one();
    }

    /// Waits for the next task; nothing once the server stops.
    pub(crate) fn next(&self) -> Option<Task> {
        let mut state = self.state.lock();
        loop {
            if state.is_stopping {
                return None;
            }
            if let Some(task) = state.tasks.pop_front() {
                return Some(task);
            }
            self.changed.wait(&mut state);
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state.lock().is_stopping
    }

    pub(crate) fn stop(&self) {
        self.state.lock().is_stopping = true;
        self.changed.notify_all();
    }
}
