//! Creating by the name of a family: which of its types is meant.

use serde_json::{Map, Value as Json};

use super::Batch;
use super::decode::Decoder;
use crate::catalog::{Catalog, Slot, TypeInfo};
use crate::request_error::RequestError;
use crate::value::Value;

/// Families with the type that is meant where nothing tells.
const PLAIN: [(&str, &str); 1] = [("Component", "FileComponent")];

/// Links by the family of what they lead to.
const LINKS: [(&str, &str); 7] = [
    ("Context", "ContextCustomAttributeLink"),
    ("AssetVersion", "AssetVersionCustomAttributeLink"),
    ("Asset", "AssetCustomAttributeLink"),
    ("User", "UserCustomAttributeLink"),
    ("Group", "GroupCustomAttributeLink"),
    ("List", "ListCustomAttributeLink"),
    ("Component", "ComponentCustomAttributeLink"),
];

impl Batch<'_> {
    /// The type of a new row: the one named, or the member of the family that the data tells.
    pub(super) fn concrete<'c>(
        &self,
        catalog: &'c Catalog,
        called: &'c TypeInfo,
        data: &Map<String, Json>,
    ) -> Result<&'c TypeInfo, RequestError> {
        if called.is_concrete {
            return Ok(called);
        }
        let mut members = called.members.iter().map(|member| catalog.get(*member));
        if called.shows.is_some() && called.members.len() == 1 {
            return members
                .next()
                .ok_or_else(|| RequestError::unknown_type(&called.name));
        }
        if called.name == "CustomAttributeLink" {
            return self.link_type(catalog, data);
        }
        let told = members.find(|member| is_told(catalog, member, data));
        let plain = PLAIN.iter().find(|(family, _)| *family == called.name);
        told.or_else(|| plain.and_then(|(_, name)| catalog.find(name)))
            .ok_or_else(|| {
                let message = match tells(catalog, called) {
                    Some(name) => format!(
                        "{} is a family of types: say by {name} which is meant",
                        called.name
                    ),
                    None => format!(
                        "{} is a family of types: create an entity of one of them",
                        called.name
                    ),
                };
                RequestError::validation(message)
            })
    }

    /// The type of a link follows from what it leads to.
    fn link_type<'c>(
        &self,
        catalog: &'c Catalog,
        data: &Map<String, Json>,
    ) -> Result<&'c TypeInfo, RequestError> {
        let id = data.get("to_id").and_then(Json::as_str);
        let id = Value::text(id.ok_or_else(|| {
            RequestError::validation(
                "a CustomAttributeLink needs to_id, the id of what it leads to",
            )
        })?);
        let found = LINKS.iter().find(|(family, _)| {
            let family = catalog.find(family);
            family.is_some_and(|family| self.store().find_id(family.id, &id).is_some())
        });
        let found = found.and_then(|(_, name)| catalog.find(name));
        found.ok_or_else(|| {
            RequestError::validation(format!(
                "to_id of a CustomAttributeLink names {}, which does not exist or cannot be linked to",
                id.to_json()
            ))
        })
    }
}

/// Whether what is sent says that a member is meant.
fn is_told(catalog: &Catalog, member: &TypeInfo, data: &Map<String, Json>) -> bool {
    let Some((slot, value)) = &member.discriminator else {
        return false;
    };
    let Some(attribute) = member.slot_attribute(*slot) else {
        return false;
    };
    let name = catalog.name(attribute.name);
    let sent = data.get(name).and_then(Json::as_str).map(Value::text);
    let referred = name
        .strip_suffix("_id")
        .and_then(|name| data.get(name)?.get("id")?.as_str())
        .map(Value::text);
    sent.or(referred).as_ref() == Some(value)
}

/// The name of the attribute by which the members of a family differ.
fn tells<'c>(catalog: &'c Catalog, family: &TypeInfo) -> Option<&'c str> {
    let member = catalog.get(*family.members.first()?);
    let (slot, _) = member.discriminator.as_ref()?;
    Some(catalog.name(member.slot_attribute(*slot)?.name))
}

impl Decoder<'_> {
    /// Refuses to make a row say that it is of another type than it is.
    pub(super) fn refuse_mark(
        self,
        info: &TypeInfo,
        slot: Slot,
        value: &Value,
    ) -> Result<(), RequestError> {
        let Some((_, mark)) = info.discriminator.as_ref().filter(|(of, _)| *of == slot) else {
            return Ok(());
        };
        if mark == value {
            return Ok(());
        }
        let name = info
            .slot_attribute(slot)
            .map_or("", |attribute| self.catalog.name(attribute.name));
        Err(RequestError::validation(format!(
            "{name} of every {} is {}",
            info.name,
            mark.to_json()
        )))
    }
}
