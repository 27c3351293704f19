//! Writing: a batch is made, and then kept, all of it or nothing.
//!
//! Batches are kept one after the other. A small one is made in its turn too. A large one is made of a snapshot before
//! it has its turn, so that small ones need not wait for it; what others wrote meanwhile is taken over, or, where that
//! is not possible, it is made once more, in its turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::Engine;
use crate::budget::Budget;
use crate::caller::Caller;
use crate::catalog::Catalog;
use crate::credentials::{HashedKey, NewKey};
use crate::definitions::{Definitions, Redefined};
use crate::error::Error;
use crate::failpoint::{self, Point};
use crate::persist::{EncodedChange, Stage, Step, WORTH, encode};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::rights::Revoked;
use crate::store::{Change, Size, Store, Turn, Undo, Waited};
use crate::write::{ActivityEntry, Batch, Footprint};

/// More large batches than this do not wait until they are made: each keeps a thread.
const MOST_PREPARING: usize = 64;

/// How many entries of activity are noted in one turn. Those of most large batches are noted in the turn of the batch
/// then, and stored with it.
const NOTED_TOGETHER: usize = 1_000;

/// What a batch is made by: it gives the answer and the keys that are new. Large ones may be made twice.
type Outcome<T> = Result<(T, Vec<NewKey>), RequestError>;

/// What a batch did, ready to be kept.
struct Settled {
    undo: Vec<Undo>,
    changes: Vec<Change>,
    /// What of the changes is encoded already: the first ones.
    encoded: Encoded,
    deleted_components: Vec<String>,
}

/// Changes that are ready to be stored before their turn.
#[derive(Default)]
struct Encoded {
    changes: Vec<EncodedChange>,
    /// Where they are put aside on disk, if there are many.
    stage: Option<Stage>,
}

/// What is known of a large batch before its turn.
struct Prepared {
    footprint: Footprint,
    activity: Vec<ActivityEntry>,
    changes: Vec<Change>,
    encoded: Encoded,
    deleted_components: Vec<String>,
}

impl Settled {
    fn new(batch: Batch<'_>) -> Self {
        let deleted_components = batch.deleted_components();
        let transaction = batch.into_transaction();
        Self {
            changes: transaction.changes(),
            undo: transaction.into_undo(),
            encoded: Encoded::default(),
            deleted_components,
        }
    }

    /// Of a batch that was made before its turn, with entries of activity that are noted in its turn.
    fn from_prepared(
        mut batch: Batch<'_>,
        prepared: Prepared,
        activity: Vec<ActivityEntry>,
    ) -> Self {
        let made = batch.transaction().undo().len();
        batch.note_activity(activity);
        let transaction = batch.into_transaction();
        let mut changes = prepared.changes;
        changes.extend(transaction.changes_after(made));
        Self {
            changes,
            undo: transaction.into_undo(),
            encoded: prepared.encoded,
            deleted_components: prepared.deleted_components,
        }
    }
}

/// The turn of a batch, and since when it has it.
struct Held<'e> {
    turn: Turn<'e>,
    asked: Instant,
    since: Instant,
}

