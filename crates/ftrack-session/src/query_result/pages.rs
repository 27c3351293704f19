//! The pages of a query's results.

use std::collections::VecDeque;

use ftrack_entity::{Answer, Expected, Identity, Request, RequestEpoch, encode_requests};

use super::Prepared;
use crate::entity::Entity;
use crate::error::Result;
use crate::fetch::FetchPolicy;
use crate::session::HeldRecords;
use crate::session::Session;
use crate::session::{Purpose, Sent, accepted};
use crate::shared::Shared;

/// The pages of a query: the rows of the current one, and the request for the next.
pub(super) struct Pages {
    pub(super) session: Session,
    pub(super) prepared: Prepared,
    pub(super) page_size: u64,
    /// How many rows are still wanted, where the query has a limit.
    pub(super) remaining: Option<u64>,
    pub(super) purpose: Purpose,
    pub(super) rows: VecDeque<Identity>,
    /// When the rows were asked for: those that were deleted since are left out.
    pub(super) asked: Option<RequestEpoch>,
    pub(super) held: Option<Shared<HeldRecords>>,
    pub(super) policy: Option<FetchPolicy>,
    pub(super) next: Option<(Sent, RequestEpoch)>,
}

impl Pages {
    pub(super) fn request(&mut self, offset: u64) {
        let limit = self
            .remaining
            .map_or(self.page_size, |remaining| remaining.min(self.page_size));
        let text = self.prepared.split.page(offset, limit);
        let asked = self.session.records().begin_request();
        let body = encode_requests(&[Request::Query(text)]);
        self.next = Some((self.session.channel().send(body, 1, self.purpose), asked));
    }

    /// Takes the next page in; false if there is none.
    fn turn(&mut self) -> Result<bool> {
        let Some((sent, asked)) = self.next.take() else {
            return Ok(false);
        };
        let body = self.session.channel().receive(sent)?;
        let expected = [Expected::Rows(self.prepared.entity_type.name())];
        let (answers, staged) = accepted(&body, self.session.schema(), &expected)
            .map_err(|error| self.prepared.explain(self.session.schema(), error))?;
        let Some(Answer::Rows {
            mut identities,
            next_offset,
        }) = answers.into_iter().next()
        else {
            return Ok(false);
        };
        if let Some(remaining) = &mut self.remaining {
            identities.truncate(usize::try_from(*remaining).unwrap_or(usize::MAX));
            *remaining -= identities.len() as u64;
        }
        // The next page is on its way while this one is merged and read.
        if let Some(offset) =
            next_offset.filter(|_| self.remaining != Some(0) && !identities.is_empty())
        {
            self.request(offset);
        }
        self.held = self.session.held(&self.session.take_over(staged, &asked));
        self.asked = Some(asked);
        self.rows = identities.into();
        Ok(true)
    }
}

impl Iterator for Pages {
    type Item = Result<Entity>;

    fn next(&mut self) -> Option<Result<Entity>> {
        loop {
            if let Some(identity) = self.rows.pop_front() {
                let is_lost = |asked: &RequestEpoch| asked.has_lost(&identity);
                if self.asked.as_ref().is_some_and(is_lost) {
                    continue;
                }
                let entity = self.session.entity_among(&identity, self.held.as_ref());
                return Some(entity.map(|entity| entity.with_policy(self.policy)));
            }
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
