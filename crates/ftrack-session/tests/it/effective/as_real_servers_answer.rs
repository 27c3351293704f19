//! Answers as real servers give them: links name contexts by their family only, and rows leave out what is null.

use std::sync::Arc;

use ftrack_session::{SchemaCache, Session, values};
use ftrack_transport::{
    ApiResponse, CallOptions, ConnectionOptions, HttpTransport, Pending, Request, Response,
    Transport,
};
use serde_json::Value as Json;

use super::{create, hierarchical, number, origin, set};
use crate::Studio;

type Change = fn(&mut Json);

/// A server whose answers to queries are changed on the way.
#[derive(Debug)]
struct Changed {
    http: HttpTransport,
    change: Change,
}

impl Transport for Changed {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        let requests: Vec<Json> = serde_json::from_slice(&body).unwrap();
        let mut answer = match self.http.call(body, options).wait() {
            Ok(answer) => answer,
            Err(error) => return Pending::ready(Err(error)),
        };
        let mut answers: Json = serde_json::from_slice(&answer.body).unwrap();
        for (position, request) in requests.iter().enumerate() {
            if request["action"] == "query"
                && let Some(rows) = answers[position]["data"].as_array_mut()
            {
                rows.iter_mut().for_each(self.change);
            }
        }
        answer.body = answers.to_string().into_bytes();
        Pending::ready(Ok(answer))
    }

    fn request(&self, request: Request) -> Pending<Response> {
        self.http.request(request)
    }

    fn close(&self) {
        self.http.close();
    }

    fn server_url(&self) -> &str {
        self.http.server_url()
    }
}

fn session(studio: &Studio, change: Change) -> Session {
    let server = &studio.server;
    let options = ConnectionOptions::new(server.url(), server.user(), server.api_key());
    let transport = Changed {
        http: HttpTransport::new(options.unwrap()).unwrap(),
        change,
    };
    ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap()
}

/// Names everything in a link but the project by its family.
fn name_families(row: &mut Json) {
    let Some(link) = row["link"].as_array_mut() else {
        return;
    };
    for step in link.iter_mut().filter(|step| step["type"] != "Project") {
        step["type"] = "TypedContext".into();
    }
}

/// Leaves out what is null, as servers do that keep a row only of what was set.
fn leave_out_nulls(row: &mut Json) {
    if let Some(row) = row.as_object_mut() {
        row.retain(|_, value| !value.is_null());
        row.values_mut().for_each(leave_out_nulls);
    }
}

fn both(row: &mut Json) {
    name_families(row);
    leave_out_nulls(row);
}

#[test]
fn values_and_where_they_come_from_are_the_same() {
    let studio = Studio::new();
    let writer = &studio.session;
    hierarchical(writer, "rate");
    let project = studio.project();
    let folder = create(writer, "Folder", "act_one", &project);
    let sequence = create(writer, "Sequence", "opening", &folder);
    let shot = create(writer, "Shot", "shot_1", &sequence);
    let task = create(writer, "Task", "anim", &shot);
    let other = create(writer, "Shot", "shot_2", &sequence);
    let kind = writer.query("AssetType").first().unwrap().unwrap();
    let asset = writer
        .create(
            "Asset",
            values! { "name": "plate", "parent": &shot, "type": kind },
        )
        .unwrap();
    let version = writer
        .create("AssetVersion", values! { "asset": &asset })
        .unwrap();
    writer.commit().unwrap();
    set(&folder, "rate", 30);
    set(&other, "rate", 60);
    set(&shot, "fps", 48);
    writer.commit().unwrap();
    for change in [name_families as Change, leave_out_nulls, both] {
        let session = session(&studio, change);
        let there = |entity: &ftrack_session::Entity| {
            let found = session.get(entity.entity_type(), entity.id()).unwrap();
            found.unwrap()
        };
        let [shot, task, asset, version] = [&shot, &task, &asset, &version].map(&there);
        for below in [&shot, &task, &asset, &version] {
            assert_eq!(number(below, "rate"), 30, "{below:?}");
            assert_eq!(origin(below, "rate"), "Folder act_one", "{below:?}");
        }
        let other = there(&other);
        assert_eq!(origin(&other, "rate"), "explicit");
        assert_eq!((number(&shot, "fps"), number(&other, "fps")), (48, 25));
        assert_eq!(origin(&there(&project), "rate"), "default");
    }
}

#[test]
fn families_in_links_take_a_request_more_for_each_level_and_not_for_each_entity() {
    let studio = Studio::new();
    let writer = &studio.session;
    hierarchical(writer, "rate");
    let folder = create(writer, "Folder", "act_one", &studio.project());
    for number in 0..3 {
        let sequence = create(writer, "Sequence", &format!("many_{number}"), &folder);
        for shot in 0..10 {
            create(writer, "Shot", &format!("{number}_{shot}"), &sequence);
        }
    }
    set(&folder, "rate", 12);
    writer.commit().unwrap();
    let session = session(&studio, both);
    let shots = session
        .query("Shot where parent.name like \"many_%\"")
        .all()
        .unwrap();
    assert_eq!(shots.len(), 30);
    let trace = session.trace();
    let found = session
        .effective_custom_attributes(&shots, &["rate"])
        .unwrap();
    assert_eq!(found.iter().count(), 30);
    for attribute in &found {
        assert_eq!(attribute.get::<i64>().unwrap(), 12);
    }
    assert!(trace.request_count() <= 8, "{}", trace.request_count());
}
