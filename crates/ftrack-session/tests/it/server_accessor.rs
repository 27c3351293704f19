//! Files of the server: what works, and what is said where something does not.

mod faults;
mod resuming;
mod scripted;

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::sync::Arc;

use ftrack_location::conformance::{self, Options};
use ftrack_location::{Accessor, AccessorError, CreateOptions, Data};
use ftrack_server::{RunningServer, Server};
use ftrack_session::{ErrorKind, RetryPolicy, ServerAccessor, Session, values};
use ftrack_transport::{ConnectionOptions, HttpTransport, Request, Transport};

const MIB: usize = 1024 * 1024;
const ID: &str = "0c1de1b6-30b5-4e2b-8a3c-6f1a7c5d9e10";

/// A server that fails on request, a session, and the accessor.
struct Studio {
    accessor: ServerAccessor,
    session: Session,
    server: RunningServer,
}

impl Studio {
    fn new() -> Self {
        let server = Server::builder().testing(true).start().unwrap();
        let session = crate::builder(&server).connect().unwrap();
        Self {
            accessor: ServerAccessor::new(&session),
            session,
            server,
        }
    }

    fn write(&self, id: &str, content: &[u8]) {
        write(&self.accessor, id, content).unwrap();
    }

    fn read(&self, id: &str) -> Vec<u8> {
        let mut content = Vec::new();
        let mut reader = self.accessor.open(id).unwrap();
        reader.read_to_end(&mut content).unwrap();
        content
    }

    fn is_missing(&self, id: &str) -> bool {
        matches!(
            self.accessor.open(id),
            Err(AccessorError::ResourceNotFound { .. })
        )
    }
}

fn write(accessor: &ServerAccessor, id: &str, content: &[u8]) -> Result<(), AccessorError> {
    let mut upload = accessor.create(id, &CreateOptions::new())?;
    upload.write_all(content).unwrap();
    upload.finish()
}

/// Bytes that are the same nowhere.
fn content(length: usize) -> Vec<u8> {
    let words = (0..=length as u64 / 8).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut content: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    content.truncate(length);
    content
}

/// The texts of an error and of all its causes, for people and for programs.
fn everything_of(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text} {cause} {cause:?}");
        next = cause.source();
    }
    text
}

#[test]
fn it_behaves_as_an_accessor_should() {
    let studio = Studio::new();
    let options = Options::new()
        .containers(false)
        .existence(false)
        .names(|case| {
            let mut hasher = DefaultHasher::new();
            case.hash(&mut hasher);
            let number = hasher.finish();
            format!(
                "{:08x}-0000-4000-8000-{:012x}",
                number >> 32,
                number & 0xffff_ffff
            )
        });
    conformance::run(|| Arc::new(studio.accessor.clone()), &options).unwrap();
}

#[test]
fn large_files_go_up_in_parts_and_come_back() {
    let studio = Studio::new();
    let content = content(20 * MIB + 3);
    studio.write(ID, &content);
    assert!(studio.read(ID) == content);
    let mut end = Vec::new();
    let offset = (20 * MIB - 5) as u64;
    let mut reader = studio.accessor.open_at(ID, offset).unwrap();
    assert_eq!(reader.size(), Some(8));
    reader.read_to_end(&mut end).unwrap();
    assert_eq!(end, content[20 * MIB - 5..]);
}

#[test]
fn what_the_server_cannot_do_is_said() {
    let studio = Studio::new();
    let accessor = &studio.accessor;
    studio.write(ID, b"pixels");
    assert!(!accessor.exists(ID).unwrap(), "as documented");
    for refusal in [
        accessor.list("").err(),
        accessor.is_file(ID).err(),
        accessor.is_container(ID).err(),
        accessor.is_sequence(ID).err(),
        accessor.make_container("a", true).err(),
        accessor.remove_container("a").err(),
        accessor.filesystem_path(ID).err(),
    ] {
        assert!(
            matches!(refusal, Some(AccessorError::UnsupportedOperation { .. })),
            "{refusal:?}"
        );
    }
    assert!(matches!(
        accessor.container(ID),
        Err(AccessorError::ParentResourceNotFound { .. })
    ));
    assert!(matches!(
        accessor.create("", &CreateOptions::new()).err(),
        Some(AccessorError::ResourceIdentifier { .. })
    ));
}

#[test]
fn the_documented_interface_seeks_in_both_directions() {
    let studio = Studio::new();
    let accessor: Arc<dyn Accessor> = Arc::new(studio.accessor.clone());
    let mut data = Data::create(&accessor, ID).unwrap();
    data.write(b"less bunnies").unwrap();
    data.seek(std::io::SeekFrom::Start(0)).unwrap();
    data.write(b"more").unwrap();
    data.close().unwrap();
    let mut data = Data::open(&accessor, ID).unwrap();
    data.seek(std::io::SeekFrom::End(-7)).unwrap();
    assert_eq!(data.read(None).unwrap(), b"bunnies");
    data.seek(std::io::SeekFrom::Start(0)).unwrap();
    assert_eq!(data.read(Some(4)).unwrap(), b"more");
}

