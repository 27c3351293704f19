//! Results by position.

use super::{Pages, QueryResult};
use crate::entity::Entity;
use crate::error::Result;
use crate::session::Purpose;

/// The results of a query by position, fetched as far as they are asked for; made by [`QueryResult::results`].
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// let mut tasks = session.query("Task").results()?;
/// if let Some(third) = tasks.get(2)? {
///     println!("{} of {}", third.get::<String>("name")?, tasks.len()?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Results {
    pages: Pages,
    fetched: Vec<Entity>,
    is_complete: bool,
}

impl QueryResult {
    /// The results by position. The first page is asked for at once, later ones when they are needed.
    ///
    /// # Errors
    ///
    /// Those of [`all`](Self::all) that are found before anything is sent.
    #[track_caller]
    pub fn results(self) -> Result<Results> {
        let pages = self.run(Purpose::read("query"))?;
        Ok(Results {
            pages,
            fetched: Vec::new(),
            is_complete: false,
        })
    }
}

impl Results {
    /// The result at `index`, from 0; `None` if there are not as many.
    ///
    /// # Errors
    ///
    /// What the server reports, and the errors of the connection.
    pub fn get(&mut self, index: usize) -> Result<Option<Entity>> {
        self.fetch(index.saturating_add(1))?;
        Ok(self.fetched.get(index).cloned())
    }

    /// The results from `range.start` up to but without `range.end`, or as many of them as there are.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn slice(&mut self, range: std::ops::Range<usize>) -> Result<&[Entity]> {
        self.fetch(range.end)?;
        let end = range.end.min(self.fetched.len());
        Ok(self
            .fetched
            .get(range.start.min(end)..end)
            .unwrap_or_default())
    }

    /// How many results there are. This fetches all of them.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[expect(
        clippy::len_without_is_empty,
        reason = "`get(0)` says it without fetching everything"
    )]
    pub fn len(&mut self) -> Result<usize> {
        self.fetch(usize::MAX)?;
        Ok(self.fetched.len())
    }

    /// Fetches until there are `count` results, or all.
    fn fetch(&mut self, count: usize) -> Result<()> {
        while self.fetched.len() < count && !self.is_complete {
            match self.pages.next().transpose()? {
                Some(entity) => self.fetched.push(entity),
                None => self.is_complete = true,
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Results {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Results")
            .field("fetched", &self.fetched.len())
            .field("is_complete", &self.is_complete)
            .finish_non_exhaustive()
    }
}
