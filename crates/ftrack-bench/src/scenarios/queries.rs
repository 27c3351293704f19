//! Reading queries: the floor is splitting the same text into its words, each on its own.

use std::hint::black_box;

use ftrack_query::Query;

use super::{Outcome, words};
use crate::scenario::Measured;

/// About 120 characters, as a pipeline tool sends them.
const TYPICAL: &str = "select id, name, status.name from Task where project.id is \
                       \"0154901c-eaf9-11e5-b165-00505681ec7a\" and not timelogs any ()";

/// What a pipeline tool asks for.
pub(super) fn typical() -> Outcome {
    Query::parse(TYPICAL)?;
    Ok(Measured::repeated(
        1_000,
        || Query::parse(black_box(TYPICAL)),
        || words(black_box(TYPICAL)),
    ))
}

/// A condition that names 1,000 ids.
pub(super) fn ids() -> Outcome {
    let text = with_ids(1_000);
    Query::parse(&text)?;
    Ok(Measured::new(
        || (),
        |()| Query::parse(&text),
        |()| words(&text),
    ))
}

/// One that names 10,000. Here the floor is reading the one with 1,000, so the ratio says how the time grows: 10 is
/// linear.
pub(super) fn growth() -> Outcome {
    let (many, few) = (with_ids(10_000), with_ids(1_000));
    Query::parse(&many)?;
    Ok(Measured::new(
        || (),
        |()| Query::parse(&many),
        |()| Query::parse(&few),
    ))
}

fn with_ids(count: usize) -> String {
    let ids: Vec<String> = (0..count)
        .map(|number| format!("{number:08x}-eaf9-11e5-b165-00505681ec7a"))
        .collect();
    format!("select name from Task where id in ({})", ids.join(", "))
}
