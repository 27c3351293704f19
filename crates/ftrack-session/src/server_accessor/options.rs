//! How files are uploaded to the server.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use ftrack_transport::RetryPolicy;

use super::control::UploadControl;
use super::limit::RateLimit;
use super::notice::UploadNotice;
use super::parts::IN_ONE_PIECE;
use super::slots::SLOTS;

/// Where the state of uploads is kept, so that a later run of a program goes on with them.
///
/// A state holds the address of the server, the name of the user, paths of files, the ids of components and uploads,
/// the sizes, times and checksums of files, and the tags of the parts that arrived. Only its owner can read it. It
/// holds neither a key nor an address that files can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UploadState {
    /// In a folder of this client under the user's cache folder.
    #[default]
    Default,
    /// In this folder.
    Folder(PathBuf),
    /// In a hidden file in the folder of the file that is uploaded, so that other machines can go on as well. Files
    /// that are not on this machine's disks have their state in the default folder.
    BesideSource,
    /// Nowhere: an upload that ends with its program starts anew.
    Disabled,
}

/// How files are uploaded to the server, for [`AddOptions::upload`](crate::AddOptions::upload). Other locations ignore
/// it.
///
/// Calls that send no more than two parts (16 MiB) altogether keep no state.
///
/// ```
/// use std::time::Duration;
///
/// use ftrack_session::{AddOptions, RateLimit, RetryPolicy, UploadControl, UploadOptions};
///
/// let control = UploadControl::new();
/// let patient = RetryPolicy::default()
///     .retries(u32::MAX)
///     .backoff(Duration::from_millis(250), Duration::from_secs(60))
///     .deadline(Duration::from_secs(8 * 3600));
/// let options = UploadOptions::new()
///     .limit(RateLimit::new(20_000_000))
///     .control(control.clone())
///     .retry(patient)
///     .notice(|notice| println!("{notice}"));
/// let options = AddOptions::new().upload(options);
/// # drop(options);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct UploadOptions {
    pub(super) state: UploadState,
    pub(super) part_size: Option<u64>,
    pub(super) parallel: Option<usize>,
    pub(super) limit: Option<RateLimit>,
    pub(super) control: UploadControl,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) notice: Option<NoticeCallback>,
}

type NoticeCallback = Arc<dyn Fn(&UploadNotice) + Send + Sync>;

impl UploadOptions {
    /// As fast as it goes, six parts at a time, with the state in the default folder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the state is kept. Defaults to a folder under the user's cache folder.
    pub fn state(mut self, state: UploadState) -> Self {
        self.state = state;
        self
    }

    /// How many bytes each part has but the last. Defaults to 8 MiB and more, by the size of the file. Storage services
    /// want no less than 5 MiB. An upload that goes on keeps the parts that it began with.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes.max(1));
        self
    }

    /// How many parts of a file are sent at once, from 1 to 6. Defaults to 6. Under a low limit it is fewer.
    pub fn parallel(mut self, parts: usize) -> Self {
        self.parallel = Some(parts);
        self
    }

    /// The limit of all parts together. Defaults to none.
    pub fn limit(mut self, limit: RateLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// What pauses the upload and says how far it is.
    pub fn control(mut self, control: UploadControl) -> Self {
        self.control = control;
        self
    }

    /// When and how often what fails is tried again. Of the deadline, only time counts in which nothing is sent.
    /// Defaults to what the session was started with, and to eight times within 90 seconds.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Whom to tell what is worth saying, from any thread. Defaults to the log.
    pub fn notice(mut self, callback: impl Fn(&UploadNotice) + Send + Sync + 'static) -> Self {
        self.notice = Some(Arc::new(callback));
        self
    }

    /// How many parts are sent at once: each connection should have something to do under the limit.
    pub(super) fn parts_at_once(&self) -> u64 {
        const LEAST_OF_A_CONNECTION: u64 = 128 * 1024;
        let wanted = self.parallel.unwrap_or(SLOTS).clamp(1, SLOTS) as u64;
        match &self.limit {
            Some(limit) => wanted
                .min(limit.bytes_per_second() / LEAST_OF_A_CONNECTION)
                .max(1),
            None => wanted,
        }
    }

    /// Calls that send no more bytes than this keep no state.
    pub(super) fn worth_a_state(&self) -> u64 {
        self.part_size.map_or(IN_ONE_PIECE, |part| {
            part.saturating_mul(2).min(IN_ONE_PIECE)
        })
    }

    pub(crate) fn tell(&self, notice: &UploadNotice) {
        match (&self.notice, notice) {
            (Some(callback), _) => callback(notice),
            (None, UploadNotice::Resumed { .. }) => tracing::info!("{notice}"),
            (None, _) => tracing::warn!("{notice}"),
        }
    }
}

impl fmt::Debug for UploadOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UploadOptions")
            .field("state", &self.state)
            .field("part_size", &self.part_size)
            .field("parallel", &self.parallel)
            .field("limit", &self.limit)
            .field("control", &self.control)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_limit_is_shared_by_few_connections() {
        let at = |limit| {
            UploadOptions::new()
                .limit(RateLimit::new(limit))
                .parts_at_once()
        };
        assert_eq!(at(20_000), 1);
        assert_eq!(at(300_000), 2);
        assert_eq!(at(20_000_000), 6);
        assert_eq!(UploadOptions::new().parallel(0).parts_at_once(), 1);
        assert_eq!(UploadOptions::new().parallel(100).parts_at_once(), 6);
    }
}
