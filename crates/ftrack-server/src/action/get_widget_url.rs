//! `get_widget_url`: the address of a page of the web interface, with a token that expires.

use serde_json::json;

use super::Work;
use super::operation::Operation;
use crate::request_error::RequestError;
use crate::widgets::{WIDGETS, Widget};

/// Widgets that are about an entity.
const ABOUT_ENTITIES: [&str; 1] = ["info"];

pub(super) fn answer(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let name = operation.text("name")?;
    if !WIDGETS.contains(&name) {
        return Err(RequestError::validation(format!(
            "there is no widget {name}"
        )));
    }
    // Anything but the one other theme means the usual one.
    let is_light = operation.optional_text("theme")? == Some("light");
    let theme = if is_light { "light" } else { "dark" };
    let mut parameters = vec![format!("itemId={name}"), format!("theme={theme}")];
    let entity = match operation.optional_text("entity_type")? {
        Some(entity_type) => {
            let key = entity_key(work, operation, entity_type)?;
            parameters.push(format!("entityType={entity_type}"));
            parameters.push(format!("entityId={key}"));
            Some((entity_type.to_owned(), key))
        }
        None if ABOUT_ENTITIES.contains(&name) => {
            return Err(RequestError::validation(format!(
                "the widget {name} is about an entity: say about which by entity_type and entity_key"
            )));
        }
        None => None,
    };
    let token = work.engine.widgets.announce(Widget {
        name: name.to_owned(),
        is_light,
        entity,
        caller: work.caller.clone(),
    });
    parameters.push(format!("token={token}"));
    let url = format!(
        "{}/widget/{name}?{}",
        work.engine.links_for(work.caller).url(),
        parameters.join("&")
    );
    out.extend_from_slice(json!({ "widget_url": url }).to_string().as_bytes());
    Ok(())
}

fn entity_key(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    entity_type: &str,
) -> Result<String, RequestError> {
    let view = work.batch.own_view();
    let info = view
        .store
        .catalog()
        .find(entity_type)
        .ok_or_else(|| RequestError::unknown_type(entity_type))?;
    let key = crate::write::entity_key(info, operation.get("entity_key"))?;
    let found = view
        .find(info.id, &key)
        .filter(|found| view.may_read(*found));
    let found = found.ok_or_else(|| {
        RequestError::not_found(format!(
            "there is no {entity_type} with key {}",
            key.display()
        ))
    })?;
    Ok(view.key(found).display())
}
