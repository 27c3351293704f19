//! Containers, and paths through them.

use super::support::{holds, is, refuses, same, start, works, write};
use super::{Case, Outcome, Storage};
use crate::accessor::{AccessorError, CreateOptions};

pub(super) const CASES: &[Case] = &[
    ("containers are made, one or all on the way", making),
    ("containers list what is in them", listing),
    ("an unfinished upload is not listed", unfinished),
    ("only empty containers are removed", removing),
    ("files and containers are not taken for each other", kinds),
    ("a file needs its container", parents),
    ("the container of a resource is known", container_of),
    ("identifiers mean the same with `.` and `..`", normal),
    ("no identifier leads out", leading_out),
    ("sequences are found", sequences),
];

fn making(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    refuses(
        "make a container without its parent",
        accessor.make_container("bunny/010/plates", false),
        is!(ParentResourceNotFound),
    )?;
    works(
        "make containers",
        accessor.make_container("bunny/010/plates", true),
    )?;
    works(
        "make it again",
        accessor.make_container("bunny/010/plates", true),
    )?;
    works("and again", accessor.make_container("bunny/010", false))?;
    works("make one", accessor.make_container("bunny/020", false))?;
    for container in ["", "bunny", "bunny/010", "bunny/010/plates", "bunny/020"] {
        let found = works("ask for a container", accessor.is_container(container))?;
        same(&format!("{container:?} being a container"), &found, &true)?;
    }
    Ok(())
}

fn listing(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works(
        "make containers",
        accessor.make_container("bunny/plates", true),
    )?;
    write(accessor, "bunny/b.exr", b"pixels")?;
    write(accessor, "bunny/a.exr", b"pixels")?;
    write(accessor, "bunny/plates/c.exr", b"pixels")?;
    let wanted = ["bunny/a.exr", "bunny/b.exr", "bunny/plates"].map(str::to_owned);
    let found = works("list", accessor.list("bunny"))?;
    same("the listing", &found, &wanted.to_vec())?;
    let outermost = works("list the outermost container", accessor.list(""))?;
    same("its listing", &outermost, &vec!["bunny".to_owned()])?;
    refuses(
        "list a file",
        accessor.list("bunny/a.exr"),
        is!(ResourceInvalid),
    )?;
    refuses(
        "list what is missing",
        accessor.list("missing"),
        is!(ResourceNotFound),
    )
}

fn unfinished(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    let upload = start(accessor, "bunny/a.exr", b"pixels", &CreateOptions::new())?;
    let nothing = Vec::<String>::new();
    let before = works("list", accessor.list("bunny"))?;
    same("the listing before the finish", &before, &nothing)?;
    drop(upload);
    let after = works("list", accessor.list("bunny"))?;
    same("the listing after the drop", &after, &nothing)?;
    works("remove the container", accessor.remove_container("bunny"))
}

fn removing(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    write(accessor, "bunny/a.exr", b"pixels")?;
    refuses(
        "remove a container with a file",
        accessor.remove_container("bunny"),
        is!(ContainerNotEmpty),
    )?;
    refuses(
        "remove it as any resource",
        accessor.remove("bunny"),
        is!(ContainerNotEmpty),
    )?;
    refuses(
        "remove a file as a container",
        accessor.remove_container("bunny/a.exr"),
        is!(ResourceInvalid),
    )?;
    holds(accessor, "bunny/a.exr", b"pixels")?;
    works("remove the file", accessor.remove("bunny/a.exr"))?;
    works("remove the container", accessor.remove_container("bunny"))?;
    let exists = works("ask for existence", accessor.exists("bunny"))?;
    same("its existence", &exists, &false)?;
    refuses(
        "remove it twice",
        accessor.remove_container("bunny"),
        is!(ResourceNotFound),
    )
}

fn kinds(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    write(accessor, "a.exr", b"pixels")?;
    refuses(
        "read a container",
        accessor.open("bunny"),
        is!(ResourceInvalid),
    )?;
    refuses(
        "put a file where a container is",
        accessor.create("bunny", &CreateOptions::new()),
        is!(ResourceExists),
    )?;
    refuses(
        "make a container where a file is",
        accessor.make_container("a.exr", true),
        is!(ResourceInvalid),
    )?;
    let found = (
        works("ask for a file", accessor.is_file("bunny"))?,
        works("ask for a container", accessor.is_container("bunny"))?,
        works("ask for a file", accessor.is_file("a.exr"))?,
        works("ask for a container", accessor.is_container("a.exr"))?,
    );
    same(
        "(file, container) of the container and the file",
        &found,
        &(false, true, true, false),
    )
}

fn parents(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    refuses(
        "create a file without its container",
        accessor.create("missing/a.exr", &CreateOptions::new()),
        is!(ParentResourceNotFound),
    )?;
    let exists = works("ask for existence", accessor.exists("missing"))?;
    same("the existence of the container", &exists, &false)
}

fn container_of(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    for (name, wanted) in [
        ("bunny/010/a.exr", "bunny/010"),
        ("bunny/010", "bunny"),
        ("bunny", ""),
    ] {
        let found = works("get the container", accessor.container(name))?;
        same(
            &format!("the container of {name:?}"),
            &found.as_str(),
            &wanted,
        )?;
    }
    refuses(
        "get the container of the outermost one",
        accessor.container(""),
        is!(ParentResourceNotFound),
    )
}

fn normal(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    write(accessor, "bunny/../bunny/./a.exr", b"pixels")?;
    holds(accessor, "bunny/a.exr", b"pixels")
}

fn leading_out(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    let is_refusal = is!(ResourceIdentifier | FilesystemPath | ParentResourceNotFound);
    for name in [
        "..",
        "../a.exr",
        "bunny/../../a.exr",
        "/ftrack-outside.exr",
        "/",
    ] {
        refuses(
            &format!("create {name:?}"),
            accessor.create(name, &CreateOptions::new()),
            is_refusal,
        )?;
        refuses(&format!("open {name:?}"), accessor.open(name), is_refusal)?;
        refuses(&format!("list {name:?}"), accessor.list(name), is_refusal)?;
        refuses(
            &format!("make {name:?}"),
            accessor.make_container(name, true),
            is_refusal,
        )?;
        refuses(
            &format!("remove {name:?}"),
            accessor.remove(name),
            is_refusal,
        )?;
    }
    Ok(())
}

fn sequences(Storage { accessor, .. }: Storage<'_>) -> Outcome {
    works("make a container", accessor.make_container("bunny", true))?;
    for frame in [1, 2, 4] {
        write(accessor, &format!("bunny/plate.{frame:04}.exr"), b"pixels")?;
    }
    for (name, wanted) in [
        ("bunny/plate.%04d.exr", true),
        ("bunny/plate.%04d.exr [1-2, 4]", true),
        ("bunny/plate.%04d.exr [1-4]", false),
        ("bunny/plate.%d.exr", false),
        ("bunny/plate.0001.exr", false),
        ("bunny/mask.%04d.exr", false),
        ("missing/plate.%04d.exr", false),
        ("bunny", false),
    ] {
        let found = works("ask for a sequence", accessor.is_sequence(name))?;
        same(&format!("{name:?} being a sequence"), &found, &wanted)?;
    }
    Ok(())
}
