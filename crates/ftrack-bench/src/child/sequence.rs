//! 1,000 frames: made a component, added to one location, and from there to another.

use std::fs;
use std::path::Path;

use ftrack_location::{DiskAccessor, IdStructure};
use ftrack_session::symbol::ORIGIN_LOCATION_ID;
use ftrack_session::{Location, LocationChoice, LocationConfiguration, Session, values};

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

const FRAMES: usize = 1_000;
const FRAME: u64 = 100_000;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let session = connect(&arguments.url)?;
    let mut stub = Stub::connect(&arguments.url)?;
    let folder = tempfile::tempdir_in(&arguments.work)?;
    let first = place(&session, folder.path(), "bench.a", "aaaaaaaa")?;
    let second = place(&session, folder.path(), "bench.b", "bbbbbbbb")?;
    let origin = session.location(ORIGIN_LOCATION_ID)?;
    let frames = format!("frames/frame.%04d.exr [1-{FRAMES}]");
    let path = arguments.work.join(frames);

    let (component, sample) = measure(Some(&mut stub), || {
        let data = values! { "name": "main" };
        Ok(session.create_component(&path, data, LocationChoice::None)?)
    })?;
    sample.print("B9.sequence.create", FRAMES, None)?;
    let ((), sample) = measure(Some(&mut stub), || {
        Ok(first.add_component(&component, &origin)?)
    })?;
    sample.print("B9.sequence.add", FRAMES, None)?;
    let ((), sample) = measure(Some(&mut stub), || {
        Ok(second.add_component(&component, &first)?)
    })?;
    if files(&folder.path().join("bench.b"))? != (FRAMES, FRAMES as u64 * FRAME) {
        return Err("not every frame came across".into());
    }
    sample.print("B9.sequence.transfer", FRAMES, None)
}

/// A location that the server is not told of, in a folder of its own.
fn place(session: &Session, folder: &Path, name: &str, id: &str) -> Outcome<Location> {
    let root = folder.join(name);
    fs::create_dir(&root)?;
    let prefix = root.to_str().ok_or("the folder is not Unicode")?;
    let _unrecorded = session.operation_recording(false);
    let id = format!("{id}-0000-4000-8000-000000000000");
    let entity = session.create("Location", values! { "name": name, "id": id })?;
    let location = Location::try_from(entity)?;
    let configuration = LocationConfiguration::new()
        .accessor(DiskAccessor::new(prefix)?)
        .structure(IdStructure::new());
    location.configure(configuration);
    Ok(location)
}

/// How many files there are below a folder, and how large they are together.
fn files(folder: &Path) -> Outcome<(usize, u64)> {
    let (mut count, mut size) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let (inner, bytes) = files(&entry.path())?;
            (count, size) = (count + inner, size + bytes);
        } else {
            (count, size) = (count + 1, size + entry.metadata()?.len());
        }
    }
    Ok((count, size))
}
