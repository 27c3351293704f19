//! Reads a schema definition: a text that says each thing once, a line a fact.
//!
//! ```text
//! # What several types have in common.
//! shape thumbnail
//!   thumbnail_id   key Component as thumbid
//!   thumbnail      to Component
//!
//! type Shot : TypedContext
//!   @object-type   bad911de-3bd6-47b9-8b46-3476e237cb36
//!   @immutable     object_type_id object_type ...
//!   @use           thumbnail
//!   bid            number = 0
//!   assets         list Asset by context_id
//!
//! order Shot Asset
//! ```
//!
//! A type starts as a copy of its family (after the colon), which must stand before it, but for `@abstract` and
//! `@server`. A line that begins with the number of a [version](SchemaVersion), such as `128:`, counts in that version
//! only; below a type's heading that does not count, nothing does. Lines below it add to that or replace it; `@use`
//! puts the lines of a shape in that place. Text from a word that starts with `#` is a comment.
//!
//! # Facts about the type
//!
//! | line | meaning |
//! |---|---|
//! | `@key A B` | primary key, in order; defaults to `id` |
//! | `@required A B`, `@immutable A B`, `@default A B` | names, in the order reported; default to the primary key |
//! | `@computed A B`, `@system A B` | the same; not reported by default |
//! | `...` in any of these | the names so far (of the family or of a shape) that were not just listed |
//! | `@abstract` | rows are of more concrete types |
//! | `@where A=V` | what tells rows of this type from their siblings |
//! | `@server N`, `@server N A=V` | the server-side name, with classifiers |
//! | `@object-type ID` | a typed context of that object type: `@where`, classifiers and default in one |
//! | `@shows T` | rows of another type under this name |
//! | `@hidden` | not reported |
//! | `@mixin T`, `@mixin T preserving P`, `@mixin none` | the type that the report says this one extends; defaults to the family |
//! | `@group-by` | rows can be counted in groups, which the report says |
//! | `@untyped` | the report does not say that rows are objects |
//!
//! # Attributes
//!
//! A name, what it is, then any of the words below.
//!
//! | what it is | meaning |
//! |---|---|
//! | `text`, `datetime`, `boolean`, `integer`, `number`, `variable`, `object` | a value |
//! | `uid`, `uid of T` | text, a fresh id for each new row; `of T`: the id of a row of the family `T` |
//! | `key T`, `key T.column` | text that holds a primary key of `T`; the column only matters to the report |
//! | `to T` | another entity, by the attribute `…_id` or that after `via` |
//! | `list T`, `map T` | a collection; one of: `by A` (an attribute of `T`), `by A where B=V`, `through L A B` (rows of `L`, its attribute for this end, for the other), `ancestors`, `descendants`, `values` (custom attributes), `special` |
//!
//! | word | meaning |
//! |---|---|
//! | `as N` | server-side name |
//! | `= JSON` | default |
//! | `note "…"` | description |
//! | `holding T` | the type really held, where the reported one is too narrow |
//! | `same-as A` | a second name of the value of `A` |
//! | `hidden` | not reported |
//! | `computed` | a reference that no attribute stores |
//! | `restricted` | a collection that can only be used in filters |
//! | `one-of A,B`, `format F`, `ref T`, `transform`, `untyped`, `integer` | further flags of the report |

mod assemble;
mod attribute;
mod check;
mod facts;
#[cfg(test)]
mod tests;
mod words;

use thiserror::Error;

pub(super) use self::attribute::foreign_key_attribute as foreign_key;
pub(super) use self::check::check_attribute;

use super::model::Schema;
use super::version::SchemaVersion;

/// A definition that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {reason}")]
pub(crate) struct DefinitionError {
    /// The name of the file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// A place in a definition.
#[derive(Debug, Clone, Copy, Default)]
struct Position<'a> {
    file: &'a str,
    line: usize,
}

impl Position<'_> {
    fn error(self, reason: impl Into<String>) -> DefinitionError {
        DefinitionError {
            file: self.file.to_owned(),
            line: self.line,
            reason: reason.into(),
        }
    }
}

/// Reads what the files of a definition, given as name and text, say of one version, in order.
///
/// # Errors
///
/// The first line that makes no sense, by itself or with the others.
pub(crate) fn parse(
    files: &[(&str, &str)],
    version: SchemaVersion,
) -> Result<Schema, DefinitionError> {
    let blocks = assemble::blocks(files, version)?;
    let (schema, positions) = assemble::schema(&blocks, version)?;
    check::check(&schema, &positions)?;
    Ok(schema)
}
