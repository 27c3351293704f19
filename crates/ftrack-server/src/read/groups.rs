//! Queries with `group by`: rows of values instead of entities.

use std::cmp::Ordering;

use ftrack_query::{Aggregate, AggregateFunction, Path, Query};
use indexmap::{IndexMap, IndexSet};

use super::compare::listed;
use super::query::Compiler;
use super::{Handle, View, query};
use crate::catalog::{NameId, TypeId};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::schema::ScalarType;
use crate::value::{Real, Value, write_text};

/// The groups that a query made.
#[derive(Debug)]
pub(crate) struct Groups {
    /// What the values of a row are called.
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    /// Where the next page starts, when there are more.
    pub(crate) next_offset: Option<u64>,
    /// How many entities were looked at.
    pub(crate) examined: u64,
}

/// A function and the attribute that it looks at.
struct Function {
    function: AggregateFunction,
    name: NameId,
}

/// One page of the groups that a query asks for.
///
/// # Errors
/// Names that the schema does not have, and attributes that cannot be grouped by or added up.
pub(crate) fn groups(view: View<'_>, query: &Query) -> Result<Groups, RequestError> {
    let compiler = Compiler { view };
    let family = compiler.entity_type(query.entity_type())?;
    // What is said twice is a column all the same.
    let paths: IndexSet<&Path> = query.group_by().iter().collect();
    let aggregates: IndexSet<&Aggregate> = query.aggregates().iter().collect();
    let plain = |path: &&Path| Ok(attribute(compiler, family, path)?.0);
    let keys: Vec<NameId> = paths
        .iter()
        .map(plain)
        .collect::<Result<_, RequestError>>()?;
    let functions: Vec<Function> = aggregates
        .iter()
        .map(|aggregate| function(compiler, family, aggregate))
        .collect::<Result<_, _>>()?;
    let names = paths.iter().map(ToString::to_string);
    let columns: Vec<String> = names
        .chain(aggregates.iter().map(|aggregate| aggregate.column()))
        .collect();
    let order = order(query, &columns)?;

    let found = query::page(view, &entities_of(query)?)?;
    let mut groups: IndexMap<Vec<Value>, Vec<Total>> = IndexMap::new();
    for handle in found.handles {
        if !view.budget.spend_on(keys.len() + functions.len()) {
            break;
        }
        let key = keys.iter().map(|name| value(view, handle, *name)).collect();
        let totals = groups
            .entry(key)
            .or_insert_with(|| functions.iter().map(|_| Total::default()).collect());
        for (total, function) in totals.iter_mut().zip(&functions) {
            total.add(value(view, handle, function.name));
        }
    }
    view.budget.check()?;
    let mut rows: Vec<Vec<Value>> = groups
        .into_iter()
        .map(|(mut row, totals)| {
            let results = totals.into_iter().zip(&functions);
            row.extend(results.map(|(total, function)| total.result(function.function)));
            row
        })
        .collect();
    // Groups that are equal in the order stay as their first entities came.
    rows.sort_by(|left, right| compare(left, right, &order));
    let (rows, next_offset) = cut(rows, query);
    Ok(Groups {
        columns,
        rows,
        next_offset,
        examined: found.examined,
    })
}

impl Groups {
    /// Writes the rows as a JSON array of objects.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (number, row) in self.rows.iter().enumerate() {
            out.extend_from_slice(if number == 0 { b"{" } else { b",{" });
            for (position, (column, value)) in self.columns.iter().zip(row).enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_text(column, out);
                out.push(b':');
                value.write(out);
            }
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// The entities that are to be grouped.
fn entities_of(query: &Query) -> Result<Query, RequestError> {
    let mut builder = Query::from(query.entity_type());
    if let Some(filter) = query.filter() {
        builder = builder.filter(filter.clone());
    }
    builder
        .build()
        .map_err(|error| RequestError::new(RequestErrorKind::Parse, error.to_string()))
}

/// An attribute of the type itself that holds a value.
fn attribute(
    compiler: Compiler<'_>,
    family: TypeId,
    path: &Path,
) -> Result<(NameId, ScalarType), RequestError> {
    let end = compiler.path(&[family], path)?;
    match (end.hops.as_slice(), end.scalar) {
        ([hop], Some(scalar)) if end.types.is_empty() && hop.cast.is_none() => {
            Ok((hop.name, scalar))
        }
        _ => Err(RequestError::validation(format!(
            "groups are made of values of the type itself, which {path} is not"
        ))),
    }
}

fn function(
    compiler: Compiler<'_>,
    family: TypeId,
    aggregate: &Aggregate,
) -> Result<Function, RequestError> {
    let (name, scalar) = attribute(compiler, family, &aggregate.path)?;
    let is_number = matches!(scalar, ScalarType::Integer | ScalarType::Number);
    if aggregate.function.needs_number() && !is_number {
        let Aggregate { function, path, .. } = aggregate;
        return Err(RequestError::validation(format!(
            "{function} needs numbers, which {path} has not"
        )));
    }
    Ok(Function {
        function: aggregate.function,
        name,
    })
}