impl Engine {
    /// Writes to the store: all of it or nothing, on disk when this returns. Small batches have their turn first.
    ///
    /// # Errors
    /// What makes the batch; and refuses it when too many wait.
    pub(crate) fn write<T>(
        &self,
        caller: &Caller,
        budget: &Budget,
        size: Size,
        write: impl FnOnce(&mut Batch<'_>) -> Outcome<T>,
    ) -> Result<T, RequestError> {
        let held = self.turn(budget, size)?;
        self.write_in(held, caller, budget, write)
    }

    /// As `write`, a batch that is large and whose operations write and nothing else: others have their turns while it
    /// is made.
    ///
    /// # Errors
    /// As `write`.
    pub(crate) fn write_prepared<T>(
        &self,
        caller: &Caller,
        budget: &Budget,
        mut write: impl FnMut(&mut Batch<'_>) -> Outcome<T>,
    ) -> Result<T, RequestError> {
        let asked = Instant::now();
        let preparing = self
            .store
            .preparing_unless(MOST_PREPARING, || budget.is_cancelled());
        let _preparing = preparing.map_err(|waited| refused(waited, budget))?;
        budget.note_waiting(asked.elapsed());
        if !budget.acquire_permit() {
            budget.check()?;
        }
        let outcome = self.write_beside(caller, budget, &mut write);
        // Others wait for no more than a piece of it.
        if let Some(disk) = &self.disk
            && let Err(error) = disk.settle()
        {
            let error = &error as &dyn std::error::Error;
            tracing::error!(
                error,
                "a batch was stored, and is not moved to its place yet"
            );
        }
        outcome
    }

    /// Makes a batch beside others, and keeps it, or makes it once more in its turn.
    fn write_beside<T>(
        &self,
        caller: &Caller,
        budget: &Budget,
        write: &mut impl FnMut(&mut Batch<'_>) -> Outcome<T>,
    ) -> Result<T, RequestError> {
        let before = self.store.current();
        let mut store = before.as_ref().clone();
        let links = self.links_for(caller);
        let mut batch = Batch::new(&mut store, &links, caller.id.clone(), budget);
        let made = write(&mut batch)
            .and_then(|made| budget.check().map(|()| made))
            .and_then(|made| Ok((made, self.prepared(&mut batch)?)))
            .and_then(|made| {
                failpoint::reach(Point::Prepared);
                Ok((made, self.turn(budget, Size::Small)?))
            });
        let held = made.map(|((made, prepared), held)| {
            let now = held.turn.current();
            let fits =
                Arc::ptr_eq(&before, &now) || batch.take_over(&prepared.footprint, &before, &now);
            (held, fits.then_some((made, prepared)))
        });
        if let Ok((held, Some((made, mut prepared)))) = held {
            drop(before);
            let mut activity = std::mem::take(&mut prepared.activity);
            let later = activity.split_off(activity.len().min(NOTED_TOGETHER));
            let settled = Settled::from_prepared(batch, prepared, activity);
            let kept = self.keep(held, store, settled, made, caller, budget)?;
            self.note_activity(caller, later);
            return Ok(kept);
        }
        store.give_back(&before);
        drop((store, before));
        let (held, _) = held?;
        // It goes by what others changed: it is made once more, in its turn.
        failpoint::reach(Point::MadeAgain);
        budget.begin_again();
        self.write_in(held, caller, budget, write)
    }

    /// Waits for the turn to write.
    fn turn(&self, budget: &Budget, size: Size) -> Result<Held<'_>, RequestError> {
        // Whoever waits for the turn leaves its permit to others.
        budget.enter_batch();
        let asked = Instant::now();
        let most = self.resources.limits.writers;
        let turn = self
            .store
            .turn_unless(size, most, || budget.is_cancelled())
            .map_err(|waited| refused(waited, budget))?;
        let since = Instant::now();
        budget.note_waiting(since - asked);
        Ok(Held { turn, asked, since })
    }

    /// Makes a batch in its turn, and keeps it.
    fn write_in<T>(
        &self,
        held: Held<'_>,
        caller: &Caller,
        budget: &Budget,
        write: impl FnOnce(&mut Batch<'_>) -> Outcome<T>,
    ) -> Result<T, RequestError> {
        let before = held.turn.current();
        let mut store = before.as_ref().clone();
        let links = self.links_for(caller);
        let mut batch = Batch::new(&mut store, &links, caller.id.clone(), budget);
        match write(&mut batch).and_then(|made| budget.check().map(|()| made)) {
            Ok(made) => {
                drop(before);
                let activity = batch.activity();
                batch.note_activity(activity);
                let settled = Settled::new(batch);
                self.keep(held, store, settled, made, caller, budget)
            }
            Err(error) => {
                store.give_back(&before);
                Err(error)
            }
        }
    }

    /// Keeps what a batch made of the store, and does what follows from it.
    fn keep<T>(
        &self,
        held: Held<'_>,
        mut store: Store,
        settled: Settled,
        (value, new_keys): (T, Vec<NewKey>),
        caller: &Caller,
        budget: &Budget,
    ) -> Result<T, RequestError> {
        let Settled {
            undo,
            changes,
            encoded,
            deleted_components,
        } = settled;
        let keys: Vec<(String, HashedKey)> = new_keys
            .iter()
            .map(|key| (key.user.clone(), key.hashed.clone()))
            .collect();
        let of_new_keys = keys.iter().map(|(user, _)| user.as_str());
        let revoked = Revoked::from_batch(&store, &undo, of_new_keys);
        let redefined = self.definitions().after(&store, &changes)?;
        if let Some(redefined) = &redefined {
            store.redefine(Arc::new(Catalog::new(&redefined.definitions.schema)));
        }
        let credentials = self.credentials_after(&store, &changes, &keys);
        failpoint::reach(Point::Planned);
        self.store_batch(&store, &changes, &encoded, &keys, redefined.as_ref())?;
        // It is kept from here on, whatever happens to what follows from it.
        let store = held.turn.publish(store);
        if let Some(credentials) = credentials {
            *self.credentials.write() = credentials;
        }
        if let Some(redefined) = redefined {
            self.redefine(Arc::new(redefined.definitions), &store);
        }
        let followed = catch_unwind(AssertUnwindSafe(|| {
            failpoint::reach(Point::Published);
            self.keep_keys(&new_keys);
            // The order of the updates is that of the batches; what is in them takes its time.
            let place = self.events.reserve();
            let Held { turn, asked, since } = held;
            drop(turn);
            budget.note_turn(since - asked, since.elapsed());
            for component in deleted_components {
                self.files.remove(&component);
            }
            failpoint::reach(Point::FilesRemoved);
            place.record(&store, &undo, caller);
            failpoint::reach(Point::EventsRecorded);
        }));
        if followed.is_err() {
            tracing::error!("a batch was stored, but not all that follows from it was done");
        }
        // Whoever loses something is told so before the connection ends.
        self.events.deliver();
        self.revoke(&revoked);
        Ok(value)
    }

    /// Everything that can be known of a large batch before its turn.
    fn prepared(&self, batch: &mut Batch<'_>) -> Result<Prepared, RequestError> {
        let changes = batch.transaction().changes();
        let encoded = self.encoded(batch.transaction().store(), &changes)?;
        Ok(Prepared {
            footprint: batch.footprint(),
            activity: batch.activity(),
            changes,
            encoded,
            deleted_components: batch.deleted_components(),
        })
    }

    /// Changes as they are going to be stored.
    fn encoded(&self, store: &Store, changes: &[Change]) -> Result<Encoded, RequestError> {
        let Some(disk) = &self.disk else {
            return Ok(Encoded::default());
        };
        let changes = encode(store, changes);
        let stage = if changes.len() < WORTH {
            None
        } else {
            disk.put_aside(store.catalog(), &changes)
                .map_err(not_stored)?
        };
        Ok(Encoded { changes, stage })
    }

    /// Notes what else somebody did in a large batch that is kept, a piece at a time. A failure is only logged.
    fn note_activity(&self, caller: &Caller, activity: Vec<ActivityEntry>) {
        let noted = catch_unwind(AssertUnwindSafe(|| {
            let (links, budget) = (self.links_for(caller), Budget::unlimited());
            let mut activity = activity.into_iter().peekable();
            while activity.peek().is_some() {
                let piece = activity.by_ref().take(NOTED_TOGETHER).collect();
                let turn = self.store.turn();
                let mut store = turn.current().as_ref().clone();
                let mut batch = Batch::new(&mut store, &links, caller.id.clone(), &budget);
                batch.note_activity(piece);
                let changes = batch.into_transaction().changes();
                self.store_batch(&store, &changes, &Encoded::default(), &[], None)?;
                turn.publish(store);
            }
            Ok::<_, RequestError>(())
        }));
        if !matches!(noted, Ok(Ok(()))) {
            tracing::error!("a batch was stored, but not all that was done by it is noted");
        }
    }

    fn store_batch(
        &self,
        store: &Store,
        changes: &[Change],
        encoded: &Encoded,
        keys: &[(String, HashedKey)],
        redefined: Option<&Redefined>,
    ) -> Result<(), RequestError> {
        let Some(disk) = &self.disk else {
            return Ok(());
        };
        if changes.is_empty() && keys.is_empty() {
            return Ok(());
        }
        let step = Step {
            keys,
            encoded: &encoded.changes,
            staged: encoded.stage,
            renamed: redefined.map_or(&[], |redefined| &redefined.renamed),
            ..Step::new(store, changes)
        };
        let outcome = disk.write(step, || self.credentials.read().keys());
        outcome.map_err(not_stored)
    }

    /// Makes changed entity types known.
    pub(super) fn redefine(&self, definitions: Arc<Definitions>, store: &Store) {
        self.events.redefine(&definitions.schema, store.catalog());
        *self.definitions.write() = definitions;
    }
}

/// Refuses a batch that the disk did not take.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what errors are mapped by"
)]
fn not_stored(error: Error) -> RequestError {
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "a batch was not stored"
    );
    RequestError::new(RequestErrorKind::Internal, "the batch could not be stored")
}

/// Refuses a batch that did not come to its turn.
fn refused(waited: Waited, budget: &Budget) -> RequestError {
    if waited == Waited::Full {
        let message =
            "too many batches wait for their turn to write: nothing was done, try again later";
        return RequestError::new(RequestErrorKind::Crowded, message);
    }
    budget.give_up()
}
