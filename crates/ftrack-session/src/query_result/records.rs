//! Rows as types of the caller's own.

use std::collections::{HashMap, VecDeque};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::{Prepared, QueryResult};
use crate::session::{Purpose, Sent, accepted_json};
use crate::{Error, ErrorKind, Result, Session};

/// Rows of a query, decoded into `T` one page at a time; made by [`QueryResult::records`].
#[must_use = "records are fetched when they are read"]
pub struct Records<T> {
    session: Session,
    prepared: Option<Prepared>,
    failure: Option<Error>,
    page_size: u64,
    remaining: Option<u64>,
    purpose: Purpose,
    next: Option<Sent>,
    rows: VecDeque<Json>,
    row_type: std::marker::PhantomData<fn() -> T>,
}

impl QueryResult {
    /// The rows as a type of the caller's own, one after the other: for reports and services that need neither
    /// entities nor their cache. Memory is that of two pages, whatever the number of rows.
    ///
    /// Points in time and days arrive as ISO 8601 text, which `chrono`'s types read.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Status {
    ///     name: String,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Task {
    ///     name: String,
    ///     status: Option<Status>,
    /// }
    ///
    /// for task in session.query("select name, status.name from Task").records::<Task>() {
    ///     let task = task?;
    ///     println!("{}: {}", task.name, task.status.map(|status| status.name).unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Each item is an error if the query fails, after which there are no more, or if one row is no `T`.
    #[track_caller]
    pub fn records<T: DeserializeOwned>(self) -> Records<T> {
        let purpose = Purpose::of("query");
        let (prepared, failure) = match self.prepare() {
            Ok(prepared) => (Some(prepared), None),
            Err(error) => (None, Some(error)),
        };
        let split = prepared.as_ref().map(|prepared| &prepared.split);
        let (offset, remaining) =
            split.map_or((None, None), |split| (split.offset(), split.limit()));
        let mut records = Records {
            session: self.session,
            prepared,
            failure,
            page_size: self.page_size,
            remaining,
            purpose,
            next: None,
            rows: VecDeque::new(),
            row_type: std::marker::PhantomData,
        };
        records.request(offset.unwrap_or(0));
        records
    }
}

impl<T> Records<T> {
    fn request(&mut self, offset: u64) {
        let limit = self
            .remaining
            .map_or(self.page_size, |remaining| remaining.min(self.page_size));
        let Some(prepared) = self.prepared.as_ref().filter(|_| limit > 0) else {
            return;
        };
        self.next = Some(
            self.session
                .channel()
                .send_denormalised(prepared.split.page(offset, limit), self.purpose),
        );
    }

    /// Takes the next page in; false if there is none.
    fn turn(&mut self) -> Result<bool> {
        let Some(sent) = self.next.take() else {
            return Ok(false);
        };
        let body = self.session.channel().receive(sent)?;
        let mut page = accepted_json(&body)?;
        let Json::Array(mut rows) = page["data"].take() else {
            return Err(Error::new(
                ErrorKind::MalformedAnswer,
                "the server's answer to a query has no rows",
            ));
        };
        if let Some(remaining) = &mut self.remaining {
            rows.truncate(usize::try_from(*remaining).unwrap_or(usize::MAX));
            *remaining -= rows.len() as u64;
        }
        if let Some(offset) = page["metadata"]["next"]["offset"]
            .as_u64()
            .filter(|_| !rows.is_empty())
        {
            self.request(offset);
        }
        complete(&mut rows);
        self.rows = rows.into();
        Ok(true)
    }
}

impl<T: DeserializeOwned> Iterator for Records<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if let Some(error) = self.failure.take() {
            return Some(Err(error));
        }
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(serde_json::from_value(row).map_err(|source| {
                    Error::new(
                        ErrorKind::WrongType,
                        "a row cannot be read as the type that was asked for",
                    )
                    .with_source(source)
                }));
            }
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T> std::fmt::Debug for Records<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Records").finish_non_exhaustive()
    }
}

/// Makes rows complete by themselves: dates become text, and where the server spelled an entity out once and only
/// refers to it afterwards, its values are put back.
fn complete(rows: &mut [Json]) {
    let mut known: HashMap<String, Map<String, Json>> = HashMap::new();
    for row in rows.iter_mut() {
        collect(row, &mut known);
    }
    for row in rows.iter_mut() {
        fill(row, &known);
    }
}

/// The type and all values that may be a key: of one entity, every occurrence shows the same ones.
fn identity(object: &Map<String, Json>) -> Option<String> {
    let entity_type = object.get("__entity_type__")?.as_str()?;
    let id = object.get("id")?.as_str()?;
    Some(format!("{entity_type} {id}"))
}

fn collect(value: &mut Json, known: &mut HashMap<String, Map<String, Json>>) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| collect(item, known)),
        Json::Object(object) => {
            if let Some(text) = tagged_text(object) {
                *value = text;
                return;
            }
            object.values_mut().for_each(|item| collect(item, known));
            if let Some(identity) = identity(object) {
                let longest = known.entry(identity).or_default();
                if object.len() > longest.len() {
                    longest.clone_from(object);
                }
            }
        }
        _ => {}
    }
}

/// The text of a tagged date.
fn tagged_text(object: &mut Map<String, Json>) -> Option<Json> {
    let is_tagged = object.len() == 2 && object.get("__type__").is_some_and(Json::is_string);
    is_tagged.then(|| object.remove("value")).flatten()
}

/// Puts values back into bare references. What is put back is not looked into again: it may lead back here.
fn fill(value: &mut Json, known: &HashMap<String, Map<String, Json>>) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| fill(item, known)),
        Json::Object(object) => {
            let whole = identity(object).and_then(|identity| known.get(&identity));
            match whole.filter(|whole| object.len() <= 2 && whole.len() > object.len()) {
                Some(whole) => object.clone_from(whole),
                None => object.values_mut().for_each(|item| fill(item, known)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_complete_by_themselves() {
        let mut rows = [
            json!({"__entity_type__": "Task", "id": "a", "end": {"__type__": "datetime", "value": "2026-01-02T03:04:05"},
                "status": {"__entity_type__": "Status", "id": "s", "name": "Done"}}),
            json!({"__entity_type__": "Task", "id": "b", "end": null,
                "status": {"__entity_type__": "Status", "id": "s"}}),
        ];
        complete(&mut rows);
        assert_eq!(rows[0]["end"], "2026-01-02T03:04:05");
        assert_eq!(rows[1]["status"]["name"], "Done");
    }

    #[test]
    fn entities_that_contain_each_other_end_somewhere() {
        let mut rows = [
            json!({"__entity_type__": "AssetVersion", "id": "1", "version": 1, "asset": {
                "__entity_type__": "Asset", "id": "a", "versions": [{"__entity_type__": "AssetVersion", "id": "1"}],
            }}),
        ];
        complete(&mut rows);
        assert_eq!(rows[0]["asset"]["versions"][0]["version"], 1);
    }
}
