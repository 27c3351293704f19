//! What one request may take: steps, time, and room for its answer.
//!
//! Whatever walks over data spends steps. Once there are none left, [`Budget::spend`] says so, and every loop ends as
//! soon as it can; what it gave until then means nothing, and [`Budget::check`] refuses the request. So the functions
//! that read need not be able to fail.

mod pool;
mod resources;
mod semaphore;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub(crate) use self::pool::{Pool, Share};
pub(crate) use self::resources::Resources;
use self::semaphore::Acquisition;
pub(crate) use self::semaphore::Semaphore;
use crate::limits::ServerLimits;
use crate::request_error::{RequestError, RequestErrorKind};

/// How many steps are taken between two looks at the clock.
const SLICE: u64 = 1024;

/// A request that takes longer than this needs a permit for the rest of it, so that short ones always find a processor.
const SHORT: Duration = Duration::from_millis(10);

/// How long a request may keep its permit while others wait for one.
const TURN: Duration = Duration::from_millis(20);

/// How many bytes of an answer are reserved at a time.
const ANSWER_SLICE: usize = 1024 * 1024;

/// What one request may take.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Arc<ServerLimits>,
    /// How many steps there are until the next look at the clock.
    slice: Cell<u64>,
    /// How many there are after these.
    left: Cell<u64>,
    steps: Cell<u64>,
    start: Instant,
    waited: Cell<Duration>,
    cancel: Cancel,
    /// Where long requests take turns; nothing for one that others wait for.
    semaphore: RefCell<Option<Arc<Semaphore>>>,
    /// Since when there is a permit.
    permit: Cell<Option<Instant>>,
    answers: Option<Arc<Pool>>,
    answer: RefCell<Option<Share>>,
    over: Cell<Option<Over>>,
    turn: Cell<Option<(Duration, Duration)>>,
}

/// Why a request is over before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Steps,
    Time,
    Answer,
    Answers,
    Waiting,
    Cancelled,
}

/// Tells a request that nobody waits for its answer any more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    is_cancelled: Arc<AtomicBool>,
    /// Set for all requests when the server stops.
    is_stopping: Arc<AtomicBool>,
}

/// Cancels a request when it is dropped.
#[derive(Debug)]
pub(crate) struct CancelOnDrop(Cancel);

impl Cancel {
    /// For a request to a server that says when it stops.
    pub(crate) fn new(is_stopping: &Arc<AtomicBool>) -> Self {
        Self {
            is_cancelled: Arc::default(),
            is_stopping: Arc::clone(is_stopping),
        }
    }

