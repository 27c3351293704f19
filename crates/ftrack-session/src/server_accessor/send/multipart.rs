//! Sending a file in parts, as far as the server has not got them.

mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use ftrack_location::AccessorError;
use ftrack_location::accessor::Result;
use md5::Digest as _;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};

use self::work::Work;
use super::{PartTargets, Sending, Target};
use crate::error::Error;
use crate::server_accessor::fingerprint::hex;
use crate::server_accessor::journal::PartState;
use crate::server_accessor::notice::StartedAnewReason;
use crate::server_accessor::parts::Parts;
use crate::server_accessor::put::PutFailure;
use crate::session::Purpose;

/// How often an upload is started anew before it is given up: a server that forgets each of them has no room for them.
const MOST_STARTS: u32 = 4;

/// How often parts are sent again that the storage has other bytes of.
const MOST_DOUBTS: u32 = 3;

/// A file that is sent in parts.
pub(super) struct Multipart<'run> {
    sending: &'run Sending<'run>,
    parts: Parts,
    upload: Option<String>,
    /// The parts that arrived, by number.
    arrived: Mutex<BTreeMap<u64, UploadedPart>>,
    /// How many bytes of each part were told of.
    told: Mutex<FxHashMap<u64, u64>>,
    starts: u32,
    /// Whether parts of an earlier attempt are used.
    is_resumed: bool,
}

/// A part that arrived.
#[derive(Debug, Clone)]
struct UploadedPart {
    state: PartState,
    /// Whether it was sent by us, or compared with the file.
    is_checked: bool,
}

/// How one round of sending ended.
enum Round {
    Done,
    /// The addresses are good no more.
    Expired(PutFailure),
    /// The server has forgotten the upload.
    Forgotten(PutFailure),
    Failed(PutFailure),
}

impl<'run> Multipart<'run> {
    /// With the parts that an earlier attempt left, if their state fits to the file.
    pub(super) fn new(sending: &'run Sending<'run>, parts: Parts) -> Self {
        let mut multipart = Self {
            sending,
            parts,
            upload: None,
            arrived: Mutex::default(),
            told: Mutex::default(),
            starts: 0,
            is_resumed: false,
        };
        let Some((_, known)) = sending.known() else {
            return multipart;
        };
        let Some(upload) = known.upload else {
            return multipart;
        };
        let parts = Parts::with_size(sending.size, known.part_size.max(1));
        let Some(count) = parts.count() else {
            return multipart;
        };
        let in_range = known
            .parts
            .into_iter()
            .filter(|(number, _)| (1..=count).contains(number));
        let arrived = in_range.map(|(number, state)| {
            let is_checked = false;
            (number, UploadedPart { state, is_checked })
        });
        multipart.arrived = Mutex::new(arrived.collect());
        multipart.parts = parts;
        multipart.upload = Some(upload);
        multipart
    }

    pub(super) fn run(mut self) -> Result<()> {
        let (mut before, mut doubts) = (None, 0);
        loop {
            let targets = match self.announce()? {
                Target::Whole(url, headers) => return self.sending.send_whole(&url, &headers),
                Target::Parts(targets) => targets,
            };
            if self.agree(&targets)? {
                return Ok(());
            }
            match self.round(&targets) {
                Round::Done => {}
                // Addresses that were good for nothing are not asked for again.
                Round::Expired(_) if before != Some(self.count_arrived()) => {
                    tracing::debug!("the addresses of an upload have expired, asking for new ones");
                    before = Some(self.count_arrived());
                    continue;
                }
                Round::Forgotten(_) if self.starts < MOST_STARTS => {
                    self.start_anew(StartedAnewReason::Forgotten);
                    continue;
                }
                Round::Expired(failure) | Round::Forgotten(failure) | Round::Failed(failure) => {
                    return Err(self.sending.not_sent(failure));
                }
            }
            if self.drop_doubtful() {
                if doubts == MOST_DOUBTS {
                    let problem =
                        "the storage has other bytes than were sent, however often they are sent";
                    return Err(self.sending.failed(problem));
                }
                doubts += 1;
                continue;
            }
            self.sending.check_source()?;
            match self.complete(&targets.upload) {
                Ok(()) => return Ok(()),
                // What an earlier attempt sent may be gone although the upload is known.
                Err(error) if self.is_resumed && !error.is_retryable() => {
                    self.start_anew(StartedAnewReason::NotJoined);
                }
                Err(error) => return Err(self.sending.not_answered(error)),
            }
        }
    }

