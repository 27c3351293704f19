//! Writes entities as JSON, each spelled out once.

use std::collections::hash_map::Entry as HashEntry;

use rustc_hash::FxHashMap;

use super::projection::{Entry, Node, Projection};
use crate::catalog::{AttributeInfo, Source, TypeId, TypeInfo};
use crate::read::{Handle, View};
use crate::value::write_text;

/// Writes the entities of one answer.
///
/// An entity that occurs again is only referred to by type and key, unless the client asked for
/// answers that can be read without putting entities together.
#[derive(Debug)]
pub(crate) struct Encoder<'a> {
    view: View<'a>,
    projection: &'a Projection,
    denormalize: bool,
    written: FxHashMap<Handle, Places>,
}

/// The nodes for which an entity is spelled out already: one, for most.
#[derive(Debug)]
struct Places {
    first: usize,
    more: Vec<usize>,
}

impl<'a> Encoder<'a> {
    /// Prepares an answer.
    pub(crate) fn new(view: View<'a>, projection: &'a Projection, denormalize: bool) -> Self {
        Self {
            view,
            projection,
            denormalize,
            written: FxHashMap::default(),
        }
    }

    /// Writes a list of results.
    pub(crate) fn list(&mut self, handles: &[Handle], out: &mut Vec<u8>) {
        self.entities(handles.iter().copied(), 0, out);
    }

    /// Writes one result.
    pub(crate) fn one(&mut self, handle: Handle, out: &mut Vec<u8>) {
        self.entity(handle, 0, out);
    }

    fn entities(&mut self, handles: impl Iterator<Item = Handle>, node: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        let budget = self.view.budget;
        for (index, handle) in handles.take_while(|_| !budget.is_over()).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.entity(handle, node, out);
        }
        out.push(b']');
    }

    fn entity(&mut self, handle: Handle, node: usize, out: &mut Vec<u8>) {
        let projection = self.projection;
        let steps = projection.get(node).map_or(0, Node::len);
        let is_bounded =
            self.view.budget.spend_on(1 + steps) && self.view.budget.grow_answer(out.len());
        let Some(content) = projection.get(node).filter(|_| is_bounded) else {
            out.extend_from_slice(b"null");
            return;
        };
        let info = self.view.store.catalog().get(handle.type_id());
        let is_known = !self.denormalize && self.is_known(handle, node);
        out.extend_from_slice(b"{\"__entity_type__\":");
        self.type_name(info, content, out);
        if is_known {
            self.plain(handle, info, info.key_positions(), out);
        } else {
            self.plain(handle, info, info.always.iter().copied(), out);
            self.content(handle, info, content, out);
        }
        out.push(b'}');
    }

    /// Writes attributes that are not entities.
    fn plain(
        &mut self,
        handle: Handle,
        info: &TypeInfo,
        positions: impl Iterator<Item = usize>,
        out: &mut Vec<u8>,
    ) {
        for attribute in positions.filter_map(|position| info.attributes.get(position)) {
            self.attribute(handle, attribute, Entry::default(), out);
        }
    }

    /// Writes what was asked for and is not written in any case.
    fn content(&mut self, handle: Handle, info: &TypeInfo, content: &Node, out: &mut Vec<u8>) {
        for (name, entry) in &content.entries {
            let Some(position) = info.position(*name) else {
                continue;
            };
            if entry.child.is_none() && info.always.contains(&position) {
                continue;
            }
            if let Some(attribute) = info.attributes.get(position) {
                self.attribute(handle, attribute, *entry, out);
            }
        }
    }

    /// Whether everything that this place of the answer says is said already; notes it otherwise.
    fn is_known(&mut self, handle: Handle, node: usize) -> bool {
        let projection = self.projection;
        match self.written.entry(handle) {
            HashEntry::Vacant(place) => {
                place.insert(Places {
                    first: node,
                    more: Vec::new(),
                });
                false
            }
            HashEntry::Occupied(mut place) => {
                let places = place.get_mut();
                let mut known = std::iter::once(places.first).chain(places.more.iter().copied());
                let is_known = known.any(|known| projection.covers(known, node));
                if !is_known {
                    places.more.push(node);
                }
                is_known
            }
        }
    }

    fn type_name(&self, info: &TypeInfo, content: &Node, out: &mut Vec<u8>) {
        let shown_as: Option<TypeId> = content.shown_as.filter(|_| info.shows.is_none());
        match shown_as {
            Some(shown) => write_text(&self.view.store.catalog().get(shown).name, out),
            None => write_text(&info.name, out),
        }
    }

    fn attribute(
        &mut self,
        handle: Handle,
        attribute: &AttributeInfo,
        entry: Entry,
        out: &mut Vec<u8>,
    ) {
        let catalog = self.view.store.catalog();
        out.extend_from_slice(catalog.label(attribute.name).as_bytes());
        match &attribute.source {
            Source::Stored { .. } | Source::Computed { .. } => {
                self.view.value(handle, attribute).write(out);
            }
            Source::Collection { .. } => {
                let members = self.view.members(handle, attribute);
                let fits = |member: &Handle| {
                    entry
                        .cast
                        .is_none_or(|cast| catalog.is_member(member.type_id(), cast))
                };
                self.entities(
                    members.into_iter().filter(fits),
                    entry.child.unwrap_or(usize::MAX),
                    out,
                );
            }
            _ => {
                let target = self.view.reference(handle, attribute).filter(|target| {
                    entry
                        .cast
                        .is_none_or(|cast| catalog.is_member(target.type_id(), cast))
                });
                match (target, entry.child) {
                    (Some(target), Some(child)) => self.entity(target, child, out),
                    _ => out.extend_from_slice(b"null"),
                }
            }
        }
    }
}
