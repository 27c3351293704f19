//! The behaviour suite, against the accessors of this crate.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ftrack_location::accessor::Result;
use ftrack_location::conformance::{self, Options};
use ftrack_location::{
    Accessor, CreateOptions, DiskAccessor, MemoryAccessor, ResourceReader, Upload,
};
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

/// Publishes at once, whatever becomes of it, over whatever is there.
struct Careless(MemoryAccessor);

impl Accessor for Careless {
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>> {
        self.0.list(resource_identifier)
    }

    fn exists(&self, resource_identifier: &str) -> Result<bool> {
        self.0.exists(resource_identifier)
    }

    fn is_file(&self, resource_identifier: &str) -> Result<bool> {
        self.0.is_file(resource_identifier)
    }

    fn is_container(&self, resource_identifier: &str) -> Result<bool> {
        self.0.is_container(resource_identifier)
    }

    fn open_at(&self, resource_identifier: &str, _: u64) -> Result<ResourceReader> {
        self.0.open_at(resource_identifier, 0)
    }

    fn create(&self, resource_identifier: &str, _: &CreateOptions) -> Result<Box<dyn Upload>> {
        if self.0.exists(resource_identifier)? {
            self.0.remove(resource_identifier)?;
        }
        let upload = self.0.create(resource_identifier, &CreateOptions::new())?;
        Ok(Box::new(CarelessUpload(Some(upload))))
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        self.0.remove(resource_identifier)
    }

    fn make_container(&self, resource_identifier: &str, _: bool) -> Result<()> {
        self.0.make_container(resource_identifier, true)
    }
}

struct CarelessUpload(Option<Box<dyn Upload>>);

impl Write for CarelessUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.0
            .as_mut()
            .map_or(Ok(0), |upload| upload.write(content))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for CarelessUpload {
    fn finish(mut self: Box<Self>) -> Result<()> {
        self.0.take().map_or(Ok(()), Upload::finish)
    }
}

impl Drop for CarelessUpload {
    fn drop(&mut self) {
        if let Some(upload) = self.0.take() {
            let _ = upload.finish();
        }
    }
}

#[test]
fn the_suite_finds_what_a_careless_accessor_does() {
    let failures = conformance::run(
        || Arc::new(Careless(MemoryAccessor::new())),
        &Options::new(),
    )
    .unwrap_err();
    let demands: Vec<&str> = failures.cases().map(|(demand, _)| demand).collect();
    for demand in [
        "reading starts at any offset",
        "an upload that is dropped leaves nothing",
        "an upload of another size is refused",
        "an upload with another checksum is refused",
        "what exists is never replaced",
        "containers are made, one or all on the way",
        "only empty containers are removed",
        "the container of a resource is known",
        "sequences are found",
    ] {
        assert!(demands.contains(&demand), "{demand}: {demands:#?}");
    }
    assert!(!demands.contains(&"what was written is read"));
    assert!(
        failures
            .to_string()
            .starts_with(&format!("{} cases failed\n", demands.len()))
    );
}

#[test]
fn cases_are_run_as_the_storage_allows() {
    let careless = || Arc::new(Careless(MemoryAccessor::new())) as _;
    let failed = |options: &Options| {
        conformance::run(careless, options)
            .unwrap_err()
            .cases()
            .count()
    };
    let all = failed(&Options::new());
    let without_containers = failed(&Options::new().containers(false));
    let least = failed(&Options::new().containers(false).existence(false));
    assert!(all > without_containers && without_containers > least && least > 0);

    let options = Options::new()
        .containers(false)
        .names(|case| format!("resource of {case}"));
    conformance::run(|| Arc::new(MemoryAccessor::new()), &options).unwrap();
}
