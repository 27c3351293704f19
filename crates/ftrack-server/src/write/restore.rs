//! Putting back what a snapshot holds: rows as they were, not as clients make them.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Batch;
use crate::catalog::Source;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// The configurations of the attributes that a studio adds.
const CONFIGURATION: &str = "CustomAttributeConfiguration";

impl Batch<'_> {
    /// Puts a row in with the values given, null included; what is not mentioned is filled as for a new entity.
    /// Nothing else follows from it, and what it refers to is not checked yet.
    ///
    /// # Errors
    /// Refuses types without rows, attributes that no row holds, wrong kinds of values, and a key that is taken.
    pub(crate) fn restore(
        &mut self,
        entity_type: &str,
        values: &Map<String, Json>,
    ) -> Result<RowRef, Refusal> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog
            .find(entity_type)
            .ok_or_else(|| Refusal::unknown_type(entity_type))?;
        if !info.is_concrete || info.shows.is_some() {
            let message = format!("{entity_type} has no rows of its own: name the concrete type");
            return Err(Refusal::validation(message));
        }
        for name in values.keys() {
            let attribute = catalog.name_id(name).and_then(|name| info.attribute(name));
            if let Some(Source::Collection { .. }) = attribute.map(|found| &found.source) {
                return Err(Refusal::validation(format!(
                    "{entity_type}.{name} is a collection: write its members as entities of their own"
                )));
            }
        }
        let mut draft = self.draft(info, values)?;
        let stored = draft.values.clone();
        self.fill(info, &mut draft)?;
        if let Some((slot, mark)) = &info.discriminator
            && draft.given.contains(slot)
            && stored.get(*slot) != Some(mark)
        {
            let name = info
                .slot_attribute(*slot)
                .map_or("", |attribute| catalog.name(attribute.name));
            return Err(Refusal::validation(format!(
                "{name} of every {entity_type} is {}",
                mark.to_json()
            )));
        }
        let given = draft.given.iter().copied().collect::<Vec<_>>();
        for slot in given.into_iter().filter(|slot| !info.is_key(*slot)) {
            draft.set(slot, stored.get(slot).cloned().unwrap_or_default());
        }
        let key = Key::new(
            info.primary_key
                .iter()
                .map(|slot| draft.get(*slot).clone())
                .collect(),
        );
        self.refuse_key(info, &key)?;
        let row = self.transaction.insert(info.id, draft.values);
        // Checked again when all is there; but here the later one of two is to blame.
        self.refuse_duplicate(row)?;
        Ok(row)
    }

    /// Puts the value of a custom attribute back as it was.
    ///
    /// # Errors
    /// Refuses configurations and entities that there are not.
    pub(crate) fn restore_custom(&mut self, values: &Map<String, Json>) -> Result<(), Refusal> {
        const NAMES: [&str; 5] = [
            "__entity_type__",
            "key",
            "configuration_id",
            "entity_id",
            "value",
        ];
        if let Some(name) = values.keys().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(Refusal::unknown_attribute("a custom attribute value", name));
        }
        let named = |name: &str| {
            let id = values.get(name).and_then(Json::as_str);
            id.ok_or_else(|| Refusal::validation(format!("{name} must be text")))
        };
        let missing = |name: &str, id: &str| {
            let message = format!("{name} names \"{id}\", which does not exist");
            Refusal::new(RefusalKind::Integrity, message)
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
    pub(crate) fn settle(&mut self, rows: &[RowRef]) -> Result<(), (usize, Refusal)> {
        for (position, row) in rows.iter().enumerate() {
            self.created(*row).map_err(|refusal| (position, refusal))?;
        }
        self.derive_projects(rows, &[]);
        rows.iter().enumerate().try_for_each(|(position, row)| {
            // They were new to the server that wrote them.
            self.check_row(*row, false)
                .map_err(|refusal| (position, refusal))
        })
    }
}
