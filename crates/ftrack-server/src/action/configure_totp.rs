//! `configure_totp`: codes from a phone as a second proof of who logs in, which this server does not ask for.

use super::operation::Operation;
use crate::request_error::RequestError;

pub(super) fn refuse(operation: &Operation<'_>) -> RequestError {
    for field in ["secret", "code"] {
        if let Err(error) = operation.text(field) {
            return error;
        }
    }
    RequestError::validation(
        "there is no two-factor authentication here, so the code proves nothing",
    )
}
