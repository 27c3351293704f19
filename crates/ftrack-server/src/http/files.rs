//! Files of components: upload targets and downloads.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use super::download;
use super::request::{discard, json, refused, text};
use crate::engine::Engine;
use crate::files::{Checksum, Staged};
use crate::refusal::{Refusal, RefusalKind};

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
        Err(refusal) => Err(refusal),
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
        Err(refusal) => Err(refusal),
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
) -> Result<(Staged, Checksum), Refusal> {
    if engine.files.upload(token).is_none() {
        discard(body).await;
        return Err(Refusal::not_found("there is no such upload, or it is over"));
    }
    let fault = |error: std::io::Error| {
        tracing::error!(%error, "an upload could not be stored");
        Refusal::new(RefusalKind::Internal, "the file could not be stored")
    };
    let staged = engine.files.stage();
    let mut file = tokio::fs::File::create(&staged.path).await.map_err(fault)?;
    let mut checksum = Checksum::default();
    let mut data = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(super::BODY_TIMEOUT, data.next()).await;
        let next = next.map_err(|_| Refusal::validation("the data took too long to arrive"))?;
        let Some(chunk) = next else { break };
        let chunk =
            chunk.map_err(|_| Refusal::validation("the data ended before it was complete"))?;
        checksum.update(&chunk);
        file.write_all(&chunk).await.map_err(fault)?;
    }
    if durable {
        file.sync_all().await.map_err(fault)?;
    } else {
        file.flush().await.map_err(fault)?;
    }
    Ok((staged, checksum))
}

fn stored(outcome: Result<String, Refusal>) -> Response<Body> {
    match outcome {
        Ok(tag) => {
            let mut response = Response::new(Body::empty());
            if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Err(refusal) => refused(&refusal, true),
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
        Err(refusal) => refused(&refusal, true),
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
        Err(refusal) => return refused(&refusal, true),
    };
    let size = address.size;
    let found = tokio::task::spawn_blocking(move || {
        let name = download::file_name(&engine, &id);
        match engine.files.thumbnail(&id, size) {
            Some(path) => (path, None),
            None => (engine.files.path(&id), Some(name)),
        }
    });
    match found.await {
        Ok((path, Some(name))) => download::send(&path, &name, None).await,
        Ok((path, None)) => download::send_image(&path).await,
        Err(_) => {
            let refusal = Refusal::new(RefusalKind::Internal, "the picture cannot be made");
            refused(&refusal, true)
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
    match own_component(&engine, &address, &headers) {
        Ok(id) if engine.files.remove(&id) => json(StatusCode::OK, b"{\"success\":true}".to_vec()),
        Ok(id) => refused(
            &Refusal::not_found(format!("component {id} has no file here")),
            true,
        ),
        Err(refusal) => refused(&refusal, true),
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
fn component(engine: &Engine, address: &Address, headers: &HeaderMap) -> Result<String, Refusal> {
    let signature = address.signature.as_deref().unwrap_or_default();
    match &address.id {
        Some(id) if engine.links().is_signed(id, signature) => Ok(id.clone()),
        _ => own_component(engine, address, headers),
    }
}

/// The component that an address names, for callers who may have it.
fn own_component(
    engine: &Engine,
    address: &Address,
    headers: &HeaderMap,
) -> Result<String, Refusal> {
    let Some(id) = address.id.clone() else {
        return Err(Refusal::validation("the address names no component"));
    };
    let username = address.username.as_deref();
    let key = address.api_key.as_deref();
    let caller = engine.authenticate(
        username.or_else(|| text(headers, "ftrack-user")),
        key.or_else(|| text(headers, "ftrack-api-key")),
    )?;
    engine.read_as(&caller, |view| view.refuse_component(&id))?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_image_is_one() {
        let image = image::load_from_memory(DEFAULT_IMAGE);
        assert!(image.is_ok_and(|image| image.width() == 1 && image.height() == 1));
    }
}
