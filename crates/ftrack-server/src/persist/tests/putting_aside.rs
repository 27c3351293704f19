//! Large batches that are put aside before they are stored.

use super::*;
use crate::persist::{Stage, encode};
use crate::store::Change;

/// What a large batch makes of a store: many scopes more, one of those that were there gone, another one changed.
fn large(store: &Store) -> (Store, Vec<Change>) {
    let mut next = store.clone();
    let mut changes = Vec::new();
    for number in 0..70 {
        let (added, row) = add_scope(&next, &format!("large {number}"));
        next = added;
        changes.push(Change::Row(row));
    }
    let scope = store.catalog().find("Scope").unwrap().id;
    let rows: Vec<RowRef> = store.rows(scope).collect();
    let mut transaction = Transaction::new(&mut next);
    transaction.delete(rows[0]);
    transaction.set_named(rows[1], "name", Value::text("changed"));
    transaction.set_custom(rows[1], 7, Some(Value::text("custom")));
    changes.extend(transaction.changes());
    (next, changes)
}

/// A folder with three scopes.
fn begin(disk: &Disk) -> Store {
    let mut store = Store::new(catalog());
    for name in ["first", "second", "third"] {
        let (next, row) = add_scope(&store, name);
        write(disk, &next, row).unwrap();
        store = next;
    }
    store
}

fn put_aside(disk: &Disk, store: &Store, changes: &[Change]) -> Result<Option<Stage>, Error> {
    disk.put_aside(store.catalog(), &encode(store, changes))
}

/// Stores a batch of which everything but the last change is put aside.
fn keep(disk: &Disk, store: &Store, changes: &[Change], stage: Option<Stage>) -> Result<(), Error> {
    let encoded = encode(store, &changes[..changes.len() - 1]);
    let step = Step {
        encoded: &encoded,
        staged: stage,
        ..Step::new(store, changes)
    };
    disk.write(step, Vec::new)
}

fn custom(disk: &Disk) -> usize {
    let mut store = Store::new(catalog());
    disk.load(&mut store).unwrap();
    store.custom().iter().count()
}

#[test]
fn what_is_put_aside_counts_when_its_batch_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let store = begin(&disk);
    let (next, changes) = large(&store);
    let aside = &changes[..changes.len() - 1];
    assert!(put_aside(&disk, &next, aside).unwrap().is_some());
    assert_eq!(scopes(&disk), scopes_of(&store), "nobody sees it");
    drop(disk);
    let disk = Disk::open(folder.path()).unwrap();
    assert_eq!(scopes(&disk), scopes_of(&store), "it was not stored");

    let stage = put_aside(&disk, &next, aside).unwrap();
    // Others write in between.
    let (mut next, row) = add_scope(&next, "beside");
    write(&disk, &next, row).unwrap();
    keep(&disk, &next, &changes, stage).unwrap();
    // What comes later takes the place of what is put aside, and is not taken back.
    let Change::Row(first) = changes[0] else {
        panic!("a row is added first")
    };
    let Change::Row(second) = changes[1] else {
        panic!("and another one")
    };
    Transaction::new(&mut next).set_named(first, "name", Value::text("later"));
    Transaction::new(&mut next).delete(second);
    for row in [first, second] {
        write(&disk, &next, row).unwrap();
    }
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    disk.settle().unwrap();
    assert_eq!(scopes(&disk), scopes_of(&next));
    assert_eq!(custom(&disk), 1);
    drop(disk);
    // As if it had ended before it was moved.
    for folder in [folder.path(), copy.path()] {
        let again = Disk::open(folder).unwrap();
        assert_eq!(scopes(&again), scopes_of(&next));
        assert_eq!(custom(&again), 1);
    }
}

#[test]
fn what_was_put_aside_before_everything_was_stored_anew_is_stored_with_its_batch() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let store = begin(&disk);
    let (next, changes) = large(&store);
    let stage = put_aside(&disk, &next, &changes[..changes.len() - 1]).unwrap();
    disk.replace(&store, &[]).unwrap();
    keep(&disk, &next, &changes, stage).unwrap();
    assert_eq!(scopes(&disk), scopes_of(&next));
    disk.settle().unwrap();
    assert_eq!(scopes(&disk), scopes_of(&next));
}

#[test]
fn memory_and_disk_are_the_same_wherever_a_large_batch_fails() {
    for panics in [false, true] {
        let mut kept = 0;
        for left in (0..150).step_by(3) {
            let folder = tempfile::tempdir().unwrap();
            let disk = Disk::open_with(folder.path(), open_failing).unwrap();
            let mut store = begin(&disk);
            let (next, changes) = large(&store);
            LEFT.set(left);
            PANICS.set(panics);
            let stage = put_aside(&disk, &next, &changes[..changes.len() - 1]);
            let outcome = stage.and_then(|stage| keep(&disk, &next, &changes, stage));
            let settled = disk.settle();
            LEFT.set(i64::MAX);
            if outcome.is_ok() {
                store = next;
                kept += 1;
            }
            // There is room again.
            let (next, row) = add_scope(&store, "after");
            write(&disk, &next, row).unwrap();
            disk.settle().unwrap();
            assert_eq!(scopes(&disk), scopes_of(&next), "after {left}: {settled:?}");
            drop(disk);
            let again = Disk::open(folder.path()).unwrap();
            assert_eq!(scopes(&again), scopes_of(&next), "after {left}");
        }
        assert!((1..50).contains(&kept), "some fail and some do not: {kept}");
    }
}
