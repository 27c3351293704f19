//! Sending what was recorded.

use std::sync::Arc;

use ftrack_entity::{Action, Batch, EntityType, Expected, Key, Recorded, Request};

use crate::error::{Error, ErrorKind, Result};
use crate::session::{Purpose, Session, WeakSession, accepted};

/// What a commit did.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Committed {
    /// How many operations the server was told of, after joining and leaving out; 0 if there was nothing to send.
    pub operations: usize,
    /// Whether the batch was sent a second time because the answer to the first was lost and it had not taken place
    /// or does no harm twice.
    pub sent_again: bool,
    /// What was recorded, and by which session: for [`inverse`](Self::inverse).
    done: Arc<[Recorded]>,
    session: Option<WeakSession>,
}

impl Committed {
    /// The session that committed, and the operations, in order.
    pub(super) fn done(&self) -> Option<(Session, &[Recorded])> {
        let session = self.session.as_ref()?.upgrade()?;
        Some((session, &self.done))
    }
}

impl Session {
    /// Sends all recorded operations to the server, in one transaction (product documentation, "Understanding
    /// sessions", Unit of work).
    ///
    /// Operations that cancel out are not sent, and those that belong together are joined. On success the log is
    /// cleared, and what the server added is known. Changes that other threads make meanwhile stay recorded.
    ///
    /// If the connection breaks after the batch was sent, the session finds out what became of it: see
    /// [`Committed::sent_again`].
    ///
    /// # Errors
    ///
    /// What the server reports, with the operations and local values as they were: change them and commit again, or
    /// [`rollback`](Self::rollback). [`ErrorKind::CommitOutcomeUnknown`] if the answer was lost and the server cannot
    /// be asked, and [`ErrorKind::InvalidState`] within another commit on the same thread.
    #[track_caller]
    pub fn commit(&self) -> Result<Committed> {
        self.commit_after(Purpose::write("commit"), || Ok(()), |error| error)
    }

