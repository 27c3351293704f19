//! Puts conditions together: the flat tokens of the grammar become nested levels.

use pest::iterators::Pair;

use super::read_clause::{add_clause, check_grouping, path};
use super::{Rule, span_of};
use crate::error::BuildError;
use crate::error::ParseError;
use crate::literal::Literal;
use crate::operator::Operator;
use crate::path::Path;
use crate::query::{Filter, InList, Query, QueryTree};
use crate::span::Span;

/// One level of nesting that is still open.
struct Level {
    kind: LevelKind,
    /// What opened the level.
    opened: Span,
    /// Finished alternatives of an `or`.
    alternatives: Vec<Filter>,
    /// Finished conditions since the last `or`.
    conditions: Vec<Filter>,
    /// The `not`s in front of the condition that comes next.
    nots: usize,
    /// The path of the condition that is being read.
    path: Path,
}

enum LevelKind {
    Text,
    Group,
    Has(Path),
    Any(Path),
    In {
        path: Path,
        negated: bool,
        query: Box<QueryTree>,
    },
}

pub(super) fn read<'a>(
    text: &str,
    tokens: impl Iterator<Item = Pair<'a, Rule>>,
) -> Result<Filter, ParseError> {
    let mut reader = Reader {
        text,
        level: Level::new(LevelKind::Text, Span::default()),
        outer: Vec::new(),
    };
    for token in tokens {
        reader.add(token)?;
    }
    reader.finish()
}

struct Reader<'a> {
    text: &'a str,
    level: Level,
    outer: Vec<Level>,
}

impl Reader<'_> {
    fn add(&mut self, token: Pair<'_, Rule>) -> Result<(), ParseError> {
        match token.as_rule() {
            Rule::open => self.open(LevelKind::Group, span_of(&token)),
            Rule::not_word => self.level.nots += 1,
            Rule::path => self.level.path = path(&token),
            Rule::relation_open => {
                let path = std::mem::take(&mut self.level.path);
                let kind = if is_has(&token) {
                    LevelKind::Has(path)
                } else {
                    LevelKind::Any(path)
                };
                self.open(kind, span_of(&token));
            }
            Rule::query_open => self.open_query(token)?,
            Rule::compare => self.compare(token),
            Rule::in_values => self.in_values(token),
            Rule::in_query => self.in_query(token)?,
            Rule::relation_empty => {
                let path = std::mem::take(&mut self.level.path);
                let span = path.span.to(span_of(&token));
                self.level.add(relation(is_has(&token), path, None, span));
            }
            Rule::or_word => self.level.end_alternative(),
            Rule::close => self.close(token)?,
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, kind: LevelKind, opened: Span) {
        let inner = Level::new(kind, opened);
        self.outer.push(std::mem::replace(&mut self.level, inner));
    }

    fn open_query(&mut self, token: Pair<'_, Rule>) -> Result<(), ParseError> {
        let opened = span_of(&token);
        let path = std::mem::take(&mut self.level.path);
        let (negated, query) = self.head(token)?;
        self.open(
            LevelKind::In {
                path,
                negated,
                query: Box::new(query),
            },
            opened,
        );
        Ok(())
    }

    /// Reads `in (select … from T` and whatever clauses follow.
    fn head(&self, token: Pair<'_, Rule>) -> Result<(bool, QueryTree), ParseError> {
        let mut query = QueryTree::default();
        let mut negated = false;
        for part in token.into_inner() {
            if part.as_rule() == Rule::in_word {
                negated = is_negated(&part);
            } else {
                add_clause(self.text, &mut query, part)?;
            }
        }
        Ok((negated, query))
    }

    fn compare(&mut self, token: Pair<'_, Rule>) {
        let path = std::mem::take(&mut self.level.path);
        let span = path.span.to(span_of(&token));
        let mut parts = token.into_inner();
        let operator = parts
            .next()
            .map_or(Operator::Is, |p| Operator::from_spelling(p.as_str()));
        let value = parts.next().map_or(Literal::Null, |part| literal(&part));
        self.level.add(Filter::Compare {
            path,
            operator,
            value,
            span,
        });
    }

    fn in_values(&mut self, token: Pair<'_, Rule>) {
        let path = std::mem::take(&mut self.level.path);
        let span = path.span.to(span_of(&token));
        let mut negated = false;
        let mut values = Vec::new();
        for part in token.into_inner() {
            match part.as_rule() {
                Rule::in_word => negated = is_negated(&part),
                Rule::string | Rule::bare | Rule::number => values.push(literal(&part)),
                _ => {}
            }
        }
        self.level.add(Filter::In {
            path,
            negated,
            list: InList::Values(values),
            span,
        });
    }

    fn in_query(&mut self, token: Pair<'_, Rule>) -> Result<(), ParseError> {
        let path = std::mem::take(&mut self.level.path);
        let span = path.span.to(span_of(&token));
        let (negated, query) = self.head(token)?;
        self.level
            .add(self.in_query_filter(path, negated, query, span)?);
        Ok(())
    }

    fn close(&mut self, token: Pair<'_, Rule>) -> Result<(), ParseError> {
        let end = span_of(&token);
        let Some(outer) = self.outer.pop() else {
            let span = Span::new(end.end - 1, end.end);
            return Err(ParseError::at(
                self.text,
                span,
                "no parenthesis is open here",
            ));
        };
        let inner = std::mem::replace(&mut self.level, outer);
        let filter = self.close_level(inner, token, end)?;
        self.level.add(filter);
        Ok(())
    }

    fn close_level(
        &self,
        mut level: Level,
        token: Pair<'_, Rule>,
        end: Span,
    ) -> Result<Filter, ParseError> {
        let filter = level.filter(self.text)?;
        if let LevelKind::In {
            path,
            negated,
            mut query,
        } = level.kind
        {
            query.filter = Some(filter);
            for clause in token.into_inner() {
                add_clause(self.text, &mut query, clause)?;
            }
            let span = path.span.to(end);
            return self.in_query_filter(path, negated, *query, span);
        }
        if let Some(clause) = token.into_inner().next() {
            let message =
                "`group by`, `order by`, `offset` and `limit` cannot stand among conditions";
            return Err(ParseError::at(self.text, span_of(&clause), message));
        }
        let (has, path) = match level.kind {
            LevelKind::Has(path) => (true, path),
            LevelKind::Any(path) => (false, path),
            _ => return Ok(filter),
        };
        let span = path.span.to(end);
        Ok(relation(has, path, Some(Box::new(filter)), span))
    }

    fn in_query_filter(
        &self,
        path: Path,
        negated: bool,
        query: QueryTree,
        span: Span,
    ) -> Result<Filter, ParseError> {
        if let Some(key) = query.group.first() {
            let message = BuildError::GroupedList.to_string();
            return Err(ParseError::at(self.text, key.span, message));
        }
        check_grouping(self.text, &query)?;
        let list = InList::Query(Box::new(Query::from_tree(query)));
        Ok(Filter::In {
            path,
            negated,
            list,
            span,
        })
    }

    fn finish(mut self) -> Result<Filter, ParseError> {
        if self.outer.is_empty() {
            return self.level.filter(self.text);
        }
        // The parenthesis is the last byte of `(` and `has (`, but not of `in (T where`.
        let opened = self.level.opened;
        let token = self.text.get(opened.range()).unwrap_or_default();
        let at = opened.start + token.find('(').unwrap_or_default();
        let message = "this parenthesis is never closed";
        Err(ParseError::at(self.text, Span::new(at, at + 1), message))
    }
}

