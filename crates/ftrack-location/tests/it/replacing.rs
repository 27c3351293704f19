//! Files that take the place of others, while the storage fails at every step.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_location::accessor::Result;
use ftrack_location::{
    Accessor, AccessorError, CreateOptions, LeftOver, MemoryAccessor, Replacement, ResourceReader,
    Upload, conformance,
};
use ftrack_test_kit::storage::{Odd, Step};

/// A storage that fails at chosen calls.
struct Failing {
    storage: Arc<Odd>,
    /// Whether it renames and replaces in one step; else it is left to copies.
    in_one_step: bool,
    calls: Arc<AtomicUsize>,
}

impl Failing {
    fn new(in_one_step: bool, faulty: std::ops::Range<usize>) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        let storage = Odd::new(MemoryAccessor::new()).before(move |step, identifier| {
            let may_fail = matches!(
                step,
                Step::Exists
                    | Step::Open
                    | Step::Create
                    | Step::Remove
                    | Step::Rename
                    | Step::Replace
            );
            if !may_fail || !faulty.contains(&count.fetch_add(1, Ordering::SeqCst)) {
                return Ok(());
            }
            Err(AccessorError::OperationFailed {
                operation: "do as asked",
                resource_identifier: identifier.to_owned(),
                source: "the storage is away".into(),
            })
        });
        Self {
            storage: Arc::new(storage),
            in_one_step,
            calls,
        }
    }

    /// What is there, whatever fails.
    fn memory(&self) -> &MemoryAccessor {
        &self.storage.inner
    }

    /// As the accessor of a replacement.
    fn accessor(&self) -> Arc<dyn Accessor> {
        let storage = Arc::clone(&self.storage);
        if self.in_one_step {
            storage
        } else {
            Arc::new(ByCopies(storage))
        }
    }
}

/// The same storage, with what every accessor has that implements no more than it has to.
struct ByCopies(Arc<Odd>);

impl Accessor for ByCopies {
    fn list(&self, identifier: &str) -> Result<Vec<String>> {
        self.0.list(identifier)
    }

    fn exists(&self, identifier: &str) -> Result<bool> {
        self.0.exists(identifier)
    }

    fn is_file(&self, identifier: &str) -> Result<bool> {
        self.0.is_file(identifier)
    }

    fn is_container(&self, identifier: &str) -> Result<bool> {
        self.0.is_container(identifier)
    }

    fn open_at(&self, identifier: &str, offset: u64) -> Result<ResourceReader> {
        self.0.open_at(identifier, offset)
    }

    fn create(&self, identifier: &str, options: &CreateOptions) -> Result<Box<dyn Upload>> {
        self.0.create(identifier, options)
    }

    fn remove(&self, identifier: &str) -> Result<()> {
        self.0.remove(identifier)
    }
}

fn write(accessor: &dyn Accessor, identifier: &str, content: &str) {
    let mut upload = accessor.create(identifier, &CreateOptions::new()).unwrap();
    upload.write_all(content.as_bytes()).unwrap();
    upload.finish().unwrap();
}

fn read(accessor: &dyn Accessor, identifier: &str) -> Option<String> {
    let mut content = String::new();
    let mut reader = accessor.open(identifier).ok()?;
    reader.read_to_string(&mut content).unwrap();
    Some(content)
}

/// The last of these files is not there before.
const FILES: [&str; 3] = ["a.exr", "b.exr", "c.exr"];
const OLD: [Option<&str>; 3] = [Some("old a.exr"), Some("old b.exr"), None];

fn fill(accessor: &dyn Accessor) {
    for (file, old) in FILES.iter().zip(OLD) {
        if let Some(old) = old {
            write(accessor, file, old);
        }
    }
}

/// All of it, or nothing: whether it went through, and what the storage kept against our will.
fn replace(accessor: Arc<dyn Accessor>, storage: &dyn Accessor) -> (bool, Vec<String>) {
    let mut replacement = Replacement::new(accessor);
    for file in FILES {
        write(storage, &replacement.stage(file), &format!("new {file}"));
    }
    match replacement.swap() {
        Ok(()) => (true, replacement.complete()),
        Err(_) => (false, replacement.undo()),
    }
}

