//! Files of components: upload targets and downloads.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use super::download;
use super::headers::text;
use super::request::{authenticate, discard, error_response, json};
use crate::budget::Budget;
use crate::engine::Engine;
use crate::files::{Checksum, Staged, Upload};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::value::Value;

/// What the addresses of components carry.
#[derive(Debug, Deserialize)]
pub(super) struct Address {
    id: Option<String>,
    username: Option<String>,
    #[serde(rename = "apiKey")]
    api_key: Option<String>,
    signature: Option<String>,
    size: Option<u32>,
}

/// Takes a file in one piece.
pub(super) async fn put(
    State(engine): State<Arc<Engine>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let checksum = text(&headers, "content-md5").map(str::to_owned);
    let outcome = match receive(&engine, &token, body, engine.files.is_durable()).await {
        Ok((staged, sum)) => engine
            .files
            .accept(&token, staged, sum, checksum.as_deref()),
        Err(error) => Err(error),
    };
    stored(outcome)
}

/// Takes one part of a file.
pub(super) async fn put_part(
    State(engine): State<Arc<Engine>>,
    Path((token, number)): Path<(String, u32)>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let checksum = text(&headers, "content-md5").map(str::to_owned);
    let outcome = match receive(&engine, &token, body, false).await {
        Ok((staged, sum)) => {
            engine
                .files
                .accept_part(&token, number, staged, sum, checksum.as_deref())
        }
        Err(error) => Err(error),
    };
    stored(outcome)
}

/// Gives up an upload.
pub(super) async fn abort(
    State(engine): State<Arc<Engine>>,
    Path(token): Path<String>,
) -> StatusCode {
    engine.files.abort(&token);
    StatusCode::NO_CONTENT
}

/// Writes a body to the staging folder as it arrives, and on the medium if it is to be `durable`. Parts need not be:
/// what they are joined to is.
async fn receive(
    engine: &Engine,
    token: &str,
    body: Body,
    durable: bool,
) -> Result<(Staged, Checksum), RequestError> {
    if let Err(error) = refuse_closed(engine, token) {
        discard(body).await;
        return Err(error);
    }
    let storage_error = |error: std::io::Error| {
        tracing::error!(%error, "an upload could not be stored");
        RequestError::new(RequestErrorKind::Internal, "the file could not be stored")
    };
    let limit = engine.files.upload(token).and_then(|upload| upload.size);
    let staged = engine.files.stage();
    let mut file = tokio::fs::File::create(&staged.path)
        .await
        .map_err(storage_error)?;
    let mut checksum = Checksum::default();
    let mut data = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(engine.resources.limits.body_time, data.next()).await;
        let next =
            next.map_err(|_| RequestError::validation("the data took too long to arrive"))?;
        let Some(chunk) = next else { break };
        let chunk =
            chunk.map_err(|_| RequestError::validation("the data ended before it was complete"))?;
        checksum.update(&chunk);
        if limit.is_some_and(|limit| checksum.size > limit) {
            discard(Body::from_stream(data)).await;
            return Err(RequestError::validation(
                "there are more bytes than were announced: nothing was kept",
            ));
        }
        file.write_all(&chunk).await.map_err(storage_error)?;
    }
    if durable {
        file.sync_all().await.map_err(storage_error)?;
    } else {
        file.flush().await.map_err(storage_error)?;
    }
    // Whoever sent it may have lost the right to do so meanwhile.
    refuse_closed(engine, token)?;
    Ok((staged, checksum))
}

/// Refuses an upload that is over, or whose user may no longer change the component.
fn refuse_closed(engine: &Engine, token: &str) -> Result<(), RequestError> {
    let upload = engine.files.upload(token);
    let is_open = |upload: Upload| {
        let id = Value::text(&upload.component_id);
        // It may have been deleted since the upload was announced.
        let is_there = engine.read(|view| view.store.find_named("Component", &id).is_some());
        (is_there || !upload.is_there) && engine.admits(upload.grant, &upload.component_id, true)
    };
    if upload.is_some_and(is_open) {
        return Ok(());
    }
    Err(RequestError::not_found(
        "there is no such upload, or it is over",
    ))
}

