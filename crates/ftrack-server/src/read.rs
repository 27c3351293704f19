//! Reading entities: attributes, relations, queries.

mod bounds;
mod candidates;
mod compare;
mod computed;
mod condition;
mod custom;
mod expression;
mod groups;
mod handle;
mod hop;
mod lists;
mod literal;
mod members;
mod order;
mod pattern;
mod plan;
mod query;
mod reader;

pub(crate) use self::bounds::check;
#[cfg(feature = "media")]
pub(crate) use self::computed::SERVER_LOCATION;
pub(crate) use self::custom::EXPLICIT;
pub(crate) use self::groups::groups;
pub(crate) use self::handle::Handle;
pub(crate) use self::hop::Hop;
pub(crate) use self::query::{Compiler, Page, page, page_if};
use crate::budget::Budget;
use crate::links::Links;
use crate::rights::Rights;
use crate::store::Store;

/// A store to read from, with what links into the outside need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) store: &'a Store,
    pub(crate) links: &'a Links,
    /// Who reads, where there is anything that they may not see.
    pub(crate) reader: Option<&'a Rights>,
    /// What reading may take.
    pub(crate) budget: &'a Budget,
    /// Whether everything is derived that follows from other rows. In the middle of a batch it is not.
    pub(crate) is_settled: bool,
}
