//! The types of files, by their names.

use ftrack_event::Event;
use serde_json::{Value, json};

use crate::error::Result;
use crate::session::Session;

/// What is the type of this file? Published synchronously; the first answer that is a text counts.
const GET_FILE_TYPE: &str = "ftrack.api.session.get-file-type-from-string";

impl Session {
    /// The type of the file at `path`, with its dot: what a subscriber says, else the last extension.
    pub(super) fn file_type(&self, path: &str) -> Result<String> {
        let event = Event::new(GET_FILE_TYPE).with_data(json!({"file_path": path}));
        let answers = self.event_hub().publish_synchronously(event)?;
        let answered = answers
            .iter()
            .filter_map(Value::as_str)
            .find(|text| !text.is_empty());
        Ok(answered.unwrap_or_else(|| extension(path)).to_owned())
    }
}

/// The last extension with its dot; empty if there is none. Dots at the start of a name begin no extension.
pub(super) fn extension(path: &str) -> &str {
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    let name = path.rfind(separators).map_or(0, |slash| slash + 1);
    let name = path.get(name..).unwrap_or_default();
    let stem = name.trim_start_matches('.');
    stem.rfind('.')
        .and_then(|dot| stem.get(dot..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts_and_hidden_files_have_none() {
        for (path, expected) in [
            ("/plates/bunny.exr", ".exr"),
            ("bunny.tar.gz", ".gz"),
            ("/plates.v1/bunny", ""),
            ("/home/ada/.bashrc", ""),
            ("..hidden.txt", ".txt"),
            ("bunny.", "."),
            ("plate.%04d.exr", ".exr"),
            ("", ""),
        ] {
            assert_eq!(extension(path), expected, "{path}");
        }
    }
}
