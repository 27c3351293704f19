//! The results of a query, page by page.

mod pages;
mod records;
mod results;

use std::collections::VecDeque;
use std::sync::Arc;

use ftrack_entity::{Answer, EntityType, Expected, Identity, Key, Request, Schema};
use ftrack_query::{Query, QueryBuilder, Split, explain};

use self::pages::Pages;
pub use self::records::Records;
pub use self::results::Results;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::FetchPolicy;
use crate::query_text::key_conditions;
use crate::session::{Purpose, Session, accepted};

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

impl Session {
    /// A query, which is sent when its results are read.
    ///
    /// Takes text or a [`ftrack_query::Query`]. Without projections the type's default projections are asked for.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let active = session.query("select name from Project where status is active").all()?;
    /// let first = session.query("Task where name like \"anim%\"").first()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query(&self, query: impl Into<QueryText>) -> QueryResult {
        QueryResult::new(self.clone(), query.into())
    }

    /// The entity of this type with this key: the known one, else one of the session's caches, else the one that the
    /// server has, else `None`.
    ///
    /// The key of most types is one id; composite ones are made by [`Key::composite`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] for an unknown type, [`ErrorKind::InvalidArgument`] for a key with
    /// another number of parts than the type's primary key, and the errors of a query.
    #[track_caller]
    pub fn get(&self, entity_type: &str, key: impl Into<Key>) -> Result<Option<Entity>> {
        let entity_type = self.schema().entity_type(entity_type)?;
        let key = key.into();
        entity_type.check_key(&key)?;
        let identity = Identity::new(entity_type.name(), key);
        if let Some(record) = self.unit.records.get(&identity) {
            return Ok(Some(self.entity_of(record)));
        }
        if self.has_lower_layers()
            && let Some(entity) = self.recall(&identity)
        {
            return Ok(Some(entity));
        }
        let conditions = key_conditions(entity_type, identity.key());
        let mut rows = self
            .query(format!("{} where {conditions}", entity_type.name()))
            .all()?;
        Ok((!rows.is_empty()).then(|| rows.swap_remove(0)))
    }
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

    /// What happens when an attribute is read that is not loaded, of the results and of all entities that are reached
    /// from them. Defaults to the policy of the session.
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
    /// text names none or a builder was given what is not a name, what the server reports, and the errors of the
    /// connection.
    #[track_caller]
    pub fn all(self) -> Result<Vec<Entity>> {
        self.run(Purpose::read("query"))?.collect()
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
        let mut rows = self.single_page(&prepared, text, Purpose::read("query"))?;
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
            .single_page(&prepared, text, Purpose::read("query"))?
            .into_iter()
            .next())
    }

    /// The first result; no result is an error.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, name: &str) -> ftrack_session::Result<()> {
    /// let query = ftrack_query::Query::from("Shot").filter(ftrack_query::attr("name").is(name));
    /// let shot = session.query(query).require("there is no such shot in the production")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoResultFound`], with `message` and the query in the details, if nothing matches; the errors of
    /// [`first`](Self::first).
    #[track_caller]
    pub fn require(self, message: impl Into<String>) -> Result<Entity> {
        let prepared = self.prepare()?;
        let asked = prepared.split.text().to_owned();
        self.first()?.ok_or_else(|| {
            Error::new(ErrorKind::NoResultFound, message).with_detail("query", asked)
        })
    }

    /// A query for entities.
    fn prepare(&self) -> Result<Prepared> {
        let prepared = self.prepare_rows()?;
        if prepared.split.is_grouped() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "a query with `group by` answers with rows of values and no entities; \
                 read them with `records::<T>()`",
            )
            .with_detail("query", prepared.written.as_ref()));
        }
        Ok(prepared)
    }

    /// A query for whatever its rows are.
    fn prepare_rows(&self) -> Result<Prepared> {
        let text = self.text.0.clone()?;
        let split = Split::new(&text);
        let Some(name) = split.entity_type() else {
            // The grammar says better than a search for the first word what is wrong with such text.
            return Err(Query::parse(&text).map_or_else(Error::from, |_| no_type(&text)));
        };
        let entity_type = Arc::clone(self.session.definition(name)?);
        let split = split.select(entity_type.default_projections());
        Ok(Prepared {
            entity_type,
            split,
            written: text.into(),
        })
    }

    /// Sends one request and merges its answer.
    fn single_page(
        &self,
        prepared: &Prepared,
        text: String,
        purpose: Purpose,
    ) -> Result<Vec<Entity>> {
        let asked = self.session.records().begin_request();
        let body = self
            .session
            .channel()
            .ask(&[Request::Query(text)], purpose)?;
        let expected = [Expected::Rows(prepared.entity_type.name())];
        let (answers, staged) = accepted(&body, self.session.schema(), &expected)
            .map_err(|error| prepared.explain(self.session.schema(), error))?;
        let held = self.session.held(&self.session.take_over(staged, &asked));
        let Some(Answer::Rows { identities, .. }) = answers.into_iter().next() else {
            return Ok(Vec::new());
        };
        let entity = |identity: &Identity| {
            let entity = self.session.entity_among(identity, held.as_ref())?;
            Ok(entity.with_policy(self.policy))
        };
        let living = identities
            .iter()
            .filter(|identity| !asked.has_lost(identity));
        living.map(entity).collect()
    }

    fn run(self, purpose: Purpose) -> Result<Pages> {
        let prepared = self.prepare()?;
        let mut pages = Pages {
            remaining: prepared.split.limit(),
            session: self.session,
            page_size: self.page_size,
            purpose,
            rows: VecDeque::new(),
            asked: None,
            held: None,
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
    /// The text as the caller gave it, without projections and pages of ours.
    written: Arc<str>,
}

impl Prepared {
    fn shown(&self) -> String {
        format!(
            "{:?}",
            ftrack_transport::excerpt(self.split.text().as_bytes())
        )
    }

    /// Explains what the server rejected on the text that the caller wrote, as far as its grammar and the entity types
    /// tell: servers often name neither place nor reason, and quote a text that nobody wrote.
    fn explain(&self, schema: &Schema, error: Error) -> Error {
        let kinds = [ErrorKind::Server, ErrorKind::Parse, ErrorKind::Validation];
        let is_rejected = kinds.iter().any(|kind| error.is(*kind));
        let error = error.with_detail("query", self.written.as_ref());
        match explain(&self.written, schema).filter(|_| is_rejected) {
            Some(found) => error
                .with_message(format!("the server rejected the query: {found}"))
                .with_detail("syntax", found),
            None => error,
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
        match self.run(Purpose::read("query")) {
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
