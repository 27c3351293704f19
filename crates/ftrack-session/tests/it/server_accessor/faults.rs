//! Connections that break, and servers that fail.

use std::io::{Read, Write};
use std::time::Duration;

use ftrack_location::transfer::{CancellationToken, TransferItem, TransferOptions, transfer};
use ftrack_location::{Accessor, AccessorError, CreateOptions, DiskAccessor, Md5};
use ftrack_server::Fault;
use ftrack_session::{RetryPolicy, ServerAccessor};

use super::{ID, MIB, Studio, content, everything_of, write};

#[test]
fn a_cut_download_is_resumed_where_it_was_cut() {
    let studio = Studio::new();
    let content = content(3 * MIB);
    studio.write(ID, &content);
    for after in [0, 1, 100_000, 2_999_999] {
        let cut = Fault::cut_after(after).path("/component/get").times(2);
        studio.server.fail_next(cut).unwrap();
        assert!(studio.read(ID) == content, "cut after {after}");
        studio.server.clear_faults().unwrap();
    }
}

#[test]
fn a_download_goes_on_after_a_server_was_away() {
    let studio = Studio::new();
    let content = content(MIB);
    studio.write(ID, &content);
    for fault in [
        Fault::cut_after(500_000),
        Fault::status(503),
        Fault::disconnect(),
    ] {
        studio
            .server
            .fail_next(fault.path("/component/get"))
            .unwrap();
    }
    let mut reader = studio.accessor.open_at(ID, 1_000).unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert!(read == content[1_000..]);
    assert_eq!(studio.server.faults_left(), 0);
}

#[test]
fn a_download_ends_when_nothing_comes_any_more() {
    let studio = Studio::new();
    let session = crate::builder(&studio.server)
        .retry(
            RetryPolicy::default()
                .retries(2)
                .backoff(Duration::from_millis(5), Duration::from_millis(10)),
        )
        .connect()
        .unwrap();
    studio.write(ID, &content(MIB));
    let cut = Fault::cut_after(0).path("/component/get").times(u32::MAX);
    studio.server.fail_next(cut).unwrap();
    let accessor = ServerAccessor::new(&session);
    let mut reader = accessor.open(ID).unwrap();
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::ConnectionReset,
        "{error:?}"
    );
    assert!(!everything_of(&error).contains(studio.server.api_key()));
}

#[test]
fn two_files_are_never_mixed() {
    let studio = Studio::new();
    studio.write(ID, &content(MIB));
    studio
        .server
        .fail_next(Fault::cut_after(600_000).path("/component/get"))
        .unwrap();
    let mut reader = studio.accessor.open(ID).unwrap();
    reader.read_exact(&mut [0; 1_000]).unwrap();
    studio.write(ID, &content(MIB + 1));
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "the file was changed while it was read");
}

#[test]
fn a_cut_upload_is_sent_again() {
    let studio = Studio::new();
    let content = content(3 * MIB);
    for fault in [
        Fault::status(503),
        Fault::status(500).times(2),
        Fault::disconnect(),
        Fault::cut_after(0),
    ] {
        studio.server.fail_next(fault.path("/upload/")).unwrap();
        studio.write(ID, &content);
        assert_eq!(studio.server.faults_left(), 0);
        assert!(studio.read(ID) == content);
        studio.accessor.remove(ID).unwrap();
    }
}

#[test]
fn a_part_that_fails_is_sent_again() {
    let studio = Studio::new();
    let content = content(20 * MIB + 1);
    studio
        .server
        .fail_next(Fault::status(500).path("/upload/").times(2))
        .unwrap();
    studio
        .server
        .fail_next(Fault::disconnect().path("/upload/"))
        .unwrap();
    studio.write(ID, &content);
    assert_eq!(studio.server.faults_left(), 0);
    assert!(studio.read(ID) == content);
}

#[test]
fn an_upload_that_fails_for_good_says_how_often_it_was_tried() {
    let studio = Studio::new();
    let impatient = RetryPolicy::default()
        .retries(2)
        .backoff(Duration::from_millis(5), Duration::from_millis(10));
    let session = crate::builder(&studio.server)
        .retry(impatient)
        .connect()
        .unwrap();
    let accessor = ServerAccessor::new(&session);
    for fault in [Fault::status(500), Fault::disconnect()] {
        let fault = fault.path("/upload/").times(3);
        studio.server.fail_next(fault).unwrap();
        let error = write(&accessor, ID, &content(1_000)).unwrap_err();
        let text = everything_of(&error);
        assert!(text.contains(" after 3 attempts in "), "{text}");
        assert_eq!(studio.server.faults_left(), 0);
    }
}

