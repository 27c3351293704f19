//! The parts of one file, sent by several threads.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

use super::{Multipart, PartTargets, UploadedPart};
use crate::server_accessor::journal::PartState;
use crate::server_accessor::piece::{Digest, Piece};
use crate::server_accessor::put::{Put, PutFailure};

/// The parts of one file: what the threads that send them share.
pub(super) struct Work<'run> {
    multipart: &'run Multipart<'run>,
    targets: &'run PartTargets,
    /// The position of the next part that nobody works at.
    next: AtomicUsize,
    /// The first failure; what fails after it, fails because of it.
    failure: Mutex<Option<PutFailure>>,
}

impl<'run> Work<'run> {
    pub(super) fn new(multipart: &'run Multipart<'run>, targets: &'run PartTargets) -> Self {
        Self {
            multipart,
            targets,
            next: AtomicUsize::new(0),
            failure: Mutex::default(),
        }
    }

    /// Sends what is missing; the failure that ended it, if one did.
    pub(super) fn run(self) -> Option<PutFailure> {
        let options = &self.multipart.sending.run.options;
        let threads = options.parts_at_once().min(self.targets.urls.len() as u64);
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
        self.failure.into_inner()
    }

    /// Sends what nobody else does, until there is no more or something failed.
    fn work(&self) {
        let meter = &self.multipart.sending.meter;
        loop {
            let position = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((number, url)) = self.targets.urls.get(position) else {
                return;
            };
            let outcome = if meter.is_stopped() {
                Err(PutFailure::Stopped)
            } else {
                self.part(*number, url)
            };
            if let Err(failure) = outcome {
                self.failure.lock().get_or_insert(failure);
                meter.stop();
                return;
            }
        }
    }

    fn part(&self, number: u64, url: &str) -> Result<(), PutFailure> {
        let multipart = self.multipart;
        let mut told = multipart.told.lock().get(&number).copied().unwrap_or(0);
        let outcome = if self.is_on_server(number)? {
            let (_, length) = multipart.parts.range(number);
            let meter = &multipart.sending.meter;
            meter.tell_resumed(length, &mut told).map_err(Into::into)
        } else {
            self.send(number, url, &mut told)
        };
        multipart.told.lock().insert(number, told);
        outcome
    }

    /// Whether the part arrived, and is what the file has there.
    fn is_on_server(&self, number: u64) -> Result<bool, PutFailure> {
        let multipart = self.multipart;
        let Some(known) = multipart.arrived.lock().get(&number).cloned() else {
            return Ok(false);
        };
        if known.is_checked {
            return Ok(true);
        }
        let found = self.checksum(number)?;
        let mut arrived = multipart.arrived.lock();
        if found.as_ref() == Some(&known.state.md5) {
            if let Some(part) = arrived.get_mut(&number) {
                part.is_checked = true;
            }
            return Ok(true);
        }
        arrived.remove(&number);
        drop(arrived);
        tracing::warn!(
            part = number,
            "the file has changed, sending a part of it again"
        );
        Ok(false)
    }

    /// The checksum of what the file has there; nothing if it cannot be read.
    fn checksum(&self, number: u64) -> Result<Option<String>, PutFailure> {
        let multipart = self.multipart;
        let (start, length) = multipart.parts.range(number);
        let digest = Digest::default();
        let file = Arc::clone(&multipart.sending.file);
        let mut piece = Piece::new(file, start, length).digested(digest.clone());
        let mut buffer = vec![0; 256 * 1024];
        loop {
            multipart.sending.meter.wait_while_paused()?;
            multipart.sending.meter.tell(0, &mut 0)?;
            match piece.read(&mut buffer) {
                Ok(0) => return Ok(digest.hex()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::warn!(part = number, %error, "a file that is being sent cannot be read");
                    return Ok(None);
                }
            }
        }
    }

    fn send(&self, number: u64, url: &str, told: &mut u64) -> Result<(), PutFailure> {
        let multipart = self.multipart;
        let sending = multipart.sending;
        let (start, length) = multipart.parts.range(number);
        let put = Put {
            link: sending.link,
            run: sending.run,
            file: &sending.file,
            // Parts are seen by nobody before they are put together.
            source: None,
            start,
            length,
            url,
            headers: &[],
        };
        let stored = put.send(&sending.meter, told)?;
        let Some(tag) = stored.tag else {
            return Err(PutFailure::Refused {
                status: 200,
                answer: format!("the storage sent no tag for part {number}"),
            });
        };
        let md5 = match stored.md5 {
            Some(md5) => md5,
            None => self.checksum(number)?.unwrap_or_default(),
        };
        let state = PartState { tag, md5 };
        if let Some(journal) = &sending.run.journal {
            journal.part(sending.component_id, number, &state);
        }
        let is_checked = true;
        let part = UploadedPart { state, is_checked };
        multipart.arrived.lock().insert(number, part);
        Ok(())
    }
}
