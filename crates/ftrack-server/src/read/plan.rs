//! How a query finds its entities: where it looks, and what it checks there.

use rustc_hash::FxHashSet;

use super::candidates::FOLLOW_LIMIT;
use super::condition::{Condition, Test};
use super::lists::Candidates;
use super::{Handle, Hop, View};
use crate::catalog::{NameId, Source, TypeId};
use crate::text::Case;
use crate::value::Value;

/// Where to look, and what to check.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// Entities among which are all that are wanted; nothing to look at every one of the type.
    pub(super) candidates: Option<Candidates<'a>>,
    /// What is not known of them already.
    pub(super) conditions: Vec<Condition>,
}

impl<'a> View<'a> {
    /// How to find the entities of a family that fulfil a condition.
    pub(super) fn plan(self, family: TypeId, condition: Option<Condition>) -> Plan<'a> {
        let mut conditions = match condition {
            None => Vec::new(),
            Some(Condition::All(parts)) => parts,
            Some(other) => vec![other],
        };
        for condition in &mut conditions {
            self.follow_references(family, condition);
        }
        let best = self.best(family, &conditions, usize::MAX);
        let candidates = best.map(|(position, candidates)| {
            let chosen = conditions.get(position);
            if chosen.is_some_and(|chosen| self.is_told_by_index(family, chosen)) {
                conditions.remove(position);
            }
            candidates
        });
        Plan {
            candidates,
            conditions,
        }
    }

    /// Puts the keys that a reference may hold in place of what it leads to: that is looked up once then, and not for
    /// each row.
    fn follow_references(self, family: TypeId, condition: &mut Condition) {
        let (hop, rest) = match condition {
            Condition::All(parts) | Condition::Either(parts) => {
                for part in parts {
                    self.follow_references(family, part);
                }
                return;
            }
            Condition::Compare { path, test } if test.is_looked_up() => match path.split_first() {
                Some((hop, rest)) if !rest.is_empty() => {
                    let (path, test) = (rest.to_vec(), test.clone());
                    (*hop, Condition::Compare { path, test })
                }
                _ => return,
            },
            Condition::Related {
                path,
                condition: Some(wanted),
            } => match path.split_first() {
                Some((hop, [])) => (*hop, wanted.as_ref().clone()),
                Some((hop, rest)) => {
                    let (path, condition) = (rest.to_vec(), Some(wanted.clone()));
                    (*hop, Condition::Related { path, condition })
                }
                None => return,
            },
            _ => return,
        };
        if let Some(keys) = self.keys_of_reached(family, hop, rest) {
            *condition = Condition::Compare {
                path: vec![hop],
                test: Test::In(keys, Case::Exact),
            };
        }
    }

    /// The keys of the entities that a reference may lead to, where an index tells all that fulfil a condition.
    fn keys_of_reached(
        self,
        family: TypeId,
        hop: Hop,
        mut condition: Condition,
    ) -> Option<FxHashSet<Value>> {
        if hop.cast.is_some() || !self.is_reference(family, hop.name) {
            return None;
        }
        let target = self.target(family, hop)?;
        self.follow_references(target, &mut condition);
        if !self.is_told_by_index(target, &condition) {
            return None;
        }
        let reached = self.candidates(target, &condition, FOLLOW_LIMIT)?;
        if reached.len() > FOLLOW_LIMIT || !self.budget.spend_on(reached.len()) {
            return None;
        }
        let keys = reached.handles().map(|handle| match handle {
            Handle::Row(row) => Some(self.store.id(row).clone()),
            _ => None,
        });
        keys.collect()
    }

    /// Whether each row of a family names an entity under this name, or has nothing of this name.
    fn is_reference(self, family: TypeId, name: NameId) -> bool {
        let catalog = self.store.catalog();
        let info = catalog.get(family);
        let is_reference = |member: &TypeId| {
            let attribute = catalog.get(*member).attribute(name);
            attribute.is_none_or(|found| match found.source {
                Source::Reference { target, .. } => catalog.get(target).primary_key.len() == 1,
                _ => false,
            })
        };
        info.faces.is_empty()
            && !catalog.is_custom_value(family)
            && info.members.iter().all(is_reference)
    }

    /// Whether candidates for a condition, where there are any, fulfil it.
    fn is_told_by_index(self, family: TypeId, condition: &Condition) -> bool {
        let catalog = self.store.catalog();
        match condition {
            Condition::Either(parts) => {
                parts.iter().all(|part| self.is_told_by_index(family, part))
            }
            Condition::Compare { path, test } => {
                matches!(path.as_slice(), [hop] if hop.cast.is_none())
                    && test.is_looked_up()
                    && catalog.get(family).faces.is_empty()
                    && !catalog.is_custom_value(family)
            }
            _ => false,
        }
    }
}
