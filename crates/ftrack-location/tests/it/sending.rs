//! Transfers to storages that send whole files at the end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftrack_location::accessor::Result;
use ftrack_location::transfer::{
    CancellationToken, CopyError, Progress, TransferItem, TransferOptions, transfer,
};
use ftrack_location::{
    Accessor, AccessorError, CreateOptions, DiskAccessor, MemoryAccessor, Upload, Watch,
};
use ftrack_test_kit::storage::Odd;

/// A storage that takes files and sends them in pieces of ten bytes, and the names that they are to have.
fn sender() -> (Odd, Arc<Mutex<Vec<Option<String>>>>) {
    let names = Arc::<Mutex<Vec<Option<String>>>>::default();
    let told = Arc::clone(&names);
    let target = Odd::new(MemoryAccessor::new()).writing(move |inner, options| {
        let name = options.known_file_name().map(str::to_owned);
        told.lock().unwrap().push(name);
        Box::new(Sending { inner, file: None })
    });
    (target, names)
}

struct Sending {
    inner: Box<dyn Upload>,
    file: Option<File>,
}

impl Write for Sending {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.inner.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Upload for Sending {
    fn finish(self: Box<Self>) -> Result<()> {
        self.finish_watched(&|_| std::ops::ControlFlow::Continue(()))
    }

    fn finish_watched(mut self: Box<Self>, watch: &Watch<'_>) -> Result<()> {
        let mut content = Vec::new();
        if let Some(file) = &mut self.file {
            file.read_to_end(&mut content).unwrap();
        }
        for piece in content.chunks(10) {
            self.inner.write_all(piece).unwrap();
            if watch(piece.len() as u64).is_break() {
                return Err(AccessorError::unsupported("send what is not wanted"));
            }
        }
        self.inner.finish()
    }

    fn take_file(&mut self, file: File) -> Option<File> {
        self.file = Some(file);
        None
    }
}

fn source(content: &[u8]) -> (tempfile::TempDir, DiskAccessor) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plate.exr"), content).unwrap();
    let accessor = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
    (folder, accessor)
}

#[test]
fn files_are_handed_over_and_their_bytes_counted_when_they_are_sent() {
    let content = [7; 95];
    let (_folder, disk) = source(&content);
    let (target, names) = sender();
    let calls = Arc::<Mutex<Vec<Progress>>>::default();
    let recorder = Arc::clone(&calls);
    let options = TransferOptions::new()
        .progress_interval(Duration::ZERO)
        .progress(move |progress| recorder.lock().unwrap().push(*progress));
    let items = [TransferItem::new("plate.exr", "id").with_file_name("main.exr")];
    let summary = transfer(&disk, &target, &items, &options).unwrap();
    assert_eq!((summary.files, summary.bytes), (1, 95));
    assert!(calls.lock().unwrap().len() >= 10, "one call for each piece");
    assert_eq!(*names.lock().unwrap(), [Some("main.exr".to_owned())]);

    let mut found = Vec::new();
    target.open("id").unwrap().read_to_end(&mut found).unwrap();
    assert_eq!(found, content);
}

#[test]
fn a_transfer_is_cancelled_while_a_file_is_sent() {
    let (_folder, disk) = source(&[7; 95]);
    let (target, _) = sender();
    let token = CancellationToken::new();
    let options = TransferOptions::new()
        .progress_interval(Duration::ZERO)
        .cancellation(token.clone())
        .progress(move |progress| {
            if progress.bytes >= 30 {
                token.cancel();
            }
        });
    let items = [TransferItem::new("plate.exr", "id")];
    let error = transfer(&disk, &target, &items, &options).unwrap_err();
    assert!(error.is_cancelled());
    assert!(!target.exists("id").unwrap());
}

#[test]
fn bytes_that_were_written_are_counted_once() {
    let memory = MemoryAccessor::new();
    let mut upload = memory.create("plate.exr", &CreateOptions::new()).unwrap();
    upload.write_all(&[7; 95]).unwrap();
    upload.finish().unwrap();
    let items = [TransferItem::new("plate.exr", "id")];
    let summary = transfer(&memory, &sender().0, &items, &TransferOptions::new()).unwrap();
    assert_eq!(summary.bytes, 95);
}

#[test]
fn a_file_that_grows_while_it_is_sent_is_taken_back() {
    assert!(!grows_while_it_is_sent(false));
}

#[test]
fn a_file_that_grows_while_it_replaces_another_one_is_refused_and_not_removed() {
    assert!(grows_while_it_is_sent(true));
}

/// Whether there is anything in the end.
fn grows_while_it_is_sent(replaces: bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plate.exr");
    std::fs::write(&path, [7; 100]).unwrap();
    let source = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
    let (target, _) = sender();
    let options = TransferOptions::new()
        .progress_interval(Duration::ZERO)
        .progress(move |_| {
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(&path)
                .unwrap();
            file.write_all(b"more").unwrap();
        });
    let items = [TransferItem::new("plate.exr", "plate.exr").replacing(replaces)];
    let error = transfer(&source, &target, &items, &options).unwrap_err();
    assert!(
        matches!(error.failures()[0].error(), CopyError::Changed),
        "{error:?}"
    );
    target.exists("plate.exr").unwrap()
}
