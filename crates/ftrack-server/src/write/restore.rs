//! Putting back what a snapshot holds: rows as they were, not as clients make them.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json};

use super::Batch;
use super::create::Draft;
use super::decode::Decoder;
use crate::catalog::{Slot, Source, TypeId, TypeInfo};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// The configurations of the attributes that a studio adds.
const CONFIGURATION: &str = "CustomAttributeConfiguration";

/// What was put back, in order.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    rows: Vec<RowRef>,
    /// Contexts that came after everything above them: they have their project, and stand in no circle.
    placed: FxHashSet<RowRef>,
    /// What the last context that was put back stands below, and the project of that, if it is known.
    above: (Value, Option<Value>),
}

/// A row as it was, to be put back.
#[derive(Debug)]
pub(crate) struct RestorableRow {
    type_id: TypeId,
    draft: Draft<'static>,
}

impl Decoder<'_> {
    /// The row that these values are of.
    ///
    /// # Errors
    /// Refuses types without rows, attributes that no row holds, and wrong kinds of values.
    pub(crate) fn restorable(
        self,
        entity_type: &str,
        values: &Map<String, Json>,
    ) -> Result<RestorableRow, RequestError> {
        let info = self
            .catalog
            .find(entity_type)
            .ok_or_else(|| RequestError::unknown_type(entity_type))?;
        if !info.is_concrete || info.shows.is_some() {
            let message = format!("{entity_type} has no rows of its own: name the concrete type");
            return Err(RequestError::validation(message));
        }
        for name in values.keys() {
            let attribute = self.catalog.name_id(name);
            let attribute = attribute.and_then(|name| info.attribute(name));
            if let Some(Source::Collection { .. }) = attribute.map(|found| &found.source) {
                return Err(RequestError::validation(format!(
                    "{entity_type}.{name} is a collection: write its members as entities of their own"
                )));
            }
        }
        let draft = self.draft(info, values)?;
        if let Some((slot, _)) = &info.discriminator
            && draft.is_given(*slot)
        {
            self.refuse_mark(info, *slot, draft.get(*slot))?;
        }
        Ok(RestorableRow {
            type_id: info.id,
            draft: draft.without_collections(),
        })
    }
}

