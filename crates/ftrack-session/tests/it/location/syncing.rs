//! Bringing to a location what another one has.

use std::fs;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use ftrack_location::accessor::Result as Outcome;
use ftrack_location::transfer::CancellationToken;
use ftrack_location::{
    Accessor, CreateOptions, IdStructure, MemoryAccessor, ResourceReader, StandardStructure, Upload,
};
use ftrack_session::{
    AddOptions, AssetVersionHelpers, Entity, ErrorKind, Location, LocationKind, SyncOptions,
    SyncReason, values,
};

use super::{Place, registered};

fn publish(place: &Place, name: &str, text: &str, location: &Location) -> Entity {
    let path = place.file(&format!("in/{name}.exr"), text);
    place
        .version()
        .create_component_in(path, values! { "name": name }, location)
        .unwrap()
}

fn text(location: &Location, component: &Entity) -> String {
    fs::read_to_string(location.filesystem_path(component).unwrap()).unwrap()
}

#[test]
fn what_is_missing_or_differs_is_brought_and_what_is_there_is_not() {
    let place = Place::new();
    let near = place.location("near", StandardStructure::new());
    let far = place.location("far", IdStructure::new());
    let [new, lost, cut, same] = ["new", "lost", "cut", "same"]
        .map(|name| publish(&place, name, &format!("pixels of {name}"), &near));
    let path = place.sequence("plate", &[1, 2, 4]);
    let sequence = place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &near)
        .unwrap();
    for component in [&lost, &cut, &same] {
        far.add_component(component, &near).unwrap();
    }
    fs::remove_file(far.filesystem_path(&lost).unwrap()).unwrap();
    fs::write(far.filesystem_path(&cut).unwrap(), "pix").unwrap();
    let untouched = fs::metadata(far.filesystem_path(&same).unwrap()).unwrap();

    let plan = far
        .sync_from(&near, &SyncOptions::new().dry_run(true))
        .unwrap();
    assert_eq!(plan.checked, 8);
    assert_eq!((plan.files, plan.wanted.len()), (0, 7));
    let reason = |component: &Entity| {
        let id = component.id();
        plan.wanted
            .iter()
            .find(|item| item.component_id == id)
            .map(|item| item.reason)
    };
    assert_eq!(reason(&new), Some(SyncReason::NotRegistered));
    assert_eq!(reason(&sequence), Some(SyncReason::NotRegistered));
    assert_eq!(reason(&lost), Some(SyncReason::Missing));
    assert_eq!(reason(&cut), Some(SyncReason::OtherSize { found: 3 }));
    assert_eq!(reason(&same), None);
    assert_eq!(registered(&place.session, &far), 3);

    // What waits to be committed is nobody's business.
    place.session.create("Note", values! {}).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let options =
        SyncOptions::new().progress(move |progress| heard.lock().unwrap().push(*progress));
    let report = far.sync_from(&near, &options).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.checked, report.files), (8, 6));
    assert_eq!(place.session.recorded_operations().len(), 1);
    place.session.rollback();
    let last = *told.lock().unwrap().last().unwrap();
    assert_eq!((last.checked, last.wanted, last.files), (8, 7, 6));
    assert_eq!(last.bytes, report.bytes);

    for (component, name) in [
        (&new, "new"),
        (&lost, "lost"),
        (&cut, "cut"),
        (&same, "same"),
    ] {
        assert_eq!(text(&far, component), format!("pixels of {name}"));
    }
    assert_eq!(far.component_availability(&sequence).unwrap(), 100.0);
    assert!(far.verify().unwrap().is_clean());
    let still = fs::metadata(far.filesystem_path(&same).unwrap()).unwrap();
    assert_eq!(still.modified().unwrap(), untouched.modified().unwrap());
    let again = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert_eq!((again.wanted.len(), again.files), (0, 0));
}

#[test]
fn files_of_the_same_size_are_compared_by_checksum_on_request() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let component = publish(&place, "plate", "pixels", &near);
    far.add_component(&component, &near).unwrap();
    fs::write(far.filesystem_path(&component).unwrap(), "pickle").unwrap();
    let by_size = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert!(by_size.wanted.is_empty());
    let options = SyncOptions::new().checksum(true);
    let report = far.sync_from(&near, &options).unwrap();
    assert_eq!(report.wanted[0].reason, SyncReason::OtherContent);
    assert_eq!(text(&far, &component), "pixels");
    assert!(far.sync_from(&near, &options).unwrap().wanted.is_empty());
}

