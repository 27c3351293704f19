//! Sending a whole file: in one piece, or in parts.

mod multipart;

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use ftrack_location::accessor::Result;
use ftrack_location::{AccessorError, Md5};
use ftrack_transport::Request;
use serde_json::{Value as Json, json};

use self::multipart::{Multipart, is_md5};
use super::fingerprint::Fingerprint;
use super::journal::{FileState, Journal};
use super::link::{Link, failed, not_answered};
use super::meter::Meter;
use super::notice::{StartedAnewReason, UploadNotice};
use super::parts::Parts;
use super::put::{Put, PutFailure};
use super::source::SourceState;
use super::uploads::UploadRun;
use crate::error::Error;
use crate::session::Purpose;

/// A file to send.
pub(super) struct Sending<'run> {
    pub(super) link: &'run Link,
    pub(super) run: &'run UploadRun,
    pub(super) component_id: &'run str,
    pub(super) file_name: &'run str,
    pub(super) file: Arc<File>,
    /// How the file was, if it is that of somebody else.
    pub(super) source: Option<Arc<SourceState>>,
    pub(super) size: u64,
    /// Known where a state is kept.
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) meter: Meter<'run>,
}

/// Where the server wants a file.
pub(super) enum Target {
    /// Here, with these headers.
    Whole(String, Vec<(String, String)>),
    Parts(PartTargets),
}

/// Where the server wants the parts of a file.
pub(super) struct PartTargets {
    pub(super) upload: String,
    /// By the number of the part, from one.
    pub(super) urls: Vec<(u64, String)>,
    /// The numbers and tags of the parts that it has, where it says so.
    pub(super) arrived: Option<Vec<(u64, String)>>,
}

