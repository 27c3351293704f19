//! Reading entities: attributes, relations, queries.

mod candidates;
mod compare;
mod compile;
mod computed;
mod condition;
mod custom;
mod handle;
mod literal;
mod members;
mod order;
mod query;
mod reader;

pub(crate) use self::compile::{Compiler, Hop};
pub(crate) use self::computed::SERVER_LOCATION;
pub(crate) use self::handle::Handle;
pub(crate) use self::query::{Page, page, page_if};
pub(crate) use self::reader::Reader;
use crate::links::Links;
use crate::store::Store;

/// A store to read from, with what links into the outside need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) store: &'a Store,
    pub(crate) links: &'a Links,
    /// Who reads, where there is anything that they may not see.
    pub(crate) reader: Option<&'a Reader>,
}
