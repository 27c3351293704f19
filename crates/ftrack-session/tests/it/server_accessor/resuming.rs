//! Uploads that are cut, and go on.

mod state;

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ftrack_location::transfer::{CancellationToken, TransferOptions};
use ftrack_server::{Fault, RunningServer, Server};
use ftrack_session::{
    AddOptions, Entity, Error, ErrorKind, RateLimit, RetryPolicy, Session, StartedAnewReason,
    UploadControl, UploadNotice, UploadOptions, UploadState, values,
};
use ftrack_transport::{HttpTransport, Method, Request, Transport};
use tempfile::TempDir;

use super::{content, everything_of};

const PART: usize = 64 * 1024;
const PARTS: usize = 32;
/// How many parts are under way when one fails; whether they arrived, only the server knows.
const UNDER_WAY: usize = 5;

/// A server, a file to upload to it, and a folder for the state.
struct Desk {
    server: RunningServer,
    folder: TempDir,
    notices: Arc<Mutex<Vec<UploadNotice>>>,
}

impl Desk {
    fn new() -> Self {
        let server = Server::builder().testing(true).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let desk = Self {
            server,
            folder,
            notices: Arc::default(),
        };
        desk.write(&content(PART * PARTS - 7));
        desk
    }

    /// A session that gives up at the first failure.
    fn session(&self) -> Session {
        let builder = crate::builder(&self.server).retry(RetryPolicy::none());
        builder.connect().unwrap()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("plate.mov")
    }

    /// Writes the file, always with the same time.
    fn write(&self, content: &[u8]) {
        fs::write(self.path(), content).unwrap();
        let file = fs::File::options().write(true).open(self.path()).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        file.set_modified(time).unwrap();
    }

    fn states(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("states")) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn upload_options(&self) -> UploadOptions {
        let notices = Arc::clone(&self.notices);
        UploadOptions::new()
            .state(UploadState::Folder(self.folder.path().join("states")))
            .part_size(PART as u64)
            .notice(move |notice| notices.lock().unwrap().push(notice.clone()))
    }

    fn options(&self) -> AddOptions {
        AddOptions::new().upload(self.upload_options())
    }

    fn upload(&self, session: &Session) -> Result<Entity, Error> {
        self.upload_with(session, &self.options())
    }

    fn upload_with(&self, session: &Session, options: &AddOptions) -> Result<Entity, Error> {
        let server = session.location("ftrack.server")?;
        let values = values! { "name": "plate" };
        session.create_component_with(self.path(), values, &server, options)
    }

    /// The upload fails after so many parts.
    fn cut_after(&self, session: &Session, parts: u32) -> Error {
        self.pass(parts);
        self.fail(Fault::status(503));
        let error = self.upload(session).unwrap_err();
        self.server.clear_faults().unwrap();
        self.notices.lock().unwrap().clear();
        error
    }

    /// Lets so many parts through before what is to fail.
    fn pass(&self, parts: u32) {
        if parts > 0 {
            let pass = Fault::delay(Duration::ZERO).path("/upload/").times(parts);
            self.server.fail_next(pass).unwrap();
        }
    }

    fn fail(&self, fault: Fault) {
        let fault = fault.path("/upload/").times(10_000);
        self.server.fail_next(fault).unwrap();
    }

    /// How many parts are sent while `run` runs.
    fn parts_sent<T>(&self, run: impl FnOnce() -> T) -> (T, u32) {
        self.pass(10_000);
        let outcome = run();
        let sent = 10_000 - self.server.faults_left();
        self.server.clear_faults().unwrap();
        (outcome, sent)
    }

    fn reasons(&self) -> Vec<StartedAnewReason> {
        let notices = self.notices.lock().unwrap();
        let reasons = notices.iter().filter_map(|notice| match notice {
            UploadNotice::StartedAnew { reason, .. } => Some(*reason),
            _ => None,
        });
        reasons.collect()
    }

    /// The component is registered once, and the server has the file as it is now.
    fn check(&self, component: &Entity) {
        let session = self.session();
        let query = "select id from FileComponent where name is plate";
        let all = session.query(query).all().unwrap();
        assert_eq!(all.len(), 1, "registered once");
        self.check_content(component);
        assert!(self.states().is_empty(), "no state is left");
    }

