//! Walks a query beside the entity types it is about.

use super::{AttributeKind, Diagnostic, DiagnosticKind, SchemaView, suggest};
use crate::filter::{Filter, InList, Operator};
use crate::literal::Literal;
use crate::path::{Path, Segment};
use crate::query::Query;
use crate::span::Span;

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
        walk.filter(filter, &Place::Types(vec![entity_type.to_owned()]));
    }
    walk.diagnostics
}

struct Walk<'a> {
    schema: &'a dyn SchemaView,
    diagnostics: Vec<Diagnostic>,
}

/// The types that entities at some point of the query may have.
enum Place {
    Types(Vec<String>),
    /// Nothing is known from here on, so everything is let through.
    Unknown,
}

/// What the end of a path is, over all types that the entities before it may have.
struct Target {
    kinds: Vec<AttributeKind>,
}

impl Walk<'_> {
    fn query(&mut self, query: &Query) {
        let name = query.entity_type();
        if !self.type_is_there(name, query.entity_type_span()) {
            return;
        }
        let place = Place::Types(vec![name.to_owned()]);
        for path in query.projections().unwrap_or_default() {
            self.path(path, &place);
        }
        if let Some(filter) = query.filter() {
            self.filter(filter, &place);
        }
        for key in query.order() {
            self.path(&key.path, &place);
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
            }
            Filter::In { path, list, .. } => {
                self.path(path, place);
                if let InList::Query(query) = list {
                    self.query(query);
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
        let relation = target.is_relation() && !target.kinds.contains(&AttributeKind::Scalar);
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

    /// Follows a path. Of what is wrong in it, only the first thing is reported; what lies
    /// behind that is unknown.
    fn path(&mut self, path: &Path, place: &Place) -> Target {
        let Place::Types(types) = place else {
            return Target::unknown();
        };
        let mut types = types.clone();
        let mut target = Target::unknown();
        let last = path.segments.len().saturating_sub(1);
        for (index, segment) in path.segments.iter().enumerate() {
            target = self.step(segment, &types);
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
            types = target.types();
        }
        target
    }

    fn step(&mut self, segment: &Segment, types: &[String]) -> Target {
        let mut target = self.attribute(&segment.name, types);
        if target.kinds.is_empty() {
            self.unknown_attribute(segment, types);
            return Target::unknown();
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
            return Target { kinds };
        }
        let subtypes = types
            .iter()
            .flat_map(|entity_type| self.schema.subtypes(entity_type));
        Target {
            kinds: subtypes.filter_map(kind).collect(),
        }
    }

    fn unknown_attribute(&mut self, segment: &Segment, types: &[String]) {
        let name = segment.name.clone();
        let known = types.iter().flat_map(|entity_type| {
            let subtypes = self.schema.subtypes(entity_type);
            let all = std::iter::once(entity_type.as_str()).chain(subtypes);
            all.flat_map(|entity_type| self.schema.attributes(entity_type))
        });
        let suggestion = suggest::closest(&name, known);
        let entity_type = types.join("` or `");
        let kind = DiagnosticKind::UnknownAttribute { name, entity_type };
        self.report(kind, segment.name_span(), suggestion);
    }

    fn type_is_there(&mut self, name: &str, span: Span) -> bool {
        let there = self.schema.has_type(name);
        if !there {
            let suggestion = suggest::closest(name, self.schema.entity_types());
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

impl Target {
    fn unknown() -> Self {
        Self {
            kinds: vec![AttributeKind::Opaque],
        }
    }

    fn is_unknown(&self) -> bool {
        self.kinds.contains(&AttributeKind::Opaque)
    }

    fn is_reference(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, AttributeKind::Reference(_)))
    }

    fn is_collection(&self) -> bool {
        self.kinds
            .iter()
            .any(|kind| matches!(kind, AttributeKind::Collection(_)))
    }

    fn is_relation(&self) -> bool {
        self.is_reference() || self.is_collection()
    }

    /// The types that the entities behind a relation may have, each once.
    fn types(&self) -> Vec<String> {
        let mut types = Vec::new();
        for kind in &self.kinds {
            if let AttributeKind::Reference(name) | AttributeKind::Collection(name) = kind
                && !types.contains(name)
            {
                types.push(name.clone());
            }
        }
        types
    }

    /// Sees the entities behind a relation as another type.
    fn cast(&mut self, entity_type: &str) {
        for kind in &mut self.kinds {
            if let AttributeKind::Reference(name) | AttributeKind::Collection(name) = kind {
                entity_type.clone_into(name);
            }
        }
    }

    fn place(&self) -> Place {
        let types = self.types();
        if self.is_unknown() || types.is_empty() {
            Place::Unknown
        } else {
            Place::Types(types)
        }
    }
}