impl Level {
    fn new(kind: LevelKind, opened: Span) -> Self {
        Self {
            kind,
            opened,
            alternatives: Vec::new(),
            conditions: Vec::new(),
            nots: 0,
            path: Path::default(),
        }
    }

    /// Adds a finished condition and the `not`s that stood in front of it.
    fn add(&mut self, filter: Filter) {
        let nots = std::mem::take(&mut self.nots);
        self.conditions
            .push((0..nots).fold(filter, |filter, _| !filter));
    }

    fn end_alternative(&mut self) {
        let conditions = std::mem::take(&mut self.conditions);
        self.alternatives.extend(Filter::join_all(conditions));
    }

    fn filter(&mut self, text: &str) -> Result<Filter, ParseError> {
        self.end_alternative();
        Filter::join_any(std::mem::take(&mut self.alternatives))
            .ok_or_else(|| ParseError::at(text, self.opened, "expected a condition"))
    }
}

fn is_has(token: &Pair<'_, Rule>) -> bool {
    token
        .as_str()
        .get(..3)
        .is_some_and(|word| word.eq_ignore_ascii_case("has"))
}

fn is_negated(word: &Pair<'_, Rule>) -> bool {
    word.as_str().len() > "in".len()
}

fn relation(has: bool, path: Path, filter: Option<Box<Filter>>, span: Span) -> Filter {
    if has {
        Filter::Has { path, filter, span }
    } else {
        Filter::Any { path, filter, span }
    }
}

fn literal(pair: &Pair<'_, Rule>) -> Literal {
    match pair.as_rule() {
        Rule::string => Literal::from_quoted(pair.as_str()),
        _ => Literal::from_bare(pair.as_str()),
    }
}
