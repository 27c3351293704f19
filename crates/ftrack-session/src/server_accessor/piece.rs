//! Reading a piece of a file, no faster than is wanted.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Instant;

use md5::Digest as _;

use super::control::UploadControl;
use super::fingerprint::{hex, read_at};
use super::limit::RateLimit;
use super::meter::GLANCE;
use super::options::UploadOptions;
use super::source::SourceState;

/// How much is read at once where there is a limit, so that several connections share it evenly.
const STEP: usize = 32 * 1024;

/// Reads a piece of a file that others read as well.
pub(super) struct Piece {
    file: Arc<File>,
    position: u64,
    left: u64,
    /// How many bytes were read.
    taken: Arc<AtomicU64>,
    md5: md5::Md5,
    digest: Digest,
    source: Option<Arc<SourceState>>,
    gate: Option<Gate>,
}

/// The checksum of a piece, once all of it was read.
#[derive(Clone, Default)]
pub(super) struct Digest(Arc<OnceLock<String>>);

impl Digest {
    /// The checksum in hexadecimal digits.
    pub(super) fn hex(&self) -> Option<String> {
        self.0.get().cloned()
    }
}

impl Piece {
    pub(super) fn new(file: Arc<File>, start: u64, length: u64) -> Self {
        Self {
            file,
            position: start,
            left: length,
            taken: Arc::default(),
            md5: md5::Md5::new(),
            digest: Digest::default(),
            source: None,
            gate: None,
        }
    }

    /// Gives the last byte only if the file is as it was.
    pub(super) fn unchanged(mut self, source: Option<Arc<SourceState>>) -> Self {
        self.source = source;
        self
    }

    /// Counts the bytes that are read.
    pub(super) fn counted(mut self, taken: Arc<AtomicU64>) -> Self {
        self.taken = taken;
        self
    }

    /// Leaves the checksum there when all was read.
    pub(super) fn digested(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Is read only as fast as the gate lets it.
    pub(super) fn behind(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }
}

impl Read for Piece {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let most = match &self.gate {
            Some(Gate { limit: Some(_), .. }) => most.min(STEP),
            _ => most,
        };
        let (buffer, _) = buffer.split_at_mut(most);
        let count = read_at(&self.file, buffer, self.position)?;
        if let Some(gate) = &self.gate {
            gate.pass(count as u64)?;
        }
        if self.left == count as u64
            && let Some(source) = &self.source
        {
            source.check(&self.file)?;
        }
        self.md5.update(buffer.get(..count).unwrap_or_default());
        self.position += count as u64;
        self.left -= count as u64;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        if self.left == 0 {
            self.digest
                .0
                .get_or_init(|| hex(&self.md5.clone().finalize()));
        }
        Ok(count)
    }
}

/// Holds up those who read until there is room under the limit, and while the upload is paused.
pub(super) struct Gate {
    limit: Option<RateLimit>,
    control: UploadControl,
    is_over: Arc<AtomicBool>,
}

/// Lets nobody wait at the gate any more when it is dropped.
pub(super) struct Ending(Arc<AtomicBool>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Gate {
    pub(super) fn new(options: &UploadOptions) -> Self {
        Self {
            limit: options.limit.clone(),
            control: options.control.clone(),
            is_over: Arc::default(),
        }
    }

    /// What ends the waiting.
    pub(super) fn ending(&self) -> Ending {
        Ending(Arc::clone(&self.is_over))
    }

    fn pass(&self, bytes: u64) -> io::Result<()> {
        let start = Instant::now();
        let wait = self.limit.as_ref().map(|limit| limit.take(bytes, start));
        while let Some(left) = wait.and_then(|wait| wait.checked_sub(start.elapsed()))
            && !left.is_zero()
        {
            self.check()?;
            thread::sleep(left.min(GLANCE));
        }
        while self.control.wait_while_paused(GLANCE) {
            self.check()?;
        }
        self.check()
    }

    fn check(&self) -> io::Result<()> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(io::Error::other("nobody wants the rest any more"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(content: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        Arc::new(file)
    }

    #[test]
    fn a_piece_is_read_counted_and_summed() {
        let taken = Arc::<AtomicU64>::default();
        let digest = Digest::default();
        let mut piece = Piece::new(file(b"--pixels--"), 2, 6)
            .counted(Arc::clone(&taken))
            .digested(digest.clone());
        let mut start = [0; 3];
        piece.read_exact(&mut start).unwrap();
        assert_eq!((&start, taken.load(Ordering::Relaxed)), (b"pix", 3));
        assert_eq!(digest.hex(), None);
        let mut rest = String::new();
        piece.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), taken.load(Ordering::Relaxed)), ("els", 6));
        let expected = hex(ftrack_location::Md5::compute(b"pixels").as_bytes());
        assert_eq!(digest.hex(), Some(expected));
    }

    #[test]
    fn nobody_waits_at_a_gate_that_has_ended() {
        let control = UploadControl::new();
        let limit = RateLimit::new(0);
        let gate = Gate::new(&UploadOptions::new().control(control.clone()).limit(limit));
        control.pause();
        let ending = gate.ending();
        let mut piece = Piece::new(file(&vec![7; 1_000_000]), 0, 1_000_000).behind(gate);
        let reader = thread::spawn(move || piece.read_to_end(&mut Vec::new()));
        drop(ending);
        let error = reader.join().unwrap().unwrap_err();
        assert!(error.to_string().contains("nobody wants"), "{error}");
    }
}
