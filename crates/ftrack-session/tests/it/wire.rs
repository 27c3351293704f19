//! What a session sends, written down.

use std::sync::Arc;

use ftrack_server::{RunningServer, Server};
use ftrack_session::{Entity, SchemaCache, Session};
use ftrack_transport::{
    ApiResponse, CallOptions, ConnectionOptions, HttpTransport, Pending, Request, Response,
    Transport,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// A server with the demo production, and a session whose batches are kept.
pub(crate) struct Wire {
    pub(crate) session: Session,
    pub(crate) server: RunningServer,
    transport: Arc<Recording>,
    /// Names that stand for ids in what is compared.
    names: Mutex<Vec<(String, String)>>,
}

#[derive(Debug)]
struct Recording {
    http: HttpTransport,
    batches: Mutex<Vec<Value>>,
}

impl Transport for Recording {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        let batch = serde_json::from_slice(&body).unwrap();
        self.batches.lock().push(batch);
        self.http.call(body, options)
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

impl Wire {
    pub(crate) fn new() -> Self {
        let server = Server::builder().demo(true).start().unwrap();
        let options = ConnectionOptions::new(server.url(), server.user(), server.api_key());
        let transport = Arc::new(Recording {
            http: HttpTransport::new(options.unwrap()).unwrap(),
            batches: Mutex::default(),
        });
        let session = ftrack_session::SessionBuilder::new()
            .transport(transport.clone())
            .schema_cache(SchemaCache::Disabled)
            .connect()
            .unwrap();
        let wire = Self {
            session,
            server,
            transport,
            names: Mutex::default(),
        };
        wire.sent();
        wire
    }

    /// A second session with the same server, which sees what is there.
    pub(crate) fn other_session(&self) -> Session {
        crate::builder(&self.server).connect().unwrap()
    }

    /// Lets `name` stand for the entity's id.
    pub(crate) fn name(&self, name: &str, entity: &Entity) {
        self.names.lock().push((entity.id(), name.to_owned()));
    }

    /// The operations sent since the last time, with names in the place of ids.
    pub(crate) fn sent(&self) -> Value {
        let batches = std::mem::take(&mut *self.transport.batches.lock());
        let operations: Vec<Value> = batches
            .into_iter()
            .flat_map(|batch| match batch {
                Value::Array(operations) => operations,
                other => panic!("a batch is a list, not {other}"),
            })
            .collect();
        let mut text = json!(operations).to_string();
        for (id, name) in &*self.names.lock() {
            text = text.replace(id, name);
        }
        serde_json::from_str(&text).unwrap()
    }

    /// The operations of a commit.
    pub(crate) fn commit(&self) -> Value {
        self.sent();
        self.session.commit().unwrap();
        self.sent()
    }
}

/// A create of an entity with a plain id.
pub(crate) fn create(entity_type: &str, name: &str, mut data: Value) -> Value {
    data["__entity_type__"] = entity_type.into();
    data["id"] = name.into();
    json!({"action": "create", "entity_type": entity_type, "entity_key": [name], "entity_data": data})
}

/// An update of an entity.
pub(crate) fn update(entity_type: &str, key: &[&str], mut data: Value) -> Value {
    data["__entity_type__"] = entity_type.into();
    json!({"action": "update", "entity_type": entity_type, "entity_key": key, "entity_data": data})
}

/// A delete of an entity.
pub(crate) fn delete(entity_type: &str, key: &[&str]) -> Value {
    json!({"action": "delete", "entity_type": entity_type, "entity_key": key})
}
