//! From the text of a query to a plan whose names are resolved.

use std::cmp::Ordering;

use ftrack_query::{Filter, InList, Literal, Operator, Path, Query};

use super::page;
use crate::catalog::{Catalog, NameId, Source, TypeId};
use crate::read::View;
use crate::read::condition::{Condition, Test};
use crate::read::hop::Hop;
use crate::read::literal::coerce;
use crate::read::pattern::Pattern;
use crate::request_error::RequestError;
use crate::schema::ScalarType;
use crate::text::{Case, folded};
use crate::value::Value;

/// Resolves the names of queries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compiler<'a> {
    pub(crate) view: View<'a>,
}

/// What a path leads to.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub(crate) hops: Vec<Hop>,
    /// The types of the entities at the end.
    pub(crate) types: Vec<TypeId>,
    /// The type of the value at the end, unless it is an entity.
    pub(crate) scalar: Option<ScalarType>,
    /// Whether case counts in the text at the end.
    pub(crate) case: Case,
}

impl<'a> Compiler<'a> {
    fn catalog(self) -> &'a Catalog {
        self.view.store.catalog()
    }

    /// The type of this name.
    pub(crate) fn entity_type(self, name: &str) -> Result<TypeId, RequestError> {
        self.catalog()
            .find(name)
            .map(|info| info.id)
            .ok_or_else(|| RequestError::unknown_type(name))
    }

    /// Resolves a path that starts at entities of some types.
    pub(crate) fn path(self, start: &[TypeId], path: &Path) -> Result<End, RequestError> {
        let mut end = End {
            types: start.to_vec(),
            ..End::default()
        };
        for segment in &path.segments {
            let from = std::mem::take(&mut end.types);
            if end.scalar.take().is_some() && from.is_empty() {
                return Err(not_an_entity(path));
            }
            let name = self.catalog().name_id(&segment.name);
            let name = name.ok_or_else(|| self.unknown(&from, &segment.name))?;
            let cast = match &segment.cast {
                Some(cast) => Some(self.entity_type(cast)?),
                None => None,
            };
            self.step(&from, name, &mut end);
            end.case = self.case(&from, name, &end);
            if end.types.is_empty() && end.scalar.is_none() {
                return Err(self.unknown(&from, &segment.name));
            }
            if let Some(cast) = cast {
                end.types = vec![cast];
            }
            end.hops.push(Hop { name, cast });
        }
        Ok(end)
    }

    /// Finds the attribute on each type; on the types of its family where it has none itself.
    fn step(self, from: &[TypeId], name: NameId, end: &mut End) {
        for type_id in from {
            let info = self.catalog().get(*type_id);
            let mut found: Vec<&Source> = info
                .attribute(name)
                .map(|a| &a.source)
                .into_iter()
                .collect();
            if found.is_empty() {
                let members = info
                    .found()
                    .iter()
                    .map(|member| self.catalog().get(*member));
                found.extend(
                    members
                        .filter_map(|member| member.attribute(name))
                        .map(|a| &a.source),
                );
            }
            for source in found {
                match source {
                    Source::Stored { scalar, .. } => end.scalar = end.scalar.or(Some(*scalar)),
                    Source::Computed { function } => {
                        end.scalar = end.scalar.or(Some(function.scalar()));
                    }
                    Source::Reference { target, .. }
                    | Source::CompositeReference { target, .. }
                    | Source::ComputedReference { target, .. }
                    | Source::Collection { target, .. } => {
                        if !end.types.contains(target) {
                            end.types.push(*target);
                        }
                    }
                }
            }
        }
    }

    /// Whether case counts where a path ends. An entity is compared by its key.
    fn case(self, from: &[TypeId], name: NameId, end: &End) -> Case {
        let mut types = from.iter();
        if end.scalar.is_none() || types.any(|id| self.catalog().case_of(*id, name) == Case::Exact)
        {
            Case::Exact
        } else {
            Case::Ignored
        }
    }

    fn unknown(self, types: &[TypeId], name: &str) -> RequestError {
        let names: Vec<&str> = types
            .iter()
            .map(|type_id| self.catalog().get(*type_id).name.as_str())
            .collect();
        RequestError::unknown_attribute(&names.join(" or "), name)
    }

    /// Resolves a condition on entities of some types.
    pub(in crate::read) fn condition(
        self,
        types: &[TypeId],
        filter: &Filter,
    ) -> Result<Condition, RequestError> {
        let all = |parts: &[Filter]| -> Result<Vec<Condition>, RequestError> {
            parts
                .iter()
                .map(|part| self.condition(types, part))
                .collect()
        };
        Ok(match filter {
            Filter::And(parts) => Condition::All(all(parts)?),
            Filter::Or(parts) => Condition::Either(all(parts)?),
            Filter::Not(part) => Condition::Not(Box::new(self.condition(types, part)?)),
            Filter::Compare {
                path,
                operator,
                value,
                ..
            } => {
                let end = self.path(types, path)?;
                let test = test(&end, path, *operator, value)?;
                Condition::Compare {
                    path: end.hops,
                    test,
                }
            }
            Filter::In {
                path,
                negated,
                list,
                ..
            } => {
                let end = self.path(types, path)?;
                let values = self.list(&end, path, list)?;
                let test = if *negated {
                    Test::NotIn(values, end.case)
                } else {
                    Test::In(values, end.case)
                };
                Condition::Compare {
                    path: end.hops,
                    test,
                }
            }
            Filter::Has { path, filter, .. } | Filter::Any { path, filter, .. } => {
                self.related(types, path, filter.as_deref())?
            }
            other => return Err(not_evaluated(&other.to_string())),
        })
    }

    /// Resolves a condition on the entities at the end of a path.
    fn related(
        self,
        types: &[TypeId],
        path: &Path,
        filter: Option<&Filter>,
    ) -> Result<Condition, RequestError> {
        let end = self.path(types, path)?;
        let condition = match filter {
            Some(_) if end.types.is_empty() => return Err(not_an_entity(path)),
            Some(filter) => Some(Box::new(self.condition(&end.types, filter)?)),
            None => None,
        };
        Ok(Condition::Related {
            path: end.hops,
            condition,
        })
    }

    fn list(
        self,
        end: &End,
        path: &Path,
        list: &InList,
    ) -> Result<rustc_hash::FxHashSet<Value>, RequestError> {
        let scalar = end.scalar.unwrap_or(ScalarType::Text);
        let values: rustc_hash::FxHashSet<Value> = match list {
            InList::Values(literals) => literals
                .iter()
                .map(|literal| coerce(literal, scalar, &path.to_string()))
                .collect::<Result<_, _>>()?,
            InList::Query(query) => self.sub_select(query)?,
            _ => return Err(not_evaluated(&format!("the list of {path}"))),
        };
        if end.case == Case::Exact {
            return Ok(values);
        }
        let fold = |value| match value {
            Value::Text(text) => Value::text(&folded(&text)),
            other => other,
        };
        Ok(values.into_iter().map(fold).collect())
    }

    /// The values that a query in a query selects: its one projection, else the primary key.
    fn sub_select(self, query: &Query) -> Result<rustc_hash::FxHashSet<Value>, RequestError> {
        let start = self.entity_type(query.entity_type())?;
        let found = page(self.view, query)?.handles;
        let hops = match query.projections() {
            Some([only]) => self.path(&[start], only)?.hops,
            Some(_) => {
                return Err(RequestError::validation(
                    "a query in a list must select one attribute",
                ));
            }
            None => self.key_hops(start),
        };
        let mut values = rustc_hash::FxHashSet::default();
        for handle in found {
            self.view.any_value(handle, &hops, &mut |value| {
                values.insert(value.clone());
                false
            });
        }
        values.remove(&Value::Null);
        Ok(values)
    }

    fn key_hops(self, type_id: TypeId) -> Vec<Hop> {
        let info = self.catalog().get(type_id);
        let attribute = info
            .primary_key
            .first()
            .and_then(|slot| info.slot_attribute(*slot));
        attribute
            .map(|attribute| Hop {
                name: attribute.name,
                cast: None,
            })
            .into_iter()
            .collect()
    }
}

