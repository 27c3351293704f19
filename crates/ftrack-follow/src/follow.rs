//! Saying what is to be followed, and how.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ftrack_expression::Expression;
use ftrack_session::Session;

use crate::dead_letters::DeadLetters;
use crate::error::{BoxError, Error, Result};
use crate::followed::Followed;
use crate::follower::Follower;
use crate::health::Health;
use crate::pool::Retries;
use crate::position::{FilePosition, MemoryPosition, PositionStore};
use crate::settings::{FollowEnded, Settings, StartAt};
use crate::stopper::FollowStopper;

/// `session.follow(…)`. It is in the prelude of the facade.
pub trait FollowEvents {
    /// Follows the events that match an [expression](ftrack_expression): as they come, and after a gap or a restart
    /// what was missed, as far as the server remembers it. What is returned says how, and [`run`](Follow::run) begins.
    fn follow(&self, expression: &str) -> Follow;
}

impl FollowEvents for Session {
    fn follow(&self, expression: &str) -> Follow {
        Follow::new(self, expression)
    }
}

/// What is to be followed, and how; made by [`FollowEvents::follow`].
///
/// ```no_run
/// use ftrack_follow::FollowEvents;
///
/// # fn example(session: &ftrack_session::Session) -> ftrack_follow::Result<()> {
/// let follow = session
///     .follow("topic=ftrack.update")
///     .position_file("/var/lib/studio/thumbnails.position")?
///     .dead_letter_file("/var/lib/studio/thumbnails.dead.jsonl")?
///     .health_file("/run/studio/thumbnails.json")
///     .concurrency(4);
/// let stopper = follow.stopper(); // for a signal handler
/// follow.run(|followed| {
///     let Some(entity) = followed.entity() else { return Ok(()) };
///     println!("{} {} caught up: {}", entity["action"], entity["entityId"], followed.is_caught_up());
///     Ok(())
/// })?;
/// # Ok(())
/// # }
/// ```
pub struct Follow(Settings);

impl Follow {
    fn new(session: &Session, expression: &str) -> Self {
        Self(Settings {
            session: session.clone(),
            expression: expression.to_owned(),
            store: Box::new(MemoryPosition::new()),
            start: StartAt::default(),
            concurrency: 1,
            retries: Retries {
                limit: 5,
                initial: Duration::from_secs(1),
                max: Duration::from_secs(60),
                dead_letters: None,
            },
            health_file: None,
            health_address: None,
            on_health: None,
            stop_within: Duration::from_secs(10),
            stopper: FollowStopper::default(),
        })
    }

    /// Keeps the position in a file, so that the listener goes on after a restart where it was.
    ///
    /// # Errors
    /// As [`FilePosition::open`].
    pub fn position_file(self, path: impl Into<PathBuf>) -> Result<Self> {
        Ok(self.position_store(FilePosition::open(path)?))
    }

    /// Keeps the position in a store of your own. Without a store the listener catches up after a gap in the
    /// connection, and not after a restart.
    pub fn position_store(mut self, store: impl PositionStore + 'static) -> Self {
        self.0.store = Box::new(store);
        self
    }

    /// Where to begin when there is no position yet. Defaults to [`StartAt::Now`].
    pub fn start_at(mut self, start: StartAt) -> Self {
        self.0.start = start;
        self
    }

    /// How many events are handled at once, at least one; the events of one entity always come one after the other.
    /// Defaults to 1.
    pub fn concurrency(mut self, threads: usize) -> Self {
        self.0.concurrency = threads.max(1);
        self
    }

    /// How often a handler that fails is tried again. Defaults to 5.
    pub fn retries(mut self, retries: u32) -> Self {
        self.0.retries.limit = retries;
        self
    }

    /// How long to wait before a handler is tried again: at first this long, twice as long each time, and never longer
    /// than `max`; each delay is shortened at random, to half of it at most. Defaults to a second and a minute.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.0.retries.initial = initial;
        self.0.retries.max = max;
        self
    }

    /// Keeps events in this file that could not be handled.
    ///
    /// # Errors
    /// As [`DeadLetters::open`].
    pub fn dead_letter_file(self, path: impl Into<PathBuf>) -> Result<Self> {
        Ok(self.dead_letters(DeadLetters::open(path)?))
    }

    /// Keeps events in this list that could not be handled. Without any they are written to the log as errors, whole,
    /// and acknowledged.
    pub fn dead_letters(mut self, letters: DeadLetters) -> Self {
        self.0.retries.dead_letters = Some(letters);
        self
    }

    /// Says in a file how the listener is doing: [`Health`] as JSON, once a second. The file is replaced whole.
    pub fn health_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.health_file = Some(path.into());
        self
    }

    /// Says over HTTP how the listener is doing, at an address such as `127.0.0.1:9180`: [`Health`] as JSON, with
    /// status 200 if it does its work and 503 if not. Whoever can reach the address can read it.
    pub fn health_endpoint(mut self, address: impl Into<String>) -> Self {
        self.0.health_address = Some(address.into());
        self
    }

    /// Calls this with each [`Health`], once a second, on the thread of [`run`](Self::run).
    pub fn on_health(mut self, watch: impl FnMut(&Health) + Send + 'static) -> Self {
        self.0.on_health = Some(Box::new(watch));
        self
    }

    /// How long handlers that run may take once the listener is to stop. Defaults to ten seconds.
    pub fn stop_within(mut self, limit: Duration) -> Self {
        self.0.stop_within = limit;
        self
    }

    /// A handle that ends [`run`](Self::run).
    pub fn stopper(&self) -> FollowStopper {
        self.0.stopper.clone()
    }

    /// Gives each event to `handler`, until the listener is stopped or cannot go on.
    ///
    /// An event is acknowledged when the handler has returned `Ok` and the position is stored; one whose handler fails
    /// or panics is tried again, and ends in the list of dead letters. Until it is acknowledged it may be given to the
    /// handler again, after a crash; afterwards it is not. `docs/listening.md` says exactly what can be recovered and
    /// what cannot.
    ///
    /// It connects the session's hub if it is not connected, and handles what the hub gets: do not
    /// [`wait`](ftrack_event::EventHub::wait) for the hub elsewhere meanwhile. Other subscribers of the hub are called
    /// too, as usual. A hub that somebody stops waiting for (`EventHub::stopper`) stops the listener.
    ///
    /// # Errors
    /// [`Error::InvalidExpression`]; [`Error::Position`] or [`Error::OtherServer`] if the listener cannot go on from
    /// the stored position; [`Error::Events`] if the server refuses user and key, or the connection has ended for good;
    /// [`Error::DeadLettersFull`] or [`Error::File`] if an event can be neither handled nor kept.
    pub fn run(
        self,
        handler: impl Fn(&Followed) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Result<FollowEnded> {
        let expression =
            Expression::parse(&self.0.expression).map_err(|source| Error::InvalidExpression {
                expression: self.0.expression.clone(),
                source: Box::new(source),
            })?;
        Follower::start(self.0, expression, Arc::new(handler))?.run()
    }
}

impl fmt::Debug for Follow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Follow")
            .field("expression", &self.0.expression)
            .field("start", &self.0.start)
            .field("concurrency", &self.0.concurrency)
            .field("retries", &self.0.retries)
            .finish_non_exhaustive()
    }
}
