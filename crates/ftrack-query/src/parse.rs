//! Text to tree: the checks before the grammar, the grammar, and its errors in plain words.

mod expected;
mod filter;
mod hint;
mod query;

use pest::Parser;
use pest::iterators::Pairs;

use crate::error::ParseError;
use crate::filter::Filter;
use crate::query::Query;
use crate::scan::{self, MAX_DEPTH, MAX_LENGTH};
use crate::span::Span;

/// Its own module, as the derive makes a public type without documentation.
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "query.pest"]
    pub(super) struct Grammar;
}

use grammar::{Grammar, Rule};

pub(crate) fn query(text: &str) -> Result<Query, ParseError> {
    let pairs = read(text, Rule::query_text)?;
    query::read(text, pairs).map(Query::from_tree)
}

impl Filter {
    /// Reads conditions alone: what stands after `where`.
    ///
    /// # Errors
    ///
    /// As [`Query::parse`](crate::Query::parse).
    ///
    /// ```
    /// use ftrack_query::Filter;
    ///
    /// let filter = Filter::parse("(name is \"a\"and type=b) or bid>8")?;
    /// assert_eq!(filter.to_string(), r#"name is "a" and type is b or bid > 8"#);
    /// # Ok::<(), ftrack_query::ParseError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut pairs = read(text, Rule::filter_text)?;
        let inner = pairs.next().map(pest::iterators::Pair::into_inner);
        filter::read(text, inner.into_iter().flatten())
    }
}

impl std::str::FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

fn read(text: &str, rule: Rule) -> Result<Pairs<'_, Rule>, ParseError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the text is longer than {MAX_LENGTH} bytes");
        return Err(ParseError::at(text, Span::default(), message));
    }
    if let Some(span) = scan::too_deep(text) {
        let message = format!("conditions are nested deeper than {MAX_DEPTH} levels");
        return Err(ParseError::at(text, span, message));
    }
    Grammar::parse(rule, text).map_err(|error| expected::describe(text, &error))
}

fn span_of(pair: &pest::iterators::Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    Span::new(span.start(), span.end())
}
