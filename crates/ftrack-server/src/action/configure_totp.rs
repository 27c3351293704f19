//! `configure_totp`: codes from a phone as a second proof of who logs in, which this server does not ask for.

use super::operation::Operation;
use crate::refusal::Refusal;

pub(super) fn refuse(operation: &Operation<'_>) -> Refusal {
    for field in ["secret", "code"] {
        if let Err(refusal) = operation.text(field) {
            return refusal;
        }
    }
    Refusal::validation("there is no two-factor authentication here, so the code proves nothing")
}
