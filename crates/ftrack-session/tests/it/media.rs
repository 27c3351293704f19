//! Files that the server keeps, as programs meet them: thumbnails, encoded media, publishing for web review.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ftrack_location::{Accessor, DiskAccessor, IdStructure};
use ftrack_server::{Fault, RunningServer, Server};
use ftrack_session::symbol::SERVER_LOCATION_ID;
use ftrack_session::{
    AssetVersionHelpers, EncodeMediaOptions, Entity, ErrorKind, JobHelpers, Location,
    LocationChoice, RetryPolicy, ServerAccessor, Session, ThumbnailHelpers, values,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::builder;

/// An image of one pixel.
const IMAGE: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0,
    0, 0, 31, 21, 196, 137, 0, 0, 0, 11, 73, 68, 65, 84, 120, 218, 99, 96, 0, 2, 0, 0, 5, 0, 1,
    233, 250, 220, 216, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

struct Studio {
    session: Session,
    server: RunningServer,
    folder: TempDir,
}

impl Studio {
    fn new() -> Self {
        let server = Server::builder().demo(true).testing(true).start().unwrap();
        let session = builder(&server)
            .retry(RetryPolicy::none())
            .connect()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            session,
            server,
            folder,
        }
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn version(&self) -> Entity {
        self.session.query("AssetVersion").first().unwrap().unwrap()
    }

    fn server_location(&self) -> Location {
        self.session.location(SERVER_LOCATION_ID).unwrap()
    }

    /// What the server keeps of a component.
    fn kept(&self, component_id: &str) -> Vec<u8> {
        let mut content = Vec::new();
        let accessor = ServerAccessor::new(&self.session);
        accessor
            .open(component_id)
            .unwrap()
            .read_to_end(&mut content)
            .unwrap();
        content
    }

    /// Whether the server knows a component.
    fn has(&self, component_id: &str) -> bool {
        let found = builder(&self.server)
            .connect()
            .unwrap()
            .get("Component", component_id);
        found.unwrap().is_some()
    }
}

/// Whether a location has everything of a component.
fn has_all(location: &Location, component: &Entity) -> bool {
    location.component_availability(component).unwrap() > 99.9
}

/// Waits until a job has ended, and gives its status and its data.
fn ended(job: &Entity) -> (String, Json) {
    let start = Instant::now();
    loop {
        let query = format!("select status, data from Job where id is {}", job.id());
        let job = job.session().query(query).one().unwrap();
        let status: String = job.get("status").unwrap();
        if status == "done" || status == "failed" {
            return (status, job.job_data().unwrap());
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the job is {status}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_image_is_encoded_for_a_version() {
    let studio = Studio::new();
    let version = studio.version();
    let job = version
        .encode_media(studio.file("still.png", IMAGE))
        .unwrap();
    let (status, data) = ended(&job);
    assert_eq!(
        (status.as_str(), &data["keep_original"]),
        ("done", &json!(false)),
        "{data}"
    );
    let output = data["output"].as_array().unwrap();
    assert_eq!(output.len(), 1);
    assert_eq!(output[0]["format"], "image/jpeg");
    let preview = output[0]["component_id"].as_str().unwrap();

    let other = builder(&studio.server).connect().unwrap();
    let version = other.get("AssetVersion", version.id()).unwrap().unwrap();
    assert_eq!(version.get::<String>("thumbnail_id").unwrap(), preview);
    let component = other.get("Component", preview).unwrap().unwrap();
    assert_eq!(
        component.get::<String>("name").unwrap(),
        "ftrackreview-image"
    );
    assert_eq!(component.get::<String>("version_id").unwrap(), version.id());
    let review = component
        .metadata()
        .unwrap()
        .get::<String>("ftr_meta")
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Json>(&review).unwrap(),
        json!({"format": "image"})
    );
    let linked = job.collection("job_components").unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!(studio.kept(preview)[..3], [0xff, 0xd8, 0xff]);

    let source = data["source_component_id"].as_str().unwrap();
    assert!(
        !studio.has(source),
        "a file that was given by its path is not kept"
    );
}

#[test]
fn a_component_of_the_server_is_encoded_and_kept() {
    let studio = Studio::new();
    let server_location = studio.server_location();
    let path = studio.file("still.png", IMAGE);
    let component = studio
        .session
        .create_component(path, values! {}, LocationChoice::None)
        .unwrap();
    let origin = studio.session.location("ftrack.origin").unwrap();
    server_location.add_component(&component, &origin).unwrap();
    assert_eq!(studio.kept(&component.id()), IMAGE);

    let job = studio.session.encode_media(&component).unwrap();
    let (status, data) = ended(&job);
    assert_eq!(
        (status.as_str(), &data["keep_original"]),
        ("done", &json!(true))
    );
    assert_eq!(data["source_component_id"], component.id());
    assert!(studio.has(&component.id()));
    let preview = data["output"][0]["component_id"].as_str().unwrap();
    let preview = studio.session.get("Component", preview).unwrap().unwrap();
    assert!(
        preview
            .get::<Option<String>>("version_id")
            .unwrap()
            .is_none()
    );
    assert!(has_all(&server_location, &preview));
    let url = server_location.url(&preview).unwrap();
    assert!(
        url.contains(&format!("/component/get?id={}&", preview.id())),
        "{}",
        preview.id()
    );
}

#[test]
fn the_original_is_kept_when_that_is_asked_for() {
    let studio = Studio::new();
    let version = studio.version();
    let job = version
        .encode_media_keeping(studio.file("still.png", IMAGE), true)
        .unwrap();
    let (status, data) = ended(&job);
    assert_eq!(
        (status.as_str(), &data["keep_original"]),
        ("done", &json!(true))
    );
    let source = data["source_component_id"].as_str().unwrap();
    let source = studio.session.get("Component", source).unwrap().unwrap();
    assert_eq!(source.get::<String>("version_id").unwrap(), version.id());

    let options = EncodeMediaOptions::new().keep_original(false);
    let job = studio.session.encode_media_with(&source, &options).unwrap();
    assert_eq!(ended(&job).0, "done");
    assert!(!studio.has(&source.id()));
}

#[test]
fn what_is_no_media_makes_the_job_fail() {
    let studio = Studio::new();
    let path = studio.file("notes.txt", b"more bunnies");
    let job = studio.session.encode_media(&path).unwrap();
    let (status, data) = ended(&job);
    assert_eq!(status, "failed");
    assert!(data["message"].is_string(), "{data}");
}

#[test]
fn only_single_files_are_media() {
    let studio = Studio::new();
    let path = studio.folder.path().join("plate.%04d.exr [1-3]");
    let sequence = studio
        .session
        .create_component(path, values! { "size": 5 }, LocationChoice::None)
        .unwrap();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    for entity in [sequence, task.clone()] {
        let error = studio.session.encode_media(entity).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    let error = task.encode_media("/nowhere.mov").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);
    studio.session.rollback();
}

#[test]
fn an_entity_gets_a_thumbnail() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let path = studio.file("still.png", IMAGE);
    let thumbnail = task.create_thumbnail(&path, values! {}).unwrap();
    assert_eq!(thumbnail.get::<String>("name").unwrap(), "thumbnail");
    assert_eq!(thumbnail.get::<String>("file_type").unwrap(), ".png");
    assert!(studio.session.recorded_operations().is_empty());
    assert_eq!(studio.kept(&thumbnail.id()), IMAGE);

    let other = builder(&studio.server).connect().unwrap();
    let same = other.get("Task", task.id()).unwrap().unwrap();
    assert_eq!(same.get::<String>("thumbnail_id").unwrap(), thumbnail.id());
    let place = other.location("ftrack.server").unwrap();
    let thumbnail = same.get::<Entity>("thumbnail").unwrap();
    let url = place.thumbnail_url(&thumbnail, None).unwrap();
    assert!(url.contains(&format!("/component/thumbnail?id={}&", thumbnail.id())));
    let large = place.thumbnail_url(&thumbnail, Some(500)).unwrap();
    assert_eq!(large, format!("{url}&size=500"));
    let origin = other.location("ftrack.unmanaged").unwrap();
    let error = origin.thumbnail_url(&thumbnail, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
}

#[test]
fn a_thumbnail_may_have_another_name() {
    let studio = Studio::new();
    let project = studio.session.query("Project").first().unwrap().unwrap();
    let path = studio.file("still.png", IMAGE);
    let poster = project
        .create_thumbnail(&path, values! { "name": "poster" })
        .unwrap();
    assert_eq!(poster.get::<String>("name").unwrap(), "poster");
    let unnamed = project
        .create_thumbnail(&path, values! { "name": "" })
        .unwrap();
    assert_eq!(unnamed.get::<String>("name").unwrap(), "thumbnail");
}

#[test]
fn an_entity_without_a_picture_is_refused() {
    let studio = Studio::new();
    let status = studio.session.query("Status").first().unwrap().unwrap();
    let path = studio.file("still.png", IMAGE);
    let error = status.create_thumbnail(path, values! {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);
}

#[test]
fn a_thumbnail_that_cannot_be_sent_changes_nothing() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let before = task.get::<Option<String>>("thumbnail_id").unwrap();
    let path = studio.file("still.png", IMAGE);
    studio
        .server
        .fail_next(Fault::status(500).path("/upload/"))
        .unwrap();
    let error = task.create_thumbnail(&path, values! {}).unwrap_err();
    assert!(error.is(ErrorKind::Location), "{error:?}");
    assert!(!format!("{error:?}").contains(studio.server.api_key()));
    assert!(studio.session.recorded_operations().is_empty());
    assert_eq!(task.get::<Option<String>>("thumbnail_id").unwrap(), before);
    task.create_thumbnail(&path, values! {}).unwrap();
}

#[test]
fn media_that_is_encoded_already_is_published_for_review() {
    let studio = Studio::new();
    let version = studio.version();
    let server_location = studio.server_location();
    let length = json!({"frameIn": 0, "frameOut": 150, "frameRate": 25});
    for (file, name, review) in [
        ("preview.mp4", "ftrackreview-mp4", length),
        (
            "still.png",
            "ftrackreview-image",
            json!({"format": "image"}),
        ),
    ] {
        let path = studio.file(file, IMAGE);
        let data = values! { "name": name };
        let component = version
            .create_component_in(path, data, &server_location)
            .unwrap();
        component
            .metadata()
            .unwrap()
            .set("ftr_meta", review.to_string())
            .unwrap();
        component.session().commit().unwrap();

        let other = builder(&studio.server).connect().unwrap();
        let query = format!(
            "Component where version.id is {} and name is {name}",
            version.id()
        );
        let found = other.query(query).one().unwrap();
        assert_eq!(
            found,
            other.get("Component", component.id()).unwrap().unwrap()
        );
        let stored = found.metadata().unwrap().get::<String>("ftr_meta").unwrap();
        assert_eq!(serde_json::from_str::<Json>(&stored).unwrap(), review);
        assert_eq!(studio.kept(&found.id()), IMAGE);
    }
}

#[test]
fn a_sequence_goes_to_the_server_and_comes_back() {
    let studio = Studio::new();
    let frame = |number: usize| vec![number.to_le_bytes()[0]; number * 1_000];
    for number in [1, 2, 4] {
        studio.file(&format!("plate.{number:04}.exr"), &frame(number));
    }
    let path = studio.folder.path().join("plate.%04d.exr [1-2, 4]");
    let server_location = studio.server_location();
    let component = studio
        .session
        .create_component(path, values! { "name": "plate" }, &server_location)
        .unwrap();

    let other = builder(&studio.server).connect().unwrap();
    let component = other.get("Component", component.id()).unwrap().unwrap();
    let storage = studio.folder.path().join("storage");
    std::fs::create_dir(&storage).unwrap();
    let location = other
        .ensure("Location", values! { "name": "other.studio" }, &[])
        .unwrap();
    let location = Location::try_from(location).unwrap();
    location.set_accessor(
        DiskAccessor::in_folder(&storage)
            .unwrap()
            .create_prefix(true),
    );
    location.set_structure(IdStructure::new());
    let source = other.location("ftrack.server").unwrap();
    assert!(has_all(&source, &component));
    location.add_component(&component, &source).unwrap();
    let pattern = location.filesystem_path(&component).unwrap();
    for number in [1, 2, 4] {
        let name = pattern
            .to_str()
            .unwrap()
            .replace("%04d", &format!("{number:04}"));
        assert_eq!(std::fs::read(name).unwrap(), frame(number));
    }

    source.remove_component(&component).unwrap();
    assert!(!has_all(&source, &component));
}
