//! Sending a whole file: in one piece, or in parts.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use ftrack_location::accessor::Result;
use ftrack_location::{AccessorError, Md5};
use ftrack_transport::Request;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use super::link::{Link, failed, not_answered};
use super::parts::Parts;
use super::put::{Meter, Put, PutFailure};
use crate::session::Purpose;

/// How many parts are sent at once.
const PARALLEL: u64 = 6;

/// A file to send.
pub(super) struct Sending<'run> {
    pub(super) link: &'run Link,
    pub(super) component_id: &'run str,
    pub(super) file_name: &'run str,
    pub(super) file: Arc<File>,
    pub(super) size: u64,
    pub(super) meter: Meter<'run>,
}

/// A part that arrived: its number, and the tag that the storage gave it.
type Arrived = (u64, String);

impl Sending<'_> {
    /// Sends the file; nothing of it is seen if that fails. `checksum` makes the checksum that goes along with a
    /// file in one piece.
    pub(super) fn run(&self, checksum: impl FnOnce() -> io::Result<Md5>) -> Result<()> {
        let parts = Parts::of(self.size);
        let mut request = json!({
            "action": "get_upload_metadata",
            "component_id": self.component_id,
            "file_name": self.file_name,
            "file_size": self.size,
            "checksum": null,
        });
        if let Some(count) = parts.count() {
            request["parts"] = count.into();
        } else {
            let checksum = checksum().map_err(|error| self.failed(error))?;
            let engine = base64::engine::general_purpose::STANDARD;
            request["checksum"] = engine.encode(checksum.as_bytes()).into();
        }
        // Announcing an upload twice does no harm.
        let answer = self
            .link
            .ask(request, Purpose::of("get_upload_metadata"), None)
            .map_err(|error| not_answered("write", self.component_id, error))?;
        match (answer["url"].as_str(), answer["urls"].as_array()) {
            // Also what servers that know no parts answer.
            (Some(url), _) => self.send_whole(url, &headers(&answer["headers"])),
            (None, Some(urls)) => self.send_parts(parts, &answer["upload_id"], urls),
            (None, None) => Err(self.failed("the server does not say where to send the file to")),
        }
    }

    fn send_whole(&self, url: &str, headers: &[(String, String)]) -> Result<()> {
        let put = Put {
            link: self.link,
            file: &self.file,
            start: 0,
            length: self.size,
            url,
            headers,
        };
        let sent = put.send(&self.meter);
        sent.map(|_| ()).map_err(|failure| self.not_sent(failure))
    }

    fn send_parts(&self, parts: Parts, upload_id: &Json, urls: &[Json]) -> Result<()> {
        let targets = self.targets(parts, urls)?;
        let work = PartWork {
            sending: self,
            parts,
            targets: &targets,
            next: AtomicU64::new(0),
            arrived: Mutex::default(),
            failure: Mutex::default(),
        };
        let mut arrived = work.run().map_err(|failure| self.not_sent(failure))?;
        arrived.sort_unstable();
        self.complete(upload_id, &arrived)
    }

    /// Where each part goes, by its number from one.
    fn targets<'j>(&self, parts: Parts, urls: &'j [Json]) -> Result<Vec<(u64, &'j str)>> {
        let mut targets: Vec<(u64, &str)> = urls
            .iter()
            .filter_map(|url| Some((url["part_number"].as_u64()?, url["signed_url"].as_str()?)))
            .collect();
        targets.sort_unstable();
        let numbers = targets.iter().map(|(number, _)| *number);
        if !numbers.eq(1..=parts.count().unwrap_or(1)) {
            return Err(self.failed("the server does not say where to send each part to"));
        }
        Ok(targets)
    }

    /// Has the server put the parts together.
    fn complete(&self, upload_id: &Json, arrived: &[Arrived]) -> Result<()> {
        let parts: Vec<Json> = arrived
            .iter()
            .map(|(number, tag)| json!({"part_number": number, "e_tag": tag}))
            .collect();
        let request = json!({
            "action": "complete_multipart_upload",
            "component_id": self.component_id,
            "upload_id": upload_id,
            "parts": parts,
        });
        // Putting together takes a server that copies its time: ten seconds for each gigabyte besides the usual.
        let timeout = Duration::from_secs(60 + self.size / 100_000_000);
        let purpose = Purpose::write("complete_multipart_upload");
        let ask = || self.link.ask(request.clone(), purpose, Some(timeout));
        let outcome = ask().or_else(|error| {
            if !error.is_retryable() {
                return Err(error);
            }
            // The answer was lost. If it was carried out, a second request is refused, and the file is there.
            ask().or_else(|again| {
                if self.is_there() {
                    Ok(Json::Null)
                } else {
                    Err(again)
                }
            })
        });
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => Err(not_answered("write", self.component_id, error)),
        }
    }

    /// Whether the server has a file of this size for the component.
    fn is_there(&self) -> bool {
        let request = Request::get(self.link.url("get", self.component_id))
            .with_credentials()
            .header("range", "bytes=0-0");
        let Ok(response) = self.link.transport().exchange(request).wait() else {
            return false;
        };
        let range = response.header("content-range").unwrap_or_default();
        response.status() == 206 && range.ends_with(&format!("/{}", self.size))
    }

    fn failed(&self, source: impl Into<ftrack_location::BoxError>) -> AccessorError {
        failed("write", self.component_id, source)
    }

    fn not_sent(&self, failure: PutFailure) -> AccessorError {
        match failure {
            PutFailure::Stopped => self.failed("it was cancelled"),
            PutFailure::Lost(error) => self.failed(error),
            PutFailure::Refused {
                status: 401 | 403,
                answer,
            } => AccessorError::PermissionDenied {
                operation: "write",
                resource_identifier: self.component_id.to_owned(),
                source: answer.into(),
            },
            PutFailure::Refused { answer, .. } => self.failed(answer),
        }
    }
}

