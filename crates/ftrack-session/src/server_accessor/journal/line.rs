//! The lines of a state file.

use serde::{Deserialize, Serialize};

use crate::server_accessor::fingerprint::Fingerprint;

/// One step of a call that uploads. Steps are added at the end, so what a crash leaves is whole but for the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first line: the format, and whose state it is.
    Begin {
        format: String,
        server: String,
        user: String,
    },
    /// The component that was created for a file or sequence.
    Component { path: String, id: String },
    /// The file of a component is sent from its start, in parts if there is an upload of parts.
    Start {
        id: String,
        fingerprint: Fingerprint,
        part_size: u64,
        upload: Option<String>,
    },
    /// A part arrived.
    Part {
        id: String,
        number: u64,
        tag: String,
        md5: String,
    },
    /// The server has the whole file of a component.
    Sent { id: String },
    /// The components are about to be registered.
    Registering,
}

/// A line with its checksum, and the end of it.
pub(super) fn write(line: &Line) -> serde_json::Result<String> {
    let json = serde_json::to_string(line)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())))
}

/// Reads a line without its end; nothing if it is damaged.
pub(super) fn read(line: &[u8]) -> Option<Line> {
    let (checksum, json) = line.split_at_checked(8)?;
    let json = json.strip_prefix(b" ")?;
    let checksum = u32::from_str_radix(std::str::from_utf8(checksum).ok()?, 16).ok()?;
    if crc32fast::hash(json) != checksum {
        return None;
    }
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_and_damaged_ones_do_not() {
        let line = Line::Part {
            id: "c".to_owned(),
            number: 7,
            tag: "a \"tag\"\n".to_owned(),
            md5: "0".repeat(32),
        };
        let text = write(&line).unwrap();
        let text = text.strip_suffix('\n').unwrap();
        assert!(!text.contains('\n'));
        assert_eq!(read(text.as_bytes()), Some(line));
        for position in 0..text.len() {
            let mut damaged = text.as_bytes().to_vec();
            damaged[position] ^= 1;
            assert_eq!(read(&damaged), None, "{position}");
            assert_eq!(read(&text.as_bytes()[..position]), None, "{position}");
        }
    }
}
