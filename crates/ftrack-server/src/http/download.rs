//! Sending files, whole or in ranges, without holding them in memory.

use std::io::SeekFrom;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::request::error_response;
use crate::engine::Engine;
use crate::files::{content_type, image_type};
use crate::request_error::RequestError;
use crate::value::Value;

/// How many bytes are sent at a time.
const CHUNK: u64 = 256 * 1024;

/// The name under which a component is saved.
pub(super) fn file_name(engine: &Engine, component_id: &str) -> String {
    engine.read(|view| {
        let row = view
            .store
            .find_named("Component", &Value::text(component_id));
        let Some(row) = row else {
            return component_id.to_owned();
        };
        let name = view.store.named(row, "name").to_text();
        format!("{name}{}", view.store.named(row, "file_type").to_text())
    })
}

/// Sends a file.
pub(super) async fn send(path: &Path, name: &str, range: Option<&str>) -> Response<Body> {
    let Ok(mut file) = File::open(path).await else {
        return error_response(
            &RequestError::not_found("the component has no file here"),
            true,
        );
    };
    let size = file
        .metadata()
        .await
        .map(|metadata| metadata.len())
        .unwrap_or_default();
    let wanted = match range.map(|range| parse_range(range, size)) {
        None | Some(Range::Everything) => None,
        Some(Range::Part(start, end)) => Some((start, end)),
        Some(Range::Impossible) => return impossible(size),
    };
    let (start, length) = wanted.map_or((0, size), |(start, end)| (start, end - start + 1));
    if file.seek(SeekFrom::Start(start)).await.is_err() {
        return impossible(size);
    }
    let mut response = Response::new(body(file, length));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(name)),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if let Some((start, end)) = wanted {
        if let Ok(value) = HeaderValue::from_str(&format!("bytes {start}-{end}/{size}")) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// Sends an image, to be shown rather than saved.
pub(super) async fn send_image(path: &Path) -> Response<Body> {
    let mut response = send(path, "", None).await;
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || image_type(&path));
    if let Ok(Some(media_type)) = reading.await {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response.headers_mut().remove(header::CONTENT_DISPOSITION);
    response
}

fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '/') || c == ' ';
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    // Who knows RFC 5987 gets the name as it is.
    let exact = crate::links::encoded(name);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

fn impossible(size: u64) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

fn body(file: File, length: u64) -> Body {
    Body::from_stream(stream::try_unfold(
        (file, length),
        |(mut file, left)| async move {
            let want = usize::try_from(left.min(CHUNK)).unwrap_or_default();
            if want == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            let mut buffer = vec![0; want];
            file.read_exact(&mut buffer).await?;
            let read = u64::try_from(want).unwrap_or_default();
            Ok(Some((Bytes::from(buffer), (file, left - read))))
        },
    ))
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Everything,
    /// First and last byte.
    Part(u64, u64),
    Impossible,
}

/// Reads `bytes=0-99`, `bytes=100-` and `bytes=-50`; anything else asks for everything.
fn parse_range(text: &str, size: u64) -> Range {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|text| text.split_once('-'))
    else {
        return Range::Everything;
    };
    let (first, last) = (first.trim().parse::<u64>(), last.trim().parse::<u64>());
    let end = size.saturating_sub(1);
    match (first, last) {
        (Ok(first), _) if first >= size => Range::Impossible,
        (Ok(first), Ok(last)) if last < first => Range::Everything,
        (Ok(first), Ok(last)) => Range::Part(first, last.min(end)),
        (Ok(first), Err(_)) if text.ends_with('-') => Range::Part(first, end),
        (Err(_), Ok(0)) => Range::Impossible,
        (Err(_), Ok(count)) if size > 0 => Range::Part(size.saturating_sub(count), end),
        _ => Range::Everything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sent_as_they_are_to_those_who_can_read_them() {
        assert_eq!(
            disposition("plate 01.exr"),
            "attachment; filename=\"plate 01.exr\""
        );
        assert_eq!(
            disposition("größe\"/日.exr"),
            "attachment; filename=\"gr__e___.exr\"; \
             filename*=UTF-8''gr%C3%B6%C3%9Fe%22%2F%E6%97%A5.exr"
        );
    }

    #[test]
    fn ranges_are_cut_to_the_file() {
        for (text, size, expected) in [
            ("bytes=0-3", 10, Range::Part(0, 3)),
            ("bytes=4-", 10, Range::Part(4, 9)),
            ("bytes=-4", 10, Range::Part(6, 9)),
            ("bytes=-40", 10, Range::Part(0, 9)),
            ("bytes=5-400", 10, Range::Part(5, 9)),
            ("bytes=10-", 10, Range::Impossible),
            ("bytes=-0", 10, Range::Impossible),
            ("bytes=0-", 0, Range::Impossible),
            ("bytes=3-1", 10, Range::Everything),
            ("bytes=a-b", 10, Range::Everything),
            ("lines=1-2", 10, Range::Everything),
        ] {
            assert_eq!(parse_range(text, size), expected, "{text}");
        }
    }
}