impl Batch<'_> {
    /// Puts a row in with the values given, null included; what is not mentioned is filled as for a new entity.
    /// Nothing else follows from it, and what it refers to is not checked yet. It is found by its key alone, until
    /// `all_restored` is called.
    ///
    /// # Errors
    /// Refuses a key that is missing or taken.
    pub(crate) fn restore(
        &mut self,
        row: RestorableRow,
        restored: &mut Restored,
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.get(row.type_id);
        let mut draft = row.draft;
        self.fill_what_is_missing(info, &mut draft)?;
        let key = Key::new(
            info.primary_key
                .iter()
                .map(|slot| draft.get(*slot).clone())
                .collect(),
        );
        self.refuse_key(info, &key)?;
        self.place_below_project(info, &mut draft);
        let is_placed = self.place_below(info, &mut draft, restored);
        let row = self.transaction.insert_unlisted(info.id, draft.values);
        restored.rows.push(row);
        if is_placed {
            restored.placed.insert(row);
        }
        Ok(())
    }

    /// Lets all rows that were put back be found as others are.
    pub(crate) fn all_restored(&mut self) {
        self.transaction.list();
    }

    /// Gives a context the project of what it stands below, where that is known already.
    fn place_below(&self, info: &TypeInfo, draft: &mut Draft<'_>, restored: &mut Restored) -> bool {
        let slot = |name: &str| self.catalog.slot(info.id, name);
        let (Some(parent), Some(project)) = (slot("parent_id"), slot("project_id")) else {
            return false;
        };
        let parent = draft.get(parent);
        if parent.is_null() || !info.is_seen_by("TypedContext") {
            return false;
        }
        if restored.above.0 != *parent {
            let known = self.project_of_restored(parent, restored);
            restored.above = (parent.clone(), known);
        }
        let Some(known) = &restored.above.1 else {
            return false;
        };
        draft.set(project, known.clone());
        true
    }

    /// The project of a context that was put back, if it cannot become another one.
    fn project_of_restored(&self, id: &Value, restored: &Restored) -> Option<Value> {
        let store = self.store();
        let row = store.find_named("Context", id)?;
        if self.type_name(row) == "Project" {
            return Some(id.clone());
        }
        let is_placed = restored.placed.contains(&row);
        is_placed.then(|| store.named(row, "project_id").clone())
    }

    /// As `fill`, but what is given stays as it is, null included. Only keys need a value.
    fn fill_what_is_missing(
        &self,
        info: &TypeInfo,
        draft: &mut Draft<'_>,
    ) -> Result<(), RequestError> {
        let may_change = |slot: Slot, draft: &Draft<'_>| {
            draft.get(slot).is_null()
                || info.name == CONFIGURATION
                || info.family_values.iter().any(|(other, _)| *other == slot)
        };
        let kept: Vec<(Slot, Value)> = (0..info.slots.len())
            .filter(|slot| draft.is_given(*slot) && !info.is_key(*slot))
            .filter(|slot| may_change(*slot, draft))
            .map(|slot| (slot, draft.get(slot).clone()))
            .collect();
        self.fill(info, draft)?;
        for (slot, value) in kept {
            draft.set(slot, value);
        }
        Ok(())
    }

    /// Puts the value of a custom attribute back as it was.
    ///
    /// # Errors
    /// Refuses configurations and entities that there are not.
    pub(crate) fn restore_custom(
        &mut self,
        values: &Map<String, Json>,
    ) -> Result<(), RequestError> {
        const NAMES: [&str; 5] = [
            "__entity_type__",
            "key",
            "configuration_id",
            "entity_id",
            "value",
        ];
        if let Some(name) = values.keys().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(RequestError::unknown_attribute(
                "a custom attribute value",
                name,
            ));
        }
        let named = |name: &str| {
            let id = values.get(name).and_then(Json::as_str);
            id.ok_or_else(|| RequestError::validation(format!("{name} must be text")))
        };
        let missing = |name: &str, id: &str| {
            let message = format!("{name} names \"{id}\", which does not exist");
            RequestError::new(RequestErrorKind::Integrity, message)
        };
        let id = named("configuration_id")?;
        let configuration = self
            .store()
            .find_named(CONFIGURATION, &Value::text(id))
            .ok_or_else(|| missing("configuration_id", id))?;
        let id = named("entity_id")?;
        let entity = self
            .view()
            .entity_with_values(&Value::text(id))
            .ok_or_else(|| missing("entity_id", id))?;
        let value = Value::variable(values.get("value").unwrap_or(&Json::Null));
        self.transaction
            .set_custom(entity, configuration.row, Some(value));
        Ok(())
    }

    /// Derives what rows that were put back do not say, and checks one after the other.
    ///
    /// # Errors
    /// The position of the first row that breaks a rule, and which.
    pub(crate) fn settle(&mut self, restored: &Restored) -> Result<(), (usize, RequestError)> {
        let Restored { rows, placed, .. } = restored;
        for (position, row) in rows.iter().enumerate() {
            self.restored(*row).map_err(|error| (position, error))?;
        }
        let unplaced = rows.iter().filter(|row| !placed.contains(row));
        let unplaced: Vec<RowRef> = unplaced.copied().collect();
        self.refuse_circles(&unplaced, &[])
            .map_err(|(row, error)| {
                let position = rows.iter().position(|other| *other == row);
                (position.unwrap_or_default(), error)
            })?;
        self.derive_all_projects(&unplaced);
        for position in self.doubtful(rows) {
            let Some(row) = rows.get(position) else {
                continue;
            };
            // They were new to the server that wrote them.
            self.check_row(*row).map_err(|error| (position, error))?;
            if let Some(duplicate) = self.duplicate(*row) {
                // The later one of two is to blame.
                let other = rows.iter().rposition(|row| *row == duplicate.other);
                return Err((other.unwrap_or_default().max(position), duplicate.error));
            }
        }
        Ok(())
    }
}
