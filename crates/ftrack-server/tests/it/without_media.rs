//! A server that is built without the feature `media`.

use serde_json::json;

use crate::client::Studio;
use crate::files::{announce, get, put};

#[test]
fn thumbnails_and_encoding_are_refused_with_the_reason() {
    let studio = Studio::new();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let upload = announce(&studio, "c-1", None, None);
    assert_eq!(put(&studio, &upload["url"], &[], png).status, 200);
    assert_eq!(get(&studio, "get", "c-1", &[]).body, png);

    let answer = get(&studio, "thumbnail", "c-1", &[]);
    assert_eq!(answer.status, 400);
    let content = answer.json()["content"].to_string();
    assert!(content.contains("without the feature `media`"), "{content}");

    let encode = json!({"action": "encode_media", "component_id": "c-1"});
    let refused = studio.refused(&encode);
    let content = refused["content"].to_string();
    assert!(content.contains("without the feature `media`"), "{content}");
    assert!(studio.query("Job").is_empty());
}