    fn count_arrived(&self) -> usize {
        self.arrived.lock().len()
    }

    /// Nothing that was sent is of use.
    fn start_anew(&mut self, reason: StartedAnewReason) {
        self.sending
            .run
            .started_anew(self.sending.component_id, reason);
        self.upload = None;
        self.is_resumed = false;
        self.arrived.lock().clear();
    }

    /// Tells the server of the file. It may know the upload already, and sign new addresses for it.
    fn announce(&self) -> Result<Target> {
        let mut request = self.sending.announcement();
        request["parts"] = self.parts.count().into();
        let Some(upload) = &self.upload else {
            return self.sending.announce(&request);
        };
        let mut again = request.clone();
        again["upload_id"] = upload.as_str().into();
        match self.sending.announce(&again) {
            // Whatever it has against that, it knows the request without.
            Err(AccessorError::OperationFailed { source, .. })
                if source
                    .downcast_ref::<Error>()
                    .is_some_and(|error| !error.is_retryable()) =>
            {
                self.sending.announce(&request)
            }
            outcome => outcome,
        }
    }

    /// Compares what the server knows with what we know. Whether it has the whole file already.
    fn agree(&mut self, targets: &PartTargets) -> Result<bool> {
        let numbers = targets.urls.iter().map(|(number, _)| *number);
        if !numbers.eq(1..=self.parts.count().unwrap_or(1)) {
            let problem = "the server does not say where to send each part to";
            return Err(self.sending.failed(problem));
        }
        if self.upload.as_deref() == Some(&targets.upload) {
            self.take_over(targets.arrived.as_deref());
            return Ok(false);
        }
        if self.upload.is_some() {
            // An upload that is complete is forgotten, too.
            let is_complete = self.count_arrived() as u64 == self.parts.count().unwrap_or(1);
            if is_complete && self.sending.is_there(Some(&self.joined_tag())) {
                let (size, mut told) = (self.sending.size, self.told.lock().values().sum());
                self.sending.resumed(size);
                let stopped = self.sending.meter.tell_resumed(size, &mut told);
                return stopped
                    .map(|()| true)
                    .map_err(|stopped| self.sending.not_sent(stopped.into()));
            }
            if self.starts >= MOST_STARTS {
                let problem = "the server forgets each upload before it is complete";
                return Err(self.sending.failed(problem));
            }
            self.start_anew(StartedAnewReason::Forgotten);
        }
        self.starts += 1;
        self.upload = Some(targets.upload.clone());
        if let (Some(journal), Some(fingerprint)) =
            (&self.sending.run.journal, &self.sending.fingerprint)
        {
            let part = self.parts.part_size();
            let id = self.sending.component_id;
            journal.start(id, fingerprint, part, Some(&targets.upload));
        }
        Ok(false)
    }

