//! What an answer says about the entities it holds.

use ftrack_query::{Path, Query};
use indexmap::IndexMap;

use crate::catalog::{NameId, Source, TypeId};
use crate::read::{Compiler, Handle, Hop, View};
use crate::request_error::RequestError;
use crate::write::Written;

/// The attributes asked for, as a tree of numbered nodes; the first is that of the results.
#[derive(Debug)]
pub(crate) struct Projection {
    nodes: Vec<Node>,
}

/// Which attributes the answer to a create or update has: those that were sent, and all that a new entity has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrittenAttributes<'w> {
    /// The type as the client called it.
    called: TypeId,
    type_id: TypeId,
    /// What a new entity has a value of.
    filled: Vec<NameId>,
    /// What the client sent.
    sent: &'w [NameId],
}

impl<'w> WrittenAttributes<'w> {
    pub(crate) fn new(view: View<'_>, written: &'w Written) -> Self {
        let info = view.store.catalog().get(written.handle.type_id());
        let mut filled = Vec::new();
        if let (true, Handle::Row(row)) = (written.is_new, written.handle) {
            let slots = info.slots.iter().enumerate();
            let slots = slots.filter(|(slot, _)| !view.store.value(row, *slot).is_null());
            let attributes = slots.filter_map(|(slot, _)| info.slot_attribute(slot));
            filled.extend(attributes.map(|attribute| attribute.name));
        }
        Self {
            called: written.type_id,
            type_id: info.id,
            filled,
            sent: &written.names,
        }
    }
}

/// What is said about the entities in one place of the answer.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) entries: IndexMap<NameId, Entry>,
    /// The type asked for, where it shows the rows of another type under its own name.
    pub(super) shown_as: Option<TypeId>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) cast: Option<TypeId>,
    /// The node of the entities that the attribute leads to.
    pub(super) child: Option<usize>,
}

impl Node {
    /// How many attributes are said.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

impl Projection {
    /// The projections of a query; the defaults of the type where it has none.
    ///
    /// # Errors
    /// Names that the schema does not have.
    pub(crate) fn from_query(compiler: Compiler<'_>, query: &Query) -> Result<Self, RequestError> {
        let start = compiler.entity_type(query.entity_type())?;
        let mut projection = Self::empty(compiler, start);
        if let Some(paths) = query.projections() {
            for path in paths {
                projection.add(compiler, start, path)?;
            }
        } else {
            let catalog = compiler.view.store.catalog();
            let names: Vec<NameId> = catalog
                .get(start)
                .defaults
                .iter()
                .filter_map(|name| catalog.name_id(name))
                .collect();
            projection.add_names(&names);
        }
        Ok(projection)
    }

    /// What the answer to a create or update says.
    pub(crate) fn from_written(compiler: Compiler<'_>, attributes: &WrittenAttributes<'_>) -> Self {
        let catalog = compiler.view.store.catalog();
        let mut projection = Self::empty(compiler, attributes.called);
        projection.add_names(&attributes.filled);
        for name in attributes.sent {
            let types = catalog
                .get(attributes.type_id)
                .attribute(*name)
                .and_then(|attribute| attribute.source.target());
            let hop = Hop {
                name: *name,
                cast: None,
            };
            projection.child(compiler, 0, hop, types.as_slice());
        }
        // Clients take an answer for what they asked for, and look for it in vain under another name.
        let called = catalog.get(attributes.called);
        if !called.is_concrete
            && called.shows.is_none()
            && let Some(node) = projection.nodes.first_mut()
        {
            node.shown_as = Some(called.id);
        }
        projection
    }

    /// Only what every answer says.
    pub(crate) fn empty(compiler: Compiler<'_>, start: TypeId) -> Self {
        let mut projection = Self { nodes: Vec::new() };
        projection.node(compiler, &[start]);
        projection
    }

    /// Adds attributes of the results.
    pub(crate) fn add_names(&mut self, names: &[NameId]) {
        if let Some(node) = self.nodes.first_mut() {
            for name in names {
                node.entries.entry(*name).or_default();
            }
        }
    }

