//! Writing: creates, updates and deletes of one batch, and the rules that a production keeps.

mod activity;
mod collection;
mod create;
mod custom;
mod decode;
mod defaults;
mod delete;
mod finish;
mod permission;
mod restore;
mod rules;
mod unique;
mod update;

pub(crate) use self::decode::entity_key;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::catalog::{Catalog, NameId, Slot, TypeId};
use crate::links::Links;
use crate::read::{Handle, Reader, View};
use crate::store::{Key, RowRef, Store, Transaction};
use crate::value::Value;

/// The writes of one request: all take effect, or none.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    transaction: Transaction<'a>,
    catalog: Arc<Catalog>,
    links: &'a Links,
    /// Who sent the request.
    user: Value,
    /// What they may see and change; nothing where that is everything.
    limits: Option<Reader>,
    /// What this batch deleted; deleting it once more, or what went with it, is no fault.
    deleted: FxHashSet<(TypeId, Key)>,
    /// Rows taken out of a collection that they cannot be without.
    orphans: Vec<(RowRef, Slot)>,
}

/// What a create or update did.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) handle: Handle,
    /// The key, for an entity that the batch deletes later.
    pub(crate) key: Key,
    /// The type as the client called it.
    pub(crate) type_id: TypeId,
    /// The attributes that the client sent.
    pub(crate) names: Vec<NameId>,
    /// Whether the entity is new, so that the client knows none of its values.
    pub(crate) is_new: bool,
}

impl<'a> Batch<'a> {
    /// Starts a batch sent by the user with this id.
    pub(crate) fn new(store: &'a mut Store, links: &'a Links, user: Value) -> Self {
        let catalog = store.shared_catalog();
        let limits = Reader::new(store, &user);
        let transaction = Transaction::new(store);
        Self {
            transaction,
            catalog,
            links,
            user,
            limits,
            deleted: FxHashSet::default(),
            orphans: Vec::new(),
        }
    }

    /// The state with everything that this batch did so far.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            store: self.transaction.store(),
            links: self.links,
            reader: None,
        }
    }

    /// As `view`, without what whoever sent the request may not see.
    pub(crate) fn own_view(&self) -> View<'_> {
        View {
            reader: self.reader(),
            ..self.view()
        }
    }

    /// The changes of this batch.
    pub(crate) fn transaction(&self) -> &Transaction<'a> {
        &self.transaction
    }

    /// The ids of the components that are gone.
    pub(crate) fn deleted_components(&self) -> Vec<String> {
        let root = self.catalog.find("Component").map(|info| info.id);
        let keys = self
            .deleted
            .iter()
            .filter(|(type_id, _)| Some(*type_id) == root);
        keys.map(|(_, key)| key.display()).collect()
    }

    /// Keeps the changes.
    pub(crate) fn keep(self) {
        self.transaction.keep();
    }

    fn store(&self) -> &Store {
        self.transaction.store()
    }

    fn type_name(&self, row: RowRef) -> &str {
        &self.catalog.get(row.type_id).name
    }

    /// Whether the row is of a type or of a member of the family of that name.
    fn is_a(&self, row: RowRef, family: &str) -> bool {
        self.catalog
            .find(family)
            .is_some_and(|info| self.catalog.is_member(row.type_id, info.id))
    }
}
