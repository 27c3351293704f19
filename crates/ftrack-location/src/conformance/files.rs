//! Files: written whole or not at all, never replaced.

use std::io::Write;
use std::thread;

use super::support::{holds, is, read, refuses, same, start, works, write};
use super::{Case, Outcome, Storage};
use crate::accessor::{AccessorError, CreateOptions, Md5};

pub(super) const CASES: &[Case] = &[
    ("what was written is read", round_trip),
    ("a large resource is written in pieces of any size", pieces),
    ("an empty resource is a resource", empty),
    ("reading starts at any offset", offsets),
    ("what is missing is not found", missing),
    ("an upload that is dropped leaves nothing", dropped),
    ("an upload of another size is refused", sizes),
    ("an upload with another checksum is refused", checksums),
    ("many resources are written at once", at_once),
];

pub(super) const EXISTENCE_CASES: &[Case] = &[
    (
        "a resource exists from its finish to its removal",
        existence,
    ),
    ("what exists is never replaced", never_replaced),
    ("of two uploads to one place one succeeds", one_of_two),
    ("of many uploads that race one succeeds", race),
];

fn round_trip(storage: Storage<'_>) -> Outcome {
    let name = storage.name("plate.exr");
    write(storage.accessor, &name, b"pixels")?;
    holds(storage.accessor, &name, b"pixels")
}

fn pieces(storage: Storage<'_>) -> Outcome {
    let name = storage.name("large.exr");
    let content: Vec<u8> = (0..3_000_001_u32)
        .map(|number| number.to_le_bytes()[(number % 3) as usize])
        .collect();
    let options = CreateOptions::new()
        .size(content.len() as u64)
        .md5(Md5::compute(&content));
    let mut upload = works("create", storage.accessor.create(&name, &options))?;
    for piece in content.chunks(77_777) {
        works("write a piece", upload.write_all(piece))?;
    }
    works("finish", upload.finish())?;
    holds(storage.accessor, &name, &content)
}

fn empty(storage: Storage<'_>) -> Outcome {
    let name = storage.name("empty.exr");
    write(storage.accessor, &name, b"")?;
    holds(storage.accessor, &name, b"")
}

fn offsets(storage: Storage<'_>) -> Outcome {
    let name = storage.name("offsets.exr");
    write(storage.accessor, &name, b"pixels")?;
    for (offset, wanted) in [(0, &b"pixels"[..]), (3, b"els"), (6, b""), (99, b"")] {
        same(
            "what is read from there",
            &read(storage.accessor, &name, offset)?,
            &wanted.to_vec(),
        )?;
    }
    Ok(())
}

fn missing(storage: Storage<'_>) -> Outcome {
    let name = storage.name("missing.exr");
    refuses(
        "open what is missing",
        storage.accessor.open(&name),
        is!(ResourceNotFound),
    )?;
    refuses(
        "remove what is missing",
        storage.accessor.remove(&name),
        is!(ResourceNotFound),
    )
}

fn dropped(storage: Storage<'_>) -> Outcome {
    let name = storage.name("dropped.exr");
    let upload = start(
        storage.accessor,
        &name,
        b"half of the pix",
        &CreateOptions::new(),
    )?;
    drop(upload);
    refuses(
        "open it",
        storage.accessor.open(&name),
        is!(ResourceNotFound),
    )?;
    write(storage.accessor, &name, b"pixels")?;
    holds(storage.accessor, &name, b"pixels")
}

fn sizes(storage: Storage<'_>) -> Outcome {
    let name = storage.name("sizes.exr");
    for size in [5, 7] {
        let options = CreateOptions::new().size(size);
        let upload = start(storage.accessor, &name, b"pixels", &options)?;
        refuses("finish it", upload.finish(), is!(SizeMismatch))?;
        refuses(
            "open it",
            storage.accessor.open(&name),
            is!(ResourceNotFound),
        )?;
    }
    Ok(())
}

fn checksums(storage: Storage<'_>) -> Outcome {
    let name = storage.name("checksums.exr");
    let options = CreateOptions::new().md5(Md5::compute(b"pickles"));
    let upload = start(storage.accessor, &name, b"pixels", &options)?;
    refuses("finish it", upload.finish(), is!(ChecksumMismatch))?;
    refuses(
        "open it",
        storage.accessor.open(&name),
        is!(ResourceNotFound),
    )
}

fn at_once(storage: Storage<'_>) -> Outcome {
    let names: Vec<String> = (0..24)
        .map(|number| storage.name(&format!("frame.{number:04}.exr")))
        .collect();
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| write(storage.accessor, name, name.as_bytes())))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("panicked".to_owned())))
            .collect()
    });
    outcomes.into_iter().collect::<Outcome>()?;
    names
        .iter()
        .try_for_each(|name| holds(storage.accessor, name, name.as_bytes()))
}

fn existence(storage: Storage<'_>) -> Outcome {
    let Storage { accessor, .. } = storage;
    let name = storage.name("exists.exr");
    let exists = |when: &str, wanted: bool| {
        let found = (
            works("ask for existence", accessor.exists(&name))?,
            works("ask for a file", accessor.is_file(&name))?,
            works("ask for a container", accessor.is_container(&name))?,
        );
        same(
            &format!("(exists, is a file, is a container) {when}"),
            &found,
            &(wanted, wanted, false),
        )
    };
    exists("at first", false)?;
    let upload = start(accessor, &name, b"pixels", &CreateOptions::new())?;
    exists("before the finish", false)?;
    works("finish", upload.finish())?;
    exists("after the finish", true)?;
    works("remove", accessor.remove(&name))?;
    exists("after the removal", false)
}

fn never_replaced(storage: Storage<'_>) -> Outcome {
    let name = storage.name("kept.exr");
    write(storage.accessor, &name, b"pixels")?;
    let again = storage
        .accessor
        .create(&name, &CreateOptions::new())
        .and_then(|mut upload| {
            upload
                .write_all(b"others")
                .map_err(|error| AccessorError::from_io("write", &name, error))?;
            upload.finish()
        });
    refuses("write it again", again, is!(ResourceExists))?;
    holds(storage.accessor, &name, b"pixels")
}

fn one_of_two(storage: Storage<'_>) -> Outcome {
    let name = storage.name("twice.exr");
    let options = CreateOptions::new();
    let first = start(storage.accessor, &name, b"first", &options)?;
    let second = start(storage.accessor, &name, b"second", &options)?;
    works("finish the one", second.finish())?;
    refuses("finish the other", first.finish(), is!(ResourceExists))?;
    holds(storage.accessor, &name, b"second")
}

fn race(storage: Storage<'_>) -> Outcome {
    let name = storage.name("raced.exr");
    let uploads: Result<Vec<_>, _> = (0..16_u8)
        .map(|number| {
            start(
                storage.accessor,
                &name,
                &[number; 1000],
                &CreateOptions::new(),
            )
        })
        .collect();
    let winners: Vec<u8> = thread::scope(|scope| {
        let threads: Vec<_> = (0_u8..)
            .zip(uploads?)
            .map(|(number, upload)| scope.spawn(move || upload.finish().ok().map(|()| number)))
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().ok().flatten();
        Ok::<_, String>(threads.into_iter().filter_map(join).collect())
    })?;
    match winners[..] {
        [winner] => holds(storage.accessor, &name, &[winner; 1000]),
        _ => Err(format!("{} of 16 succeeded", winners.len())),
    }
}
