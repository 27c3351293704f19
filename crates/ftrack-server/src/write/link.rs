//! Links between entities by custom attributes: their ends are of the kinds that the configuration names, and a link
//! that leads from one to one is the only one of both.

use super::Batch;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::RowRef;
use crate::value::Value;

const CONFIGURATION: &str = "CustomAttributeLinkConfiguration";

/// Where what links lead to and come from is looked for.
const FAMILIES: [&str; 6] = [
    "Context",
    "AssetVersion",
    "Asset",
    "Resource",
    "List",
    "Component",
];

/// One end of a link: the attribute that names it, and those of the configuration that say what it must be.
struct End {
    id: &'static str,
    kind: &'static str,
    object_type: &'static str,
}

const ENDS: [End; 2] = [
    End {
        id: "from_id",
        kind: "entity_type",
        object_type: "object_type_id",
    },
    End {
        id: "to_id",
        kind: "entity_type_to",
        object_type: "object_type_id_to",
    },
];

impl Batch<'_> {
    /// Refuses a link whose ends are not what its configuration wants, or taken.
    pub(super) fn check_link(&self, row: RowRef) -> Result<(), RequestError> {
        if !self.is_a(row, "CustomAttributeLink") {
            return Ok(());
        }
        let store = self.store();
        let id = store.named(row, "configuration_id");
        let Some(configuration) = store.find_named(CONFIGURATION, id) else {
            return Ok(());
        };
        for end in &ENDS {
            self.check_end(row, configuration, end)?;
        }
        if store.named(configuration, "one_to_one").is_true() {
            self.refuse_second(row, configuration)?;
        }
        Ok(())
    }

    fn check_end(
        &self,
        link: RowRef,
        configuration: RowRef,
        end: &End,
    ) -> Result<(), RequestError> {
        let store = self.store();
        let key = || store.named(configuration, "key").to_text();
        let id = store.named(link, end.id);
        let found = FAMILIES
            .iter()
            .find_map(|family| store.find_named(family, id))
            .filter(|found| self.sees(*found));
        let Some(found) = found else {
            let message = format!(
                "{} of a link {:?} names {}, which does not exist",
                end.id,
                key(),
                id.to_json()
            );
            return Err(RequestError::new(RequestErrorKind::Integrity, message));
        };
        let wanted = plain(&store.named(configuration, end.kind).to_text());
        let kind = self.kind_of(found);
        let is_context = kind == "task" || kind == "show";
        let object_type = store.named(configuration, end.object_type);
        let fits = wanted.is_empty() || wanted == kind || (wanted == "context" && is_context);
        let fits_type = kind != "task"
            || object_type.is_null()
            || object_type == store.named(found, "object_type_id");
        if fits && fits_type {
            return Ok(());
        }
        Err(RequestError::validation(format!(
            "{} of a link {:?} must name what the configuration says ({wanted}), not this {}",
            end.id,
            key(),
            self.type_name(found)
        )))
    }

    fn refuse_second(&self, link: RowRef, configuration: RowRef) -> Result<(), RequestError> {
        let store = self.store();
        let others = store.rows_with(
            "CustomAttributeLink",
            "configuration_id",
            store.id(configuration),
        );
        let shares =
            |other: &RowRef, name: &str| store.named(*other, name) == store.named(link, name);
        let second = others
            .iter()
            .find(|other| **other != link && (shares(other, "from_id") || shares(other, "to_id")));
        match second {
            None => Ok(()),
            Some(_) => Err(RequestError::new(
                RequestErrorKind::Duplicate,
                format!(
                    "{:?} links one to one: one of these entities is linked already",
                    store.named(configuration, "key").to_text()
                ),
            )),
        }
    }

    /// The word by which configurations call the kind of an entity.
    fn kind_of(&self, row: RowRef) -> String {
        if let Some(class) = self.view().entity_class(row) {
            return class.to_owned();
        }
        if self.is_a(row, "Component") {
            return "component".to_owned();
        }
        self.type_name(row).to_lowercase()
    }

    /// Links say of what types their ends are.
    pub(super) fn name_ends(&mut self, row: RowRef) {
        for (id, entity_type) in [("from_id", "from_entity_type"), ("to_id", "to_entity_type")] {
            let store = self.store();
            let id = store.named(row, id);
            let end = FAMILIES
                .iter()
                .find_map(|family| store.find_named(family, id));
            if let (Some(end), true) = (end, store.named(row, entity_type).is_null()) {
                let name = Value::text(self.type_name(end));
                self.transaction.set_named(row, entity_type, name);
            }
        }
    }
}

/// A kind without what people write it with.
fn plain(kind: &str) -> String {
    kind.replace('_', "").to_lowercase()
}