    /// Forgets parts that the server lacks, or has otherwise, and takes over those that arrived without our hearing of
    /// it, if their tags are checksums that the file can be compared with.
    fn take_over(&mut self, on_server: Option<&[(u64, String)]>) {
        let mut arrived = self.arrived.lock();
        let mut found = Vec::new();
        if let Some(on_server) = on_server {
            let tags: FxHashMap<u64, &str> = on_server
                .iter()
                .map(|(number, tag)| (*number, tag.trim_matches('"')))
                .collect();
            arrived.retain(|number, part| tags.get(number) == Some(&part.state.tag.as_str()));
            for (number, tag) in tags.into_iter().filter(|(_, tag)| is_md5(tag)) {
                arrived.entry(number).or_insert_with(|| {
                    let state = PartState {
                        tag: tag.to_owned(),
                        md5: tag.to_ascii_lowercase(),
                    };
                    found.push((number, state.clone()));
                    UploadedPart {
                        state,
                        is_checked: false,
                    }
                });
            }
        }
        let unchecked = arrived.iter().filter(|(_, part)| !part.is_checked);
        let bytes = unchecked
            .map(|(number, _)| self.parts.range(*number).1)
            .sum();
        drop(arrived);
        // Once the parts are joined the server tells of none, so a later run has to know all of them.
        if let Some(journal) = &self.sending.run.journal {
            for (number, part) in found {
                journal.part(self.sending.component_id, number, &part);
            }
        }
        if bytes > 0 && !self.is_resumed {
            self.is_resumed = true;
            self.sending.resumed(bytes);
        }
    }

    /// Forgets parts whose tags are checksums, but not those of what was sent. Whether tags are checksums shows in
    /// those of the other parts.
    fn drop_doubtful(&self) -> bool {
        let mut arrived = self.arrived.lock();
        let is_same = |part: &UploadedPart| part.state.tag.eq_ignore_ascii_case(&part.state.md5);
        if !arrived.values().any(is_same) {
            return false;
        }
        let before = arrived.len();
        arrived.retain(|number, part| {
            let is_good = is_same(part) || !is_md5(&part.state.tag);
            if !is_good {
                tracing::warn!(part = number, "the storage has other bytes than were sent");
            }
            is_good
        });
        arrived.len() < before
    }

    /// Sends what the server has not got, several parts at a time.
    fn round(&self, targets: &PartTargets) -> Round {
        let Some(failure) = Work::new(self, targets).run() else {
            return Round::Done;
        };
        self.sending.meter.restart();
        match &failure {
            PutFailure::Refused {
                status: 401 | 403, ..
            } => Round::Expired(failure),
            PutFailure::Refused {
                status: 400,
                answer,
            } if answer.to_ascii_lowercase().contains("expired") => Round::Expired(failure),
            PutFailure::Refused {
                status: 404 | 410, ..
            } => Round::Forgotten(failure),
            _ => Round::Failed(failure),
        }
    }

    /// Has the server put the parts together.
    fn complete(&self, upload: &str) -> Result<(), Error> {
        let parts: Vec<Json> = self
            .arrived
            .lock()
            .iter()
            .map(|(number, part)| json!({"part_number": number, "e_tag": part.state.tag}))
            .collect();
        let request = json!({
            "action": "complete_multipart_upload",
            "component_id": self.sending.component_id,
            "upload_id": upload,
            "parts": parts,
        });
        // Putting together takes a server that copies its time: ten seconds for each gigabyte besides the usual.
        let timeout = Duration::from_secs(60 + self.sending.size / 100_000_000);
        let purpose = Purpose::write("complete_multipart_upload");
        let ask = || {
            let link = self.sending.link;
            link.ask(request.clone(), purpose, Some(timeout))
                .map(|_| ())
        };
        ask().or_else(|error| {
            if !error.is_retryable() {
                return Err(error);
            }
            // The answer was lost. If it was carried out, a second request is refused, and the file is there.
            let again = self.sending.ask(&request, purpose, Some(timeout));
            again.map(|_| ()).or_else(|again| {
                if self.sending.is_there(Some(&self.joined_tag())) {
                    Ok(())
                } else {
                    Err(again)
                }
            })
        })
    }

    /// The tag that storage services give a file that was sent in these parts.
    fn joined_tag(&self) -> String {
        let arrived = self.arrived.lock();
        let mut digest = md5::Md5::new();
        for part in arrived.values() {
            digest.update(bytes_of(&part.state.md5));
        }
        format!("{}-{}", hex(&digest.finalize()), arrived.len())
    }
}

/// Whether a tag looks like a checksum.
pub(super) fn is_md5(tag: &str) -> bool {
    tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The bytes of pairs of hexadecimal digits.
fn bytes_of(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
