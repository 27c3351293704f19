//! `query_server_information`: what clients ask for before anything else.

use serde_json::{Map, Value as Json, json};

use super::operation::Operation;
use super::permissions;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::read::View;
use crate::store::Key;
use crate::value::Value;

/// The version of the protocol that this server speaks.
pub(crate) const VERSION: &str = "4.13.0";

/// How much clients may store, in bytes: as much as the disk takes.
const STORAGE_LIMIT: u64 = 1 << 53;

pub(super) fn answer(
    engine: &Engine,
    view: View<'_>,
    caller: &Caller,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) {
    let mut information = information(engine, view, caller);
    if let Some(Json::Array(wanted)) = operation.get("values") {
        information.retain(|name, _| wanted.iter().any(|value| value == name));
    }
    out.extend_from_slice(Json::Object(information).to_string().as_bytes());
}

fn information(engine: &Engine, view: View<'_>, caller: &Caller) -> Map<String, Json> {
    let entries = [
        ("version", json!(VERSION)),
        ("schema_hash", json!(engine.definitions().hash)),
        ("storage_scenario", storage_scenario(view)),
        ("is_timezone_support_enabled", json!(true)),
        ("is_nested_subqueries_enabled", json!(true)),
        ("user_information", user_information(view, caller)),
        ("license", json!([license()])),
        (
            "company_information",
            json!({"name": "", "data_storage_id": null}),
        ),
        (
            "product",
            json!({"name": "ftrack-server", "is_trial": false, "is_creative": false}),
        ),
        ("default_colors", json!([])),
        ("preferred_language", json!("en")),
        ("week_startday", json!(1)),
        ("workday_length", json!(28_800)),
        ("storage_limit", json!(STORAGE_LIMIT)),
    ];
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A local server asks for no licence; clients expect one all the same.
fn license() -> Json {
    json!({"type": "local", "maximum_users": null, "expiration_date": null})
}

fn user_information(view: View<'_>, caller: &Caller) -> Json {
    let row = view.store.find_named("User", &caller.id);
    let text = |name: &str| row.map_or(Json::Null, |row| view.store.named(row, name).to_json());
    let thumbnail = row.map_or(Json::Null, |row| view.thumbnail(row).to_json());
    json!({
        "id": caller.id.to_json(),
        "username": caller.username,
        "first_name": text("first_name"),
        "last_name": text("last_name"),
        "email": text("email"),
        "resource_type": "user",
        "thumbnail_id": text("thumbnail_id"),
        "thumbnail_url": thumbnail,
        "permissions": permissions::names(view, caller),
    })
}

/// Where a studio keeps its files, as a setting says.
fn storage_scenario(view: View<'_>) -> Json {
    let key = Key::new(vec![
        Value::text("storage_scenario"),
        Value::text("STORAGE"),
    ]);
    let stored = view
        .store
        .catalog()
        .find("Setting")
        .and_then(|info| view.store.find(info.id, &key))
        .and_then(|row| serde_json::from_str(&view.store.named(row, "value").to_text()).ok());
    stored.unwrap_or_else(|| json!({"scenario": "ftrack.automatic", "data": {}}))
}
