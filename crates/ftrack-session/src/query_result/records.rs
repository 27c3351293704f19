//! Rows as types of the caller's own.

mod forms;
mod page;
mod row;
mod times;
mod trees;

use std::collections::VecDeque;

use serde::de::DeserializeOwned;

use self::forms::Times;
use self::page::Page;
use super::{Prepared, QueryResult};
use crate::error::Error;
use crate::error::Result;
use crate::session::Session;
use crate::session::{Purpose, Sent};

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
    rows: VecDeque<Result<T>>,
    /// How many rows have arrived.
    arrived: usize,
    times: Times,
}

impl QueryResult {
    /// The rows as a type of the caller's own, one after the other: for reports and services that need neither
    /// entities nor their cache. Memory is that of two pages, whatever the number of rows.
    ///
    /// Points in time and days arrive as ISO 8601 text in the form that the field's type takes: `DateTime<Utc>`,
    /// `NaiveDateTime` and `NaiveDate` all read them, and a `String` is what the server sent.
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
    /// Each item is an error if the query fails, after which there are no more, or if one row is not a `T`: such an
    /// error names row and field, what was found and what was expected, in its message and its details.
    ///
    /// Queries with `group by` answer with such rows only, one for each group:
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Group {
    ///     status_id: String,
    ///     count_id: u64,
    /// }
    ///
    /// let text = "select count(id) from Task group by status_id";
    /// for group in session.query(text).records::<Group>() {
    ///     let Group { status_id, count_id } = group?;
    ///     println!("{count_id} tasks have the status {status_id}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn records<T: DeserializeOwned>(self) -> Records<T> {
        let purpose = Purpose::read("query");
        let (prepared, failure) = match self.prepare_rows() {
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
            arrived: 0,
            times: Times::default(),
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
    fn turn(&mut self) -> Result<bool>
    where
        T: DeserializeOwned,
    {
        let Some(sent) = self.next.take() else {
            return Ok(false);
        };
        let body = self.session.channel().receive(sent)?;
        let page = Page::read(
            &body,
            self.arrived + 1,
            &mut self.times,
            self.session.spells_out(),
        );
        let Page {
            mut rows,
            next_offset,
        } = page.map_err(|error| match &self.prepared {
            Some(prepared) => prepared.explain(self.session.schema(), error),
            None => error,
        })?;
        self.arrived += rows.len();
        if let Some(remaining) = &mut self.remaining {
            rows.truncate(usize::try_from(*remaining).unwrap_or(usize::MAX));
            *remaining -= rows.len() as u64;
        }
        if let Some(offset) = next_offset.filter(|_| !rows.is_empty()) {
            self.request(offset);
        }
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
                return Some(row);
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
