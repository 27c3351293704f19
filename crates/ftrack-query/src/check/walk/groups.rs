//! Checks what a query with `group by` says about its groups.

use super::{Place, Walk};
use crate::aggregate::Aggregate;
use crate::check::{AttributeKind, DiagnosticKind};
use crate::query::Query;

impl Walk<'_> {
    pub(super) fn groups(&mut self, query: &Query, place: &Place) {
        for key in query.group_by() {
            let target = self.path(key, place);
            let is_plain = key.segments.len() == 1 && target.is_value();
            if !target.is_unknown() && !is_plain {
                let path = key.to_string();
                self.report(DiagnosticKind::GroupNeedsValue { path }, key.span, None);
            }
        }
        for aggregate in query.aggregates() {
            self.aggregate(aggregate, place);
        }
        let keys = query.group_by().iter().map(ToString::to_string);
        let functions = query.aggregates().iter().map(Aggregate::column);
        let columns: Vec<String> = keys.chain(functions).collect();
        for key in query.order() {
            let path = key.path.to_string();
            if !columns.contains(&path) {
                let columns = columns.clone();
                let kind = DiagnosticKind::OrderNeedsColumn { path, columns };
                self.report(kind, key.path.span, None);
            }
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate, place: &Place) {
        let target = self.path(&aggregate.path, place);
        let is_number = target.kinds.contains(&AttributeKind::Number);
        if target.is_unknown() || is_number || !aggregate.function.needs_number() {
            return;
        }
        let kind = DiagnosticKind::FunctionNeedsNumber {
            function: aggregate.function.to_string(),
            path: aggregate.path.to_string(),
        };
        self.report(kind, aggregate.span, None);
    }
}
