//! Status, type and priority of new work, from the schema of its project.

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Batch;
use crate::catalog::TypeId;
use crate::store::RowRef;
use crate::value::Value;

/// What new work is given at the end of a batch, by what it goes by. Most of a batch is alike.
#[derive(Debug, Default)]
pub(super) struct Workflows {
    priority: OnceCell<Option<Value>>,
    types: FxHashMap<WorkKind, Option<Value>>,
    statuses: FxHashMap<(WorkKind, Value), Option<Value>>,
}

/// The schema of its project, its type, and its object type.
type WorkKind = (Option<RowRef>, TypeId, Value);

/// Rows that lead from something to rows of another type, in an order.
struct Links {
    family: &'static str,
    /// The attribute that names what they lead from.
    own: &'static str,
    /// The attribute that names what they lead to.
    other: &'static str,
    target: &'static str,
}

const TYPES_OF_TASKS: Links = Links {
    family: "TaskTypeSchemaType",
    own: "task_type_schema_id",
    other: "type_id",
    target: "Type",
};

const TYPES: Links = Links {
    family: "SchemaType",
    own: "schema_id",
    other: "type_id",
    target: "Type",
};

const STATUSES: Links = Links {
    family: "SchemaStatus",
    own: "schema_id",
    other: "status_id",
    target: "Status",
};

const STATUSES_OF_WORKFLOWS: Links = Links {
    family: "WorkflowSchemaStatus",
    own: "workflow_schema_id",
    other: "status_id",
    target: "Status",
};

