//! What becomes of data when the disk is full, fails, or damages it.

mod putting_aside;

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend};

use super::{Disk, FILE_NAME, Step};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::schema::Schema;
use crate::store::{RowRef, Store, Transaction};
use crate::value::Value;

thread_local! {
    /// How many writes and synchronisations of this thread succeed before all of them fail.
    static LEFT: std::cell::Cell<i64> = const { std::cell::Cell::new(i64::MAX) };
    /// Whether it panics rather than failing.
    static PANICS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// A disk that fails when told to.
#[derive(Debug)]
struct Failing(FileBackend);

impl Failing {
    fn spend() -> io::Result<()> {
        LEFT.set(LEFT.get().saturating_sub(1));
        if LEFT.get() >= 0 {
            return Ok(());
        }
        assert!(!PANICS.get(), "a test lets the disk panic");
        Err(io::Error::from(io::ErrorKind::StorageFull))
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::spend()?;
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Self::spend()?;
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Self::spend()?;
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

fn open_failing(builder: &Builder, path: &Path) -> Result<Database, DatabaseError> {
    let mut options = std::fs::OpenOptions::new();
    let file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| DatabaseError::Storage(redb::StorageError::from(error)))?;
    builder.create_with_backend(Failing(FileBackend::new(file)?))
}

fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    Arc::clone(CATALOG.get_or_init(|| Arc::new(Catalog::new(&Schema::builtin()))))
}

/// A store with one more scope than before, and the batch that added it.
fn add_scope(store: &Store, name: &str) -> (Store, RowRef) {
    let mut store = store.clone();
    let info = store.catalog().find("Scope").unwrap();
    let (type_id, slots) = (info.id, info.slots.len());
    let id = store.catalog().slot(type_id, "id").unwrap();
    let name_slot = store.catalog().slot(type_id, "name").unwrap();
    let mut values = vec![Value::Null; slots];
    values[id] = Value::fresh_id();
    values[name_slot] = Value::text(name);
    let row = Transaction::new(&mut store).insert(type_id, values);
    (store, row)
}

fn write(disk: &Disk, store: &Store, row: RowRef) -> Result<(), Error> {
    let changes = [crate::store::Change::Row(row)];
    disk.write(Step::new(store, &changes), Vec::new)
}

/// The names of the scopes on a disk.
fn scopes(disk: &Disk) -> Vec<String> {
    let mut store = Store::new(catalog());
    disk.load(&mut store).unwrap();
    scopes_of(&store)
}

fn scopes_of(store: &Store) -> Vec<String> {
    let scope = store.catalog().find("Scope").unwrap().id;
    let rows = store.rows(scope);
    rows.map(|row| store.named(row, "name").to_text()).collect()
}

#[test]
fn memory_and_disk_are_the_same_whenever_the_disk_fails() {
    for panics in [false, true] {
        let mut stored = 0;
        for left in 0..60 {
            let folder = tempfile::tempdir().unwrap();
            let disk = Disk::open_with(folder.path(), open_failing).unwrap();
            let (mut store, row) = add_scope(&Store::new(catalog()), "first");
            write(&disk, &store, row).unwrap();
            let (next, row) = add_scope(&store, "second");
            LEFT.set(left);
            PANICS.set(panics);
            let outcome = write(&disk, &next, row);
            LEFT.set(i64::MAX);
            if outcome.is_ok() {
                store = next;
                stored += 1;
            }
            // There is room again: writing works, and what was refused is gone.
            let (next, row) = add_scope(&store, "third");
            write(&disk, &next, row).unwrap();
            assert_eq!(scopes(&disk), scopes_of(&next), "after {left} writes");
            drop(disk);
            let again = Disk::open(folder.path()).unwrap();
            assert_eq!(scopes(&again), scopes_of(&next), "after {left} writes");
        }
        assert!(
            (1..60).contains(&stored),
            "some fail and some do not: {stored}"
        );
    }
}

#[test]
fn a_disk_that_stays_full_refuses_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open_with(folder.path(), open_failing).unwrap();
    let (store, row) = add_scope(&Store::new(catalog()), "first");
    write(&disk, &store, row).unwrap();
    LEFT.set(0);
    for attempt in 0..5 {
        let (next, row) = add_scope(&store, "refused");
        assert!(write(&disk, &next, row).is_err(), "attempt {attempt}");
    }
    LEFT.set(i64::MAX);
    let (next, row) = add_scope(&store, "second");
    write(&disk, &next, row).unwrap();
    assert_eq!(scopes(&disk), ["first", "second"]);
}

/// Fills a folder with a few batches; what is in it.
fn fill(folder: &Path) -> Vec<String> {
    let disk = Disk::open(folder).unwrap();
    let mut store = Store::new(catalog());
    for number in 0..40 {
        let (next, row) = add_scope(&store, &format!("scope {number} {}", "x".repeat(200)));
        write(&disk, &next, row).unwrap();
        store = next;
    }
    scopes_of(&store)
}

/// What there is to be read in a folder: all that was there, or an error that says that it is damaged.
fn read_damaged(folder: &Path, whole: &[String]) -> Result<(), Error> {
    let disk = Disk::open(folder)?;
    let mut store = Store::new(catalog());
    disk.load(&mut store)?;
    assert_eq!(scopes_of(&store), whole, "never other data without a word");
    Ok(())
}

#[test]
fn damage_at_any_of_200_places_is_an_error_or_does_no_harm() {
    let (mut damages, mut reported) = (0, 0);
    let folder = tempfile::tempdir().unwrap();
    let whole = fill(folder.path());
    let file = folder.path().join(FILE_NAME);
    let sound = std::fs::read(&file).unwrap();
    let places = (0..200_usize).map(|place| place * sound.len() / 200);
    for place in places {
        for damage in 0..3_u32 {
            let mut bytes = sound.clone();
            match damage {
                0 => bytes.truncate(place),
                1 => bytes[place] ^= 1 << (place % 8),
                // The beginning, where the structure stands, is hit more often than by chance.
                _ => bytes[place % 4096] ^= 1 << ((place / 7) % 8),
            }
            std::fs::write(&file, &bytes).unwrap();
            damages += 1;
            if let Err(error) = read_damaged(folder.path(), &whole) {
                assert!(
                    matches!(error, Error::Corrupt { .. } | Error::Data { .. }),
                    "{error:?}"
                );
                reported += 1;
            }
            std::fs::write(&file, &sound).unwrap();
        }
    }
    assert_eq!(damages, 600);
    assert!(reported > 200, "{reported}");
    read_damaged(folder.path(), &whole).unwrap();
}

#[test]
fn a_state_from_before_the_last_batch_is_not_taken_for_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fill(folder.path());
    let file = folder.path().join(FILE_NAME);
    let before = std::fs::read(&file).unwrap();
    {
        let disk = Disk::open(folder.path()).unwrap();
        let mut store = Store::new(catalog());
        disk.load(&mut store).unwrap();
        let (next, row) = add_scope(&store, "last");
        write(&disk, &next, row).unwrap();
    }
    std::fs::write(&file, before).unwrap();
    let error = read_damaged(folder.path(), &whole).unwrap_err();
    assert!(error.to_string().contains("are missing"), "{error}");
}

#[test]
fn an_empty_or_missing_file_is_not_a_new_server() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let file = folder.path().join(FILE_NAME);
    for remove in [false, true] {
        if remove {
            std::fs::remove_file(&file).unwrap();
        } else {
            std::fs::write(&file, "").unwrap();
        }
        let error = Disk::open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
    assert!(!file.exists(), "nothing was made in its place");
}
