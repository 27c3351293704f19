//! What the server takes from clients, and what it spends on them.

use std::time::Duration;

use crate::error::{Error, Result};

/// Bounds of what clients may ask for. A production does not meet the defaults; a studio whose work does can raise
/// them.
///
/// What goes beyond a bound is refused with an error that names it, and the server goes on as if nothing was asked.
///
/// ```
/// use ftrack_server::{Server, ServerLimits};
///
/// let mut limits = ServerLimits::default();
/// limits.operations = 1_000;
/// limits.set("time", 5)?;
/// let server = Server::builder().limits(limits).start()?;
/// # Ok::<(), ftrack_server::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// Connections at a time, of all kinds. With as many open, the one that is idle for longest makes room for a new
    /// one. Defaults to 4,096.
    pub connections: usize,
    /// How long a client may take to send the head of a request. Defaults to 30 seconds.
    pub header_time: Duration,
    /// How long a client may take to send the body of a request to the API. Defaults to 60 seconds.
    pub body_time: Duration,
    /// How long a connection may be silent between requests, or not take what is sent. Defaults to 300 seconds.
    pub idle_time: Duration,
    /// The largest body of a request to the API, in bytes. Defaults to 64 MiB.
    pub request_bytes: usize,
    /// How many bytes of bodies may be held at a time, of all requests together. Defaults to 512 MiB.
    pub requests_bytes: usize,
    /// How many values the JSON of a request or of an event may have; each takes memory, however short it is. Defaults
    /// to 2,000,000.
    pub values: usize,
    /// How many operations a request may have. Defaults to 100,000.
    pub operations: usize,
    /// How many attributes a path of a query may have, as `parent.project.name` has three. Defaults to 32.
    pub path: usize,
    /// How deep `has`, `any` and queries in lists may be nested. Defaults to 16.
    pub nesting: usize,
    /// The longest pattern of `like`, in bytes. Defaults to 4,096.
    pub pattern: usize,
    /// How many steps reading for one request may take; a step is about looking at one value. Defaults to 200 million.
    pub steps: u64,
    /// The same for what is read by a request that also writes, as other writers wait for it. Defaults to 1 million.
    pub batch_steps: u64,
    /// How many batches may wait for their turn to write; each keeps a thread. Defaults to 256.
    pub writers: usize,
    /// How long the server may be at work on reading for one request. Waiting for its turn does not count. Defaults to
    /// 30 seconds.
    pub time: Duration,
    /// The largest answer, in bytes. Defaults to 256 MiB.
    pub answer_bytes: usize,
    /// How many bytes of answers may be held at a time, of all requests together. Defaults to 1 GiB.
    pub answers_bytes: usize,
    /// How many pixels images may have together that are decoded at a time. Others wait for them; an image with more
    /// is refused. Defaults to 192 million, which takes up to 768 MB.
    pub pixels: usize,
    /// The longest subscription and the longest target of an event, in bytes. Defaults to 16 KiB.
    pub subscription: usize,
    /// How many bytes all subscriptions of a connection may have together. Defaults to 1 MiB.
    pub subscriptions: usize,
    /// How many bytes of events may wait for their receivers, of all connections together. The connections with most of
    /// them are sent away beyond that. Defaults to 256 MiB.
    pub queued_bytes: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            connections: 4_096,
            header_time: Duration::from_secs(30),
            body_time: Duration::from_secs(60),
            idle_time: Duration::from_secs(300),
            request_bytes: 64 * MIB,
            requests_bytes: 512 * MIB,
            values: 2_000_000,
            operations: 100_000,
            path: 32,
            nesting: 16,
            pattern: 4_096,
            steps: 200_000_000,
            batch_steps: 1_000_000,
            writers: 256,
            time: Duration::from_secs(30),
            answer_bytes: 256 * MIB,
            answers_bytes: 1024 * MIB,
            pixels: 192_000_000,
            subscription: 16 * 1024,
            subscriptions: MIB,
            queued_bytes: 256 * MIB,
        }
    }
}

impl ServerLimits {
    /// The names by which [`set`](Self::set) knows the bounds: those of the fields, with `-` for `_`.
    pub const NAMES: [&str; 21] = [
        "connections",
        "header-time",
        "body-time",
        "idle-time",
        "request-bytes",
        "requests-bytes",
        "values",
        "operations",
        "path",
        "nesting",
        "pattern",
        "steps",
        "batch-steps",
        "writers",
        "time",
        "answer-bytes",
        "answers-bytes",
        "pixels",
        "subscription",
        "subscriptions",
        "queued-bytes",
    ];

    /// Sets a bound by its name, as the command line does; times are in seconds.
    ///
    /// # Errors
    /// A name that is not one of [`NAMES`](Self::NAMES), and zero, which would let nothing pass.
    pub fn set(&mut self, name: &str, value: u64) -> Result<()> {
        if value == 0 {
            return Err(Error::Limit {
                reason: format!("{name} must be more than 0"),
            });
        }
        let count = usize::try_from(value).unwrap_or(usize::MAX);
        let seconds = Duration::from_secs(value);
        match name {
            "connections" => self.connections = count,
            "header-time" => self.header_time = seconds,
            "body-time" => self.body_time = seconds,
            "idle-time" => self.idle_time = seconds,
            "request-bytes" => self.request_bytes = count,
            "requests-bytes" => self.requests_bytes = count,
            "values" => self.values = count,
            "operations" => self.operations = count,
            "path" => self.path = count,
            "nesting" => self.nesting = count,
            "pattern" => self.pattern = count,
            "steps" => self.steps = value,
            "batch-steps" => self.batch_steps = value,
            "writers" => self.writers = count,
            "time" => self.time = seconds,
            "answer-bytes" => self.answer_bytes = count,
            "answers-bytes" => self.answers_bytes = count,
            "pixels" => self.pixels = count,
            "subscription" => self.subscription = count,
            "subscriptions" => self.subscriptions = count,
            "queued-bytes" => self.queued_bytes = count,
            _ => {
                let known = Self::NAMES.join(", ");
                return Err(Error::Limit {
                    reason: format!("{name} is not one of {known}"),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_sets_a_bound_of_its_own() {
        let mut seen = Vec::new();
        for name in ServerLimits::NAMES {
            let mut limits = ServerLimits::default();
            assert!(limits.set(name, 7).is_ok(), "{name}");
            assert!(limits.set(name, 0).is_err(), "{name}");
            assert_ne!(limits, ServerLimits::default(), "{name}");
            assert!(!seen.contains(&limits), "{name}");
            seen.push(limits);
        }
        assert!(ServerLimits::default().set("more", 7).is_err());
    }
}
