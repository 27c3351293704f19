//! `create`: a new entity.

use super::operation::Operation;
use super::{Reply, Work};
use crate::request_error::RequestError;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
) -> Result<Reply, RequestError> {
    let entity_type = operation.text("entity_type")?;
    let data = operation.object("entity_data")?;
    let written = work.batch.create(entity_type, data)?;
    Ok(Reply::Entity {
        action: "create",
        written,
    })
}
