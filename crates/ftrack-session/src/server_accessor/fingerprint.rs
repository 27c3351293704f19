//! What tells whether a file is still the one that it was.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many bytes at the start and at the end are looked at.
const EDGE: u64 = 64 * 1024;

/// Size, time, and a hash of head and tail: what changes when a file is rendered or copied again. What it does not
/// show, the checksums of the parts do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub(super) size: u64,
    /// In nanoseconds since 1970; unknown where the file is a temporary one that was written for the upload.
    modified: Option<u64>,
    edges: String,
}

impl Fingerprint {
    pub(super) fn new(file: &File, is_temporary: bool) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let size = metadata.len();
        let modified = metadata.modified().ok().filter(|_| !is_temporary);
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            size,
            modified: since.and_then(|since| u64::try_from(since.as_nanos()).ok()),
            edges: edges(file, size)?,
        })
    }
}

fn edges(file: &File, size: u64) -> io::Result<String> {
    let mut digest = Sha256::new();
    let head = size.min(EDGE);
    // Nothing is hashed twice, for small files have no tail.
    let tail = (size - head).min(EDGE);
    for (start, length) in [(0, head), (size - tail, tail)] {
        let mut position = start;
        let mut buffer = vec![0; usize::try_from(length).unwrap_or_default()];
        let mut rest = buffer.as_mut_slice();
        while !rest.is_empty() {
            let count = read_at(file, rest, position)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            position += count as u64;
            rest = rest.get_mut(count..).unwrap_or_default();
        }
        digest.update(&buffer);
    }
    Ok(hex(&digest.finalize()))
}

/// Bytes as pairs of lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn size_time_head_and_tail_tell_files_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plate.mov");
        let look =
            |is_temporary| Fingerprint::new(&File::open(&path).unwrap(), is_temporary).unwrap();
        let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let write = |content: &[u8], time| {
            fs::write(&path, content).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        };
        let mut content = vec![7; 300_000];
        write(&content, noon);
        let first = look(false);
        assert_eq!(look(false), first);
        write(&content, noon + Duration::from_nanos(100));
        assert_ne!(look(false), first, "another time");
        assert_eq!(look(true).edges, first.edges);
        for position in [0, 299_999] {
            content[position] ^= 1;
            write(&content, noon);
            assert_ne!(look(false), first, "{position}");
            content[position] ^= 1;
        }
        content.push(7);
        write(&content, noon);
        assert_ne!(look(false), first, "another size");
        for size in [0, 1, 65_536, 65_537, 131_072] {
            write(&vec![1; size], noon);
            assert_eq!(look(false).size, size as u64);
        }
    }
}
