//! The fields of an operation.

use serde_json::{Map, Value as Json};

use crate::request_error::RequestError;

/// One element of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation<'j> {
    pub(super) action: &'j str,
    fields: &'j Map<String, Json>,
}

impl<'j> Operation<'j> {
    pub(super) fn new(json: &'j Json) -> Result<Self, RequestError> {
        let Json::Object(fields) = json else {
            return Err(RequestError::validation("an operation must be an object"));
        };
        match fields.get("action") {
            Some(Json::String(action)) => Ok(Self { action, fields }),
            _ => Err(RequestError::validation("an operation needs an action")),
        }
    }

    /// The value of a field; null is the same as none.
    pub(super) fn get(&self, name: &str) -> Option<&'j Json> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The text of a field that may be missing.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&'j str>, RequestError> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "text")),
        }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Result<&'j str, RequestError> {
        self.optional_text(name)?
            .ok_or_else(|| self.wrong(name, "text"))
    }

    /// The object of a field.
    pub(super) fn object(&self, name: &str) -> Result<&'j Map<String, Json>, RequestError> {
        self.get(name)
            .and_then(Json::as_object)
            .ok_or_else(|| self.wrong(name, "an object"))
    }

    /// The list of a field; none is an empty one.
    pub(super) fn list(&self, name: &str) -> Result<&'j [Json], RequestError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Json::Array(list)) => Ok(list),
            Some(_) => Err(self.wrong(name, "a list")),
        }
    }

    /// Refuses a field of the wrong kind, or one that is missing.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> RequestError {
        match self.get(name) {
            None => RequestError::validation(format!("{} needs the field {name}", self.action)),
            Some(_) => {
                RequestError::validation(format!("{name} of {} must be {expected}", self.action))
            }
        }
    }
}