#[test]
fn what_cannot_be_brought_is_told_and_the_rest_is_brought() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let all: Vec<Entity> = (0..6)
        .map(|number| publish(&place, &format!("plate{number}"), "pixels", &near))
        .collect();
    let path = |index: usize| near.filesystem_path(&all[index]).unwrap();
    fs::remove_file(path(1)).unwrap();
    fs::write(path(3), "half").unwrap();
    // A folder is where the file of one should go: that is found when it is copied.
    let id = all[4].id();
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| &id[index..=index]);
    let in_the_way = format!("far/{a}/{b}/{c}/{d}/{}.exr/x", &id[4..]);
    place.file(&in_the_way, "in the way");
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert_eq!((report.wanted.len(), report.files), (6, 3));
    let mut failed: Vec<String> = report
        .failed
        .iter()
        .map(|failure| failure.item.component_id.clone())
        .collect();
    failed.sort();
    let mut expected = [1, 3, 4].map(|index: usize| all[index].id());
    expected.sort();
    assert_eq!(failed, expected);
    assert!(!report.is_complete() && !report.given_up);
    let available = far.component_availabilities(&all).unwrap();
    assert_eq!(available, [100.0, 0.0, 100.0, 0.0, 0.0, 100.0]);

    fs::write(path(1), "pixels").unwrap();
    fs::write(path(3), "pixels").unwrap();
    fs::remove_dir_all(place.path(&in_the_way).parent().unwrap()).unwrap();
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert!(report.is_complete());
    assert_eq!(report.files, 3);
}

#[test]
fn only_a_project_or_only_some_components_are_brought() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let in_project = publish(&place, "plate", "pixels", &near);
    let path = place.sequence("shot", &[1, 2]);
    let sequence = place
        .version()
        .create_component_in(&path, values! { "name": "shot" }, &near)
        .unwrap();
    let path = place.file("other.exr", "other");
    let nowhere = place
        .session
        .create_component(&path, values! { "name": "other" }, &near)
        .unwrap();
    let project: String = place.version().get("asset.parent.project.name").unwrap();

    let some = SyncOptions::new().components(std::slice::from_ref(&sequence));
    let report = far.sync_from(&near, &some).unwrap();
    assert_eq!((report.checked, report.files), (3, 2));
    let report = far
        .sync_from(&near, &SyncOptions::new().project(&project))
        .unwrap();
    assert_eq!((report.checked, report.files), (4, 1));
    let components = [in_project, sequence, nowhere];
    let available = far.component_availabilities(&components).unwrap();
    assert_eq!(available, [100.0, 100.0, 0.0]);
    let error = far
        .sync_from(&near, &SyncOptions::new().project("no such project"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn many_files_take_few_requests() {
    let place = Place::new();
    let [near, far] = [
        place.location("near", StandardStructure::new()),
        place.location("far", StandardStructure::new()),
    ];
    let indexes: Vec<u32> = (1..=200).collect();
    let path = place.sequence("plate", &indexes);
    place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &near)
        .unwrap();
    let other = place.other_session();
    let [near, far] = [near, far].map(|location| {
        let name: String = location.name().unwrap();
        super::location(&other, &name, &place.text(&name), StandardStructure::new())
    });
    let trace = other.trace();
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.files, 200);
    assert!(trace.request_count() <= 16, "{}", trace.request_count());
    assert_eq!(place.files("near"), place.files("far"));
}

#[test]
fn a_cancelled_one_is_resumed() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    for number in 0..3 {
        publish(&place, &format!("plate{number}"), "pixels", &near);
    }
    let token = CancellationToken::new();
    token.cancel();
    let error = far
        .sync_from(&near, &SyncOptions::new().cancellation(token))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(place.files("far").is_empty());
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert_eq!(report.files, 3);
}

#[test]
fn one_that_was_broken_off_midway_keeps_what_was_brought_and_brings_the_rest() {
    // A batch has 250.
    const FRAMES: u32 = 320;
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, StandardStructure::new()));
    let indexes: Vec<u32> = (1..=FRAMES).collect();
    let path = place.sequence("plate", &indexes);
    let sequence = place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &near)
        .unwrap();
    let token = CancellationToken::new();
    let cancel = token.clone();
    let options = SyncOptions::new()
        .cancellation(token)
        .progress(move |progress| {
            if progress.checked > 250 {
                cancel.cancel();
            }
        });
    let error = far.sync_from(&near, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let kept = place.files("far").len();
    assert!((249..=250).contains(&kept), "{kept}");
    assert_eq!(registered(&place.session, &far), 250);
    assert!(far.verify().unwrap().is_clean());

    let rest = FRAMES as usize - kept;
    let plan = far
        .sync_from(&near, &SyncOptions::new().dry_run(true))
        .unwrap();
    assert_eq!((plan.checked, plan.files), (u64::from(FRAMES) + 1, 0));
    assert_eq!(plan.wanted.len(), FRAMES as usize + 1 - 250);
    assert_eq!(place.files("far").len(), kept, "nothing was brought");
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.files, rest as u64);
    assert_eq!(far.component_availability(&sequence).unwrap(), 100.0);
    assert_eq!(place.files("near"), place.files("far"));
    assert!(far.verify().unwrap().is_clean());
}

