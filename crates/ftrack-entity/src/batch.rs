//! Operations as the server is told of them.

mod encode;
mod plan;

use std::sync::Arc;

pub use self::encode::{Request, encode_requests};
use crate::decode::{Expected, Staged};
use crate::identity_map::IdentityMap;
use crate::operation::{OperationLog, Recorded};
use crate::record::Record;
use crate::schema::{AttributePosition, Schema};
use crate::value::Value;

/// What is sent to the server in one commit: one transaction.
///
/// Planning leaves out what cancels out and joins what belongs together (product documentation, "Understanding
/// sessions", Unit of work): operations on an entity that is created and deleted in the same batch, all but the last
/// update of an attribute, and updates that follow their entity's create directly.
#[derive(Debug)]
pub struct Batch {
    payloads: Vec<Payload>,
    /// The number of the last operation that this batch stands for.
    last_sequence: u64,
    touched: Vec<Arc<Record>>,
}

/// One request of a batch.
#[derive(Debug, Clone)]
pub struct Payload {
    /// What to do.
    pub action: Action,
    /// With which entity.
    pub record: Arc<Record>,
    /// The values to write, by attribute position; none for a delete.
    pub data: Vec<(AttributePosition, Value)>,
}

/// What a [`Payload`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Create the entity.
    Create,
    /// Change values of the entity.
    Update,
    /// Delete the entity.
    Delete,
}

impl Action {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl Batch {
    /// Plans the batch for `operations`, which are in order.
    pub fn plan(operations: &[Recorded]) -> Self {
        let mut seen = rustc_hash::FxHashSet::default();
        let touched = operations
            .iter()
            .map(|recorded| recorded.operation.record())
            .filter(|record| seen.insert(plan::address(record)))
            .cloned()
            .collect();
        Self {
            payloads: plan::payloads(operations),
            last_sequence: operations.last().map_or(0, |recorded| recorded.sequence),
            touched,
        }
    }

    /// Whether nothing is left to send.
    pub fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }

    /// The requests, in order.
    pub fn payloads(&self) -> &[Payload] {
        &self.payloads
    }

    /// The body of the request: a JSON array.
    pub fn encode(&self, schema: &Schema) -> Vec<u8> {
        encode::payloads(&self.payloads, schema)
    }

    /// What the elements of the answer will be.
    pub fn expected(&self) -> Vec<Expected> {
        let expected = |payload: &Payload| match payload.action {
            Action::Create | Action::Update => {
                Expected::Entity(payload.record.identity().entity_type())
            }
            Action::Delete => Expected::Deleted,
        };
        self.payloads.iter().map(expected).collect()
    }

    /// Takes over a successful commit and gives back the operations that it stood for: they leave the log, what was
    /// sent becomes remote, what the server added is merged, deleted entities leave the map and do not come back with
    /// answers that were asked for before. Values that were set after the batch was planned stay local.
    pub fn apply(
        &self,
        log: &mut OperationLog,
        records: &IdentityMap,
        answer: Staged,
    ) -> Vec<Recorded> {
        let sent = log.discard(self.last_sequence);
        let epoch = records.next_epoch();
        for record in &self.touched {
            record.committed(self.last_sequence, epoch);
        }
        for payload in &self.payloads {
            let identity = payload.record.identity();
            match payload.action {
                Action::Delete if log.state(identity).is_none() => records.delete(identity, epoch),
                Action::Create => records.revive(identity),
                Action::Delete | Action::Update => {}
            }
        }
        // What was written is held by `touched` until the values are in.
        drop(records.merge_sent_at(answer, epoch));
        sent
    }
}