/// How many calls there are when nothing fails.
fn all_calls(in_one_step: bool) -> usize {
    let storage = Failing::new(in_one_step, 0..0);
    fill(storage.memory());
    let (is_done, left) = replace(storage.accessor(), storage.memory());
    assert!(is_done && left.is_empty());
    for file in FILES {
        assert_eq!(read(storage.memory(), file), Some(format!("new {file}")));
    }
    assert_eq!(storage.memory().list("").unwrap(), FILES);
    storage.calls.load(Ordering::SeqCst)
}

#[test]
fn a_replacement_that_fails_once_is_all_or_nothing_and_names_what_is_left() {
    for in_one_step in [true, false] {
        let calls = all_calls(in_one_step);
        assert!(calls >= 8, "{calls}");
        for step in 0..calls {
            let storage = Failing::new(in_one_step, step..step + 1);
            fill(storage.memory());
            let (is_done, left) = replace(storage.accessor(), storage.memory());
            for (file, old) in FILES.iter().zip(OLD) {
                let expected = if is_done {
                    Some(format!("new {file}"))
                } else {
                    old.map(str::to_owned)
                };
                assert_eq!(read(storage.memory(), file), expected, "{file} at {step}");
            }
            let beside = storage.memory().list("").unwrap();
            let beside = beside.iter().filter(|name| !FILES.contains(&name.as_str()));
            for name in beside {
                assert!(left.contains(name), "{name} at {step}: {left:?}");
            }
        }
    }
}

/// From one step on nothing can be done any more, as if the program had been killed.
#[test]
fn a_program_that_is_killed_leaves_the_old_or_the_new_file_and_others_with_telling_names() {
    for in_one_step in [true, false] {
        for step in 0..all_calls(in_one_step) {
            let storage = Failing::new(in_one_step, step..usize::MAX);
            fill(storage.memory());
            replace(storage.accessor(), storage.memory());
            let names = storage.memory().list("").unwrap();
            let left: Vec<LeftOver> = names
                .iter()
                .filter(|name| !FILES.contains(&name.as_str()))
                .map(|name| LeftOver::from_name(name).unwrap())
                .collect();
            for (file, old) in FILES.iter().zip(OLD) {
                let new = format!("new {file}");
                let found = read(storage.memory(), file);
                let is_whole = found.as_deref() == old || found.as_ref() == Some(&new);
                // Where the storage has to copy, there is a moment with the old file beside its name only.
                let kept = left.iter().find(|left| left.is_old && left.target == *file);
                let kept = kept.and_then(|left| read(storage.memory(), &left.resource_identifier));
                let is_kept = !in_one_step && found.is_none() && kept.as_deref() == old;
                assert!(is_whole || is_kept, "{file} at {step}: {found:?}");
            }
        }
    }
}

#[test]
fn accessors_that_implement_no_more_than_they_have_to_rename_by_copies() {
    let options = conformance::Options::new().containers(false);
    let new_accessor = || Failing::new(false, 0..0).accessor();
    conformance::run(new_accessor, &options).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_is_replaced_and_what_it_leads_to_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let master = elsewhere.path().join("master.exr");
    std::fs::write(&master, "master").unwrap();
    std::os::unix::fs::symlink(&master, folder.path().join("plate.exr")).unwrap();
    let accessor = Arc::new(
        ftrack_location::DiskAccessor::in_folder(folder.path())
            .unwrap()
            .allow_symlinks_out(true),
    );
    let mut replacement = Replacement::new(accessor.clone());
    write(&*accessor, &replacement.stage("plate.exr"), "new");
    replacement.swap().unwrap();
    assert!(replacement.complete().is_empty());
    assert_eq!(read(&*accessor, "plate.exr").as_deref(), Some("new"));
    assert_eq!(std::fs::read(&master).unwrap(), b"master");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
