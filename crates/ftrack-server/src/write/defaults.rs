//! Status, type and priority of new work, from the schema of its project.

use std::sync::Arc;

use super::Batch;
use crate::store::RowRef;
use crate::value::Value;

impl Batch<'_> {
    /// Fills the status, type and priority that a new context or version has none of.
    pub(super) fn fill_workflow(&mut self, row: RowRef) {
        let is_version = self.is_a(row, "AssetVersion");
        if !is_version && !self.is_a(row, "TypedContext") {
            return;
        }
        let schema = self.project_schema(row);
        if !is_version {
            self.fill_with(row, "type_id", |batch| batch.first_type(row, schema));
            self.fill_with(row, "priority_id", |batch| batch.first_of("Priority"));
        }
        self.fill_with(row, "status_id", |batch| {
            batch.first_status(row, schema, is_version)
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
                self.first_linked(
                    "TaskTypeSchemaType",
                    "task_type_schema_id",
                    types,
                    "type_id",
                    "Type",
                )
            } else {
                let schema = self.object_type_schema(row, schema)?;
                self.first_linked(
                    "SchemaType",
                    "schema_id",
                    store.id(schema),
                    "type_id",
                    "Type",
                )
            }
        });
        listed.or_else(|| self.first_of("Type"))
    }

    fn first_status(&self, row: RowRef, schema: Option<RowRef>, is_version: bool) -> Option<Value> {
        let store = self.store();
        let listed = schema.and_then(|schema| {
            if is_version {
                return self
                    .first_of_workflow(store.named(schema, "asset_version_workflow_schema_id"));
            }
            if self.type_name(row) == "Task" {
                let workflow = self
                    .workflow_override(row, schema)
                    .unwrap_or_else(|| store.named(schema, "task_workflow_schema_id").clone());
                return self.first_of_workflow(&workflow);
            }
            let schema = self.object_type_schema(row, schema)?;
            self.first_linked(
                "SchemaStatus",
                "schema_id",
                store.id(schema),
                "status_id",
                "Status",
            )
        });
        listed.or_else(|| self.first_of("Status"))
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

    fn first_of_workflow(&self, workflow: &Value) -> Option<Value> {
        self.first_linked(
            "WorkflowSchemaStatus",
            "workflow_schema_id",
            workflow,
            "status_id",
            "Status",
        )
    }

    /// The first of the rows that link rows name, by the `sort` of the link or of the row.
    fn first_linked(
        &self,
        link: &str,
        own: &str,
        id: &Value,
        other: &str,
        target: &str,
    ) -> Option<Value> {
        let store = self.store();
        let info = self.catalog.find(link)?;
        let has_sort = self.catalog.slot(info.id, "sort").is_some();
        let links = store.rows_with(link, own, id);
        let best = links.into_iter().min_by(|left, right| {
            let sort = |row: RowRef| {
                let sorted = if has_sort {
                    Some(row)
                } else {
                    store.find_named(target, store.named(row, other))
                };
                sorted
                    .and_then(|row| store.named(row, "sort").as_number())
                    .unwrap_or(f64::MAX)
            };
            sort(*left).total_cmp(&sort(*right))
        })?;
        Some(store.named(best, other).clone())
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