impl Batch<'_> {
    /// Fills the status, type and priority that a new context or version has none of, and the schema of a project.
    pub(super) fn fill_workflow(&mut self, row: RowRef, known: &mut Workflows) {
        if self.is_a(row, "Project") {
            self.fill_with(row, "project_schema_id", |batch| {
                batch.first_of("ProjectSchema")
            });
            return;
        }
        let is_version = self.is_a(row, "AssetVersion");
        if !is_version && !self.is_a(row, "TypedContext") {
            return;
        }
        let schema = self.project_schema(row);
        let object_type = self.store().named(row, "object_type_id").clone();
        let kind = (schema, row.type_id, object_type);
        if !is_version {
            self.fill_with(row, "type_id", |batch| {
                let value = known.types.entry(kind.clone());
                let value = value.or_insert_with(|| batch.first_type(row, schema));
                value.clone()
            });
            self.fill_with(row, "priority_id", |batch| {
                let value = known.priority.get_or_init(|| batch.last_of("Priority"));
                value.clone()
            });
        }
        let kind = (kind, self.store().named(row, "type_id").clone());
        self.fill_with(row, "status_id", |batch| {
            let value = known.statuses.entry(kind);
            let value = value.or_insert_with(|| batch.first_status(row, schema, is_version));
            value.clone()
        });
    }

    fn fill_with(&mut self, row: RowRef, name: &str, value: impl FnOnce(&Self) -> Option<Value>) {
        if self.store().named(row, name).is_null()
            && let Some(value) = value(self)
        {
            self.transaction.set_named(row, name, value);
        }
    }

    fn project_schema(&self, row: RowRef) -> Option<RowRef> {
        let store = self.store();
        let project = store.find_named("Project", &self.view().project_of(row))?;
        store.find_named("ProjectSchema", store.named(project, "project_schema_id"))
    }

    fn first_type(&self, row: RowRef, schema: Option<RowRef>) -> Option<Value> {
        let store = self.store();
        let listed = schema.and_then(|schema| {
            if self.type_name(row) == "Task" {
                let types = store.named(schema, "task_type_schema_id");
                self.first_linked(&TYPES_OF_TASKS, types)
            } else {
                let schema = self.object_type_schema(row, schema)?;
                self.first_linked(&TYPES, store.id(schema))
            }
        });
        listed.or_else(|| self.first_of("Type"))
    }

    fn first_status(&self, row: RowRef, schema: Option<RowRef>, is_version: bool) -> Option<Value> {
        let store = self.store();
        let listed = schema.and_then(|schema| {
            if is_version {
                return self
                    .last_of_workflow(store.named(schema, "asset_version_workflow_schema_id"));
            }
            if self.type_name(row) == "Task" {
                let workflow = self
                    .workflow_override(row, schema)
                    .unwrap_or_else(|| store.named(schema, "task_workflow_schema_id").clone());
                return self.last_of_workflow(&workflow);
            }
            let schema = self.object_type_schema(row, schema)?;
            self.first_linked(&STATUSES, store.id(schema))
        });
        listed.or_else(|| self.last_of("Status"))
    }

    fn workflow_override(&self, row: RowRef, schema: RowRef) -> Option<Value> {
        let store = self.store();
        let overrides = store.rows_with(
            "ProjectSchemaOverride",
            "project_schema_id",
            store.id(schema),
        );
        let found = overrides
            .into_iter()
            .find(|found| store.named(*found, "type_id") == store.named(row, "type_id"))?;
        Some(store.named(found, "workflow_schema_id").clone())
    }

    fn object_type_schema(&self, row: RowRef, schema: RowRef) -> Option<RowRef> {
        let store = self.store();
        let object_type = store.named(row, "object_type_id");
        let schemas = store.rows_with("Schema", "project_schema_id", store.id(schema));
        schemas
            .into_iter()
            .find(|found| store.named(*found, "object_type_id") == object_type)
    }

    /// What new work has comes last in the order of statuses, as it does in that of priorities.
    fn last_of_workflow(&self, workflow: &Value) -> Option<Value> {
        let linked = self.linked(&STATUSES_OF_WORKFLOWS, workflow).into_iter();
        let last = linked.max_by(|(left, _), (right, _)| left.total_cmp(right));
        last.map(|(_, id)| id.clone())
    }

    /// The first of the rows that links lead to.
    fn first_linked(&self, links: &Links, from: &Value) -> Option<Value> {
        let linked = self.linked(links, from).into_iter();
        let first = linked.min_by(|(left, _), (right, _)| left.total_cmp(right));
        first.map(|(_, id)| id.clone())
    }

    /// The ids of the rows that links lead to, each with the `sort` of the link, or of the row, which puts it in order.
    fn linked(&self, links: &Links, from: &Value) -> Vec<(f64, &Value)> {
        let store = self.store();
        let Some(info) = self.catalog.find(links.family) else {
            return Vec::new();
        };
        let has_sort = self.catalog.slot(info.id, "sort").is_some();
        let number = |row: RowRef| {
            let sorted = if has_sort {
                Some(row)
            } else {
                store.find_named(links.target, store.named(row, links.other))
            };
            let number = sorted.and_then(|row| store.named(row, "sort").as_number());
            number.unwrap_or_default()
        };
        let rows = store.rows_with(links.family, links.own, from).into_iter();
        rows.map(|row| (number(row), store.named(row, links.other)))
            .collect()
    }

    /// The last row of a type by its `sort`.
    fn last_of(&self, family: &str) -> Option<Value> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.find(family)?;
        let store = self.store();
        let sort = |row: &RowRef| store.named(*row, "sort").as_number().unwrap_or_default();
        let best = store
            .rows(info.id)
            .max_by(|left, right| sort(left).total_cmp(&sort(right)))?;
        Some(store.id(best).clone())
    }

    /// The first row of a type by its `sort`.
    fn first_of(&self, family: &str) -> Option<Value> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.find(family)?;
        let store = self.store();
        let sort = |row: &RowRef| store.named(*row, "sort").as_number().unwrap_or(f64::MAX);
        let best = store
            .rows(info.id)
            .min_by(|left, right| sort(left).total_cmp(&sort(right)))?;
        Some(store.id(best).clone())
    }
}
