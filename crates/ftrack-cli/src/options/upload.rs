//! How files are uploaded to the server.

use std::time::Duration;

use clap::Args;
use ftrack::{RateLimit, RetryPolicy, UploadOptions, UploadState};

use super::parse;

/// How files are uploaded to the server.
#[derive(Debug, Args)]
pub(crate) struct Uploading {
    /// How many bytes a second are sent at most, such as `500K`, `20M` or `1.5Mi`; at least 16Ki.
    #[arg(long, value_name = "RATE", value_parser = parse::rate, help_heading = "Uploading")]
    limit: Option<u64>,
    /// How long a server or network may be away before the upload fails, such as `30m` or `12h`. Defaults to 90
    /// seconds.
    #[arg(long, value_name = "TIME", value_parser = parse::time, help_heading = "Uploading")]
    patience: Option<Duration>,
    /// Take back what an earlier run of this command left, start anew, and keep no state.
    #[arg(long, help_heading = "Uploading")]
    pub(crate) no_resume: bool,
}

impl Uploading {
    pub(crate) fn options(&self) -> UploadOptions {
        let mut options = UploadOptions::new();
        if let Some(bytes) = self.limit {
            options = options.limit(RateLimit::new(bytes));
        }
        if let Some(patience) = self.patience {
            let policy = RetryPolicy::default()
                .retries(u32::MAX)
                .backoff(Duration::from_millis(250), Duration::from_secs(60))
                .deadline(patience);
            options = options.retry(policy);
        }
        if self.no_resume {
            options = options.state(UploadState::Disabled);
        }
        options
    }
}
