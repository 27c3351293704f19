//! The ftrack query language: text to tree and back, a typed builder, diagnostics.
//!
//! A query asks an ftrack server for entities. This crate reads and writes its text and
//! knows nothing of sessions, schemas or sockets; editors, linters, servers and other
//! clients can use it alone.
//!
//! ```
//! use ftrack_query::{Query, attr};
//!
//! let read = Query::parse("select name from Task where status.name is 'Done' and bid > 8")?;
//! let built = Query::from("Task")
//!     .select(["name"])
//!     .filter(attr("status.name").is("Done") & attr("bid").greater_than(8))
//!     .build()?;
//! assert_eq!(read, built);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The language on one page
//!
//! A query names the type of the entities to find. All else is optional, in this order:
//!
//! ```text
//! select name, status.name        the attributes to answer with
//!   from Task                     the type; without `select` it stands alone
//!   where bid > 8                 what the entities must satisfy
//!   group by status_id            for rows of groups instead of entities, see below
//!   order by name descending      the order of the answer
//!   offset 20 limit 10            the part of it; either may come first
//! ```
//!
//! Keywords may be written in any case; types and attributes are case-sensitive. A word is
//! a keyword only where one can stand, so an attribute may be called `type` or even `limit`;
//! only an entity type cannot be called `select`, `from` or `where`.
//!
//! ```
//! # use ftrack_query::Query;
//! let query = Query::parse(
//!     "SELECT name, status.name FROM Task WHERE bid > 8
//!      ORDER BY name DESCENDING LIMIT 10 OFFSET 20",
//! )?;
//! assert_eq!(query.entity_type(), "Task");
//! assert_eq!(query.projections().map(<[_]>::len), Some(2));
//! assert_eq!((query.offset(), query.limit()), (Some(20), Some(10)));
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! ## Paths
//!
//! A dot follows a relation: `status.type.name`, `versions.asset.name`. A type in brackets
//! sees what a relation leads to as that type: `parent[Shot].fps`.
//!
//! ```
//! # use ftrack_query::Query;
//! let query = Query::parse("select parent[Shot].fps, project.full_name from Task")?;
//! let paths = query.projections().unwrap_or_default();
//! assert_eq!(paths[0].segments[0].cast.as_deref(), Some("Shot"));
//! assert_eq!(paths[1].to_string(), "project.full_name");
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! ## Conditions
//!
//! | Condition | Holds if the attribute |
//! |---|---|
//! | `name is "a"`, `name = "a"` | is the value |
//! | `name is_not "a"`, `name != "a"` | is not the value |
//! | `bid > 8`, `bid greater_than 8`, `start after "2015-06-01"` | is greater, or later |
//! | `bid < 8`, `bid less_than 8`, `start before "2015-06-01"` | is less, or earlier |
//! | `bid >= 8`, `bid <= 8` | is the value or greater, or less |
//! | `name like "%a"`, `name not_like "%a"` | matches a pattern; `%` is any run of characters, `_` is one, `\%` and `\_` are themselves |
//! | `name in ("a", "b")`, `name not_in ("a", "b")` | is one of the values, of which there is one at least, or none of them |
//! | `id in (select task_id from Timelog where …)` | is one of what another query finds |
//! | `author has (…)` | is a reference to an entity that satisfies the conditions |
//! | `timelogs any (…)` | is a collection with an entity that satisfies them all |
//! | `timelogs any ()` | is a collection with anything in it |
//!
//! `not in` and `not like` are read as `not_in` and `not_like`.
//! `and` binds more tightly than `or`, and `not` more tightly than both; parentheses group.
//!
//! ```
//! # use ftrack_query::Filter;
//! let filter = Filter::parse("not timelogs any () and (bid > 8 or name like \"%rough\")")?;
//! let Filter::And(conditions) = &filter else { panic!("`and` joins the two conditions") };
//! assert!(matches!(conditions[0], Filter::Not(_)));
//! assert!(matches!(conditions[1], Filter::Or(_)));
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! ## Groups
//!
//! A query with `group by` answers with a row for each group of entities that have the same
//! values there. A row has these values, and one for each function: `count`, `sum`, `avg`,
//! `min` or `max` of an attribute. Its name is that of the function, an underscore and the
//! attribute, `count_id`; `order by` takes these names too.
//!
//! ```
//! # use ftrack_query::Query;
//! let query = Query::parse(
//!     "select count(id), sum(bid) from Task where project_id is p-1
//!      group by status_id order by count_id descending",
//! )?;
//! assert_eq!(query.group_by()[0].to_string(), "status_id");
//! let columns: Vec<_> = query.aggregates().iter().map(|found| found.column()).collect();
//! assert_eq!(columns, ["count_id", "sum_bid"]);
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! ## Values
//!
//! Text stands in double or single quotes. In it, `\"` and `\'` are quotes; any other
//! backslash is a backslash, so `"C:\shots"` is what it looks like. One more escape,
//! `\u005c`, is a backslash too: a text that *ends* in one could not be written without it.
//! The builder and `Display` write it only where they must.
//!
//! What stands without quotes is a number, `true`, `false`, `null` (also `none`), or a word
//! of ASCII letters, digits, `_`, `-`, `.` and `/`: an id, a status, a date. What
//! else there is needs quotes, such as `@` and blanks. In quotes, everything is text.
//!
//! ```
//! # use ftrack_query::{Filter, InList, Literal};
//! let filter = Filter::parse(r#"a in ("say \"hi\"", 'none', none, 8, True, 2015-06-01)"#)?;
//! let Filter::In { list: InList::Values(values), .. } = filter else { panic!("a list") };
//! assert_eq!(values[0], Literal::Text("say \"hi\"".into()));
//! assert_eq!(values[1], Literal::Text("none".into()));
//! assert_eq!(values[2], Literal::Null);
//! assert_eq!(values[3], Literal::from(8));
//! assert_eq!(values[4], Literal::Bool(true));
//! assert_eq!(values[5], Literal::Word("2015-06-01".into()));
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! # Writing queries
//!
//! [`Query::from`] and [`attr`] build what parsing would read, from values instead of text.
//! Whatever the values are, they stay values; names that are not valid are an error of
//! [`QueryBuilder::build`]. A program that only makes the part after `where` builds a
//! [`Filter`] and prints it; [`Filter::validate`] is its check.
//!
//! `Display` prints the canonical text: one blank between words, `is` for `=`, text in
//! double quotes, no parentheses that change nothing. It parses back to an equal tree.
//!
//! ```
//! # use ftrack_query::{Query, attr};
//! let user = r#"" or username like "%"#;
//! let query = Query::from("Task")
//!     .filter(attr("assignments").any(attr("resource.username").is(user)))
//!     .filter(attr("status.name").not_in(["Done", "Omitted"]))
//!     .order_by_descending("priority.sort")
//!     .limit(10)
//!     .build()?;
//! assert_eq!(Query::parse(&query.to_string())?, query);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When a text is wrong
//!
//! A [`ParseError`] has the place and says what was expected there; [`ParseError::render`]
//! shows it. [`Query::check`] compares a query with the types of a server, through the
//! small trait [`SchemaView`], and suggests the names that were probably meant.
//!
//! ```
//! # use ftrack_query::Query;
//! let error = Query::parse("Task where name is rough cut").unwrap_err();
//! assert_eq!((error.line(), error.column()), (1, 26));
//! assert!(error.message().ends_with("a value of several words or other characters needs quotes"));
//! # Ok::<(), ftrack_query::ParseError>(())
//! ```
//!
//! [`Split`] needs no valid query: it finds the entity type, the offset and the limit of
//! text in any later version of the language, for clients that page through answers.
//!
//! # Limits
//!
//! Conditions are nested at most [`MAX_DEPTH`] deep, a path has at most [`MAX_PATH`] attributes,
//! and a text has at most [`MAX_LENGTH`] bytes; beyond that parsing answers with an error. Reading needs time and
//! memory in proportion to the text, and a stack that does not depend on it.
//!
//! # Features
//!
//! `chrono`: dates and date-times as values of the builder.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod aggregate;
mod attribute;
mod builder;
mod check;
mod display;
mod error;
mod literal;
mod number;
mod operator;
mod parse;
mod path;
mod query;
mod render;
mod scan;
mod span;
mod split;
mod suggest;
mod text;
mod validate;

pub use aggregate::{Aggregate, AggregateFunction, average, count, maximum, minimum, sum};
pub use attribute::{Attribute, attr};
pub use builder::QueryBuilder;
pub use check::{AttributeKind, Diagnostic, DiagnosticKind, KnownKeys, SchemaView, explain};
pub use error::{BuildError, ParseError};
pub use literal::Literal;
pub use number::Number;
pub use operator::Operator;
pub use path::{Path, Segment};
pub use query::{Filter, InList, OrderKey, Query};
pub use scan::{MAX_DEPTH, MAX_LENGTH, MAX_PATH};
pub use span::Span;
pub use split::Split;
pub use suggest::closest;

/// The examples of the README are tested with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