/// The headers that the server wants with the file.
fn headers(answer: &Json) -> Vec<(String, String)> {
    let headers = answer.as_object().into_iter().flatten();
    headers
        .filter_map(|(name, value)| match value {
            Json::String(value) => Some((name.clone(), value.clone())),
            Json::Null => None,
            other => Some((name.clone(), other.to_string())),
        })
        .collect()
}

/// The parts of one file: what the threads that send them share.
struct PartWork<'run> {
    sending: &'run Sending<'run>,
    parts: Parts,
    targets: &'run [(u64, &'run str)],
    /// The position of the next part that nobody sends.
    next: AtomicU64,
    arrived: Mutex<Vec<Arrived>>,
    /// The first failure; what fails after it, fails because of it.
    failure: Mutex<Option<PutFailure>>,
}

impl PartWork<'_> {
    fn run(self) -> Result<Vec<Arrived>, PutFailure> {
        let threads = PARALLEL.min(self.targets.len() as u64);
        thread::scope(|scope| {
            for _ in 1..threads {
                let helper = thread::Builder::new().name("ftrack-upload".to_owned());
                // This thread works as well, so it goes on, if slower, where no more threads can be had.
                if let Err(error) = helper.spawn_scoped(scope, || self.work()) {
                    tracing::warn!(%error, "sending with fewer threads");
                    break;
                }
            }
            self.work();
        });
        match self.failure.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(self.arrived.into_inner()),
        }
    }

    /// Sends what nobody else does, until there is no more or something failed.
    fn work(&self) {
        while !self.sending.meter.is_stopped() {
            let position = self.next.fetch_add(1, Ordering::Relaxed);
            let target = usize::try_from(position)
                .ok()
                .and_then(|position| self.targets.get(position));
            let Some((number, url)) = target else {
                return;
            };
            match self.send(*number, url) {
                Ok(tag) => self.arrived.lock().push((*number, tag)),
                Err(failure) => {
                    self.failure.lock().get_or_insert(failure);
                    self.sending.meter.stop();
                }
            }
        }
    }

    fn send(&self, number: u64, url: &str) -> Result<String, PutFailure> {
        let (start, length) = self.parts.range(number);
        let put = Put {
            link: self.sending.link,
            file: &self.sending.file,
            start,
            length,
            url,
            headers: &[],
        };
        match put.send(&self.sending.meter)? {
            Some(tag) => Ok(tag.trim_matches('"').to_owned()),
            None => Err(PutFailure::Refused {
                status: 200,
                answer: format!("the storage gave part {number} no tag"),
            }),
        }
    }
}
