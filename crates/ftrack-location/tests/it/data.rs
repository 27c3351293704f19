//! The documented interface of open resources.

use std::io::SeekFrom;
use std::sync::Arc;

use ftrack_location::{Accessor, AccessorError, Data, DiskAccessor, MemoryAccessor};

fn memory() -> Arc<dyn Accessor> {
    Arc::new(MemoryAccessor::new())
}

fn write(accessor: &Arc<dyn Accessor>, name: &str, content: &[u8]) {
    let mut data = Data::create(accessor, name).unwrap();
    data.write(content).unwrap();
    data.close().unwrap();
}

#[test]
fn reading_has_a_position() {
    let accessor = memory();
    write(&accessor, "a.txt", b"0123456789");
    let mut data = Data::open(&accessor, "a.txt").unwrap();
    assert_eq!(data.read(Some(3)).unwrap(), b"012");
    assert_eq!(data.tell(), 3);
    assert_eq!(data.seek(SeekFrom::Current(2)).unwrap(), 5);
    assert_eq!(data.read(Some(2)).unwrap(), b"56");
    assert_eq!(data.seek(SeekFrom::End(-1)).unwrap(), 9);
    assert_eq!(data.read(None).unwrap(), b"9");
    assert_eq!(data.read(None).unwrap(), b"");
    assert_eq!(data.seek(SeekFrom::Start(1)).unwrap(), 1);
    assert_eq!(data.read(Some(1)).unwrap(), b"1");
    assert_eq!(data.seek(SeekFrom::Start(99)).unwrap(), 99);
    assert_eq!(data.read(None).unwrap(), b"");
    data.close().unwrap();
}

#[test]
fn there_is_nothing_before_the_start() {
    let accessor = memory();
    write(&accessor, "a.txt", b"0123");
    let mut data = Data::open(&accessor, "a.txt").unwrap();
    for to in [SeekFrom::Current(-1), SeekFrom::End(-5)] {
        let error = data.seek(to).unwrap_err();
        assert!(matches!(error, AccessorError::ResourceInvalid { .. }));
    }
    assert_eq!(data.tell(), 0);
}

#[test]
fn what_is_written_on_disk_may_be_written_over_until_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let accessor: Arc<dyn Accessor> =
        Arc::new(DiskAccessor::new(folder.path().to_str().unwrap()).unwrap());
    let mut data = Data::create(&accessor, "a.txt").unwrap();
    data.write(b"____ pixels").unwrap();
    assert_eq!(data.tell(), 11);
    data.seek(SeekFrom::Start(0)).unwrap();
    data.write(b"more").unwrap();
    data.flush().unwrap();
    assert!(!accessor.exists("a.txt").unwrap());
    data.close().unwrap();
    assert_eq!(
        std::fs::read(folder.path().join("a.txt")).unwrap(),
        b"more pixels"
    );
}

#[test]
fn reading_and_writing_are_apart() {
    let accessor = memory();
    let mut data = Data::create(&accessor, "a.txt").unwrap();
    let is_unsupported =
        |error: AccessorError| matches!(error, AccessorError::UnsupportedOperation { .. });
    assert!(is_unsupported(data.read(None).unwrap_err()));
    assert!(is_unsupported(data.seek(SeekFrom::Start(0)).unwrap_err()));
    data.close().unwrap();
    let mut data = Data::open(&accessor, "a.txt").unwrap();
    assert!(is_unsupported(data.write(b"a").unwrap_err()));
}

#[test]
fn data_that_is_dropped_leaves_nothing() {
    let accessor = memory();
    let mut data = Data::create(&accessor, "a.txt").unwrap();
    data.write(b"half").unwrap();
    drop(data);
    assert!(!accessor.exists("a.txt").unwrap());
    assert!(matches!(
        Data::open(&accessor, "a.txt").unwrap_err(),
        AccessorError::ResourceNotFound { .. }
    ));
}
