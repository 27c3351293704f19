//! Whether a client waits for the server, or for itself.

use std::path::Path;
use std::time::Instant;

use super::Outcome;
use super::child::Child;
use super::figure::{Figure, median};
use super::requests::WIDE;

const ROUNDS: usize = 20;

/// A page of 500 tasks with 20 attributes: what the server takes for it, beside what a session takes to ask and read.
pub(super) fn measure(file: &Path) -> Outcome {
    let server = Child::start(&[("--from", file)])?;
    let query = format!("{WIDE} limit 500");
    let mut client = server.connect()?;
    let mut answering = Vec::new();
    for _ in 0..ROUNDS {
        answering.push(client.query(&query)?.answering);
    }
    let mut whole = Vec::new();
    for _ in 0..ROUNDS {
        let session = server.session()?;
        let start = Instant::now();
        let tasks = session.query(query.as_str()).all()?;
        whole.push(start.elapsed());
        if tasks.len() != 500 {
            return Err("the page is not complete".into());
        }
    }
    let (answering, whole) = (median(answering), median(whole));
    Figure::milliseconds("server.wide_page_of_500", answering)
        .with("session_ms", whole.as_secs_f64() * 1e3)
        .with(
            "share_of_server",
            answering.as_secs_f64() / whole.as_secs_f64(),
        )
        .print()
}