    fn add(
        &mut self,
        compiler: Compiler<'_>,
        start: TypeId,
        path: &Path,
    ) -> Result<(), RequestError> {
        let mut types = vec![start];
        let mut node = 0;
        let mut walked = Path {
            segments: Vec::new(),
            span: path.span,
        };
        for segment in &path.segments {
            walked.segments.push(segment.clone());
            if is_missing_id(compiler, &types, &segment.name) {
                return Ok(());
            }
            let end = compiler.path(&[start], &walked)?;
            let Some(hop) = end.hops.last().copied() else {
                continue;
            };
            refuse_restricted(compiler, &types, hop, &segment.name)?;
            types = end.types;
            node = self.child(compiler, node, hop, &types);
        }
        Ok(())
    }

    /// The node behind an attribute, made where it is missing.
    fn child(&mut self, compiler: Compiler<'_>, node: usize, hop: Hop, types: &[TypeId]) -> usize {
        let known = self
            .nodes
            .get(node)
            .and_then(|node| node.entries.get(&hop.name))
            .copied();
        let mut entry = known.unwrap_or_default();
        entry.cast = entry.cast.or(hop.cast);
        if entry.child.is_none() && !types.is_empty() {
            entry.child = Some(self.node(compiler, types));
        }
        if let Some(node) = self.nodes.get_mut(node) {
            node.entries.insert(hop.name, entry);
        }
        entry.child.unwrap_or(node)
    }

    fn node(&mut self, compiler: Compiler<'_>, types: &[TypeId]) -> usize {
        let catalog = compiler.view.store.catalog();
        let shown_as = match types {
            [only] => catalog.get(*only).shows.map(|_| *only),
            _ => None,
        };
        let mut node = Node {
            shown_as,
            ..Node::default()
        };
        // The typed values of custom attributes are of no use without their key and value.
        if types
            .iter()
            .any(|type_id| catalog.is_custom_value(*type_id))
        {
            for name in ["key", "value"]
                .iter()
                .filter_map(|name| catalog.name_id(name))
            {
                node.entries.insert(name, Entry::default());
            }
        }
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn get(&self, node: usize) -> Option<&Node> {
        self.nodes.get(node)
    }

    /// Whether a place of the answer that spells out `wide` leaves nothing to say for `narrow`.
    pub(super) fn covers(&self, wide: usize, narrow: usize) -> bool {
        if wide == narrow {
            return true;
        }
        let (Some(wide), Some(narrow)) = (self.nodes.get(wide), self.nodes.get(narrow)) else {
            return false;
        };
        narrow.entries.iter().all(
            |(name, entry)| match (wide.entries.get(name), entry.child) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(known), Some(child)) => {
                    known.cast == entry.cast
                        && known.child.is_some_and(|known| self.covers(known, child))
                }
            },
        )
    }
}

/// Every type may be asked for `id`; those that have none leave it out, as real servers do.
fn is_missing_id(compiler: Compiler<'_>, types: &[TypeId], name: &str) -> bool {
    let catalog = compiler.view.store.catalog();
    let Some(id) = catalog.name_id("id").filter(|_| name == "id") else {
        return false;
    };
    let has_id = |type_id: &TypeId| catalog.get(*type_id).attribute(id).is_some();
    let has_any =
        |type_id: &TypeId| has_id(type_id) || catalog.get(*type_id).found().iter().any(has_id);
    !types.is_empty() && !types.iter().any(has_any)
}

fn refuse_restricted(
    compiler: Compiler<'_>,
    types: &[TypeId],
    hop: Hop,
    name: &str,
) -> Result<(), RequestError> {
    let catalog = compiler.view.store.catalog();
    let is_restricted = types.iter().any(|type_id| {
        let attribute = catalog.get(*type_id).attribute(hop.name);
        matches!(
            attribute.map(|a| &a.source),
            Some(Source::Collection {
                is_restricted: true,
                ..
            })
        )
    });
    if is_restricted {
        return Err(RequestError::validation(format!(
            "{name} can be used in filters only"
        )));
    }
    Ok(())
}
