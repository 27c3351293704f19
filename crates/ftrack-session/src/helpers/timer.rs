//! Timers: how long a user has been working on something.

use chrono::{DateTime, Local, Utc};
use ftrack_query::{Query, attr};

use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;
use crate::values;

/// What a new timer has besides its context.
///
/// ```
/// use ftrack_session::TimerOptions;
///
/// let options = TimerOptions::new().comment("Second pass").force(true);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct TimerOptions {
    comment: String,
    name: Option<String>,
    force: bool,
}

impl TimerOptions {
    /// No comment, no name, and no other timer is stopped.
    pub fn new() -> Self {
        Self::default()
    }

    /// A comment, which the timelog will have too.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// A name, which the timelog will have too.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether a timer that is running is stopped first, which makes a timelog of it.
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}

/// Timers of users (product documentation, "Using timers"). A user has one timer at a time.
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{ErrorKind, Session, TimerHelpers, TimerOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let user = session.query("User where username is jane").one()?;
/// let task = session.query("Task").first()?.ok_or("no task")?;
///
/// user.start_timer(Some(&task), TimerOptions::new().comment("Blocking"))?;
/// let second = user.start_timer(Some(&task), TimerOptions::new());
/// assert!(second.unwrap_err().is(ErrorKind::NotUnique));
///
/// let timelog = user.stop_timer()?;
/// assert_eq!(timelog.get::<String>("comment")?, "Blocking");
/// # Ok(())
/// # }
/// ```
pub trait TimerHelpers {
    /// Starts a timer of this user for `context`, which may be left out. It is committed at once, with everything
    /// else that is recorded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a user, [`ErrorKind::NotUnique`] if a timer is running and
    /// [`force`](TimerOptions::force) is not set (nothing of the new timer remains recorded then), and the errors of
    /// a commit.
    fn start_timer(&self, context: Option<&Entity>, options: TimerOptions) -> Result<Entity>;

    /// Stops the timer of this user and gives back the timelog made of it. It is committed at once, with everything
    /// else that is recorded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a user, [`ErrorKind::NoResultFound`] if no timer is running, and the
    /// errors of a commit.
    fn stop_timer(&self) -> Result<Entity>;
}

impl TimerHelpers for Entity {
    #[track_caller]
    fn start_timer(&self, context: Option<&Entity>, options: TimerOptions) -> Result<Self> {
        check_type(self, &["User"], "start_timer")?;
        if options.force {
            match self.stop_timer() {
                Err(error) if error.kind() != ErrorKind::NoResultFound => return Err(error),
                _ => {}
            }
        }
        let session = self.session();
        let timer = session.create(
            "Timer",
            values! {
                "user": self,
                "context": context,
                // A server that is left to it notes the second only.
                "start": now(session),
                "comment": options.comment,
                "name": options.name,
            },
        )?;
        match session.commit() {
            Ok(_) => Ok(timer),
            Err(error) => Err(explain(self, &timer, error)),
        }
    }

    #[track_caller]
    fn stop_timer(&self) -> Result<Self> {
        check_type(self, &["User"], "stop_timer")?;
        let session = self.session();
        let timer = session.query(running(self)).one()?;
        let start: DateTime<Utc> = timer.get("start")?;
        let elapsed = now(session) - start;
        // Clocks of two machines may disagree; nobody worked for less than no time.
        let duration = elapsed.as_seconds_f64().max(0.0);
        let timelog = session.create(
            "Timelog",
            values! {
                "user_id": self.id(),
                "context_id": timer.get::<Option<String>>("context_id")?,
                "comment": timer.get::<Option<String>>("comment")?.unwrap_or_default(),
                "name": timer.get::<Option<String>>("name")?,
                "start": start,
                "duration": duration,
            },
        )?;
        timer.delete()?;
        session.commit()?;
        Ok(timelog)
    }
}

/// The query for the user's timer.
fn running(user: &Entity) -> ftrack_query::QueryBuilder {
    Query::from("Timer")
        .select(["context_id", "comment", "name", "start"])
        .filter(attr("user_id").is(user.id()))
}

/// What stands on the clock of the server: servers without support for time zones keep local times.
fn now(session: &Session) -> DateTime<Utc> {
    if session.server_information().is_timezone_support_enabled() {
        Utc::now()
    } else {
        Local::now().naive_local().and_utc()
    }
}

/// Says that a timer is running if that is why the commit was refused, and takes the new one back: it would be in the
/// way of every later commit.
fn explain(user: &Entity, timer: &Entity, error: Error) -> Error {
    let is_duplicate = error.is(ErrorKind::NotUnique);
    if !is_duplicate || user.session().query(running(user)).one().is_err() {
        return error;
    }
    if let Err(error) = timer.delete() {
        return error;
    }
    Error::new(
        ErrorKind::NotUnique,
        format!("{user:?} has a timer already; stop it first, or start the new one by force"),
    )
    .with_detail("user", user.identity().to_string())
    .with_source(error)
}
