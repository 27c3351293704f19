//! The lines of a file of dead letters.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DeadLetter;
use crate::error::{Error, Result};

/// A line: a letter, or that one is done with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Letter(Box<DeadLetter>),
    Done(String),
}

impl Line {
    pub(super) fn to_json(&self) -> String {
        // An event is JSON, so this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) letters: Vec<DeadLetter>,
    /// Whether there are lines that mean nothing any more.
    pub(super) is_untidy: bool,
}

impl Lines {
    /// Reads a file. A last line without an end was being written when the machine stopped, so its event was not
    /// acknowledged: it does not count.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::file("read", path)(error)),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = Self {
            is_untidy: whole < text.len(),
            ..Self::default()
        };
        let whole = text.get(..whole).unwrap_or_default();
        for (number, line) in (1..)
            .zip(whole.lines())
            .filter(|(_, line)| !line.is_empty())
        {
            let line = serde_json::from_str(line).map_err(|error| Error::Content {
                path: path.to_owned(),
                expected: "list of dead letters",
                problem: format!("line {number} cannot be read: {error}"),
            })?;
            lines.add(line);
        }
        Ok(lines)
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Letter(letter) => self.letters.push(*letter),
            Line::Done(id) => {
                self.is_untidy = true;
                // The first of this name: what failed again comes under the same one.
                if let Some(position) = self.letters.iter().position(|letter| letter.id == id) {
                    self.letters.remove(position);
                }
            }
        }
    }
}

/// Goes to where the next line begins, and cuts off an unfinished one.
pub(super) fn seek_behind_last_line(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut chunk = [0; 4096];
    while end > 0 {
        let start = end.saturating_sub(4096);
        let size = usize::try_from(end - start).unwrap_or(chunk.len());
        let part = chunk.get_mut(..size).unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(position) = part.iter().rposition(|byte| *byte == b'\n') {
            end = start + u64::try_from(position).unwrap_or_default() + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    file.seek(SeekFrom::Start(end))?;
    Ok(())
}
