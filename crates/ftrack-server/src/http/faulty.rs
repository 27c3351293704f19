//! Requests that fail because a test asked for it.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use futures_util::{StreamExt, stream};
use serde::Deserialize;

use super::connections::Peer;
use super::request::{discard, error_response, is_strict, json};
use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::testing::{CutHandle, FaultKind, Switches};

/// Neither JSON nor text.
const GARBAGE: &[u8] = b"\xff\xfe]}{ 0xdeadbeef \x00\xc3\x28";

/// The action of an operation.
#[derive(Deserialize)]
struct Named {
    action: Option<String>,
}

/// Answers a request as it is, or lets it fail.
pub(super) async fn pass(
    State((engine, switches)): State<(Arc<Engine>, Arc<Switches>)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if request.uri().path().starts_with(super::LOCAL) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let connection = peer.map(|ConnectInfo(peer)| peer.cut_handle.clone());
    let (request, actions) = match actions(&engine, &switches, request).await {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let response = match switches.take(request.uri().path(), &actions) {
        None => next.run(request).await,
        Some(kind) => {
            tracing::debug!(path = request.uri().path(), ?kind, "a fault was asked for");
            fail(kind, connection.as_ref(), request, next).await
        }
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(connection) = connection
    {
        switches.add_websocket(connection);
    }
    response
}

async fn fail(
    kind: FaultKind,
    connection: Option<&CutHandle>,
    request: Request,
    next: Next,
) -> Response<Body> {
    match kind {
        FaultKind::Status(status) => {
            discard(request.into_body()).await;
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let error = RequestError::new(RequestErrorKind::Internal, "a fault was asked for");
            json(status, error.to_json().to_string().into_bytes())
        }
        FaultKind::Delay(delay) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        FaultKind::Cut(bytes) => cut(next.run(request).await, bytes),
        FaultKind::Garbage => garble(next.run(request).await),
        FaultKind::Disconnect => {
            if let Some(connection) = connection {
                connection.cut();
            }
            // Nobody gets to see it.
            Response::new(Body::empty())
        }
    }
}

/// The actions that a request asks for, where some fault depends on them.
async fn actions(
    engine: &Engine,
    switches: &Switches,
    request: Request,
) -> Result<(Request, Vec<String>), Box<Response<Body>>> {
    let is_call = request.method() == Method::POST && request.uri().path() == "/api";
    if !is_call || !switches.wants_actions() {
        return Ok((request, Vec::new()));
    }
    let (parts, body) = request.into_parts();
    let body = super::body::read(body, &engine.resources.limits, &engine.resources.bodies)
        .await
        .map_err(|error| Box::new(error_response(&error, is_strict(&parts.headers))))?;
    let named: Vec<Named> = serde_json::from_slice(body.as_ref()).unwrap_or_default();
    let actions = named.into_iter().filter_map(|named| named.action).collect();
    Ok((
        Request::from_parts(parts, Body::from(Bytes::from_owner(body))),
        actions,
    ))
}

/// Lets only the start of the body through, and ends the connection then.
fn cut(response: Response<Body>, limit: usize) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if let Some(size) = body.size_hint().exact() {
        parts
            .headers
            .entry(header::CONTENT_LENGTH)
            .or_insert_with(|| HeaderValue::from(size));
    }
    let data = body.into_data_stream();
    let start = stream::try_unfold((data, Some(limit)), async move |(mut data, left)| {
        let Some(left) = left else {
            // Lets what was let through so far be sent.
            tokio::task::yield_now().await;
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
        };
        let Some(chunk) = data.next().await else {
            return Ok(None);
        };
        let mut chunk = chunk.map_err(io::Error::other)?;
        let after = left.checked_sub(chunk.len());
        chunk.truncate(left);
        Ok(Some((chunk, (data, after))))
    });
    Response::from_parts(parts, Body::from_stream(start))
}

fn garble(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Response::from_parts(parts, body);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(GARBAGE))
}
