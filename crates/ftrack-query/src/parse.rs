//! Text to tree: the checks before the grammar, the grammar, and its errors in plain words.

mod clauses;
mod expected;
mod filter;
mod hint;
mod query;
mod read_clause;

use pest::Parser;
use pest::iterators::Pairs;

use crate::error::ParseError;
use crate::query::{Filter, Query};
use crate::scan::{self, MAX_DEPTH, MAX_LENGTH, MAX_PATH};
use crate::span::Span;

/// Its own module, as the derive makes a public type without documentation.
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "query.pest"]
    pub(super) struct Grammar;
}

use grammar::{Grammar, Rule};

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// A [`ParseError`] that says where the text stops being a query and what was expected
    /// there; also for text longer than [`MAX_LENGTH`](crate::MAX_LENGTH) bytes or nested
    /// deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    ///
    /// ```
    /// use ftrack_query::Query;
    ///
    /// let error = Query::parse("Task where name").expect_err("the operator is missing");
    /// assert_eq!((error.line(), error.column()), (1, 16));
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let pairs = read(text, Rule::query_text)?;
        query::read(text, pairs).map(Self::from_tree)
    }
}

impl std::str::FromStr for Query {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
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
        let mut pairs = read(text, Rule::filter_text)
            .map_err(|error| clauses::explain(text).unwrap_or(error))?;
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
    let pairs = Grammar::parse(rule, text).map_err(|error| expected::describe(text, &error))?;
    refuse_long_paths(text, &pairs)?;
    Ok(pairs)
}

fn refuse_long_paths(text: &str, pairs: &Pairs<'_, Rule>) -> Result<(), ParseError> {
    // Few texts have so many dots at all.
    if text.bytes().filter(|byte| *byte == b'.').count() < MAX_PATH {
        return Ok(());
    }
    let mut paths = pairs
        .clone()
        .flatten()
        .filter(|pair| pair.as_rule() == Rule::path);
    let too_long = paths.find(|pair| pair.as_str().split('.').nth(MAX_PATH).is_some());
    match too_long {
        None => Ok(()),
        Some(pair) => {
            let message = format!("the path has more than {MAX_PATH} attributes");
            Err(ParseError::at(text, span_of(&pair), message))
        }
    }
}

fn span_of(pair: &pest::iterators::Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    Span::new(span.start(), span.end())
}
