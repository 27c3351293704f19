//! Entities to look at, in the order of an answer.

use super::Handle;
use crate::catalog::TypeId;
use crate::store::{RowList, RowRef};

/// Entities among which all results are. Whoever reads sees each of them.
#[derive(Debug)]
pub(super) enum Candidates<'a> {
    /// Lists of row numbers straight from an index, one per concrete type.
    Listed(Vec<(TypeId, RowList<'a>)>),
    /// Entities in order.
    Collected(Vec<Handle>),
}

/// Rows of a concrete type that an index lists for a value.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) type_id: TypeId,
    pub(super) rows: RowList<'a>,
    /// Whether whoever reads sees all of them.
    pub(super) is_seen: bool,
}

impl<'a> Candidates<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Listed(lists) => lists.iter().map(|(_, rows)| rows.len()).sum(),
            Self::Collected(handles) => handles.len(),
        }
    }

    pub(super) fn handles(self) -> Box<dyn Iterator<Item = Handle> + 'a> {
        match self {
            Self::Listed(lists) => Box::new(lists.into_iter().flat_map(|(type_id, rows)| {
                rows.iter()
                    .map(move |row| Handle::Row(RowRef { type_id, row: *row }))
            })),
            Self::Collected(handles) => Box::new(handles.into_iter()),
        }
    }

    pub(super) fn collected(mut handles: Vec<Handle>) -> Self {
        handles.sort_unstable();
        handles.dedup();
        Self::Collected(handles)
    }

    /// The candidates that are in one of some lists too. What of the lists is no candidate, and may be hidden, is not
    /// looked at.
    pub(super) fn within(&self, lists: &[List<'_>]) -> Self {
        let lists = lists.iter();
        let mut lists: Vec<_> = lists
            .map(|list| (list.type_id, list.rows.iter().peekable()))
            .collect();
        // Both are in order, so each is walked through once.
        let mut is_listed = |handle: &Handle| {
            let Handle::Row(wanted) = handle else {
                return false;
            };
            let of_type = lists
                .iter_mut()
                .filter(|(type_id, _)| *type_id == wanted.type_id);
            of_type.fold(false, |is_found, (_, rows)| {
                while rows.next_if(|row| **row < wanted.row).is_some() {}
                is_found || rows.peek().is_some_and(|row| **row == wanted.row)
            })
        };
        let found = match self {
            Self::Listed(listed) => {
                let rows = listed.iter().flat_map(|(type_id, rows)| {
                    let type_id = *type_id;
                    let rows = rows.iter();
                    rows.map(move |row| Handle::Row(RowRef { type_id, row: *row }))
                });
                rows.filter(|row| is_listed(row)).collect()
            }
            Self::Collected(handles) => {
                let handles = handles.iter().copied();
                handles.filter(|handle| is_listed(handle)).collect()
            }
        };
        Self::Collected(found)
    }
}
