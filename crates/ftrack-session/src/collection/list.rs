//! What else lists can do.

use std::ops::{Bound, RangeBounds};

use super::{Collection, identities_of};
use crate::entity::Entity;
use crate::error::Result;

impl Collection {
    /// The entity that the collection belongs to.
    pub fn entity(&self) -> &Entity {
        &self.owner
    }

    /// The name of the attribute.
    pub fn name(&self) -> &str {
        self.attribute().name()
    }

    /// Whether the collection can be changed.
    pub fn is_mutable(&self) -> bool {
        self.attribute().is_mutable()
    }

    /// Adds entities at the end: all, or none of them.
    ///
    /// ```
    /// # fn example(list: &ftrack_session::Entity, shots: &[ftrack_session::Entity]) -> ftrack_session::Result<()> {
    /// list.collection("items")?.extend(shots)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn extend<'a>(&self, entities: impl IntoIterator<Item = &'a Entity>) -> Result<()> {
        let entities = identities_of(entities);
        self.change(|members| self.append(members, &entities))
    }

    /// Takes the last entity out; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`ImmutableCollection`](crate::ErrorKind::ImmutableCollection) if the collection cannot be changed.
    pub fn pop(&self) -> Result<Option<Entity>> {
        if self.is_empty() {
            return Ok(None);
        }
        let last = self.change(|members| Ok(members.pop()))?;
        last.map(|identity| self.owner.related(&identity))
            .transpose()
    }

    /// Turns the order around.
    ///
    /// # Errors
    ///
    /// [`ImmutableCollection`](crate::ErrorKind::ImmutableCollection) if the collection cannot be changed.
    pub fn reverse(&self) -> Result<()> {
        self.change(|members| {
            members.reverse();
            Ok(())
        })
    }

    /// The index of `entity`, if it is there.
    pub fn index_of(&self, entity: &Entity) -> Option<usize> {
        self.members()
            .iter()
            .position(|member| member == entity.identity())
    }

    /// How often `entity` is there: 1 or 0.
    pub fn count(&self, entity: &Entity) -> usize {
        usize::from(self.contains(entity))
    }

    /// The first entity, if there is any.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn first(&self) -> Result<Option<Entity>> {
        self.get(0)
    }

    /// The last entity, if there is any.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn last(&self) -> Result<Option<Entity>> {
        match self.len().checked_sub(1) {
            Some(index) => self.get(index),
            None => Ok(None),
        }
    }

    /// The entities at the indexes of `range`, as far as there are any.
    ///
    /// ```
    /// # fn example(project: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let children = project.collection("children")?;
    /// let first_three = children.slice(..3)?;
    /// assert!(first_three.len() <= 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`entities`](Self::entities).
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Result<Vec<Entity>> {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => usize::MAX,
        };
        let members = self.members();
        let members = members.iter().skip(start).take(end.saturating_sub(start));
        members
            .map(|identity| self.owner.related(identity))
            .collect()
    }

    /// The entities as they are now, one by one.
    pub fn iter(&self) -> Members {
        Members {
            collection: self.clone(),
            members: self.identities().into_iter(),
        }
    }
}

/// The entities of a collection, one by one. Made by [`Collection::iter`].
#[derive(Debug)]
pub struct Members {
    collection: Collection,
    members: std::vec::IntoIter<ftrack_entity::Identity>,
}

impl Iterator for Members {
    type Item = Result<Entity>;

    fn next(&mut self) -> Option<Result<Entity>> {
        let identity = self.members.next()?;
        Some(self.collection.owner.related(&identity))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.members.size_hint()
    }
}

impl DoubleEndedIterator for Members {
    fn next_back(&mut self) -> Option<Result<Entity>> {
        let identity = self.members.next_back()?;
        Some(self.collection.owner.related(&identity))
    }
}

impl ExactSizeIterator for Members {}

/// The entities as they were when this began.
impl IntoIterator for Collection {
    type Item = Result<Entity>;
    type IntoIter = Members;

    fn into_iter(self) -> Members {
        self.iter()
    }
}

/// The entities as they were when this began.
impl IntoIterator for &Collection {
    type Item = Result<Entity>;
    type IntoIter = Members;

    fn into_iter(self) -> Members {
        self.iter()
    }
}
