//! The results of a query, page by page.

mod pages;
mod records;
mod results;

use std::collections::VecDeque;
use std::sync::Arc;

use ftrack_entity::{Answer, EntityType, Expected, Identity, Request};
use ftrack_query::{Query, QueryBuilder, Split};

use self::pages::Pages;
pub use self::records::Records;
pub use self::results::Results;
use crate::session::{Purpose, accepted};
use crate::{Entity, Error, ErrorKind, FetchPolicy, Result, Session};

/// What can be queried: text, or a query that was parsed or built.
///
/// ```
/// use ftrack_query::{Query, attr};
/// use ftrack_session::QueryText;
///
/// let text = QueryText::from("Task where name is \"model\"");
/// let built = QueryText::from(Query::from("Task").filter(attr("name").is("model")));
/// ```
#[derive(Debug, Clone)]
pub struct QueryText(Result<String, ftrack_query::BuildError>);

impl From<&str> for QueryText {
    fn from(text: &str) -> Self {
        Self(Ok(text.to_owned()))
    }
}

impl From<String> for QueryText {
    fn from(text: String) -> Self {
        Self(Ok(text))
    }
}

impl From<&String> for QueryText {
    fn from(text: &String) -> Self {
        Self(Ok(text.clone()))
    }
}

impl From<&Query> for QueryText {
    fn from(query: &Query) -> Self {
        Self(Ok(query.to_string()))
    }
}

impl From<Query> for QueryText {
    fn from(query: Query) -> Self {
        Self::from(&query)
    }
}

/// A fault in what the builder was given is reported when the query is run.
impl From<QueryBuilder> for QueryText {
    fn from(builder: QueryBuilder) -> Self {
        Self(builder.build().map(|query| query.to_string()))
    }
}

/// A query whose results are fetched when they are read, a page at a time.
///
/// Iterating asks for the next page while the current one is read. Made by [`Session::query`].
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// for task in session.query("select name, status.name from Task").page_size(1_000) {
///     let task = task?;
///     println!("{}: {}", task.get::<String>("name")?, task.get::<String>("status.name")?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a query is sent when its results are read"]
pub struct QueryResult {
    session: Session,
    text: QueryText,
    page_size: u64,
    policy: Option<FetchPolicy>,
}

impl QueryResult {
    pub(crate) fn new(session: Session, text: QueryText) -> Self {
        let page_size = session.page_size();
        Self {
            session,
            text,
            page_size,
            policy: None,
        }
    }

    /// What reading an attribute of the results does that is not loaded, and of all entities that are reached from
    /// them; unless told otherwise, what the session does.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// use ftrack_session::FetchPolicy;
    ///
    /// // Whatever the query does not ask for is an error, which names what to add.
    /// for task in session.query("select name, status.name from Task").fetching(FetchPolicy::Deny) {
    ///     println!("{}", task?.get::<String>("status.name")?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn fetching(mut self, policy: FetchPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The same query with this many entities a request.
    pub fn page_size(mut self, entities: u64) -> Self {
        self.page_size = entities.max(1);
        self
    }

    /// All results.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no such type, [`ErrorKind::InvalidArgument`] if the
    /// text names none or a builder was given what is no name, what the server reports, and the errors of the
    /// connection.
    #[track_caller]
    pub fn all(self) -> Result<Vec<Entity>> {
        self.run(Purpose::of("query"))?.collect()
    }