impl Sending<'_> {
    /// Sends the file; nothing of it is seen if that fails. `checksum` makes the checksum that goes along with a
    /// file in one piece.
    pub(super) fn run(&self, checksum: impl FnOnce() -> io::Result<Md5>) -> Result<()> {
        if self.is_sent_already()? {
            return Ok(());
        }
        let parts = match self.run.options.part_size {
            Some(size) => Parts::with_size(self.size, size),
            None => Parts::new(self.size),
        };
        match parts.count() {
            Some(_) => Multipart::new(self, parts).run()?,
            None => self.in_one_piece(checksum)?,
        }
        if let Some(journal) = &self.run.journal {
            journal.sent(self.component_id);
        }
        Ok(())
    }

    /// Whether an earlier attempt sent the file, and the server has it still. A file that is another by now starts
    /// anew.
    fn is_sent_already(&self) -> Result<bool> {
        let Some((journal, known)) = self.known() else {
            return Ok(false);
        };
        let reason = if Some(&known.fingerprint) != self.fingerprint.as_ref() {
            StartedAnewReason::SourceChanged
        } else if !known.is_sent {
            return Ok(false);
        } else if self.is_there(None) {
            self.resumed(self.size);
            let told = self.meter.tell_resumed(self.size, &mut 0);
            return told
                .map(|()| true)
                .map_err(|stopped| self.not_sent(stopped.into()));
        } else {
            StartedAnewReason::Forgotten
        };
        self.run.started_anew(self.component_id, reason);
        if let Some(fingerprint) = &self.fingerprint {
            journal.start(self.component_id, fingerprint, 0, None);
        }
        Ok(false)
    }

    /// What an earlier attempt left of this file, and where it stands.
    pub(super) fn known(&self) -> Option<(&Journal, FileState)> {
        let journal = self.run.journal.as_deref()?;
        Some((journal, journal.file(self.component_id)?))
    }

    pub(super) fn resumed(&self, bytes: u64) {
        self.run.tell(&UploadNotice::Resumed {
            component: self.component_id.to_owned(),
            bytes,
            total: self.size,
        });
    }

    fn in_one_piece(&self, checksum: impl FnOnce() -> io::Result<Md5>) -> Result<()> {
        if let (Some(journal), Some(fingerprint)) = (&self.run.journal, &self.fingerprint) {
            journal.start(self.component_id, fingerprint, self.size, None);
        }
        let checksum = checksum().map_err(|error| self.failed(error))?;
        let engine = base64::engine::general_purpose::STANDARD;
        let mut request = self.announcement();
        request["checksum"] = engine.encode(checksum.as_bytes()).into();
        match self.announce(&request)? {
            Target::Whole(url, headers) => self.send_whole(&url, &headers),
            Target::Parts(_) => Err(self.nowhere()),
        }
    }

    /// The request that tells the server of the file.
    pub(super) fn announcement(&self) -> Json {
        json!({
            "action": "get_upload_metadata",
            "component_id": self.component_id,
            "file_name": self.file_name,
            "file_size": self.size,
            "checksum": null,
        })
    }

    /// Tells the server of the file, and hears where it wants it.
    pub(super) fn announce(&self, request: &Json) -> Result<Target> {
        // Announcing an upload twice does no harm.
        let answer = self
            .ask(request, Purpose::read("get_upload_metadata"), None)
            .map_err(|error| self.not_answered(error))?;
        match (answer["url"].as_str(), answer["urls"].as_array()) {
            // Also what servers that know no parts answer.
            (Some(url), _) => Ok(Target::Whole(url.to_owned(), headers(&answer["headers"]))),
            (None, Some(urls)) => Ok(Target::Parts(PartTargets {
                upload: text(&answer["upload_id"]),
                urls: numbered(urls, "signed_url"),
                arrived: answer["parts"]
                    .as_array()
                    .map(|parts| numbered(parts, "e_tag")),
            })),
            (None, None) => Err(self.nowhere()),
        }
    }

    /// Fails if somebody wrote to the file since sending it began.
    pub(super) fn check_source(&self) -> Result<()> {
        match &self.source {
            Some(source) => source.check(&self.file).map_err(|error| self.failed(error)),
            None => Ok(()),
        }
    }

    pub(super) fn send_whole(&self, url: &str, headers: &[(String, String)]) -> Result<()> {
        let put = Put {
            link: self.link,
            run: self.run,
            file: &self.file,
            source: self.source.as_ref(),
            start: 0,
            length: self.size,
            url,
            headers,
        };
        let sent = put.send(&self.meter, &mut 0);
        sent.map(|_| ()).map_err(|failure| self.not_sent(failure))
    }

    /// Asks the server's API, again if it does not answer and the upload is to be patient.
    pub(super) fn ask(
        &self,
        request: &Json,
        purpose: Purpose,
        timeout: Option<Duration>,
    ) -> Result<Json, Error> {
        let ask = || self.link.ask(request.clone(), purpose, timeout);
        let Some(policy) = &self.run.options.retry else {
            return ask();
        };
        let mut backoff = self.link.backoff(Some(policy));
        loop {
            let asked = Instant::now();
            let error = match ask() {
                Err(error) if error.is_retryable() => error,
                outcome => return outcome,
            };
            match backoff.next(asked.elapsed()) {
                Some(pause) if self.meter.sleep(pause).is_ok() => {}
                _ => return Err(error),
            }
        }
    }

    /// Whether the server has a file of this size for the component, and with this tag if it has one of that form.
    pub(super) fn is_there(&self, tag: Option<&str>) -> bool {
        let request = Request::get(self.link.url("get", self.component_id))
            .with_credentials()
            .header("range", "bytes=0-0");
        let Ok(response) = self.link.transport().request(request).wait() else {
            return false;
        };
        let range = response.header("content-range").unwrap_or_default();
        let found = response.header("etag").map(|tag| tag.trim_matches('"'));
        let is_other = match (tag, found) {
            (Some(expected), Some(found)) => is_joined(found) && found != expected,
            _ => false,
        };
        response.status() == 206 && range.ends_with(&format!("/{}", self.size)) && !is_other
    }

    fn nowhere(&self) -> AccessorError {
        self.failed("the server does not say where to send the file to")
    }

    pub(super) fn failed(&self, source: impl Into<ftrack_location::BoxError>) -> AccessorError {
        failed("write", self.component_id, source)
    }

    pub(super) fn not_answered(&self, error: Error) -> AccessorError {
        use crate::error::ErrorKind::{Cancelled, ConnectionClosed};
        if error.is_retryable() || matches!(error.kind(), Cancelled | ConnectionClosed) {
            self.run.note_interruption();
        }
        not_answered("write", self.component_id, error)
    }

    pub(super) fn not_sent(&self, failure: PutFailure) -> AccessorError {
        if failure.is_interruption() {
            self.run.note_interruption();
        }
        match failure {
            PutFailure::Stopped | PutFailure::Paused => self.failed("it was cancelled"),
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
            Json::Null => None,
            other => Some((name.clone(), text(other))),
        })
        .collect()
}

/// What the entries of a list of parts say, by their numbers, in order.
fn numbered(parts: &[Json], name: &str) -> Vec<(u64, String)> {
    let mut found: Vec<(u64, String)> = parts
        .iter()
        .filter_map(|part| {
            let value = part[name].as_str()?;
            Some((part["part_number"].as_u64()?, value.to_owned()))
        })
        .collect();
    found.sort_unstable();
    found
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a tag is one that storage services make of those of parts: digits, a dash and how many there were.
fn is_joined(tag: &str) -> bool {
    tag.split_once('-')
        .is_some_and(|(digits, count)| is_md5(digits) && count.parse::<u64>().is_ok())
}