/// Refuses what a later version of the language may know.
fn not_evaluated(part: &str) -> RequestError {
    RequestError::validation(format!("this server does not evaluate {part}"))
}

fn not_an_entity(path: &Path) -> RequestError {
    RequestError::validation(format!(
        "{path} goes on after an attribute that is not an entity"
    ))
}

/// The test of an operator and its value.
fn test(
    end: &End,
    path: &Path,
    operator: Operator,
    literal: &Literal,
) -> Result<Test, RequestError> {
    if matches!(operator, Operator::Like | Operator::NotLike) {
        let pattern = Pattern::new(literal.text().unwrap_or_default());
        let is_like = operator == Operator::Like;
        return Ok(if is_like {
            Test::Like(pattern)
        } else {
            Test::NotLike(pattern)
        });
    }
    let value = coerce(
        literal,
        end.scalar.unwrap_or(ScalarType::Text),
        &path.to_string(),
    )?;
    Ok(match operator {
        Operator::Is => Test::Is(value, end.case),
        Operator::IsNot => Test::IsNot(value, end.case),
        Operator::Greater => Test::Ordered(value, &[Ordering::Greater]),
        Operator::Less => Test::Ordered(value, &[Ordering::Less]),
        Operator::GreaterOrEqual => Test::Ordered(value, &[Ordering::Greater, Ordering::Equal]),
        Operator::LessOrEqual => Test::Ordered(value, &[Ordering::Less, Ordering::Equal]),
        _ => {
            return Err(RequestError::validation(format!(
                "operator {operator} is not supported"
            )));
        }
    })
}
