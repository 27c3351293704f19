//! Walks a query beside the entity types it is about.

mod groups;
mod target;

use self::target::{Place, Target};
use super::{Diagnostic, DiagnosticKind, SchemaView};
use crate::literal::Literal;
use crate::operator::Operator;
use crate::path::{Path, Segment};
use crate::query::{Filter, InList, Query};
use crate::span::Span;
use crate::suggest::closest;

pub(super) fn query(query: &Query, schema: &dyn SchemaView) -> Vec<Diagnostic> {
    let mut walk = Walk {
        schema,
        diagnostics: Vec::new(),
    };
    walk.query(query);
    walk.diagnostics
}

pub(super) fn filter(
    filter: &Filter,
    entity_type: &str,
    schema: &dyn SchemaView,
) -> Vec<Diagnostic> {
    let mut walk = Walk {
        schema,
        diagnostics: Vec::new(),
    };
    if schema.has_type(entity_type) {
        walk.filter(filter, &Place::one(entity_type));
    }
    walk.diagnostics
}

struct Walk<'a> {
    schema: &'a dyn SchemaView,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn query(&mut self, query: &Query) {
        let name = query.entity_type();
        if !self.type_is_there(name, query.entity_type_span()) {
            return;
        }
        let place = Place::one(name);
        for path in query.projections().unwrap_or_default() {
            self.path(path, &place);
        }
        if let Some(filter) = query.filter() {
            self.filter(filter, &place);
        }
        if query.group_by().is_empty() {
            for key in query.order() {
                self.path(&key.path, &place);
            }
        } else {
            self.groups(query, &place);
        }
    }

    fn filter(&mut self, filter: &Filter, place: &Place) {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                for filter in filters {
                    self.filter(filter, place);
                }
            }
            Filter::Not(filter) => self.filter(filter, place),
            Filter::Compare {
                path,
                operator,
                value,
                span,
            } => {
                let target = self.path(path, place);
                self.comparison(&target, path, *operator, value, *span);
                if *operator == Operator::Is {
                    self.key(&target, path, value, *span);
                }
            }
            Filter::In {
                path, list, span, ..
            } => {
                let target = self.path(path, place);
                match list {
                    InList::Values(values) => {
                        for value in values {
                            self.key(&target, path, value, *span);
                        }
                    }
                    InList::Query(query) => self.query(query),
                    InList::Invalid(_) => {}
                }
            }
            Filter::Has { path, filter, span } => {
                let target = self.path(path, place);
                if !target.is_reference() && !target.is_unknown() {
                    let path = path.to_string();
                    self.report(DiagnosticKind::HasNeedsReference { path }, *span, None);
                }
                self.related(filter.as_deref(), &target);
            }
            Filter::Any { path, filter, span } => {
                let target = self.path(path, place);
                if !target.is_collection() && !target.is_unknown() {
                    let path = path.to_string();
                    self.report(DiagnosticKind::AnyNeedsCollection { path }, *span, None);
                }
                self.related(filter.as_deref(), &target);
            }
        }
    }

    /// Goes on behind a relation, even one that was used with the wrong word.
    fn related(&mut self, filter: Option<&Filter>, target: &Target) {
        if let Some(filter) = filter {
            self.filter(filter, &target.place());
        }
    }

    /// A relation can be compared for equality, above all with null, but has no order and
    /// no text.
    fn comparison(
        &mut self,
        target: &Target,
        path: &Path,
        operator: Operator,
        value: &Literal,
        span: Span,
    ) {
        let relation = target.is_relation() && !target.is_value();
        let equality = matches!(operator, Operator::Is | Operator::IsNot)
            && (target.is_reference() || *value == Literal::Null);
        if !relation || target.is_unknown() || equality {
            return;
        }
        let kind = DiagnosticKind::OperatorNeedsValue {
            path: path.to_string(),
            operator: operator.to_string(),
        };
        self.report(kind, span, None);
    }

    /// A value that is compared with a key has to be one of the keys that there are.
    fn key(&mut self, target: &Target, path: &Path, value: &Literal, span: Span) {
        let (Some(keys), Some(text)) = (&target.possible, value.text()) else {
            return;
        };
        if keys.iter().any(|key| key == text) {
            return;
        }
        let suggestion = closest(text, keys.iter().map(String::as_str));
        let kind = DiagnosticKind::UnknownKey {
            key: text.to_owned(),
            path: path.to_string(),
        };
        self.report(kind, span, suggestion);
    }

    /// Follows a path. Of what is wrong in it, only the first thing is reported; what lies
    /// behind that is unknown.
    fn path(&mut self, path: &Path, place: &Place) -> Target {
        let Place::Types { types, keys } = place else {
            return Target::unknown();
        };
        let (mut types, mut keys) = (types.clone(), keys.clone());
        let mut target = Target::unknown();
        let last = path.segments.len().saturating_sub(1);
        for (index, segment) in path.segments.iter().enumerate() {
            target = self.step(segment, &types);
            if target.kinds.is_empty() {
                self.unknown_attribute(path, index, &types);
                return Target::unknown();
            }
            if target.is_unknown() {
                return target;
            }
            if !target.is_relation() && (index < last || segment.cast.is_some()) {
                let kind = DiagnosticKind::NotARelation {
                    name: segment.name.clone(),
                };
                self.report(kind, segment.span, None);
                return Target::unknown();
            }
            let owned = self.keys(segment, &types);
            match segment.name.as_str() {
                "key" if target.is_value() => target.possible = keys.take(),
                // The configuration of a value has the same key.
                _ if target.is_reference() => target.keys = owned.or(keys.take()),
                _ => target.keys = owned,
            }
            keys.clone_from(&target.keys);
            types = target.types();
        }
        target
    }

    /// The keys that a collection of keys and values is known to have.
    fn keys(&self, segment: &Segment, types: &[String]) -> Option<Vec<String>> {
        let mut known = types
            .iter()
            .filter_map(|entity_type| self.schema.keys(entity_type, &segment.name));
        let mut all: Vec<String> = known.next()?.into_iter().map(str::to_owned).collect();
        all.extend(known.flatten().map(str::to_owned));
        Some(all)
    }

    fn step(&mut self, segment: &Segment, types: &[String]) -> Target {
        let mut target = self.attribute(&segment.name, types);
        if target.kinds.is_empty() {
            return target;
        }
        if let Some(cast) = &segment.cast {
            if !self.type_is_there(cast, segment.cast_span()) {
                return Target::unknown();
            }
            target.cast(cast);
        }
        target
    }

    /// What an attribute is for the types themselves, or else for their subtypes.
    fn attribute(&self, name: &str, types: &[String]) -> Target {
        let kind = |entity_type: &str| self.schema.attribute(entity_type, name);
        let kinds: Vec<_> = types
            .iter()
            .filter_map(|entity_type| kind(entity_type))
            .collect();
        if !kinds.is_empty() {
            return Target::new(kinds);
        }
        let subtypes = types
            .iter()
            .flat_map(|entity_type| self.schema.subtypes(entity_type));
        Target::new(subtypes.filter_map(kind).collect())
    }

    /// Reports the attribute at `index` of the path, which none of the types has.
    fn unknown_attribute(&mut self, path: &Path, index: usize, types: &[String]) {
        let Some(segment) = path.segments.get(index) else {
            return;
        };
        let name = segment.name.clone();
        let known = types.iter().flat_map(|entity_type| {
            let subtypes = self.schema.subtypes(entity_type);
            let all = std::iter::once(entity_type.as_str()).chain(subtypes);
            all.flat_map(|entity_type| self.schema.attributes(entity_type))
        });
        let suggestion = closest(&name, known);
        let has_keys = index > 0 && types.iter().any(|known| self.holds_keys(known));
        let kind = if has_keys && suggestion.is_none() {
            let before = path.segments.get(..index).unwrap_or_default();
            let names: Vec<&str> = before.iter().map(|step| step.name.as_str()).collect();
            DiagnosticKind::KeyIsNotAnAttribute {
                key: name,
                collection: names.join("."),
            }
        } else {
            let entity_type = types.join("` or `");
            DiagnosticKind::UnknownAttribute { name, entity_type }
        };
        self.report(kind, segment.name_span(), suggestion);
    }

    /// Whether entities of the type are pairs of a key and a value.
    fn holds_keys(&self, entity_type: &str) -> bool {
        let mut both = ["key", "value"].iter();
        both.all(|name| self.schema.attribute(entity_type, name).is_some())
    }

    fn type_is_there(&mut self, name: &str, span: Span) -> bool {
        let there = self.schema.has_type(name);
        if !there {
            let suggestion = closest(name, self.schema.entity_types());
            self.report(
                DiagnosticKind::UnknownType {
                    name: name.to_owned(),
                },
                span,
                suggestion,
            );
        }
        there
    }

    fn report(&mut self, kind: DiagnosticKind, span: Span, suggestion: Option<String>) {
        self.diagnostics.push(Diagnostic {
            kind,
            span,
            suggestion,
        });
    }
}
