//! What goes over the wire, and servers that answer what ours does not.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ftrack_location::{Accessor, AccessorError, CreateOptions, Md5};
use ftrack_session::{RetryPolicy, SchemaCache, ServerAccessor, Session};
use ftrack_transport::{ApiResponse, Body, Request, Response, ScriptedTransport};
use serde_json::{Value as Json, json};

use super::{ID, MIB, content, everything_of};

const KEY: &str = "a-key+of&ours";

/// A request for a file: method, address, headers, whether credentials go along, and what was sent.
struct Seen {
    url: String,
    headers: Vec<(String, String)>,
    with_credentials: bool,
    sent: Vec<u8>,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// An accessor whose server answers `metadata` when it is told of an upload, and files as `answer` says.
fn accessor(
    metadata: Json,
    answer: impl Fn(&Seen) -> Response + Send + Sync + 'static,
) -> (ServerAccessor, Session, Arc<ScriptedTransport>, Log) {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let api = move |body: &[u8]| {
        let batch: Json = serde_json::from_slice(body).unwrap();
        let answer = match batch[0]["action"].as_str().unwrap() {
            "query_server_information" => json!({"version": "4.13.0"}),
            "query_schemas" => json!([]),
            "get_upload_metadata" => metadata.clone(),
            action => json!({"action": action, "data": []}),
        };
        Ok(ApiResponse::new(200, json!([answer]).to_string()))
    };
    let exchange = move |mut request: Request| {
        let mut sent = Vec::new();
        match request.take_body() {
            Body::Reader { mut reader, .. } => {
                reader.read_to_end(&mut sent).unwrap();
            }
            Body::Bytes(bytes) => sent = bytes,
            _ => {}
        }
        let request = Seen {
            url: request.url().to_owned(),
            headers: request.headers().to_vec(),
            with_credentials: request.has_credentials(),
            sent,
        };
        let response = answer(&request);
        seen.lock().unwrap().push(request);
        Ok(response)
    };
    let transport = ScriptedTransport::answering(api)
        .on_request(exchange)
        .at("https://studio.example");
    let transport = Arc::new(transport);
    let session = ftrack_session::SessionBuilder::new()
        .transport(transport.clone())
        .api_user("ada")
        .api_key(KEY)
        .retry(RetryPolicy::none())
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    (ServerAccessor::new(&session), session, transport, log)
}

fn response(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Response::new(status, headers.collect(), body.as_bytes())
}

fn write(accessor: &ServerAccessor, content: &[u8]) -> Result<(), AccessorError> {
    let options = CreateOptions::new().file_name("plate.exr");
    let mut upload = accessor.create(ID, &options)?;
    upload.write_all(content).unwrap();
    upload.finish()
}

fn announcements(transport: &ScriptedTransport) -> Vec<Json> {
    let calls = transport.calls().into_iter();
    calls
        .map(|call| serde_json::from_slice::<Json>(&call.body).unwrap()[0].clone())
        .filter(|request| request["action"] == "get_upload_metadata")
        .collect()
}

#[test]
fn a_small_file_is_announced_with_its_checksum_and_sent_without_credentials() {
    let metadata = json!({
        "url": "https://storage.example/signed?token=x", "component_id": ID,
        "headers": {"Content-MD5": "05mEggjai4CjBq8P1iuwPw==", "Content-Type": "image/x-exr", "Content-Length": 6},
    });
    let (accessor, _session, transport, log) = accessor(metadata, |_| response(200, &[], ""));
    write(&accessor, b"pixels").unwrap();
    let announced = announcements(&transport);
    assert_eq!(announced.len(), 1);
    assert_eq!(
        announced[0],
        json!({
            "action": "get_upload_metadata", "component_id": ID, "file_name": "plate.exr", "file_size": 6,
            "checksum": "05mEggjai4CjBq8P1iuwPw==",
        })
    );
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].url, "https://storage.example/signed?token=x");
    assert_eq!(log[0].sent, b"pixels");
    assert!(!log[0].with_credentials);
    assert!(
        log[0]
            .headers
            .contains(&("Content-Type".to_owned(), "image/x-exr".to_owned()))
    );
    assert!(
        log[0]
            .headers
            .iter()
            .all(|(_, value)| !value.contains(KEY) && !value.contains("ada"))
    );
}