#[test]
fn removing_is_told_from_finding_nothing() {
    let studio = Studio::new();
    studio.write(ID, b"pixels");
    studio.accessor.remove(ID).unwrap();
    assert!(studio.is_missing(ID));
    assert!(matches!(
        studio.accessor.remove(ID),
        Err(AccessorError::ResourceNotFound { .. })
    ));
}

/// As a missing file of any other storage, and as the official client calls it on the server.
#[test]
fn a_file_that_is_missing_on_the_server_is_an_operation_that_failed() {
    let studio = Studio::new();
    let error = ftrack_session::Error::from(studio.accessor.open(ID).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::AccessorResourceNotFound);
    assert!(error.is(ErrorKind::AccessorOperationFailed));
    assert!(error.is(ErrorKind::AccessorResource));
    assert!(!error.is(ErrorKind::AccessorPermissionDenied));
}

#[test]
fn addresses_work_without_anything_else() {
    let studio = Studio::new();
    studio.write(ID, b"pixels");
    let url = studio.accessor.url(ID).unwrap();
    let (server, user) = (studio.server.url(), studio.server.user());
    let key = studio.server.api_key().replace('=', "%3D");
    let expected = format!("{server}/component/get?id={ID}&username={user}&apiKey={key}");
    assert_eq!(url, expected);
    let anybody = ConnectionOptions::new(server, "nobody", "nothing").unwrap();
    let anybody = HttpTransport::new(anybody).unwrap();
    let mut answer = anybody.request(Request::get(url)).wait().unwrap();
    let mut content = String::new();
    answer.read_to_string(&mut content).unwrap();
    assert_eq!(content, "pixels");

    let accessor = &studio.accessor;
    let thumbnail = accessor.thumbnail_url(ID, None).unwrap();
    assert_eq!(thumbnail, expected.replace("/get?", "/thumbnail?"));
    let sized = accessor.thumbnail_url(ID, Some(100)).unwrap();
    assert_eq!(sized, format!("{thumbnail}&size=100"));
}

#[test]
fn signs_in_users_and_keys_are_encoded_in_addresses() {
    let server = Server::builder()
        .user("ada+b@studio.example")
        .api_key("a&b c+d")
        .start()
        .unwrap();
    let session = crate::builder(&server).connect().unwrap();
    let accessor = ServerAccessor::new(&session);
    let url = accessor.url("a b&c").unwrap();
    let (_, query) = url.split_once('?').unwrap();
    assert_eq!(
        query,
        "id=a+b%26c&username=ada%2Bb%40studio.example&apiKey=a%26b+c%2Bd"
    );
    write(&accessor, ID, b"pixels").unwrap();
    let mut read = String::new();
    accessor
        .open(ID)
        .unwrap()
        .read_to_string(&mut read)
        .unwrap();
    assert_eq!(read, "pixels");
}

#[test]
fn the_key_is_in_no_error_and_no_debug_text() {
    let server = Server::builder().testing(true).start().unwrap();
    let key = server.api_key().to_owned();
    let session = crate::builder(&server)
        .retry(RetryPolicy::none())
        .connect()
        .unwrap();
    let accessor = ServerAccessor::new(&session);
    let missing = accessor.open(ID).unwrap_err();
    let mut texts = vec![format!("{accessor:?}"), everything_of(&missing)];
    drop(server);
    texts.push(everything_of(&accessor.open(ID).unwrap_err()));
    texts.push(everything_of(&accessor.remove(ID).unwrap_err()));
    texts.push(everything_of(&write(&accessor, ID, b"pixels").unwrap_err()));
    for text in texts {
        assert!(!text.contains(&key), "{text}");
    }
}

#[test]
fn the_session_is_not_kept_alive() {
    let Studio {
        accessor,
        session,
        server,
    } = Studio::new();
    write(&accessor, ID, b"pixels").unwrap();
    let weak = session.downgrade();
    drop(session);
    assert!(weak.upgrade().is_none());
    let error = accessor.open(ID).unwrap_err();
    assert!(matches!(error, AccessorError::OperationFailed { .. }));
    assert!(everything_of(&error).contains("the session is gone"));
    drop(server);
}

#[test]
fn browsers_get_the_name_of_the_component() {
    let studio = Studio::new();
    let session = &studio.session;
    let component = session
        .create(
            "FileComponent",
            values! { "name": "plate", "file_type": ".png" },
        )
        .unwrap();
    session.commit().unwrap();
    let trace = session.trace();
    studio.write(&component.id(), b"pixels");
    assert_eq!(
        trace.request_count(),
        2,
        "the name, and where to send the file to"
    );
    let options = CreateOptions::new().file_name("plate.png");
    let mut upload = studio.accessor.create(&component.id(), &options).unwrap();
    upload.write_all(b"pixels").unwrap();
    upload.finish().unwrap();
    assert!(trace.request_count() <= 3, "the name was given");
}