fn stored(outcome: Result<String, RequestError>) -> Response<Body> {
    match outcome {
        Ok(tag) => {
            let mut response = Response::new(Body::empty());
            if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Err(error) => error_response(&error, true),
    }
}

/// Sends the file of a component.
pub(super) async fn get(
    State(engine): State<Arc<Engine>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response<Body> {
    match component(&engine, &address, &headers) {
        Ok(id) => {
            let name = download::file_name(&engine, &id);
            download::send(&engine.files.path(&id), &name, text(&headers, "range")).await
        }
        Err(error) => error_response(&error, true),
    }
}

/// Sends a picture of a component: small for images, the file itself for anything else.
pub(super) async fn thumbnail(
    State(engine): State<Arc<Engine>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response<Body> {
    let id = match component(&engine, &address, &headers) {
        Ok(id) => id,
        Err(error) => return error_response(&error, true),
    };
    let size = address.size;
    let found = tokio::task::spawn_blocking(move || {
        let name = download::file_name(&engine, &id);
        Ok(match engine.files.thumbnail(&id, size)? {
            Some(path) => (path, None),
            None => (engine.files.path(&id), Some(name)),
        })
    });
    match found.await {
        Ok(Ok((path, Some(name)))) => download::send(&path, &name, None).await,
        Ok(Ok((path, None))) => download::send_image(&path).await,
        Ok(Err(error)) => error_response(&error, true),
        Err(_) => {
            let error = RequestError::new(RequestErrorKind::Internal, "the picture cannot be made");
            error_response(&error, true)
        }
    }
}

/// Removes the file of a component.
pub(super) async fn remove(
    State(engine): State<Arc<Engine>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response<Body> {
    // The address of a file lets people read it, no more: removing it takes credentials.
    match own_component(&engine, &address, &headers, true) {
        Ok(id) if engine.files.remove(&id) => json(StatusCode::OK, b"{\"success\":true}".to_vec()),
        Ok(id) => error_response(
            &RequestError::not_found(format!("component {id} has no file here")),
            true,
        ),
        Err(error) => error_response(&error, true),
    }
}

/// Sends the picture of entities that have none of their own.
pub(super) async fn default_image() -> Response<Body> {
    let mut response = Response::new(Body::from(DEFAULT_IMAGE));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    response
}

/// One transparent pixel.
const DEFAULT_IMAGE: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0,
    0, 0, 31, 21, 196, 137, 0, 0, 0, 11, 73, 68, 65, 84, 120, 218, 99, 96, 0, 2, 0, 0, 5, 0, 1,
    233, 250, 220, 216, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

/// The component that an address names, for callers who may have it, and for whoever was told the address.
fn component(
    engine: &Engine,
    address: &Address,
    headers: &HeaderMap,
) -> Result<String, RequestError> {
    let signature = address.signature.as_deref().unwrap_or_default();
    match &address.id {
        Some(id) if is_good(engine, id, signature) => Ok(id.clone()),
        _ => own_component(engine, address, headers, false),
    }
}

/// Whether whoever was told a signed address may still use it.
fn is_good(engine: &Engine, id: &str, signature: &str) -> bool {
    let grant = engine.links().grant(id, signature);
    grant.is_some_and(|grant| engine.admits(grant, id, false))
}

/// The component that an address names, for callers who may have it, or change it.
fn own_component(
    engine: &Engine,
    address: &Address,
    headers: &HeaderMap,
    is_changed: bool,
) -> Result<String, RequestError> {
    let Some(id) = address.id.clone() else {
        return Err(RequestError::validation("the address names no component"));
    };
    let caller = authenticate(
        engine,
        headers,
        address.username.as_deref(),
        address.api_key.as_deref(),
    )?;
    engine.read_as(&caller, &Budget::unlimited(), |view| {
        view.refuse_component(&id, is_changed)
    })?;
    Ok(id)
}

#[cfg(all(test, feature = "media"))]
mod tests {
    use super::*;

    #[test]
    fn the_default_image_is_one() {
        let image = image::load_from_memory(DEFAULT_IMAGE);
        assert!(image.is_ok_and(|image| image.width() == 1 && image.height() == 1));
    }
}