    /// To be held for as long as somebody waits.
    pub(crate) fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.clone())
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed) || self.is_stopping.load(Ordering::Relaxed)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Budget {
    /// For a request of a client.
    pub(crate) fn new(
        limits: &Arc<ServerLimits>,
        cancel: Cancel,
        semaphore: &Arc<Semaphore>,
        answers: &Arc<Pool>,
    ) -> Self {
        let mut budget = Self::with_limits(Arc::clone(limits));
        budget.semaphore = RefCell::new(Some(Arc::clone(semaphore)));
        budget.answers = Some(Arc::clone(answers));
        budget.cancel = cancel;
        budget
    }

    /// For what the server does by itself.
    pub(crate) fn unlimited() -> Self {
        Self::with_limits(Arc::new(ServerLimits {
            steps: u64::MAX,
            time: Duration::MAX,
            answer_bytes: usize::MAX,
            ..ServerLimits::default()
        }))
    }

    fn with_limits(limits: Arc<ServerLimits>) -> Self {
        Self {
            slice: Cell::new(SLICE.min(limits.steps)),
            left: Cell::new(limits.steps.saturating_sub(SLICE)),
            steps: Cell::new(limits.steps),
            start: Instant::now(),
            waited: Cell::default(),
            cancel: Cancel::default(),
            semaphore: RefCell::default(),
            permit: Cell::default(),
            answers: None,
            answer: RefCell::default(),
            over: Cell::default(),
            turn: Cell::default(),
            limits,
        }
    }

    /// The bounds of the server.
    pub(crate) fn limits(&self) -> &ServerLimits {
        &self.limits
    }

    /// Takes steps. Whoever takes them ends as soon as they can when this says that it is over.
    pub(crate) fn spend(&self, steps: u64) -> bool {
        match self.slice.get().checked_sub(steps) {
            Some(rest) => {
                self.slice.set(rest);
                true
            }
            None => self.refill(steps),
        }
    }

    /// As `spend`, a step for each of so many things.
    pub(crate) fn spend_on(&self, count: usize) -> bool {
        self.spend(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    /// Refuses a request that is over.
    ///
    /// # Errors
    /// Says which bound was met, and what to do.
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        match self.over.get() {
            Some(over) => Err(self.error(over)),
            None => Ok(()),
        }
    }

    fn error(&self, over: Over) -> RequestError {
        let limits = &self.limits;
        let too_large = |message: String| RequestError::new(RequestErrorKind::TooLarge, message);
        let busy = |message: &str| RequestError::new(RequestErrorKind::Busy, message);
        match over {
            Over::Steps => too_large(format!(
                "the request takes more than {} steps: ask for less, by conditions on attributes with an index or a \
                 limit",
                self.steps.get()
            )),
            Over::Time => too_large(format!(
                "the request takes more than {} seconds: ask for less, by conditions on attributes with an index or a \
                 limit",
                limits.time.as_secs_f64()
            )),
            Over::Answer => too_large(format!(
                "the answer is larger than {} bytes: ask for less, by a limit or fewer attributes",
                limits.answer_bytes
            )),
            Over::Answers => {
                busy("the answers to all requests together are too large: try again later")
            }
            Over::Waiting => busy("too many long requests wait for their turn: try again later"),
            Over::Cancelled => {
                busy("the request was given up: its client left, or the server stops")
            }
        }
    }

    /// Makes sure that an answer may be as long as it is. It is over otherwise.
    pub(crate) fn grow_answer(&self, length: usize) -> bool {
        if self.is_over() {
            return false;
        }
        if length > self.limits.answer_bytes {
            return self.end(Over::Answer);
        }
        let Some(pool) = &self.answers else {
            return true;
        };
        let mut share = self.answer.borrow_mut();
        let has_room = match share.as_mut() {
            Some(share) if share.size() >= length => true,
            Some(share) => share.grow(length - share.size() + ANSWER_SLICE),
            None if length < ANSWER_SLICE => true,
            None => {
                *share = pool.take(length + ANSWER_SLICE);
                share.is_some()
            }
        };
        has_room || self.end(Over::Answers)
    }

    /// The room that the answer takes, to be held until it is sent.
    pub(crate) fn into_answer(self) -> Option<Share> {
        self.answer.take()
    }

    /// Goes on with a request that is going to hold the turn to write: others wait for it then, so it waits for nobody,
    /// and reads less.
    pub(crate) fn enter_batch(&self) {
        self.leave();
        self.semaphore.take();
        let steps = self.limits.batch_steps;
        if self.steps.get() > steps {
            self.steps.set(steps);
            self.slice.set(self.slice.get().min(steps));
            self.left.set(self.left.get().min(steps));
        }
    }

    /// Gives all steps of a batch back to one that has to be made once more.
    pub(crate) fn begin_again(&self) {
        let steps = self.steps.get();
        self.slice.set(SLICE.min(steps));
        self.left.set(steps.saturating_sub(SLICE));
    }

    /// Whether nobody waits for the answer any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Ends a request for whose answer nobody waits any more.
    pub(crate) fn give_up(&self) -> RequestError {
        self.end(Over::Cancelled);
        self.error(Over::Cancelled)
    }

    /// Notes that a request waited for others, which does not count as work of its own.
    pub(crate) fn note_waiting(&self, waited: Duration) {
        self.waited.set(self.waited.get() + waited);
    }

    /// Notes how long a batch waited for its turn to write, and how long it had it.
    pub(crate) fn note_turn(&self, waited: Duration, held: Duration) {
        self.turn.set(Some((waited, held)));
    }

    /// How long a batch waited for its turn to write, and how long it had it; nothing for a request that only reads.
    pub(crate) fn turn(&self) -> Option<(Duration, Duration)> {
        self.turn.get()
    }

    /// Waits for a permit before work that takes long in one piece.
    pub(crate) fn acquire_permit(&self) -> bool {
        self.permit.get().is_some() || self.enter()
    }

    #[cold]
    fn refill(&self, steps: u64) -> bool {
        if self.is_over() {
            return false;
        }
        let missing = steps - self.slice.get();
        let Some(left) = self.left.get().checked_sub(missing) else {
            return self.end(Over::Steps);
        };
        let slice = SLICE.min(left);
        self.slice.set(slice);
        self.left.set(left - slice);
        if self.cancel.is_cancelled() {
            return self.end(Over::Cancelled);
        }
        let worked = self.start.elapsed().saturating_sub(self.waited.get());
        if worked > self.limits.time {
            return self.end(Over::Time);
        }
        match self.permit.get() {
            None => worked < SHORT || self.enter(),
            Some(since) if since.elapsed() > TURN => self.pass_on(),
            Some(_) => true,
        }
    }

    fn enter(&self) -> bool {
        let semaphore = self.semaphore.borrow().clone();
        let Some(semaphore) = semaphore else {
            return true;
        };
        let start = Instant::now();
        let entry = semaphore.acquire(|| self.cancel.is_cancelled());
        self.note_waiting(start.elapsed());
        match entry {
            Acquisition::Acquired => {
                self.permit.set(Some(Instant::now()));
                true
            }
            Acquisition::Cancelled => self.end(Over::Cancelled),
            Acquisition::Full => self.end(Over::Waiting),
        }
    }

    /// Lets others go first, where any wait.
    fn pass_on(&self) -> bool {
        let is_wanted = self
            .semaphore
            .borrow()
            .as_ref()
            .is_some_and(|semaphore| semaphore.is_wanted());
        if is_wanted {
            self.leave();
            self.enter()
        } else {
            self.permit.set(Some(Instant::now()));
            true
        }
    }

    fn leave(&self) {
        if self.permit.take().is_some()
            && let Some(semaphore) = self.semaphore.borrow().as_ref()
        {
            semaphore.release();
        }
    }

    fn end(&self, over: Over) -> bool {
        self.over.set(Some(over));
        self.slice.set(0);
        self.left.set(0);
        false
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(change: impl FnOnce(&mut ServerLimits)) -> Budget {
        let mut limits = ServerLimits::default();
        change(&mut limits);
        let answers = Arc::new(Pool::new(4 * ANSWER_SLICE));
        Budget::new(
            &Arc::new(limits),
            Cancel::default(),
            &Arc::new(Semaphore::new(1)),
            &answers,
        )
    }

    fn message(budget: &Budget) -> String {
        let error = budget.check().err();
        error.map(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn steps_are_counted_to_the_last_one() {
        for limit in [1, 100, SLICE, SLICE + 1, 10 * SLICE + 3] {
            let budget = budget(|limits| limits.steps = limit);
            for _ in 0..limit {
                assert!(budget.spend(1), "{limit}");
            }
            assert!(budget.check().is_ok());
            assert!(!budget.spend(1), "{limit}");
            assert!(!budget.spend(0) || budget.is_over());
            assert!(message(&budget).contains(&format!("more than {limit} steps")));
        }
        let budget = budget(|limits| limits.steps = 5_000);
        assert!(budget.spend(4_000) && !budget.spend(4_000));
    }

    #[test]
    fn time_and_cancelling_end_a_request() {
        let slow = budget(|limits| limits.time = Duration::ZERO);
        while slow.spend(1) {}
        assert!(message(&slow).contains("seconds"));
        let left = budget(|_| ());
        drop(left.cancel.on_drop());
        while left.spend(1) {}
        assert!(message(&left).contains("its client left"));
    }

    #[test]
    fn answers_have_a_size_alone_and_together() {
        let budget = budget(|limits| limits.answer_bytes = 3 * ANSWER_SLICE);
        assert!(budget.grow_answer(3 * ANSWER_SLICE));
        let other = Budget::new(
            &Arc::new(ServerLimits::default()),
            Cancel::default(),
            &Arc::new(Semaphore::new(1)),
            budget.answers.as_ref().unwrap(),
        );
        assert!(other.grow_answer(100), "a small answer always has room");
        assert!(!other.grow_answer(2 * ANSWER_SLICE));
        assert!(message(&other).contains("together"));
        assert!(!budget.grow_answer(3 * ANSWER_SLICE + 1));
        assert!(message(&budget).contains("the answer is larger"));
    }

    #[test]
    fn a_batch_reads_less() {
        let budget = budget(|limits| limits.batch_steps = 10);
        assert!(budget.spend(SLICE));
        budget.enter_batch();
        let mut taken = 0;
        while budget.spend(1) {
            taken += 1;
        }
        assert!(taken <= 20, "{taken}");
        assert!(message(&budget).contains("more than 10 steps"));
    }
}
