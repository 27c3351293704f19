//! Uploading to the server, so that a later call can go on.

use super::addition::{Addition, Entry};
use super::transfer::known;
use crate::location::LocationKind;
use crate::location::collect::has_members;
use crate::server_accessor::{UploadCall, open_journal};

impl Addition<'_> {
    /// Says how the files are to be uploaded, if they are; with the state of an earlier call that was the same.
    pub(super) fn begin_upload(&self, entries: &[Entry]) -> Option<UploadCall> {
        if self.kind != LocationKind::Server {
            return None;
        }
        let files = || {
            let is_file = |entry: &&Entry| !has_members(&entry.component);
            entries.iter().filter(is_file)
        };
        let bytes = files().fold(0_u64, |sum, entry| {
            let size = known(entry, "size").as_i64().unwrap_or_default();
            sum.saturating_add(u64::try_from(size).unwrap_or_default())
        });
        let options = self.options.upload.clone();
        let journal = self.options.journal.clone().or_else(|| {
            let mut ids: Vec<String> = files().map(|entry| entry.component.id()).collect();
            ids.sort_unstable();
            let what: Vec<&str> = std::iter::once("add")
                .chain(ids.iter().map(String::as_str))
                .collect();
            let source = files().next()?.source_identifier.as_deref();
            let source = source.filter(|path| std::path::Path::new(path).is_absolute());
            open_journal(self.session(), &options, &what, source, bytes)
        });
        let identifiers = files().map(|entry| entry.identifier.clone()).collect();
        Some(UploadCall::begin(
            self.session(),
            options,
            journal,
            identifiers,
            bytes,
        ))
    }
}
