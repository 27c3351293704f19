//! A client of few lines, to see exactly what the server sends.

use std::io::{Read, Write};
use std::net::TcpStream;

use ftrack_server::{RunningServer, Server};
use serde_json::{Value, json};

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.body));
        })
    }
}

/// Sends one request.
pub(crate) fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n"
    )
    .unwrap();
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n").unwrap();
    }
    write!(stream, "content-length: {}\r\n\r\n", body.len()).unwrap();
    // The server may answer and close before it has read a body that it refuses.
    let _ = stream.write_all(body);
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    parse(&raw)
}

fn parse(raw: &[u8]) -> Answer {
    let end = raw
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a head");
    let headers = String::from_utf8_lossy(&raw[..end]).to_lowercase();
    let status = headers[9..12].parse().unwrap();
    let body = raw[end + 4..].to_vec();
    let body = if headers.contains("transfer-encoding: chunked") {
        dechunk(&body)
    } else {
        body
    };
    Answer {
        status,
        headers,
        body,
    }
}

fn dechunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest
            .windows(2)
            .position(|two| two == b"\r\n")
            .expect("a chunk size");
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
}

/// A server of its own for one test, with a caller who knows its key.
pub(crate) struct Studio {
    pub(crate) server: RunningServer,
}

impl Studio {
    /// The studio alone.
    pub(crate) fn new() -> Self {
        Self {
            server: Server::builder().start().unwrap(),
        }
    }

    /// The studio with the production to look at.
    pub(crate) fn demo() -> Self {
        Self {
            server: Server::builder().demo(true).start().unwrap(),
        }
    }

    /// Posts a body with credentials and further headers.
    pub(crate) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut all = vec![
            ("ftrack-user", self.server.user()),
            ("ftrack-api-key", self.server.api_key()),
            ("content-type", "application/json"),
        ];
        all.extend_from_slice(headers);
        send(self.server.url(), "POST", "/api", &all, body)
    }

    /// Calls operations, and gives their answers or the error object.
    pub(crate) fn call(&self, operations: &Value) -> Value {
        self.post(&[], operations.to_string().as_bytes()).json()
    }

    /// Calls one operation that must succeed.
    pub(crate) fn one(&self, operation: &Value) -> Value {
        let answer = self.call(&json!([operation]));
        assert!(answer.is_array(), "{operation} was refused: {answer}");
        answer[0].clone()
    }

    /// Calls one operation that must be refused.
    pub(crate) fn refused(&self, operation: &Value) -> Value {
        let answer = self.call(&json!([operation]));
        assert!(
            answer["exception"].is_string(),
            "{operation} was not refused: {answer}"
        );
        answer
    }

    /// The entities that a query finds.
    pub(crate) fn query(&self, expression: &str) -> Vec<Value> {
        let answer = self.one(&json!({"action": "query", "expression": expression}));
        answer["data"].as_array().unwrap().clone()
    }

    /// The values of one attribute of the entities that a query finds.
    pub(crate) fn values(&self, expression: &str, attribute: &str) -> Vec<Value> {
        self.query(expression)
            .into_iter()
            .map(|entity| entity[attribute].clone())
            .collect()
    }

    /// Creates an entity.
    pub(crate) fn create(&self, entity_type: &str, data: &Value) -> Value {
        self.one(&create(entity_type, data))["data"].clone()
    }

    /// Changes an entity.
    pub(crate) fn update(&self, entity_type: &str, id: &Value, data: &Value) -> Value {
        self.one(&update(entity_type, id, data))["data"].clone()
    }

    /// A new project, of the first schema.
    pub(crate) fn project(&self, name: &str) -> Value {
        let schema = self.query("ProjectSchema limit 1")[0]["id"].clone();
        self.create(
            "Project",
            &json!({"name": name, "full_name": name, "project_schema_id": schema}),
        )
    }

    /// A new entity below another.
    pub(crate) fn below(&self, entity_type: &str, name: &str, parent: &Value) -> Value {
        self.create(
            entity_type,
            &json!({"name": name, "parent": reference(parent)}),
        )
    }
}

/// A create operation.
pub(crate) fn create(entity_type: &str, data: &Value) -> Value {
    let mut data = data.clone();
    data["__entity_type__"] = json!(entity_type);
    json!({"action": "create", "entity_type": entity_type, "entity_data": data})
}

/// An update operation.
pub(crate) fn update(entity_type: &str, id: &Value, data: &Value) -> Value {
    let mut data = data.clone();
    data["__entity_type__"] = json!(entity_type);
    json!({"action": "update", "entity_type": entity_type, "entity_key": [id], "entity_data": data})
}

/// A delete operation.
pub(crate) fn delete(entity_type: &str, id: &Value) -> Value {
    json!({"action": "delete", "entity_type": entity_type, "entity_key": [id]})
}

/// A reference to an entity of an answer.
pub(crate) fn reference(entity: &Value) -> Value {
    json!({"__entity_type__": entity["__entity_type__"], "id": entity["id"]})
}
