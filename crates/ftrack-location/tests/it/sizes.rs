//! What is copied is what was meant.

use std::fs::OpenOptions;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

use ftrack_location::transfer::{
    CopyError, TransferError, TransferItem, TransferOptions, transfer,
};
use ftrack_location::{
    Accessor, AccessorError, CreateOptions, DiskAccessor, MemoryAccessor, ResourceReader,
};
use ftrack_test_kit::storage::Odd;

fn disk() -> (tempfile::TempDir, DiskAccessor) {
    let folder = tempfile::tempdir().unwrap();
    let accessor = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
    (folder, accessor)
}

fn write(accessor: &dyn Accessor, name: &str, size: usize) {
    let mut upload = accessor.create(name, &CreateOptions::new()).unwrap();
    upload.write_all(&vec![7; size]).unwrap();
    upload.finish().unwrap();
}

/// Gives as many bytes as it wants, and does not say how many.
fn login(size: usize) -> Odd {
    let page = MemoryAccessor::new();
    write(&page, "plate.exr", 1);
    Odd::new(page).reading(move |_| ResourceReader::new(Cursor::new(vec![b'<'; size])))
}

fn failure(error: &TransferError) -> &CopyError {
    error.failures()[0].error()
}

fn copy(source: &dyn Accessor, target: &dyn Accessor) -> std::result::Result<(), TransferError> {
    let items = [TransferItem::new("plate.exr", "plate.exr").expect_size(100_000)];
    transfer(source, target, &items, &TransferOptions::new()).map(|_| ())
}

#[test]
fn a_resource_of_another_size_than_registered_is_not_copied() {
    for size in [10, 99_999, 100_001, 200_000] {
        let memory = MemoryAccessor::new();
        write(&memory, "plate.exr", size);
        let (_folder, files) = disk();
        write(&files, "plate.exr", size);
        let login = login(size);
        let sources: [&dyn Accessor; 3] = [&memory, &files, &login];
        for source in sources {
            let (folder, target) = disk();
            let error = copy(source, &target).unwrap_err();
            let CopyError::WrongSize { expected, found } = failure(&error) else {
                panic!("{error:?}");
            };
            assert_eq!(*expected, 100_000);
            assert!(found.is_none_or(|found| found == size as u64));
            let left = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(left, 0, "nothing remains, not even a staged file");
        }
    }
    let (_folder, target) = disk();
    copy(&login(100_000), &target).unwrap();
    assert!(target.is_file("plate.exr").unwrap());
}

/// Writes to `path` while it is copied.
fn growing(path: &Path) -> TransferOptions {
    let path = path.to_owned();
    TransferOptions::new()
        .progress_interval(Duration::ZERO)
        .progress(move |_| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"more").unwrap();
        })
}

#[test]
fn a_file_that_grows_while_it_is_copied_is_noticed() {
    let (folder, source) = disk();
    write(&source, "plate.exr", 100_000);
    let path = folder.path().join("plate.exr");
    let items = [TransferItem::new("plate.exr", "plate.exr")];
    let (_folder, files) = disk();
    let memory = MemoryAccessor::new();
    let targets: [&dyn Accessor; 2] = [&files, &memory];
    for target in targets {
        let error = transfer(&source, target, &items, &growing(&path)).unwrap_err();
        assert!(matches!(failure(&error), CopyError::Changed), "{error:?}");
        assert!(!target.exists("plate.exr").unwrap());
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_refused_and_not_waited_for() {
    use rustix::fs::{CWD, Mode, mkfifoat};

    let (folder, source) = disk();
    mkfifoat(
        CWD,
        folder.path().join("plate.exr"),
        Mode::RUSR | Mode::WUSR,
    )
    .unwrap();
    let (_folder, target) = disk();
    let error = copy(&source, &target).unwrap_err();
    assert!(
        matches!(
            failure(&error),
            CopyError::Source(AccessorError::ResourceInvalid { .. })
        ),
        "{error:?}"
    );
}
