//! The language of ftrack's event expressions: text to tree and back, and
//! matching.
//!
//! An expression says which events a subscriber wants (it is matched against the
//! event), or which subscribers an event is for (it is matched against what a
//! subscriber said of itself).
//!
//! ```
//! use ftrack_expression::Expression;
//! use serde_json::json;
//!
//! let expression = Expression::parse("topic=ftrack.update and data.action!=remove")?;
//! assert!(expression.matches(&json!({"topic": "ftrack.update", "data": {"action": "add"}})));
//! assert!(!expression.matches(&json!({"topic": "ftrack.update", "data": {}})));
//! # Ok::<(), ftrack_expression::ParseError>(())
//! ```
//!
//! This crate knows neither events nor networks, reads no files, and does not ask
//! for the time. Whatever it is given, it answers: with a tree, a [`ParseError`],
//! or a plain yes or no.
//!
//! # The language on one page
//!
//! ```
//! # use ftrack_expression::Expression;
//! # use serde_json::{Value, json};
//! fn matches(text: &str, candidate: &Value) -> bool {
//!     Expression::parse(text).unwrap().matches(candidate)
//! }
//!
//! let event = json!({
//!     "topic": "ftrack.location.component-added",
//!     "data": {"locationId": "london", "frames": 120, "final": true, "note": null},
//! });
//!
//! // A condition is a field, an operator and a value. Blanks are free.
//! assert!(matches("topic=ftrack.location.component-added", &event));
//! assert!(matches("topic = 'ftrack.location.component-added'", &event));
//!
//! // Dots lead into nested mappings; sequences are not looked into.
//! assert!(matches("data.locationId=london", &event));
//!
//! // A star at the end stands for anything that follows; alone, for any value.
//! assert!(matches("topic=ftrack.*", &event));
//! assert!(!matches("topic=location*", &event));
//! assert!(matches("data.note=*", &event));
//!
//! // Conditions are joined by `not`, `and` and `or`, which bind in this order.
//! assert!(matches("topic=x or topic=ftrack.* and not data.locationId=paris", &event));
//! assert!(!matches("(topic=x or topic=ftrack.*) and data.locationId=paris", &event));
//! assert!(matches("NOT topic=x AND(data.final=true)", &event));
//!
//! // `=` and `!=` compare texts, and numbers and booleans as they are written.
//! assert!(matches("data.frames=120 and data.final!=false", &event));
//!
//! // `<`, `<=`, `>` and `>=` compare numbers with numbers and texts with texts.
//! assert!(matches("data.frames>=99 and data.locationId<m", &event));
//! assert!(!matches("data.frames<paris or data.final>0", &event));
//!
//! // What is not there matches nothing, whatever the operator; `not` turns that.
//! assert!(!matches("data.user!=ada", &event));
//! assert!(matches("not data.user=ada", &event));
//! ```
//!
//! In full:
//!
//! | part | what it may be |
//! | --- | --- |
//! | field | letters and digits of ASCII, `_`, and `.` between keys |
//! | operator | `=` `!=` `<` `<=` `>` `>=` |
//! | bare value | letters and digits of ASCII, and `-` `_` `,` `.` `/` `*` `@` `+` |
//! | quoted value | anything, between `"` or `'` |
//! | keyword | `not`, `and`, `or`, in any case; a field where an operator follows |
//! | blank | space, tab, line break, anywhere between the others |
//!
//! ## Values
//!
//! What stands between quotes is the value, as it is: a backslash keeps the quote
//! after it from ending the value, but stays in it, and so does a doubled quote.
//! Paths of any system can thus be written plainly. That leaves texts that have
//! both kinds of quote, or end in a backslash or in a star that is not a wildcard.
//! They are written as `e"…"`, with a backslash before `\`, `"`, `'` or `*`. Other
//! programs refuse this form; it is printed only where no other one will do.
//!
//! ```
//! # use ftrack_expression::{Expression, field};
//! # use serde_json::json;
//! let expression = Expression::parse(r#"path="P:\show" or title='the "end"' or mark=e"\*""#)?;
//! assert!(expression.matches(&json!({"path": r"P:\show"})));
//! assert!(expression.matches(&json!({"title": "the \"end\""})));
//! assert!(expression.matches(&json!({"mark": "*"})));
//! assert!(!expression.matches(&json!({"mark": "x"})));
//! # Ok::<(), ftrack_expression::ParseError>(())
//! ```
//!
//! ## What matches
//!
//! | value in the candidate | `=` text, `=` text`*` | `=*` | `!=` text | `<` `<=` `>` `>=` |
//! | --- | --- | --- | --- | --- |
//! | text | compared | yes | compared | as texts, by code point |
//! | number | its text form | yes | its text form | as numbers, if the text is one |
//! | `true`, `false` | its text form | yes | its text form | no |
//! | null, list, mapping | no | yes | no | no |
//! | not there | no | no | no | no |
//!
//! Case counts. In `!=` and the orderings a star is a character like any other. A
//! float that is a whole number has two text forms, `10` and `10.0`. `not` is the
//! exact opposite of its operand, so `not id!=a` matches where `id` is missing.
//!
//! # Building
//!
//! Programs do not have to paste texts together: [`field`] starts a condition,
//! `&`, `|` and `!` combine, and no value can be mistaken for structure.
//!
//! ```
//! use ftrack_expression::{Expression, field};
//!
//! let name = "it's \"final\"";
//! let expression = (field("topic").starts_with("studio.") & !field("data.name").is(name)).build()?;
//! assert_eq!(expression.to_string(), r#"topic=studio.* and not data.name=e"it's \"final\"""#);
//! assert_eq!(Expression::parse(&expression.to_string())?, expression);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Dispatching
//!
//! A hub with many subscriptions asks each [`Expression`] once for its
//! [`required_topic`](Expression::required_topic), files it under that text or
//! prefix, and matches an event only against those it can concern.
//!
//! # Limits
//!
//! Texts have at most [`MAX_LENGTH`] bytes and nest parentheses at most
//! [`MAX_DEPTH`] deep; both are checked before parsing. Chains of conditions and of
//! `not` do not nest, and no text can exhaust the stack.
//!
//! # Features
//!
//! - `serde_json`: JSON values are [candidates](Candidate).
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod bounds;
mod builder;
mod candidate;
mod condition;
mod diagnostic;
mod display;
mod error;
mod expression;
mod grammar;
mod limits;
mod matching;
mod parse;
mod required;

pub use bounds::{MAX_DEPTH, MAX_LENGTH};
pub use builder::{Builder, Field, all, any, field};
pub use candidate::{AsMember, Candidate, Member};
pub use condition::{Condition, Test};
pub use error::{BuildError, ParseError, ParseErrorKind};
pub use expression::{Expression, Kind};
pub use required::Required;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
