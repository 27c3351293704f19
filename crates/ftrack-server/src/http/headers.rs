//! The texts of headers.

use axum::http::HeaderMap;

/// The text of a header.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// What a header may say that was sent as UTF-8 or, as Python does it, as Latin-1. Both readings are given where they
/// differ, since nothing tells which is meant.
pub(super) fn readings(headers: &HeaderMap, name: &str) -> Vec<String> {
    let Some(value) = headers.get(name) else {
        return Vec::new();
    };
    let bytes = value.as_bytes();
    let latin: String = bytes.iter().copied().map(char::from).collect();
    let mut readings: Vec<String> = std::str::from_utf8(bytes)
        .map(str::to_owned)
        .into_iter()
        .collect();
    if !readings.contains(&latin) {
        readings.push(latin);
    }
    readings
}
