//! What a query for changed entities can tell when the log cannot: what was created, and changes of status.

use ftrack_event::Event;
use ftrack_session::{Error, Session};
use serde_json::{Map, Value as Json, json};

use crate::log::change::Change;
use crate::log::is_final;
use crate::log::row::{UPDATE, moment};

/// How many entities of a kind are asked for. More have not been missed in a gap, but in a holiday.
const LIMIT: usize = 10_000;

/// A change that a query tells of.
#[derive(Debug)]
pub(crate) struct Found {
    /// The same whenever a query tells of it.
    pub(crate) id: String,
    pub(crate) change: Change,
    pub(crate) event: Event,
    time: String,
}

/// Entities that say when they came to be.
struct Kind {
    /// What is asked for.
    entity_type: &'static str,
    /// When it was created.
    date: &'static str,
    /// What events call it.
    table: &'static str,
    /// Who created it.
    user: &'static str,
}

const CREATED: [Kind; 4] = [
    kind("TypedContext", "created_at", "task", "created_by_id"),
    kind("Project", "created_at", "show", "created_by_id"),
    kind("AssetVersion", "date", "assetversion", "user_id"),
    kind("Note", "date", "note", "user_id"),
];

const fn kind(
    entity_type: &'static str,
    date: &'static str,
    table: &'static str,
    user: &'static str,
) -> Kind {
    Kind {
        entity_type,
        date,
        table,
        user,
    }
}

/// What was created and which statuses were changed since a time of the server, in the order in which it was done.
///
/// What the user may not see, or this server does not have, is left out with a warning.
pub(crate) fn changed_since(session: &Session, since: &str) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for kind in &CREATED {
        found.extend(ask(session, &kind.query(since), |row| kind.found(row))?);
    }
    let statuses = format!(
        "select id, date, parent_id, parent_type, status_id, from_status_id, user_id from StatusChange where date >= \
         \"{since}\" order by date limit {LIMIT}"
    );
    found.extend(ask(session, &statuses, status_change)?);
    found.sort_by(|one, other| one.time.cmp(&other.time));
    Ok(found)
}

/// Whether queries tell all that an event says of an entity, should it be missed.
pub(crate) fn is_told_by_queries(entity: &Json) -> bool {
    let table = entity["entityType"].as_str().unwrap_or_default();
    match entity["action"].as_str() {
        Some("add") => CREATED.iter().any(|kind| kind.table == table),
        Some("update") => {
            let mut columns = entity["changes"].as_object().into_iter().flatten();
            matches!(table, "task" | "assetversion")
                && columns.clone().next().is_some()
                && columns.all(|(column, _)| column == "statusid")
        }
        _ => false,
    }
}

fn ask(
    session: &Session,
    query: &str,
    read: impl Fn(&Map<String, Json>) -> Option<Found>,
) -> Result<Vec<Found>, Error> {
    let rows: Result<Vec<Map<String, Json>>, Error> = session.query(query).records().collect();
    match rows {
        Ok(rows) => {
            if rows.len() >= LIMIT {
                tracing::warn!(
                    query,
                    limit = LIMIT,
                    "more was missed than is asked for: the rest is not told"
                );
            }
            Ok(rows.iter().filter_map(read).collect())
        }
        Err(error) if is_final(&error) => {
            tracing::warn!(%error, query, "what was missed cannot be asked for in this way");
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

impl Kind {
    fn query(&self, since: &str) -> String {
        let Self {
            entity_type,
            date,
            user,
            ..
        } = self;
        format!(
            "select id, {date}, {user} from {entity_type} where {date} >= \"{since}\" order by {date} limit {LIMIT}"
        )
    }

    fn found(&self, row: &Map<String, Json>) -> Option<Found> {
        let id = row.get("id")?.as_str()?;
        let entity = json!({
            "entityType": self.table, "entityId": id, "action": "add", "keys": [], "changes": {},
            "parents": [{"entityId": id, "entityType": self.table}],
        });
        let time = row.get(self.date).and_then(moment)?;
        found(
            format!("{}:{id}", self.entity_type),
            &entity,
            row.get(self.user),
            time,
        )
    }
}

fn status_change(row: &Map<String, Json>) -> Option<Found> {
    let text = |name: &str| row.get(name).and_then(Json::as_str);
    let (id, entity) = (text("id")?, text("parent_id")?);
    let table = match text("parent_type") {
        Some(name) if name.to_lowercase().contains("version") => "assetversion",
        _ => "task",
    };
    let entity = json!({
        "entityType": table, "entityId": entity, "action": "update", "keys": ["statusid"],
        "changes": {"statusid": {"old": row.get("from_status_id"), "new": row.get("status_id")}},
        "parents": [{"entityId": entity, "entityType": table}],
    });
    let time = row.get("date").and_then(moment)?;
    found(
        format!("StatusChange:{id}"),
        &entity,
        row.get("user_id"),
        time,
    )
}

fn found(id: String, entity: &Json, user: Option<&Json>, time: String) -> Option<Found> {
    let change = Change::from_entity(entity)?;
    let mut event = Event::new(UPDATE)
        .with_id(format!("query-{id}"))
        .with_source("user", json!({"id": user}))
        .with_data(json!({"parents": [entity["entityId"]], "entities": [entity], "user": {"userid": user}}));
    event.sent = time.as_str().into();
    Some(Found {
        id,
        change,
        event,
        time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_tell_of_what_is_new_and_of_statuses_and_of_nothing_else() {
        let changed = |table: &str, changes: Json| json!({"entityType": table, "action": "update", "changes": changes});
        let status = json!({"old": "a", "new": "b"});
        for (entity, expected) in [
            (json!({"entityType": "task", "action": "add"}), true),
            (json!({"entityType": "note", "action": "add"}), true),
            (json!({"entityType": "component", "action": "add"}), false),
            (json!({"entityType": "task", "action": "remove"}), false),
            (changed("task", json!({"statusid": status})), true),
            (changed("assetversion", json!({"statusid": status})), true),
            (
                changed("task", json!({"statusid": status, "bid": status})),
                false,
            ),
            (changed("task", json!({})), false),
            (Json::Null, false),
        ] {
            assert_eq!(is_told_by_queries(&entity), expected, "{entity}");
        }
    }
}
