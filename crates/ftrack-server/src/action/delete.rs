//! `delete`: an entity goes, with all that belongs to it.

use super::operation::Operation;
use super::{Reply, Work};
use crate::request_error::RequestError;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
) -> Result<Reply, RequestError> {
    work.batch
        .delete(operation.text("entity_type")?, operation.get("entity_key"))?;
    Ok(Reply::Text(br#"{"action":"delete","data":true}"#.to_vec()))
}
