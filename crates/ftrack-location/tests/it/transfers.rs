//! Copying between storages.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftrack_location::transfer::{
    CancellationToken, CopyError, Progress, TransferItem, TransferOptions, transfer,
};
use ftrack_location::{
    Accessor, AccessorError, CreateOptions, DiskAccessor, MemoryAccessor, ResourceReader,
};
use ftrack_test_kit::storage::Odd;
use tempfile::TempDir;

fn disk() -> (TempDir, DiskAccessor) {
    let folder = tempfile::tempdir().unwrap();
    let accessor = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
    (folder, accessor)
}

fn write(accessor: &dyn Accessor, name: &str, content: &[u8]) {
    let mut upload = accessor.create(name, &CreateOptions::new()).unwrap();
    upload.write_all(content).unwrap();
    upload.finish().unwrap();
}

fn read(accessor: &dyn Accessor, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut reader = accessor.open(name).unwrap();
    reader.read_to_end(&mut content).unwrap();
    content
}

fn content(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Frames in `source`, and where they go.
fn frames(source: &dyn Accessor, count: usize) -> Vec<TransferItem> {
    (1..=count)
        .map(|frame| {
            let name = format!("plate.{frame:04}.exr");
            write(source, &name, &content(frame * 100));
            TransferItem::new(&name, format!("bunny/{:02}/{name}", frame % 3))
                .with_size(frame as u64 * 100)
        })
        .collect()
}

fn check_copies(source: &dyn Accessor, target: &dyn Accessor, options: &TransferOptions) {
    let large = content(2_500_001);
    write(source, "large.exr", &large);
    write(source, "empty.exr", b"");
    let mut items = frames(source, 30);
    items.push(TransferItem::new("large.exr", "large.exr"));
    items.push(TransferItem::new("empty.exr", "a/b/c/empty.exr"));

    let summary = transfer(source, target, &items, options).unwrap();
    assert_eq!(summary.files, 32);
    assert_eq!(summary.bytes, 2_500_001 + (1..=30).sum::<u64>() * 100);
    for item in &items {
        assert!(
            read(target, item.target()) == read(source, item.source()),
            "{item:?}"
        );
    }
}

#[test]
fn bytes_are_equal_between_any_storages() {
    let folders = [disk(), disk(), disk(), disk(), disk(), disk()];
    let [(_, d1), (_, d2), (_, d3), (_, d4), (_, d5), (_, d6)] = &folders;
    let memories: [MemoryAccessor; 4] = Default::default();
    let [m1, m2, m3, m4] = &memories;
    let plain = TransferOptions::new();
    check_copies(d1, d2, &plain);
    check_copies(d3, m1, &plain.clone().chunk_size(777));
    check_copies(m2, d4, &plain.clone().parallel(1));
    check_copies(m3, m4, &plain.clone().checksum(true));
    check_copies(d5, d6, &plain.checksum(true).durable(true).parallel(3));
}

#[test]
fn nothing_to_transfer_is_no_error() {
    let memory = MemoryAccessor::new();
    let summary = transfer(&memory, &memory, &[], &TransferOptions::new()).unwrap();
    assert_eq!((summary.files, summary.bytes), (0, 0));
}

#[test]
fn what_exists_is_kept_and_the_rest_is_named() {
    let (_folder, on_disk) = disk();
    for target in [&MemoryAccessor::new() as &dyn Accessor, &on_disk] {
        target.make_container("bunny/02", true).unwrap();
        let source = MemoryAccessor::new();
        let items = frames(&source, 5);
        write(target, items[1].target(), b"precious");

        let options = TransferOptions::new().parallel(1);
        let error = transfer(&source, target, &items, &options).unwrap_err();
        assert_eq!(error.transferred(), [items[0].target()]);
        assert_eq!(error.failures().len(), 1);
        assert_eq!(error.failures()[0].item(), &items[1]);
        assert!(matches!(
            error.failures()[0].error(),
            CopyError::Target(AccessorError::ResourceExists { .. })
        ));
        assert!(!error.is_cancelled());
        assert_eq!(
            error.to_string(),
            "the transfer failed, 1 of 5 resources were transferred"
        );
        assert_eq!(read(target, items[1].target()), b"precious");
        assert!(!target.exists(items[2].target()).unwrap());

        // What is left can be transferred once the cause is removed.
        target.remove(items[1].target()).unwrap();
        transfer(&source, target, &items[1..], &TransferOptions::new()).unwrap();
    }
}

#[test]
fn a_missing_source_is_an_error_of_the_source() {
    let (_folder, target) = disk();
    let items = [TransferItem::new("missing.exr", "a.exr")];
    for source in [&MemoryAccessor::new() as &dyn Accessor, &target] {
        let error = transfer(source, &target, &items, &TransferOptions::new()).unwrap_err();
        assert!(matches!(
            error.failures()[0].error(),
            CopyError::Source(AccessorError::ResourceNotFound { .. })
        ));
        assert!(!target.exists("a.exr").unwrap());
    }
}

/// What counts how many of it there are.
struct Counted {
    inner: ResourceReader,
    open: Arc<AtomicUsize>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Gives some bytes, and then an error or the end.
fn cut(reader: ResourceReader, bytes: u64, error: bool) -> ResourceReader {
    struct Torn;
    impl Read for Torn {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let size = reader.size().unwrap();
    let reader = if error {
        ResourceReader::new(reader.take(bytes).chain(Torn))
    } else {
        ResourceReader::new(reader.take(bytes))
    };
    reader.with_size(size)
}

#[test]
fn a_source_that_is_cut_leaves_nothing() {
    for error in [true, false] {
        let memory = MemoryAccessor::new();
        write(&memory, "a.exr", &content(10_000));
        let source = Odd::new(memory).reading(move |reader| cut(reader, 6_000, error));
        let (folder, target) = disk();
        let items = [TransferItem::new("a.exr", "b/a.exr")];
        let options = TransferOptions::new().chunk_size(1_000);
        let failure = transfer(&source, &target, &items, &options).unwrap_err();
        let found = failure.failures()[0].error();
        if error {
            assert!(matches!(
                found,
                CopyError::Source(AccessorError::OperationFailed { .. })
            ));
        } else {
            assert!(matches!(
                found,
                CopyError::Target(AccessorError::SizeMismatch {
                    expected: 10_000,
                    written: 6_000,
                    ..
                })
            ));
        }
        let left = std::fs::read_dir(folder.path().join("b")).unwrap().count();
        assert_eq!(left, 0);
        // Trying again with a source that is whole works.
        transfer(&source.inner, &target, &items, &options).unwrap();
    }
}

#[test]
fn bytes_that_change_on_the_way_are_found_by_the_checksum() {
    let memory = MemoryAccessor::new();
    write(&memory, "a.exr", &content(10_000));
    let opened = AtomicUsize::new(0);
    let source = Odd::new(memory).reading(move |reader| {
        let number = opened.fetch_add(1, Ordering::SeqCst);
        if number == 0 {
            reader
        } else {
            ResourceReader::new(io::repeat(0).take(10_000)).with_size(10_000)
        }
    });
    let target = MemoryAccessor::new();
    let items = [TransferItem::new("a.exr", "a.exr")];
    let options = TransferOptions::new().checksum(true);
    let error = transfer(&source, &target, &items, &options).unwrap_err();
    assert!(matches!(
        error.failures()[0].error(),
        CopyError::Target(AccessorError::ChecksumMismatch { .. })
    ));
    assert!(!target.exists("a.exr").unwrap());
}

#[test]
fn no_more_than_asked_for_are_copied_at_once() {
    let memory = MemoryAccessor::new();
    let items = frames(&memory, 40);
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let source = Odd::new(memory).reading(move |inner| {
        seen.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(1));
        let size = inner.size().unwrap();
        let open = Arc::clone(&open);
        ResourceReader::new(Counted { inner, open }).with_size(size)
    });
    let options = TransferOptions::new().parallel(3);
    transfer(&source, &MemoryAccessor::new(), &items, &options).unwrap();
    let most = most.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most}");
}

fn recorded(options: TransferOptions) -> (TransferOptions, Arc<Mutex<Vec<Progress>>>) {
    let calls = Arc::<Mutex<Vec<Progress>>>::default();
    let recorder = Arc::clone(&calls);
    let options = options.progress(move |progress| recorder.lock().unwrap().push(*progress));
    (options, calls)
}

#[test]
fn progress_grows_to_the_total() {
    let source = MemoryAccessor::new();
    let items = frames(&source, 20);
    let total: u64 = (1..=20).sum::<u64>() * 100;
    let options = TransferOptions::new().progress_interval(Duration::ZERO);
    let (options, calls) = recorded(options.parallel(1).chunk_size(500));
    transfer(&source, &MemoryAccessor::new(), &items, &options).unwrap();

    let calls = calls.lock().unwrap();
    assert!(calls.len() > 40, "{}", calls.len());
    for pair in calls.windows(2) {
        assert!(pair[0].bytes <= pair[1].bytes && pair[0].files <= pair[1].files);
    }
    let last = calls.last().unwrap();
    assert_eq!((last.bytes, last.total_bytes), (total, Some(total)));
    assert_eq!((last.files, last.total_files), (20, 20));
}

#[test]
fn progress_is_not_told_more_often_than_asked_for() {
    let source = MemoryAccessor::new();
    let items = frames(&source, 50);
    let options = TransferOptions::new().progress_interval(Duration::from_secs(3600));
    let (options, calls) = recorded(options);
    transfer(&source, &MemoryAccessor::new(), &items, &options).unwrap();
    assert_eq!(calls.lock().unwrap().len(), 1);
}

/// Cancels after some files, from the callback.
fn cancel_midway(source: &dyn Accessor, target: &dyn Accessor, folder: Option<&Path>) {
    let items = frames(source, 30);
    let token = CancellationToken::new();
    let options = TransferOptions::new()
        .parallel(1)
        .chunk_size(100)
        .progress_interval(Duration::ZERO)
        .cancellation(token.clone())
        .progress(move |progress| {
            if progress.files == 10 {
                token.cancel();
            }
        });
    let error = transfer(source, target, &items, &options).unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(error.transferred().len(), 10);
    let present = |item: &&TransferItem| target.exists(item.target()).unwrap();
    assert_eq!(items.iter().filter(present).count(), 10);
    if let Some(folder) = folder {
        for container in ["00", "01", "02"] {
            for entry in std::fs::read_dir(folder.join("bunny").join(container)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(!name.starts_with('.'), "{name}");
            }
        }
    }
}

#[test]
fn a_cancelled_transfer_leaves_whole_files_only() {
    cancel_midway(&MemoryAccessor::new(), &MemoryAccessor::new(), None);
    let (folder, target) = disk();
    cancel_midway(&MemoryAccessor::new(), &target, Some(folder.path()));
    let (_source_folder, source) = disk();
    let (folder, target) = disk();
    cancel_midway(&source, &target, Some(folder.path()));
}

#[test]
fn a_transfer_that_was_cancelled_before_does_nothing() {
    let source = MemoryAccessor::new();
    let items = frames(&source, 3);
    let token = CancellationToken::new();
    token.cancel();
    let target = MemoryAccessor::new();
    let options = TransferOptions::new().cancellation(token);
    let error = transfer(&source, &target, &items, &options).unwrap_err();
    assert!(error.is_cancelled() && error.transferred().is_empty());
    assert_eq!(target.list("").unwrap(), Vec::<String>::new());
    assert_eq!(
        error.to_string(),
        "the transfer was cancelled, 0 of 3 resources were transferred"
    );
}