#[test]
fn a_server_without_parts_gets_a_large_file_in_one_piece() {
    let metadata = json!({"url": "https://storage.example/x", "headers": {}});
    let (accessor, _session, transport, log) = accessor(metadata, |_| response(200, &[], ""));
    let content = content(17 * MIB);
    write(&accessor, &content).unwrap();
    assert_eq!(announcements(&transport)[0]["parts"], 3);
    let log = log.lock().unwrap();
    assert!(log.len() == 1 && log[0].sent == content);
}

#[test]
fn parts_are_sent_raw_and_completed_in_order() {
    let urls: Vec<Json> = (1..=3)
        .rev()
        .map(|number| json!({"part_number": number, "signed_url": format!("https://storage.example/{number}")}))
        .collect();
    let metadata = json!({"upload_id": "u", "component_id": ID, "urls": urls});
    let (accessor, _session, transport, log) = accessor(metadata, |seen| {
        let tag = format!("\"tag-{}\"", seen.url.rsplit('/').next().unwrap());
        response(200, &[("ETag", &tag)], "")
    });
    write(&accessor, &content(17 * MIB)).unwrap();
    let log = log.lock().unwrap();
    let mut sizes: Vec<(&str, usize)> = log
        .iter()
        .map(|seen| (seen.url.as_str(), seen.sent.len()))
        .collect();
    sizes.sort_unstable();
    assert_eq!(
        sizes,
        [
            ("https://storage.example/1", 8 * MIB),
            ("https://storage.example/2", 8 * MIB),
            ("https://storage.example/3", MIB),
        ]
    );
    assert!(
        log.iter()
            .all(|seen| seen.headers.is_empty() && !seen.with_credentials)
    );
    let last = transport.calls().pop().unwrap();
    let last: Json = serde_json::from_slice(&last.body).unwrap();
    assert_eq!(
        last[0],
        json!({
            "action": "complete_multipart_upload", "component_id": ID, "upload_id": "u",
            "parts": [
                {"part_number": 1, "e_tag": "tag-1"}, {"part_number": 2, "e_tag": "tag-2"},
                {"part_number": 3, "e_tag": "tag-3"},
            ],
        })
    );
}

fn urls(count: u32) -> Vec<Json> {
    let url = |number| json!({"part_number": number, "signed_url": format!("https://storage.example/{number}")});
    (1..=count).map(url).collect()
}

fn md5(content: &[u8]) -> String {
    let checksum = Md5::compute(content);
    let number = u128::from_be_bytes(*checksum.as_bytes());
    format!("{number:032x}")
}

#[test]
fn a_part_of_which_the_storage_has_other_bytes_is_sent_again() {
    let metadata = json!({"upload_id": "u", "component_id": ID, "urls": urls(3)});
    let damaged = AtomicUsize::new(0);
    let (accessor, _session, transport, log) = accessor(metadata, move |seen| {
        let mut sent = seen.sent.clone();
        if seen.url.ends_with("/2") && damaged.fetch_add(1, Ordering::SeqCst) == 0 {
            sent[7] ^= 1;
        }
        response(200, &[("ETag", &format!("\"{}\"", md5(&sent)))], "")
    });
    let content = content(17 * MIB);
    write(&accessor, &content).unwrap();
    let log = log.lock().unwrap();
    let twice = log.iter().filter(|seen| seen.url.ends_with("/2")).count();
    assert_eq!((log.len(), twice), (4, 2));
    let last = transport.calls().pop().unwrap();
    let last: Json = serde_json::from_slice(&last.body).unwrap();
    let expected = md5(&content[8 * MIB..16 * MIB]);
    assert_eq!(last[0]["parts"][1]["e_tag"], expected);
}

#[test]
fn an_upload_that_is_forgotten_each_time_or_stays_forbidden_is_given_up() {
    for (status, announced, said) in [(404, 4, "status 404"), (403, 2, "permission denied")] {
        let metadata = json!({"upload_id": "u", "component_id": ID, "urls": urls(3)});
        let (accessor, _session, transport, _) =
            accessor(metadata, move |_| response(status, &[], "no"));
        let error = everything_of(&write(&accessor, &content(17 * MIB)).unwrap_err());
        assert!(error.contains(said), "{error}");
        let announcements = announcements(&transport);
        assert_eq!(announcements.len(), announced);
        // Only addresses of the same upload are asked for again.
        let again = announcements
            .iter()
            .filter(|request| request["upload_id"] == "u");
        assert_eq!(again.count(), usize::from(status == 403));
    }
}