    fn check_content(&self, component: &Entity) {
        let session = self.session();
        let server = session.location("ftrack.server").unwrap();
        let component = session.attach(component).unwrap();
        assert!(server.component_availability(&component).unwrap() >= 100.0);
        let mut found = Vec::new();
        let accessor = server.accessor().unwrap();
        let mut reader = accessor.open(&component.id()).unwrap();
        std::io::Read::read_to_end(&mut reader, &mut found).unwrap();
        assert!(found == fs::read(self.path()).unwrap(), "another content");
    }
}

#[test]
fn a_cut_upload_goes_on_with_the_parts_that_arrived() {
    let desk = Desk::new();
    let error = desk.cut_after(&desk.session(), 10);
    assert_eq!(error.details()["resumable"], true, "{error:?}");
    assert!(
        error.to_string().contains("the same call goes on"),
        "{error}"
    );
    let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    check_sent(sent, 10, 1);
    desk.check(&component);
    let notices = desk.notices.lock().unwrap();
    let [UploadNotice::Resumed { bytes, total, .. }] = notices.as_slice() else {
        panic!("{notices:?}");
    };
    assert_eq!(*total, (PARTS * PART - 7) as u64);
    let left = (PARTS * PART - 7) as u64 - bytes;
    assert_eq!(left.div_ceil(PART as u64), u64::from(sent));
}

/// All but the parts that arrived before were sent, but for those that were under way at each of the cuts.
fn check_sent(sent: u32, before: usize, cuts: usize) {
    let least = PARTS - before;
    let expected = least..=least + cuts * UNDER_WAY;
    assert!(
        expected.contains(&(sent as usize)),
        "{sent} is not in {expected:?}"
    );
}

#[test]
fn the_same_session_can_go_on_as_well() {
    let desk = Desk::new();
    let session = desk.session();
    for parts in [5, 5, 5] {
        desk.cut_after(&session, parts);
    }
    let (component, sent) = desk.parts_sent(|| desk.upload(&session).unwrap());
    check_sent(sent, 15, 3);
    desk.check(&component);
}

