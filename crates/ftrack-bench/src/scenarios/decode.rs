//! Reading answers: the floor is `serde_json` into its `Value`, for the same bytes.

use ftrack_entity::{EntityTypeName, Expected, IdentityMap, Reply, Schema, decode_batch};

use super::Outcome;
use crate::fixture;
use crate::scenario::Measured;

/// Into an empty session.
pub(super) fn first() -> Outcome {
    measure(|_, _| IdentityMap::new())
}

/// Into a session that knows every task already.
pub(super) fn again() -> Outcome {
    measure(|schema, pages| {
        let records = IdentityMap::new();
        read(schema, pages, &records);
        records
    })
}

fn measure(prepare: impl Fn(&Schema, &[Vec<u8>]) -> IdentityMap) -> Outcome {
    let schema = Schema::from_json(&fixture::schemas())?;
    let pages = fixture::task_pages();
    let records = IdentityMap::new();
    if read(&schema, &pages, &records) != fixture::TASKS {
        return Err("the answers could not be read".into());
    }
    Ok(Measured::new(
        || prepare(&schema, &pages),
        |records| read(&schema, &pages, records),
        |_| {
            pages
                .iter()
                .map(|page| serde_json::from_slice(page))
                .collect::<Result<Vec<serde_json::Value>, _>>()
        },
    ))
}

/// How many rows there were.
fn read(schema: &Schema, pages: &[Vec<u8>], records: &IdentityMap) -> usize {
    let expected = [Expected::Rows(EntityTypeName::new("Task"))];
    let read_page = |page: &Vec<u8>| {
        let Ok(Reply::Accepted { answers, staged }) = decode_batch(page, schema, &expected) else {
            return 0;
        };
        drop(records.merge(staged, &records.begin_request()));
        match answers.first() {
            Some(ftrack_entity::Answer::Rows { identities, .. }) => identities.len(),
            _ => 0,
        }
    };
    pages.iter().map(read_page).sum()
}
