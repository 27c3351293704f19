//! `send_user_invite`, `send_review_session_invite`: there is no mail here, so the log gets it.

use super::Work;
use super::operation::Operation;
use crate::read::Handle;
use crate::refusal::Refusal;
use crate::value::Value;

pub(super) fn answer(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let (field, family) = match operation.action {
        "send_user_invite" => ("user_id", "User"),
        _ => ("review_session_invitee_id", "ReviewSessionInvitee"),
    };
    let id = operation.text(field)?;
    let view = work.batch.own_view();
    let store = view.store;
    let row = store
        .find_named(family, &Value::text(id))
        .filter(|row| view.may_read(Handle::Row(*row)))
        .ok_or_else(|| Refusal::not_found(format!("there is no {family} with key {id}")))?;
    let email = store.named(row, "email").to_text();
    tracing::info!(
        action = operation.action,
        id,
        email,
        "an invitation would be sent"
    );
    out.extend_from_slice(br#"{"sent":true}"#);
    Ok(())
}