#[test]
fn storages_that_give_no_tags_and_servers_that_forget_parts_are_named() {
    let url =
        |number: u32| json!({"part_number": number, "signed_url": "https://storage.example/x"});
    for (metadata, said) in [
        (
            json!({"upload_id": "u", "urls": [url(1), url(2), url(3)]}),
            "no tag",
        ),
        (
            json!({"upload_id": "u", "urls": [url(1), url(3)]}),
            "where to send each part to",
        ),
        (json!({"component_id": ID}), "where to send the file to"),
    ] {
        let (accessor, _session, ..) = accessor(metadata, |_| response(200, &[], ""));
        let error = everything_of(&write(&accessor, &content(17 * MIB)).unwrap_err());
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn bytes_that_changed_on_the_way_are_refused_by_the_storage_and_not_sent_again() {
    let metadata = json!({"url": "https://storage.example/x", "headers": {}});
    let (accessor, _session, _, log) = accessor(metadata, |_| response(400, &[], "BadDigest"));
    let error = write(&accessor, b"pixels").unwrap_err();
    assert!(everything_of(&error).contains("the answer has status 400: BadDigest"));
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[test]
fn pages_that_repeat_the_address_do_not_spread_the_key() {
    let page = "no luck with /component/get?apiKey=a-key%2Bof%26ours nor with a-key+of&ours";
    let (accessor, _session, _, log) = accessor(json!({}), move |_| response(500, &[], page));
    for error in [
        accessor.open(ID).unwrap_err(),
        accessor.remove(ID).unwrap_err(),
    ] {
        let text = everything_of(&error);
        assert!(text.contains("apiKey=*** nor with ***"), "{text}");
        assert!(
            !text.contains("of&ours") && !text.contains("of%26ours"),
            "{text}"
        );
    }
    let log = log.lock().unwrap();
    assert!(log.iter().all(|seen| seen.with_credentials));
    assert_eq!(
        log[0].url,
        format!(
            "https://studio.example/component/get?id={ID}&username=ada&apiKey=a-key%2Bof%26ours"
        )
    );
}

#[test]
fn refusals_have_their_errors() {
    for (status, is_wanted) in [
        (
            404,
            (|error| matches!(error, AccessorError::ResourceNotFound { .. }))
                as fn(&AccessorError) -> bool,
        ),
        (401, |error| {
            matches!(error, AccessorError::PermissionDenied { .. })
        }),
        (403, |error| {
            matches!(error, AccessorError::PermissionDenied { .. })
        }),
        (410, |error| {
            matches!(error, AccessorError::OperationFailed { .. })
        }),
        (500, |error| {
            matches!(error, AccessorError::OperationFailed { .. })
        }),
    ] {
        let (accessor, _session, ..) = accessor(json!({}), move |_| response(status, &[], "no"));
        let error = accessor.open(ID).unwrap_err();
        assert!(is_wanted(&error), "{status}: {error:?}");
    }
}

#[test]
fn servers_that_know_no_ranges_are_read_all_the_same() {
    let (accessor, _session, _, log) = accessor(json!({}), |_| {
        response(200, &[("Content-Length", "6")], "pixels")
    });
    let mut reader = accessor.open_at(ID, 2).unwrap();
    assert_eq!(reader.size(), Some(4));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "xels");
    assert_eq!(
        log.lock().unwrap()[0].headers,
        [("range".to_owned(), "bytes=2-".to_owned())]
    );
}

#[test]
fn answers_that_are_not_what_was_asked_for_are_refused() {
    let (other, _session, ..) = accessor(json!({}), |_| {
        response(206, &[("Content-Range", "bytes 0-5/6")], "pixels")
    });
    assert!(everything_of(&other.open_at(ID, 2).unwrap_err()).contains("another part"));

    let (short, _session, ..) = accessor(json!({}), |_| {
        response(200, &[("Content-Length", "7")], "pixels")
    });
    let error = short
        .open(ID)
        .unwrap()
        .read_to_end(&mut Vec::new())
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);

    let (long, _session, ..) = accessor(json!({}), |_| {
        response(200, &[("Content-Length", "5")], "pixels")
    });
    let error = long
        .open(ID)
        .unwrap()
        .read_to_end(&mut Vec::new())
        .unwrap_err();
    assert_eq!(error.to_string(), "more bytes came than were announced");
}
