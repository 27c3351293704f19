//! Getting what is known already.

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

/// The user as which the scenarios connect.
const USER: &str = "8b0cabd6-2b93-4a6e-9aff-e163bea8844e";

const TIMES: usize = 50_000;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let session = connect(&arguments.url)?;
    let mut stub = Stub::connect(&arguments.url)?;
    let user = session.get("User", USER)?.ok_or("there is no user")?;
    let hits = |times| {
        let mut hits = 0;
        for _ in 0..times {
            hits += usize::from(session.get("User", USER)?.as_ref() == Some(&user));
        }
        Ok(hits)
    };
    hits(TIMES / 10)?;
    let (hits, sample) = measure(Some(&mut stub), || hits(TIMES))?;
    sample.print("B6.get_hit", TIMES, hits)
}
