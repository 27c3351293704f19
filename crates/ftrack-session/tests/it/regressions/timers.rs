use std::sync::Arc;

use chrono::{Local, TimeDelta};
use ftrack_session::{SchemaCache, Session, TimerHelpers, TimerOptions};
use ftrack_test_kit::log::Log;
use ftrack_transport::{ApiResponse, ScriptedTransport};
use serde_json::{Value as Json, json};

use crate::Studio;

/// 0.14.0: comment and name of a timer were lost.
#[test]
fn v0_14_0_comment_and_name_of_a_timer_count() {
    let studio = Studio::new();
    let user = studio.session.query("User").first().unwrap().unwrap();
    let options = TimerOptions::new().comment("A comment").name("A name");
    user.start_timer(None, options).unwrap();
    let query = "select comment, name from Timer where name is \"A name\"";
    let timer = studio.other_session().query(query).one().unwrap();
    assert_eq!(timer.get::<String>("comment").unwrap(), "A comment");
    let timelog = user.stop_timer().unwrap();
    assert_eq!(timelog.get::<String>("name").unwrap(), "A name");
}

/// 0.14.0: durations were wrong by the distance of the server from UTC.
#[test]
fn v0_14_0_a_duration_does_not_depend_on_the_time_zone_of_the_server() {
    for supports_time_zones in [true, false] {
        let session = studio_elsewhere(supports_time_zones);
        let user = session.query("User").one().unwrap();
        let duration: f64 = user.stop_timer().unwrap().get("duration").unwrap();
        assert!((3600.0..3700.0).contains(&duration), "{duration}");
    }
}

/// 0.14.0: how exact durations are depends on the server, which is worth a word: one, however many timers there are.
#[test]
fn v0_14_0_a_server_without_time_zones_is_warned_about_once() {
    for (supports_time_zones, warnings) in [(true, 0), (false, 1)] {
        let log = Log::new();
        let _watching = log.on_this_thread(tracing::Level::WARN);
        let session = studio_elsewhere(supports_time_zones);
        let user = session.query("User").one().unwrap();
        for _ in 0..3 {
            user.stop_timer().unwrap();
        }
        assert_eq!(log.lines_with(&["time zone"]).len(), warnings, "{log:?}");
    }
}

/// A server that, if it does not support time zones, keeps what its clock says. A timer has been running for an hour.
fn studio_elsewhere(supports_time_zones: bool) -> Session {
    let answer = move |request: &Json| match request["action"].as_str() {
        Some("query_server_information") => json!({
            "version": "4.13.0", "schema_hash": "x", "is_timezone_support_enabled": supports_time_zones}),
        Some("query_schemas") => schemas(),
        Some("query") => {
            let now = Local::now() - TimeDelta::hours(1);
            let start = if supports_time_zones {
                now.naive_utc()
            } else {
                now.naive_local()
            };
            let start = start.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
            let is_timer = request["expression"]
                .as_str()
                .is_some_and(|text| text.contains("Timer"));
            let row = if is_timer {
                json!({"__entity_type__": "Timer", "id": "t-1", "name": null, "comment": "", "context_id": null,
                    "start": {"__type__": "datetime", "value": start}})
            } else {
                json!({"__entity_type__": "User", "id": "u-1"})
            };
            json!({"action": "query", "data": [row]})
        }
        Some("create") => json!({"action": "create", "data": request["entity_data"]}),
        _ => json!({"action": "delete", "data": true}),
    };
    let transport = ScriptedTransport::answering(move |request| {
        let requests: Vec<Json> = serde_json::from_slice(request).unwrap();
        let answers: Vec<Json> = requests.iter().map(&answer).collect();
        Ok(ApiResponse::new(200, serde_json::to_vec(&answers).unwrap()))
    });
    ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap()
}

fn schemas() -> Json {
    let text = json!({"type": "string"});
    let id = json!({"type": "string", "default": "{uid}"});
    let time = json!({"type": "string", "format": "date-time"});
    let properties = json!({"id": id, "name": text, "comment": text, "user_id": text, "context_id": text,
        "start": time, "duration": {"type": "number"}});
    let schema = |name: &str| json!({"id": name, "primary_key": ["id"], "default_projections": ["id"], "properties": properties});
    json!([schema("User"), schema("Timer"), schema("Timelog")])
}
