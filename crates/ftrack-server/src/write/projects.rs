//! To which project things belong: contexts by their parents, assets by their context, versions by their asset, notes
//! by what they are about.
//!
//! A row is given its project as soon as it is known what it belongs to, and again at the end of a batch, for a parent
//! may come later than what stands below it.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::Batch;
use super::create::Draft;
use crate::catalog::{Slot, TypeInfo};
use crate::store::RowRef;
use crate::value::Value;

/// The attributes by which rows belong to others, each type after those that its rows may belong to.
const BELONGING: [(&str, &str); 3] = [
    ("Asset", "context_id"),
    ("AssetVersion", "asset_id"),
    ("Note", "parent_id"),
];

/// Where the parent of a note is looked for.
const NOTED: [&str; 4] = ["Context", "AssetVersion", "Asset", "ReviewSessionObject"];

impl Batch<'_> {
    /// Derives the projects of new rows, and of those that belong to something else now.
    pub(super) fn derive_projects(&mut self, inserted: &[RowRef], changed: &[(RowRef, Slot)]) {
        for (row, project) in self.projects_of_contexts(inserted, changed) {
            self.set_project(row, &project);
        }
        for (family, owner) in BELONGING {
            let names = [owner, "project_id"];
            let rows = self.concerned(family, &names, inserted, changed);
            for row in rows {
                self.adopt(row);
            }
        }
    }

    /// Derives the projects of rows of which none has been given its project, so that nothing follows from them but
    /// what is derived for the others anyway.
    pub(super) fn derive_all_projects(&mut self, rows: &[RowRef]) {
        for (row, project) in self.projects_of_contexts(rows, &[]) {
            self.set_own_project(row, &project);
        }
        for (family, owner) in BELONGING {
            for row in self.concerned(family, &[owner], rows, &[]) {
                let project = self.project_of_owner(row);
                self.set_own_project(row, &project);
            }
        }
    }

    /// Gives a new context its place: a parent and a project.
    pub(super) fn place(&self, info: &TypeInfo, draft: &mut Draft<'_>) {
        let slot = |name: &str| self.catalog.slot(info.id, name);
        let Some(project) = slot("project_id").filter(|_| info.is_seen_by("Context")) else {
            return;
        };
        self.place_below_project(info, draft);
        let of_draft = |slot: Option<Slot>| slot.map_or(&Value::Null, |slot| draft.get(slot));
        let above = if info.name == "Project" {
            of_draft(slot("id")).clone()
        } else {
            self.project_below(of_draft(slot("parent_id")))
        };
        draft.set(project, above);
    }

    /// A context without a parent stands directly below its project.
    pub(super) fn place_below_project(&self, info: &TypeInfo, draft: &mut Draft<'_>) {
        let slot = |name: &str| self.catalog.slot(info.id, name);
        if info.is_seen_by("TypedContext")
            && let (Some(parent), Some(project)) = (slot("parent_id"), slot("project_id"))
            && draft.get(parent).is_null()
        {
            draft.set(parent, draft.get(project).clone());
        }
    }

    /// Gives what was made before a new context, and belongs to it, the project of the context.
    pub(super) fn adopt_earlier(&mut self, row: RowRef) {
        let project = self.store().named(row, "project_id").clone();
        if self.is_a(row, "Context") && !project.is_null() {
            self.set_project_below(row, &project);
        }
    }

    /// Gives a row the project of what it belongs to, and everything that belongs to it as well.
    pub(super) fn adopt(&mut self, row: RowRef) {
        let project = if self.is_a(row, "Context") {
            self.project_above(row)
        } else {
            self.project_of_owner(row)
        };
        self.set_project(row, &project);
    }

    /// The project of the parent of a context, or the context itself where it is one; null for anything else.
    pub(super) fn project_above(&self, row: RowRef) -> Value {
        let store = self.store();
        if self.type_name(row) == "Project" {
            return store.id(row).clone();
        }
        if !self.is_a(row, "Context") {
            return Value::Null;
        }
        self.project_below(store.named(row, "parent_id"))
    }

    /// The project of what stands below a context.
    fn project_below(&self, parent: &Value) -> Value {
        let store = self.store();
        match store.find_named("Context", parent) {
            Some(parent) if self.type_name(parent) == "Project" => store.id(parent).clone(),
            Some(parent) => store.named(parent, "project_id").clone(),
            None => Value::Null,
        }
    }

    fn project_of_owner(&self, row: RowRef) -> Value {
        let store = self.store();
        let owner = match self.type_name(row) {
            "Asset" => store.find_named("Context", store.named(row, "context_id")),
            "AssetVersion" => store.find_named("Asset", store.named(row, "asset_id")),
            _ => {
                let parent = store.named(row, "parent_id");
                NOTED
                    .iter()
                    .find_map(|family| store.find_named(family, parent))
            }
        };
        owner.map_or(Value::Null, |owner| self.view().owning_project(owner))
    }

    /// Projects of contexts come from the top of their tree, whatever order rows were made in.
    fn projects_of_contexts(
        &self,
        inserted: &[RowRef],
        changed: &[(RowRef, Slot)],
    ) -> FxHashMap<RowRef, Value> {
        let names = ["parent_id", "project_id"];
        let rows = self.concerned("Context", &names, inserted, changed);
        let mut known: FxHashMap<RowRef, Value> = FxHashMap::default();
        for row in &rows {
            let mut line = Vec::new();
            let mut current = *row;
            let project = loop {
                if let Some(project) = known.get(&current) {
                    break project.clone();
                }
                let is_settled = !rows.contains(&current) || self.type_name(current) == "Project";
                if is_settled {
                    break match self.type_name(current) {
                        "Project" => self.store().id(current).clone(),
                        _ => self.store().named(current, "project_id").clone(),
                    };
                }
                line.push(current);
                let parent = self.store().named(current, "parent_id");
                match self.store().find_named("Context", parent) {
                    // More rows than there are means a circle, which is refused elsewhere.
                    Some(parent) if line.len() <= rows.len() => current = parent,
                    _ => break Value::Null,
                }
            };
            known.insert(*row, project.clone());
            known.extend(line.into_iter().map(|row| (row, project.clone())));
        }
        known
    }

    /// Rows of a family that are new or of which one of the named values changed.
    pub(super) fn concerned(
        &self,
        family: &str,
        names: &[&str],
        inserted: &[RowRef],
        changed: &[(RowRef, Slot)],
    ) -> IndexSet<RowRef, FxBuildHasher> {
        let Some(info) = self.catalog.find(family) else {
            return IndexSet::default();
        };
        let members: FxHashSet<_> = info.members.iter().copied().collect();
        let changed = changed.iter().filter(|(row, slot)| {
            let is_named = |name: &&str| self.catalog.slot(row.type_id, name) == Some(*slot);
            members.contains(&row.type_id) && names.iter().any(is_named)
        });
        let inserted = inserted.iter().copied();
        inserted
            .filter(|row| members.contains(&row.type_id))
            .chain(changed.map(|(row, _)| *row))
            .filter(|row| self.store().contains(*row))
            .collect()
    }

    fn set_project(&mut self, row: RowRef, project: &Value) {
        if self.set_own_project(row, project) {
            self.set_project_below(row, project);
        }
    }

    /// Gives everything that belongs to a row a project.
    fn set_project_below(&mut self, row: RowRef, project: &Value) {
        let mut above = vec![row];
        while let Some(owner) = above.pop() {
            for below in self.belonging(owner) {
                if self.set_own_project(below, project) {
                    above.push(below);
                }
            }
        }
    }

    /// Whether that is a change.
    fn set_own_project(&mut self, row: RowRef, project: &Value) -> bool {
        let slot = self.catalog.slot(row.type_id, "project_id");
        let slot = slot.filter(|slot| self.store().value(row, *slot) != project);
        if let Some(slot) = slot {
            self.transaction.set(row, slot, project.clone());
        }
        slot.is_some()
    }

    /// What belongs to a row directly.
    fn belonging(&self, row: RowRef) -> Vec<RowRef> {
        let store = self.store();
        let id = store.id(row);
        let mut found = Vec::new();
        if self.is_a(row, "Context") {
            found.extend(store.rows_with("TypedContext", "parent_id", id));
            found.extend(store.rows_with("Asset", "context_id", id));
        } else if self.is_a(row, "Asset") {
            found.extend(store.rows_with("AssetVersion", "asset_id", id));
        } else if !self.is_a(row, "AssetVersion") {
            return found;
        }
        found.extend(store.rows_with("Note", "parent_id", id));
        found
    }
}