#[test]
fn an_upload_that_fails_for_good_leaves_nothing() {
    let studio = Studio::new();
    let session = crate::builder(&studio.server)
        .retry(RetryPolicy::none())
        .connect()
        .unwrap();
    let accessor = ServerAccessor::new(&session);
    for size in [MIB, 20 * MIB] {
        studio
            .server
            .fail_next(Fault::status(500).path("/upload/"))
            .unwrap();
        let error = write(&accessor, ID, &content(size)).unwrap_err();
        assert!(matches!(
            error,
            AccessorError::OperationFailed {
                operation: "write",
                ..
            }
        ));
        assert!(
            everything_of(&error).contains("the answer has status 500"),
            "{error:?}"
        );
        assert!(studio.is_missing(ID));
        write(&accessor, ID, &content(size)).unwrap();
        accessor.remove(ID).unwrap();
    }
}

#[test]
fn a_refused_announcement_is_said() {
    let studio = Studio::new();
    studio
        .server
        .fail_next(Fault::status(400).action("get_upload_metadata"))
        .unwrap();
    let error = write(&studio.accessor, ID, b"pixels").unwrap_err();
    assert!(
        matches!(error, AccessorError::OperationFailed { .. }),
        "{error:?}"
    );
    assert!(studio.is_missing(ID));
}

#[test]
fn completing_is_looked_up_when_its_answer_is_lost() {
    let studio = Studio::new();
    let content = content(17 * MIB);
    for fault in [Fault::disconnect(), Fault::cut_after(0)] {
        studio
            .server
            .fail_next(fault.action("complete_multipart_upload"))
            .unwrap();
        studio.write(ID, &content);
        assert_eq!(studio.server.faults_left(), 0);
        assert!(studio.read(ID) == content);
        studio.accessor.remove(ID).unwrap();
    }
}

#[test]
fn removing_counts_as_done_when_its_answer_was_lost() {
    let studio = Studio::new();
    studio.write(ID, b"pixels");
    studio
        .server
        .fail_next(Fault::cut_after(0).path("/component/remove"))
        .unwrap();
    studio.accessor.remove(ID).unwrap();
    assert!(studio.is_missing(ID));
}

#[test]
fn another_checksum_is_found_before_anything_is_sent() {
    let studio = Studio::new();
    let trace = studio.session.trace();
    let options = CreateOptions::new().md5(Md5::compute(b"pickles"));
    let mut upload = studio.accessor.create(ID, &options).unwrap();
    upload.write_all(b"pixels").unwrap();
    assert!(matches!(
        upload.finish(),
        Err(AccessorError::ChecksumMismatch { .. })
    ));
    assert_eq!(trace.request_count(), 0);
    assert!(studio.is_missing(ID));
}

#[test]
fn a_cancelled_upload_leaves_nothing() {
    let studio = Studio::new();
    let folder = tempfile::tempdir().unwrap();
    for size in [10 * MIB, 60 * MIB] {
        std::fs::write(folder.path().join("plate.exr"), content(size)).unwrap();
        let source = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
        // The server takes its time, so that there is something to break off.
        let slow = Fault::delay(Duration::from_millis(400))
            .path("/upload/")
            .times(100);
        studio.server.fail_next(slow).unwrap();
        let token = CancellationToken::new();
        let canceller = token.clone();
        let options = TransferOptions::new()
            .progress_interval(Duration::ZERO)
            .cancellation(token)
            .progress(move |_| canceller.cancel());
        let items = [TransferItem::new("plate.exr", ID)];
        let error = transfer(&source, &studio.accessor, &items, &options).unwrap_err();
        assert!(error.is_cancelled(), "{error:?}");
        studio.server.clear_faults().unwrap();
        assert!(studio.is_missing(ID));

        transfer(&source, &studio.accessor, &items, &TransferOptions::new()).unwrap();
        assert_eq!(studio.read(ID).len(), size);
        studio.accessor.remove(ID).unwrap();
    }
}

#[test]
fn a_closed_session_breaks_off_what_is_under_way() {
    let studio = Studio::new();
    studio.write(ID, &content(5 * MIB));
    let mut reader = studio.accessor.open(ID).unwrap();
    reader.read_exact(&mut [0; 1_000]).unwrap();
    studio.session.close();
    assert!(reader.read_to_end(&mut Vec::new()).is_err());
    assert!(write(&studio.accessor, ID, b"pixels").is_err());
}