#[test]
fn locations_that_nothing_can_be_brought_to_are_refused() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let refused = |target: &Location, source: &Location| {
        let error = target.sync_from(source, &SyncOptions::new()).unwrap_err();
        error.kind()
    };
    assert_eq!(refused(&near, &near), ErrorKind::InvalidArgument);
    assert_eq!(refused(&near, &place.origin()), ErrorKind::InvalidArgument);
    far.set_kind(LocationKind::Unmanaged);
    assert_eq!(refused(&far, &near), ErrorKind::InvalidArgument);
    let elsewhere = place
        .session
        .ensure("Location", values! { "name": "elsewhere" }, &[])
        .unwrap();
    let elsewhere = Location::try_from(elsewhere).unwrap();
    assert_eq!(refused(&near, &elsewhere), ErrorKind::Location);
}

/// Counts who reads at the same time. The first reader waits for a second one.
#[derive(Clone, Default)]
struct Watched {
    inner: MemoryAccessor,
    readers: Arc<(Mutex<Readers>, Condvar)>,
}

#[derive(Default)]
struct Readers {
    now: usize,
    most: usize,
}

impl Watched {
    fn enter(&self) {
        let (readers, changed) = &*self.readers;
        let mut readers = readers.lock().unwrap();
        readers.now += 1;
        readers.most = readers.most.max(readers.now);
        changed.notify_all();
        let long = Duration::from_secs(60);
        let waited = changed.wait_timeout_while(readers, long, |readers| readers.most < 2);
        drop(waited.unwrap());
    }

    fn leave(&self) {
        self.readers.0.lock().unwrap().now -= 1;
    }

    fn most(&self) -> usize {
        self.readers.0.lock().unwrap().most
    }
}

impl Accessor for Watched {
    fn list(&self, identifier: &str) -> Outcome<Vec<String>> {
        self.inner.list(identifier)
    }

    fn exists(&self, identifier: &str) -> Outcome<bool> {
        self.inner.exists(identifier)
    }

    fn is_file(&self, identifier: &str) -> Outcome<bool> {
        self.inner.is_file(identifier)
    }

    fn is_container(&self, identifier: &str) -> Outcome<bool> {
        self.inner.is_container(identifier)
    }

    fn open_at(&self, identifier: &str, offset: u64) -> Outcome<ResourceReader> {
        self.enter();
        let opened = self.inner.open_at(identifier, offset);
        self.leave();
        opened
    }

    fn create(&self, identifier: &str, options: &CreateOptions) -> Outcome<Box<dyn Upload>> {
        self.inner.create(identifier, options)
    }

    fn remove(&self, identifier: &str) -> Outcome<()> {
        self.inner.remove(identifier)
    }

    fn make_container(&self, identifier: &str, recursive: bool) -> Outcome<()> {
        self.inner.make_container(identifier, recursive)
    }

    fn container(&self, identifier: &str) -> Outcome<String> {
        self.inner.container(identifier)
    }
}

#[test]
fn files_are_compared_side_by_side_and_no_more_at_once_than_asked_for() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let storage = Watched::default();
    far.set_accessor(storage.clone());
    let all: Vec<Entity> = (0..12)
        .map(|number| publish(&place, &format!("plate{number}"), "pixels", &near))
        .collect();
    far.add_components(&all, [&near], &AddOptions::new())
        .unwrap();
    assert_eq!(storage.most(), 0, "nothing was read there yet");
    let options = SyncOptions::new().checksum(true).parallel(3);
    let trace = place.session.trace();
    let report = far.sync_from(&near, &options).unwrap();
    assert_eq!((report.checked, report.wanted.len()), (12, 0));
    assert!(trace.request_count() <= 3, "{:#?}", trace.requests());
    let most = storage.most();
    assert!((2..=3).contains(&most), "{most} at once");
    let found = far.verify().unwrap();
    assert_eq!(found.checked, 12);
}
