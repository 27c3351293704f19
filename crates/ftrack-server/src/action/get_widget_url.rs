//! `get_widget_url`: the address of a page of the web interface, with a token that expires.

use serde_json::json;

use super::Work;
use super::operation::Operation;
use crate::refusal::Refusal;

const WIDGETS: [&str; 3] = ["info", "tasks", "tasks_browser"];

/// How long a token is good for, in seconds.
const LIFETIME: i64 = 6 * 60;

pub(super) fn answer(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let name = operation.text("name")?;
    if !WIDGETS.contains(&name) {
        return Err(Refusal::validation(format!("there is no widget {name}")));
    }
    let theme = operation.optional_text("theme")?;
    if !matches!(theme, None | Some("light" | "dark")) {
        return Err(operation.wrong("theme", "light or dark"));
    }
    let mut parameters = vec![format!("itemId={name}")];
    if let Some(theme) = theme {
        parameters.push(format!("theme={theme}"));
    }
    if let Some(entity_type) = operation.optional_text("entity_type")? {
        let key = entity_key(work, operation, entity_type)?;
        parameters.push(format!("entityType={entity_type}"));
        parameters.push(format!("entityId={key}"));
    }
    parameters.push(format!("token={}", token(work)));
    let url = format!(
        "{}/widget/{name}?{}",
        work.engine.url(),
        parameters.join("&")
    );
    out.extend_from_slice(json!({ "widget_url": url }).to_string().as_bytes());
    Ok(())
}

fn entity_key(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    entity_type: &str,
) -> Result<String, Refusal> {
    let view = work.batch.own_view();
    let info = view
        .store
        .catalog()
        .find(entity_type)
        .ok_or_else(|| Refusal::unknown_type(entity_type))?;
    let key = crate::write::entity_key(info, operation.get("entity_key"))?;
    let found = view
        .find(info.id, &key)
        .filter(|found| view.may_read(*found));
    let found = found.ok_or_else(|| {
        Refusal::not_found(format!(
            "there is no {entity_type} with key {}",
            key.display()
        ))
    })?;
    Ok(view.key(found).display())
}

fn token(work: &Work<'_, '_>) -> String {
    let now = chrono::Utc::now().timestamp();
    let token = uuid::Uuid::new_v4().simple().to_string();
    let mut tokens = work.engine.widget_tokens.lock();
    tokens.retain(|(_, expires)| *expires > now);
    tokens.push((token.clone(), now + LIFETIME));
    token
}
