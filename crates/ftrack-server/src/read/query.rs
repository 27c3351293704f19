//! Evaluating a query.

mod compile;

use ftrack_query::Query;

pub(crate) use self::compile::Compiler;
use super::lists::Candidates;
use super::order::{SortKey, sort};
use super::plan::Plan;
use super::{Handle, View};
use crate::catalog::TypeId;
use crate::request_error::RequestError;

/// Entities that a query found.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) handles: Vec<Handle>,
    /// Where the next page starts, when there are more.
    pub(crate) next_offset: Option<u64>,
    /// How many entities were looked at to find these.
    pub(crate) examined: u64,
}

/// One page of the entities that a query asks for.
///
/// # Errors
/// Names that the schema does not have, and values that do not fit.
pub(crate) fn page(view: View<'_>, query: &Query) -> Result<Page, RequestError> {
    page_if(view, query, |_| true)
}

/// As `page`, of those entities only for which `fits` holds too.
///
/// # Errors
/// As `page`.
pub(crate) fn page_if(
    view: View<'_>,
    query: &Query,
    fits: impl Fn(Handle) -> bool,
) -> Result<Page, RequestError> {
    let compiler = Compiler { view };
    let family = compiler.entity_type(query.entity_type())?;
    let condition = match query.filter() {
        Some(filter) => Some(compiler.condition(&[family], filter)?),
        None => None,
    };
    let keys = sort_keys(compiler, family, query)?;
    let offset = usize::try_from(query.offset().unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = query
        .limit()
        .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let Plan {
        candidates,
        conditions,
    } = view.plan(family, condition);
    let mut examined = 0;
    let is_shown = !view.store.catalog().get(family).faces.is_empty();
    let are_seen = candidates.is_some();
    // What is not seen is not counted either.
    let found = matching(view, family, candidates)
        .take_while(|_| view.budget.spend(1))
        .filter(|handle| are_seen || view.may_read(*handle))
        .inspect(|_| examined += 1)
        .filter_map(|handle| match handle {
            Handle::Row(row) if is_shown => view.shown(family, row),
            _ => Some(handle),
        });
    let matched = found.filter(|handle| {
        conditions
            .iter()
            .all(|condition| view.fulfils(*handle, condition))
            && fits(*handle)
    });
    let mut page = if keys.is_empty() {
        cut(matched, offset, limit)
    } else {
        // One more tells whether there are more.
        let wanted = limit.map_or(usize::MAX, |limit| offset.saturating_add(limit));
        let sorted = sort(view, matched, &keys, wanted.saturating_add(1));
        cut(sorted.into_iter(), offset, limit)
    };
    view.budget.check()?;
    page.examined = examined;
    tracing::trace!(
        entity_type = query.entity_type(),
        examined,
        found = page.handles.len(),
        "query"
    );
    Ok(page)
}

fn sort_keys(
    compiler: Compiler<'_>,
    family: TypeId,
    query: &Query,
) -> Result<Vec<SortKey>, RequestError> {
    let keys = query.order().iter();
    keys.map(|key| {
        let hops = compiler.path(&[family], &key.path)?.hops;
        Ok(SortKey {
            hops,
            is_descending: key.descending,
        })
    })
    .collect()
}

/// The entities to look at: the candidates where there are any, else all.
fn matching<'a>(
    view: View<'a>,
    family: TypeId,
    candidates: Option<Candidates<'a>>,
) -> Box<dyn Iterator<Item = Handle> + 'a> {
    match candidates {
        Some(candidates) => candidates.handles(),
        None if view.store.catalog().is_custom_value(family) => {
            Box::new(view.all_custom_values(family).into_iter())
        }
        None => Box::new(view.store.rows(family).map(Handle::Row)),
    }
}

/// Takes one page and looks one entity further, to know whether there are more.
fn cut(mut handles: impl Iterator<Item = Handle>, offset: usize, limit: Option<usize>) -> Page {
    let mut skipped = 0;
    while skipped < offset && handles.next().is_some() {
        skipped += 1;
    }
    let Some(limit) = limit else {
        return Page {
            handles: handles.collect(),
            ..Page::default()
        };
    };
    let taken: Vec<Handle> = handles.by_ref().take(limit).collect();
    let next = offset.saturating_add(taken.len());
    // Whoever wants no entities gets no further by asking again.
    let has_more = limit > 0 && handles.next().is_some();
    let next_offset = has_more.then(|| u64::try_from(next).ok()).flatten();
    Page {
        handles: taken,
        next_offset,
        examined: 0,
    }
}
