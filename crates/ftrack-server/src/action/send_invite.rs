//! `send_user_invite`, `send_review_session_invite`: there is no mail here, so the log gets it.

use super::Work;
use super::operation::Operation;
use crate::request_error::RequestError;

pub(super) fn answer(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let (field, family) = match operation.action {
        "send_user_invite" => ("user_id", "User"),
        _ => ("review_session_invitee_id", "ReviewSessionInvitee"),
    };
    let id = operation.text(field)?;
    let view = work.batch.own_view();
    let row = view.changeable(family, id)?;
    let email = view.store.named(row, "email").to_text();
    tracing::info!(
        action = operation.action,
        id,
        email,
        "an invitation would be sent"
    );
    out.extend_from_slice(br#"{"sent":true}"#);
    Ok(())
}
