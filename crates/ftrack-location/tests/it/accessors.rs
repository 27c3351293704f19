//! The behaviour suite, against the accessors of this crate.

use std::sync::Arc;
use std::sync::Mutex;

use ftrack_location::conformance::{self, Options};
use ftrack_location::{DiskAccessor, MemoryAccessor};
use tempfile::TempDir;

#[test]
fn memory_conforms() {
    conformance::run(|| Arc::new(MemoryAccessor::new()), &Options::new()).unwrap();
}

#[test]
fn disk_conforms() {
    let folders = Mutex::new(Vec::<TempDir>::new());
    let new_accessor = || {
        let folder = tempfile::tempdir().unwrap();
        let accessor = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
        folders.lock().unwrap().push(folder);
        Arc::new(accessor) as _
    };
    conformance::run(new_accessor, &Options::new()).unwrap();
}