    /// The only result.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoResultFound`], [`ErrorKind::MultipleResultsFound`], [`ErrorKind::InvalidArgument`] if the query
    /// has a limit or offset, and the errors of [`all`](Self::all).
    #[track_caller]
    pub fn one(self) -> Result<Entity> {
        let prepared = self.prepare()?;
        if prepared.split.limit().is_some() || prepared.split.offset().is_some() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "one() takes a query without limit and offset",
            ));
        }
        let text = format!("{} limit 2", prepared.split.text());
        let mut rows = self.single_page(&prepared, text, Purpose::of("query"))?;
        match (rows.pop(), rows.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(Error::new(
                ErrorKind::NoResultFound,
                format!("nothing matches {}", prepared.shown()),
            )
            .with_detail("query", prepared.split.text())),
            (Some(_), false) => Err(Error::new(
                ErrorKind::MultipleResultsFound,
                format!("several match {}", prepared.shown()),
            )
            .with_detail("query", prepared.split.text())),
        }
    }

    /// The first result, if there is any.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the query has a limit, and the errors of [`all`](Self::all).
    #[track_caller]
    pub fn first(self) -> Result<Option<Entity>> {
        let prepared = self.prepare()?;
        if prepared.split.limit().is_some() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "first() takes a query without limit",
            ));
        }
        let offset = prepared
            .split
            .offset()
            .map(|offset| format!(" offset {offset}"))
            .unwrap_or_default();
        let text = format!("{}{offset} limit 1", prepared.split.text());
        Ok(self
            .single_page(&prepared, text, Purpose::of("query"))?
            .into_iter()
            .next())
    }

    fn prepare(&self) -> Result<Prepared> {
        let text = self.text.0.clone()?;
        let split = Split::of(&text);
        let Some(name) = split.entity_type() else {
            // The grammar says better than a search for the first word what is wrong with such text.
            return Err(Query::parse(&text).map_or_else(Error::from, |_| no_type(&text)));
        };
        let entity_type = Arc::clone(self.session.definition(name)?);
        let split = split.select(entity_type.default_projections());
        Ok(Prepared { entity_type, split })
    }

    /// Sends one request and merges its answer.
    fn single_page(
        &self,
        prepared: &Prepared,
        text: String,
        purpose: Purpose,
    ) -> Result<Vec<Entity>> {
        let epoch = self.session.records().epoch();
        let body = self
            .session
            .channel()
            .ask(&[Request::Query(text)], purpose)?;
        let expected = [Expected::Rows(prepared.entity_type.name())];
        let (answers, staged) = accepted(&body, self.session.schema(), &expected)
            .map_err(|error| prepared.explain(error))?;
        let companions = self
            .session
            .companions(&self.session.take_over(staged, epoch));
        let Some(Answer::Rows { identities, .. }) = answers.into_iter().next() else {
            return Ok(Vec::new());
        };
        let entity = |identity: &Identity| {
            let entity = self.session.entity_among(identity, companions.as_ref())?;
            Ok(entity.with_policy(self.policy))
        };
        identities.iter().map(entity).collect()
    }

    fn run(self, purpose: Purpose) -> Result<Pages> {
        let prepared = self.prepare()?;
        let mut pages = Pages {
            remaining: prepared.split.limit(),
            session: self.session,
            page_size: self.page_size,
            purpose,
            rows: VecDeque::new(),
            companions: None,
            policy: self.policy,
            next: None,
            prepared,
        };
        if pages.remaining != Some(0) {
            pages.request(pages.prepared.split.offset().unwrap_or(0));
        }
        Ok(pages)
    }
}

fn no_type(text: &str) -> Error {
    let text = ftrack_transport::excerpt(text.as_bytes());
    Error::new(
        ErrorKind::InvalidArgument,
        format!("no entity type is named in the query {text:?}"),
    )
}

/// A query ready to be paged.
#[derive(Debug, Clone)]
struct Prepared {
    entity_type: Arc<EntityType>,
    split: Split,
}

impl Prepared {
    fn shown(&self) -> String {
        format!(
            "{:?}",
            ftrack_transport::excerpt(self.split.text().as_bytes())
        )
    }

    /// Adds to a refusal what our own reading of the text finds wrong with it: often more than the server says.
    fn explain(&self, error: Error) -> Error {
        let error = error.with_detail("query", self.split.text());
        match Query::parse(self.split.text()) {
            Err(fault) if error.is(ErrorKind::Server) || error.is(ErrorKind::Parse) => {
                error.with_detail("syntax", fault.render())
            }
            _ => error,
        }
    }
}

/// The results of a query, one after the other; made by iterating over a [`QueryResult`].
///
/// After an error there are no more.
pub struct Entities(State);

enum State {
    Failed(Error),
    Running(Box<Pages>),
    Done,
}

impl Iterator for Entities {
    type Item = Result<Entity>;

    fn next(&mut self) -> Option<Result<Entity>> {
        match std::mem::replace(&mut self.0, State::Done) {
            State::Failed(error) => Some(Err(error)),
            State::Done => None,
            State::Running(mut pages) => {
                let item = pages.next()?;
                if item.is_ok() {
                    self.0 = State::Running(pages);
                }
                Some(item)
            }
        }
    }
}

impl IntoIterator for QueryResult {
    type Item = Result<Entity>;
    type IntoIter = Entities;

    /// The first page is asked for at once.
    #[track_caller]
    fn into_iter(self) -> Entities {
        match self.run(Purpose::of("query")) {
            Ok(pages) => Entities(State::Running(Box::new(pages))),
            Err(error) => Entities(State::Failed(error)),
        }
    }
}

impl std::fmt::Debug for Entities {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entities").finish_non_exhaustive()
    }
}