    /// As [`commit`](Self::commit), after `record` has recorded something that is to be sent with the rest. If that
    /// fails, `mend` may take it back. Nobody else commits meanwhile, so nobody sends it before or after.
    pub(crate) fn commit_after(
        &self,
        purpose: Purpose,
        record: impl FnOnce() -> Result<()>,
        mend: impl FnOnce(Error) -> Error,
    ) -> Result<Committed> {
        let Some(turn) = self.unit.commits.take() else {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "this thread is committing already: a commit cannot be part of another one",
            ));
        };
        let committed = record().and_then(|()| self.commit_log(purpose));
        let Some((batch, sent_again, done)) = committed.map_err(mend)? else {
            return Ok(Committed {
                session: Some(self.downgrade()),
                ..Committed::default()
            });
        };
        // Caches are code of others, which may commit in its turn.
        drop(turn);
        self.keep_committed(&batch);
        Ok(Committed {
            operations: batch.payloads().len(),
            sent_again,
            done: done.into(),
            session: Some(self.downgrade()),
        })
    }

    /// Sends what is recorded, if anything is, and takes the answer over.
    fn commit_log(&self, purpose: Purpose) -> Result<Option<(Batch, bool, Vec<Recorded>)>> {
        let batch = {
            let mut log = self.unit.log.lock();
            let batch = Batch::plan(log.operations());
            if batch.is_empty() {
                batch.apply(
                    &mut log,
                    &self.unit.records,
                    ftrack_entity::Staged::default(),
                );
                return Ok(None);
            }
            batch
        };
        let (body, sent_again) = self.deliver(&batch, purpose)?;
        let staged = match &body {
            None => ftrack_entity::Staged::default(),
            Some(body) => match accepted(body, self.schema(), &batch.expected()) {
                Ok((_, staged)) => staged,
                Err(error) => {
                    self.look_into(error, sent_again, &batch, purpose)?;
                    ftrack_entity::Staged::default()
                }
            },
        };
        let done = batch.apply(&mut self.unit.log.lock(), &self.unit.records, staged);
        for payload in batch.payloads() {
            let entity_type = payload.record.identity().entity_type();
            self.configuration_memo().changed(entity_type);
        }
        Ok(Some((batch, sent_again, done)))
    }

    /// Tells the caches below memory what is different now.
    fn keep_committed(&self, batch: &Batch) {
        if !self.has_lower_layers() {
            return;
        }
        for payload in batch.payloads() {
            match payload.action {
                Action::Delete => self.forget(payload.record.identity()),
                Action::Create | Action::Update => self.remember(payload.record.identity()),
            }
        }
    }

    /// Sends the batch and gives back the answer; `None` if it took place but its answer was lost.
    fn deliver(&self, batch: &Batch, purpose: Purpose) -> Result<(Option<Vec<u8>>, bool)> {
        let body = batch.encode(self.schema());
        let actions = batch.payloads().len();
        let send = |body| {
            let channel = self.channel();
            channel.receive(channel.send(body, actions, purpose))
        };
        let lost = match send(body.clone()) {
            Ok(answer) => return Ok((Some(answer), false)),
            Err(error) if !error.is_outcome_unknown() || self.closed() => return Err(error.into()),
            Err(error) => error,
        };
        tracing::warn!(error = %lost, "the answer to a commit was lost; asking what became of it");
        match self.is_done(batch, purpose) {
            Ok(true) => Ok((None, false)),
            Ok(false) => match send(body) {
                Ok(answer) => Ok((Some(answer), true)),
                Err(error) if error.is_outcome_unknown() => Err(unknown_outcome(error)),
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(unknown_outcome(lost).with_detail("asking", error.to_string())),
        }
    }

    /// What became of `batch`, of which the server's answer says `error`: nothing if it was carried out all the same.
    /// The first of two sendings may only have been late, and what it did refuses the second; and what is not an answer
    /// says nothing at all.
    fn look_into(
        &self,
        error: Error,
        sent_again: bool,
        batch: &Batch,
        purpose: Purpose,
    ) -> Result<()> {
        let is_unreadable = error.kind() == ErrorKind::MalformedAnswer;
        if sent_again || is_unreadable {
            match self.is_done(batch, purpose) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(asking) => {
                    return Err(unknown_outcome(error).with_detail("asking", asking.to_string()));
                }
            }
        }
        Err(self.describe(error, batch))
    }

    /// Whether the server has carried out `batch`, which is one transaction there. An entity that it creates under an
    /// id made here tells; without one, so does an entity that it deletes. Values alone do not tell, and can be sent
    /// again without harm.
    fn is_done(&self, batch: &Batch, purpose: Purpose) -> Result<bool> {
        let of = |action| {
            batch
                .payloads()
                .iter()
                .find(move |payload| payload.action == action)
        };
        let (telling, there_when_done) = match (of(Action::Create), of(Action::Delete)) {
            (Some(created), _) => (created, true),
            (None, Some(deleted)) => (deleted, false),
            (None, None) => return Ok(false),
        };
        Ok(self.is_there(
            telling.record.entity_type(),
            telling.record.identity().key(),
            purpose,
        )? == there_when_done)
    }

    /// Whether the server has the entity of this type with this key.
    fn is_there(&self, entity_type: &EntityType, key: &Key, purpose: Purpose) -> Result<bool> {
        let projections: Vec<&str> = entity_type
            .primary_key()
            .map(ftrack_entity::Attribute::name)
            .collect();
        let text = format!(
            "select {} from {} where {}",
            projections.join(", "),
            entity_type.name(),
            crate::query_text::key_conditions(entity_type, key),
        );
        let purpose = Purpose {
            name: "query",
            is_read: true,
            ..purpose
        };
        let body = self.channel().ask(&[Request::Query(text)], purpose)?;
        let (answers, _) = accepted(&body, self.schema(), &[Expected::Rows(entity_type.name())])?;
        Ok(
            matches!(answers.first(), Some(ftrack_entity::Answer::Rows { identities, .. }) if !identities.is_empty()),
        )
    }
}

fn unknown_outcome(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        ErrorKind::CommitOutcomeUnknown,
        "the answer to the commit was lost, and what became of it could not be found out; the operations are kept",
    )
    .with_source(cause)
}