#[test]
fn a_cancelled_upload_goes_on() {
    let desk = Desk::new();
    let token = CancellationToken::new();
    let cancel = token.clone();
    let transfer = TransferOptions::new()
        .progress_interval(Duration::ZERO)
        .cancellation(token)
        .progress(move |progress| {
            if progress.bytes > (8 * PART) as u64 {
                cancel.cancel();
            }
        });
    let options = desk.options().transfer(transfer);
    let error = desk.upload_with(&desk.session(), &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    assert!((sent as usize) < PARTS, "{sent}");
    desk.check(&component);
}

#[test]
fn progress_counts_what_was_there_and_status_tells_it_apart() {
    let desk = Desk::new();
    desk.cut_after(&desk.session(), 10);
    let last = Arc::new(Mutex::new((0, None)));
    let seen = Arc::clone(&last);
    let transfer = TransferOptions::new()
        .progress(move |progress| *seen.lock().unwrap() = (progress.bytes, progress.total_bytes));
    let control = UploadControl::new();
    let options = desk
        .options()
        .transfer(transfer)
        .upload(desk.upload_options().control(control.clone()));
    desk.upload_with(&desk.session(), &options).unwrap();
    let size = (PARTS * PART - 7) as u64;
    assert_eq!(*last.lock().unwrap(), (size, Some(size)));
    let status = control.status();
    assert_eq!(status.total_bytes, size);
    assert_eq!(status.sent_bytes + status.resumed_bytes, size);
    assert!(status.resumed_bytes >= ((10 - UNDER_WAY) * PART - 7) as u64);
}

#[test]
fn a_server_that_forgets_the_upload_gets_it_anew_and_that_is_said() {
    let desk = Desk::new();
    desk.cut_after(&desk.session(), 10);
    let [state] = desk.states().try_into().unwrap();
    forget(&desk, &fs::read_to_string(state).unwrap());
    let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    assert_eq!(sent as usize, PARTS);
    assert_eq!(desk.reasons(), [StartedAnewReason::Forgotten]);
    desk.check(&component);
}

/// Lets the server forget the upload of a state.
fn forget(desk: &Desk, state: &str) {
    let (_, upload) = state.split_once("\"upload\":\"").unwrap();
    let (upload, _) = upload.split_once('"').unwrap();
    let url = format!("{}/upload/{upload}", desk.server.url());
    let options =
        ftrack_transport::ConnectionOptions::new(desk.server.url(), "nobody", "nothing").unwrap();
    let transport = HttpTransport::new(options).unwrap();
    let answer = transport.request(Request::new(Method::Delete, url)).wait();
    assert_eq!(answer.unwrap().status(), 204);
}

#[test]
fn a_file_that_changed_is_sent_anew() {
    type Change = fn(&Desk, &mut Vec<u8>);
    let changes: [Change; 4] = [
        |desk, content| {
            content[0] ^= 1;
            desk.write(content);
        },
        |desk, content| {
            *content.last_mut().unwrap() ^= 1;
            desk.write(content);
        },
        |desk, content| {
            content.push(1);
            desk.write(content);
        },
        // Only another time.
        |desk, content| fs::write(desk.path(), content).unwrap(),
    ];
    for change in changes {
        let desk = Desk::new();
        desk.cut_after(&desk.session(), 10);
        change(&desk, &mut fs::read(desk.path()).unwrap());
        let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
        assert!(sent as usize >= PARTS);
        assert_eq!(desk.reasons(), [StartedAnewReason::SourceChanged]);
        desk.check(&component);
    }
}

#[test]
fn parts_are_compared_with_the_file_before_they_are_left_out() {
    let desk = Desk::new();
    // All parts arrive, but the registration fails.
    let refuse = Fault::status(503).action("complete_multipart_upload");
    desk.server.fail_next(refuse.times(10)).unwrap();
    desk.upload(&desk.session()).unwrap_err();
    desk.server.clear_faults().unwrap();
    // Neither size nor time nor head nor tail show it.
    let mut changed = fs::read(desk.path()).unwrap();
    changed[10 * PART + 5] ^= 1;
    changed[20 * PART] ^= 1;
    desk.write(&changed);
    let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    assert_eq!(sent, 2);
    desk.check(&component);
}

#[test]
fn a_file_that_was_complete_and_not_registered_is_not_sent_again() {
    // The server refuses for now, or nobody knows what it did.
    for (status, is_known) in [(429, true), (503, false)] {
        let desk = Desk::new();
        let refuse = Fault::status(status).action("create").times(10);
        desk.server.fail_next(refuse).unwrap();
        let error = desk.upload(&desk.session()).unwrap_err();
        let is_resumable = error.details().get("resumable").is_some();
        assert_eq!(is_resumable, is_known, "{error:?}");
        assert_eq!(error.kind() == ErrorKind::CommitOutcomeUnknown, !is_known);
        desk.server.clear_faults().unwrap();
        let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
        assert_eq!(sent, 0);
        desk.check(&component);
    }
}

#[test]
fn an_upload_that_is_refused_leaves_nothing() {
    let desk = Desk::new();
    desk.pass(5);
    desk.fail(Fault::status(400));
    let error = desk.upload(&desk.session()).unwrap_err();
    assert!(error.details().get("resumable").is_none(), "{error:?}");
    assert!(desk.states().is_empty());
}

#[test]
fn addresses_that_have_expired_are_asked_for_again() {
    let desk = Desk::new();
    for parts in [5, 5] {
        desk.pass(parts);
        let expired = Fault::status(403).path("/upload/");
        desk.server.fail_next(expired).unwrap();
    }
    let session = desk.session();
    let component = desk.upload(&session).unwrap();
    desk.check(&component);
    assert!(desk.reasons().is_empty());

    // What stays forbidden is.
    desk.fail(Fault::status(403));
    let error = desk.upload(&desk.session()).unwrap_err();
    assert!(
        everything_of(&error).contains("permission denied"),
        "{error:?}"
    );
}

#[test]
fn a_sequence_goes_on_with_the_files_that_are_missing() {
    let desk = Desk::new();
    let frame = |number: usize| desk.folder.path().join(format!("plate.{number:04}.exr"));
    for number in 1..=6 {
        fs::write(frame(number), content(PART + number)).unwrap();
    }
    let path = desk.folder.path().join("plate.%04d.exr [1-6]");
    let options = desk.options().transfer(TransferOptions::new().parallel(1));
    let upload = || {
        let session = desk.session();
        let server = session.location("ftrack.server").unwrap();
        session.create_component_with(&path, values! { "name": "plate" }, &server, &options)
    };
    desk.pass(4);
    desk.fail(Fault::status(503));
    let error = upload().unwrap_err();
    assert_eq!(error.details()["transferred"].as_array().unwrap().len(), 4);
    desk.server.clear_faults().unwrap();
    let (sequence, sent) = desk.parts_sent(|| upload().unwrap());
    assert_eq!(sent, 2);
    let server = sequence.session().location("ftrack.server").unwrap();
    assert!(server.component_availability(&sequence).unwrap() >= 100.0);
    let accessor = server.accessor().unwrap();
    for member in sequence.collection("members").unwrap().entities().unwrap() {
        let number: usize = member.get::<String>("name").unwrap().parse().unwrap();
        let mut found = Vec::new();
        let mut reader = accessor.open(&member.id()).unwrap();
        std::io::Read::read_to_end(&mut reader, &mut found).unwrap();
        assert!(found == content(PART + number), "{number}");
    }
    assert!(desk.states().is_empty());
}

#[test]
fn a_paused_upload_sends_nothing_until_it_is_resumed() {
    let desk = Desk::new();
    let control = UploadControl::new();
    let options = desk
        .options()
        .upload(desk.upload_options().control(control.clone()));
    control.pause();
    let session = desk.session();
    let (component, sent) = desk.parts_sent(|| {
        thread::scope(|scope| {
            let uploading = scope.spawn(|| desk.upload_with(&session, &options).unwrap());
            while desk.states().is_empty() {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(300));
            assert_eq!(desk.server.faults_left(), 10_000);
            assert_eq!(control.status().sent_bytes, 0);
            control.resume();
            uploading.join().unwrap()
        })
    });
    assert_eq!(sent as usize, PARTS);
    desk.check(&component);
}

#[test]
fn a_limit_holds_for_all_parts_together() {
    let desk = Desk::new();
    let limit = RateLimit::new(1024 * 1024);
    let options = desk.options().upload(desk.upload_options().limit(limit));
    let started = Instant::now();
    let component = desk.upload_with(&desk.session(), &options).unwrap();
    // Two MiB, of which a tenth of a second may be ahead.
    assert!(started.elapsed() > Duration::from_millis(1_700));
    desk.check(&component);
}

#[test]
fn a_patient_upload_waits_for_a_server_that_is_away() {
    let desk = Desk::new();
    desk.pass(5);
    let away = Fault::status(503).path("/upload/").times(40);
    desk.server.fail_next(away).unwrap();
    let patient = RetryPolicy::default()
        .retries(u32::MAX)
        .backoff(Duration::from_millis(1), Duration::from_millis(5))
        .deadline(Duration::from_secs(3600));
    let options = desk.options().upload(desk.upload_options().retry(patient));
    let component = desk.upload_with(&desk.session(), &options).unwrap();
    assert_eq!(desk.server.faults_left(), 0);
    desk.check(&component);
}

#[test]
fn components_that_exist_go_on_when_they_are_added_again() {
    let desk = Desk::new();
    let create = desk.session();
    let component = create
        .create_component(
            desk.path(),
            values! { "name": "plate" },
            ftrack_session::LocationChoice::None,
        )
        .unwrap();
    create.commit().unwrap();
    let add = || {
        let session = desk.session();
        let component = session.attach(&component)?;
        let origin = session.location("ftrack.origin")?;
        origin.add_component(&component, desk.path().as_path())?;
        let server = session.location("ftrack.server")?;
        server.add_components(std::slice::from_ref(&component), [origin], &desk.options())
    };
    desk.pass(10);
    desk.fail(Fault::status(503));
    assert_eq!(add().unwrap_err().details()["resumable"], true);
    desk.server.clear_faults().unwrap();
    let ((), sent) = desk.parts_sent(|| add().unwrap());
    check_sent(sent, 10, 1);
    desk.check(&component);
}
