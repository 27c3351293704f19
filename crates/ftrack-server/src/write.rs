//! Writing: creates, updates and deletes of one batch, and the rules that a production keeps.

mod activity;
mod circles;
mod collection;
mod create;
mod custom;
mod decode;
mod defaults;
mod delete;
mod family;
mod finish;
mod link;
mod merge;
mod permission;
mod projects;
mod restore;
mod rules;
mod sound;
mod unique;
mod update;

pub(crate) use self::activity::ActivityEntry;
pub(crate) use self::decode::{Decoder, entity_key};
pub(crate) use self::delete::count_deleted;
pub(crate) use self::merge::Footprint;
use self::merge::Premises;
pub(crate) use self::restore::{RestorableRow, Restored};

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::budget::Budget;
use crate::catalog::{Catalog, NameId, Slot, TypeId};
use crate::links::Links;
use crate::read::{Handle, View};
use crate::rights::Rights;
use crate::store::{Key, RowRef, Store, Transaction};
use crate::value::Value;

/// The writes of one request to a copy of the store, which takes its place when all of them are done.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    transaction: Transaction<'a>,
    catalog: Arc<Catalog>,
    links: &'a Links,
    /// What reading for whoever sent the request may take.
    budget: &'a Budget,
    /// What the rules read is bounded by what there is.
    own_budget: Budget,
    /// Who sent the request.
    user: Value,
    /// What they may see and change; nothing where that is everything.
    limits: Option<Rights>,
    /// What this batch deleted; deleting it again, or deleting what went with it, is not an error.
    deleted: FxHashSet<(TypeId, Key)>,
    /// Rows taken out of a collection that they cannot be without.
    orphans: Vec<(RowRef, Slot)>,
    /// What rows no longer name because it was deleted.
    released: FxHashSet<(RowRef, Slot)>,
    /// What it goes by, besides what it changed.
    premises: Premises,
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
    pub(crate) fn new(
        store: &'a mut Store,
        links: &'a Links,
        user: Value,
        budget: &'a Budget,
    ) -> Self {
        let catalog = store.shared_catalog();
        let limits = Rights::new(store, &user);
        let transaction = Transaction::new(store);
        Self {
            transaction,
            catalog,
            links,
            budget,
            own_budget: Budget::unlimited(),
            user,
            limits,
            deleted: FxHashSet::default(),
            orphans: Vec::new(),
            released: FxHashSet::default(),
            premises: Premises::default(),
        }
    }

    /// The state with everything that this batch did so far.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            store: self.transaction.store(),
            links: self.links,
            reader: None,
            budget: &self.own_budget,
            is_settled: false,
        }
    }

    /// As `view`, within what the request may take.
    pub(crate) fn bounded_view(&self) -> View<'_> {
        View {
            budget: self.budget,
            ..self.view()
        }
    }

    /// As `bounded_view`, without what whoever sent the request may not see.
    pub(crate) fn own_view(&self) -> View<'_> {
        View {
            reader: self.reader(),
            ..self.bounded_view()
        }
    }

    /// The changes of this batch.
    pub(crate) fn transaction(&self) -> &Transaction<'a> {
        &self.transaction
    }

    /// The changes of this batch, when it is done.
    pub(crate) fn into_transaction(self) -> Transaction<'a> {
        self.transaction
    }

    /// Derives what follows from other rows for all that there are.
    pub(crate) fn derive_all(&mut self) {
        let rows: Vec<RowRef> = self
            .catalog
            .types()
            .iter()
            .filter(|info| info.is_concrete)
            .flat_map(|info| self.store().rows(info.id).collect::<Vec<_>>())
            .collect();
        self.derive_projects(&rows, &[]);
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

    fn store(&self) -> &Store {
        self.transaction.store()
    }

    fn type_name(&self, row: RowRef) -> &str {
        &self.catalog.get(row.type_id).name
    }

    /// Whether the row is of a type or of a member of the family of that name.
    fn is_a(&self, row: RowRef, family: &str) -> bool {
        self.catalog.get(row.type_id).is_seen_by(family)
    }
}