/// The columns by which the rows are sorted, and whether the greatest come first.
fn order(query: &Query, columns: &[String]) -> Result<Vec<(usize, bool)>, RequestError> {
    let keys = query.order().iter();
    keys.map(|key| {
        let name = key.path.to_string();
        let column = columns.iter().position(|column| *column == name);
        let column = column.ok_or_else(|| {
            let columns = columns.join(", ");
            RequestError::validation(format!(
                "groups have no {name} to be sorted by, only {columns}"
            ))
        })?;
        Ok((column, key.descending))
    })
    .collect()
}

fn compare(left: &[Value], right: &[Value], order: &[(usize, bool)]) -> Ordering {
    order
        .iter()
        .filter_map(|(column, is_descending)| {
            let (left, right) = (left.get(*column)?, right.get(*column)?);
            Some(match (left.is_null(), right.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) if *is_descending => listed(right, left),
                (false, false) => listed(left, right),
            })
        })
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

fn cut(rows: Vec<Vec<Value>>, query: &Query) -> (Vec<Vec<Value>>, Option<u64>) {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let offset = size(query.offset().unwrap_or(0));
    let limit = query.limit().map_or(usize::MAX, size);
    let end = offset.saturating_add(limit);
    let next = (limit > 0 && end < rows.len())
        .then(|| u64::try_from(end).ok())
        .flatten();
    (rows.into_iter().skip(offset).take(limit).collect(), next)
}

fn value(view: View<'_>, handle: Handle, name: NameId) -> Value {
    let attribute = view.attribute(handle, name);
    attribute.map_or(Value::Null, |attribute| {
        view.value(handle, attribute).into_owned()
    })
}

/// What is known of the values of a group, of which those that are not set do not count.
#[derive(Debug, Default)]
struct Total {
    count: u32,
    whole: i128,
    real: f64,
    is_real: bool,
    least: Option<Value>,
    greatest: Option<Value>,
}

impl Total {
    fn add(&mut self, value: Value) {
        match &value {
            Value::Null => return,
            Value::Int(number) => self.whole += i128::from(*number),
            Value::Real(number) => {
                self.is_real = true;
                self.real += number.0;
            }
            _ => {}
        }
        self.count = self.count.saturating_add(1);
        let is_beyond = |best: &Option<Value>, wanted: Ordering| {
            best.as_ref()
                .is_none_or(|best| listed(&value, best) == wanted)
        };
        if is_beyond(&self.least, Ordering::Less) {
            self.least = Some(value.clone());
        }
        if is_beyond(&self.greatest, Ordering::Greater) {
            self.greatest = Some(value);
        }
    }

    /// As in databases: of no values, the count is 0 and everything else is null.
    fn result(self, function: AggregateFunction) -> Value {
        match function {
            AggregateFunction::Count => Value::Int(self.count.into()),
            AggregateFunction::Minimum => self.least.unwrap_or_default(),
            AggregateFunction::Maximum => self.greatest.unwrap_or_default(),
            _ if self.count == 0 => Value::Null,
            AggregateFunction::Sum => self.sum(),
            AggregateFunction::Average => real(self.total() / f64::from(self.count)),
            _ => Value::Null,
        }
    }

    fn sum(&self) -> Value {
        match i64::try_from(self.whole) {
            Ok(whole) if !self.is_real => Value::Int(whole),
            _ => real(self.total()),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a sum beyond 2^53 is as good as its nearest number"
    )]
    fn total(&self) -> f64 {
        self.whole as f64 + self.real
    }
}

/// JSON has no infinities.
fn real(number: f64) -> Value {
    if number.is_finite() {
        Value::Real(Real(number))
    } else {
        Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(values: &[Value], function: AggregateFunction) -> Value {
        let mut total = Total::default();
        for value in values {
            total.add(value.clone());
        }
        total.result(function)
    }

    #[test]
    fn values_that_are_not_set_do_not_count() {
        use AggregateFunction::{Average, Count, Maximum, Minimum, Sum};
        let values = [Value::Int(1), Value::Null, Value::Int(4)];
        assert_eq!(result(&values, Count), Value::Int(2));
        assert_eq!(result(&values, Sum), Value::Int(5));
        assert_eq!(result(&values, Average), Value::Real(Real(2.5)));
        assert_eq!(result(&values, Minimum), Value::Int(1));
        assert_eq!(result(&values, Maximum), Value::Int(4));
        assert_eq!(result(&[Value::Null], Count), Value::Int(0));
        for function in [Sum, Average, Minimum, Maximum] {
            assert_eq!(result(&[Value::Null], function), Value::Null);
        }
    }

    #[test]
    fn sums_of_whole_numbers_stay_whole_and_never_overflow() {
        let values = [Value::Int(2), Value::Real(Real(0.5))];
        assert_eq!(
            result(&values, AggregateFunction::Sum),
            Value::Real(Real(2.5))
        );
        let huge = [Value::Int(i64::MAX), Value::Int(i64::MAX)];
        assert!(matches!(
            result(&huge, AggregateFunction::Sum),
            Value::Real(_)
        ));
        let infinite = [Value::Real(Real(f64::MAX)), Value::Real(Real(f64::MAX))];
        assert_eq!(result(&infinite, AggregateFunction::Sum), Value::Null);
    }
}
