//! Which file of a crate may import which: folders form floors, and nothing imports upwards.
//!
//! Read from the paths that files name. A crate with a row in the table has an order of its modules, from the ground
//! up; an import of a module of a higher floor is an error. In all crates of the table, files that import each other in
//! a circle are one too, but for a module and what it contains, and so is an import that names a thing of the crate by
//! another path than that of the module where it lives.

mod graph;
mod source;
mod table;

use std::fs;

use crate::{Outcome, root};
use graph::Crate;
use table::{CRATES, Floors};

/// What is wrong in all crates, a line each.
pub(crate) fn check() -> Outcome<Vec<String>> {
    let mut errors = Vec::new();
    for floors in CRATES {
        let krate = Crate::load(&root().join("crates").join(floors.name).join("src"))?;
        errors.extend(problems(floors, &krate));
    }
    errors.extend(without_row()?);
    Ok(errors)
}

/// Crates that have no floors.
fn without_row() -> Outcome<Vec<String>> {
    let mut errors = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if CRATES.iter().any(|floors| floors.name == name) || !entry.path().join("src").is_dir() {
            continue;
        }
        errors.push(format!(
            "{name} has no floors: add it to xtask/src/floors/table.rs"
        ));
    }
    Ok(errors)
}

fn problems(floors: &Floors, krate: &Crate) -> Vec<String> {
    let mut errors = Vec::new();
    for module in krate.top_modules() {
        if floors.floor(&module).is_none() {
            errors.push(format!(
                "{}: the module {module} is on no floor: add it to xtask/src/floors/table.rs",
                floors.name
            ));
        }
    }
    for import in krate.imports() {
        let (from, to) = (import.from.first(), import.to.first());
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        if let (Some(below), Some(above)) = (floors.floor(from), floors.floor(to))
            && below < above
        {
            errors.push(format!(
                "{}:{}: {} is an import upwards: {from} is below {to}",
                import.file(floors.name),
                import.line,
                import.path
            ));
        }
    }
    errors.extend(krate.roundabout(floors.name));
    errors.extend(krate.circles(floors));
    if let Some((module, most)) = floors.most_below {
        let lines = krate.lines_below(|top| floors.floor(top) < floors.floor(module));
        if lines > most {
            errors.push(format!(
                "{}: what is below {module} has {lines} lines, and {most} at most",
                floors.name
            ));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOORS: Floors = Floors {
        name: "made-up",
        order: &[&["ground"], &["middle", "beside"], &["roof"]],
        mutual: &[],
        most_below: Some(("roof", 5)),
    };

    fn problems_of(files: &[(&str, &str)]) -> Vec<String> {
        problems(&FLOORS, &Crate::from_files(files))
    }

    #[test]
    fn imports_downwards_are_fine() {
        let files = [
            (
                "lib.rs",
                "mod ground;\nmod roof;\npub use self::roof::Roof;",
            ),
            ("ground.rs", "pub struct Ground;"),
            ("roof.rs", "use crate::ground::Ground;\nmod tile;"),
            (
                "roof/tile.rs",
                "use super::Roof;\nuse crate::ground::Ground;",
            ),
        ];
        assert_eq!(problems_of(&files), [""; 0]);
    }

    #[test]
    fn an_import_upwards_is_named() {
        let files = [
            ("ground.rs", "\nuse crate::roof::Roof;"),
            ("roof.rs", "pub struct Roof;"),
        ];
        assert_eq!(
            problems_of(&files),
            [
                "crates/made-up/src/ground.rs:2: crate::roof::Roof is an import upwards: ground is below roof"
            ]
        );
    }

    #[test]
    fn modules_of_one_floor_do_not_import_each_other() {
        let files = [
            ("middle.rs", "use crate::beside::A;"),
            ("beside.rs", "pub struct A;"),
        ];
        assert_eq!(problems_of(&files), [""; 0], "one way is fine");
        let files = [
            ("middle.rs", "use crate::beside::A;\npub struct B;"),
            ("beside.rs", "pub struct A;\nuse crate::middle::B;"),
        ];
        let found = problems_of(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("import each other in a circle"),
            "{found:?}"
        );
        assert!(
            found[0].contains("middle.rs:1") && found[0].contains("beside.rs:2"),
            "{found:?}"
        );
    }

    #[test]
    fn a_module_and_what_it_contains_may_know_each_other_and_siblings_may_not() {
        let files = [
            (
                "roof.rs",
                "mod tile;\nuse self::tile::Tile;\npub struct Roof;",
            ),
            ("roof/tile.rs", "use super::Roof;\npub struct Tile;"),
        ];
        assert_eq!(problems_of(&files), [""; 0]);
        // Also through what the parent hands on.
        let files = [
            (
                "roof.rs",
                "pub(crate) use self::tile::Tile;\npub(crate) use self::nail::Nail;",
            ),
            ("roof/tile.rs", "use super::nail::Nail;\npub struct Tile;"),
            ("roof/nail.rs", "use super::Tile;\npub struct Nail;"),
        ];
        let found = problems_of(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("roof/nail.rs") && found[0].contains("roof/tile.rs"),
            "{found:?}"
        );
    }

    #[test]
    fn modules_that_are_imported_together_are_seen_and_so_is_what_they_hand_on() {
        let files = [
            (
                "ground.rs",
                "use crate::{middle, roof};\nfn f() { roof::g() }",
            ),
            ("middle.rs", ""),
            ("roof.rs", "pub fn g() {}"),
        ];
        let found = problems_of(&files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("crate::middle is an import upwards"));
        assert!(found[1].contains("crate::roof is an import upwards"));
        // The nail is named by a module that only hands it on.
        let files = [
            (
                "roof.rs",
                "mod nail;\nmod tile;\npub use nail::Nail;\npub use tile::Tile;",
            ),
            (
                "roof/tile.rs",
                "use crate::{ground, roof};\nfn f(nail: roof::Nail) {}",
            ),
            ("roof/nail.rs", "use super::Tile;"),
            ("ground.rs", ""),
        ];
        let found = problems_of(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("roof/tile.rs:2: roof::Nail"), "{found:?}");
        assert!(
            found[0].contains("roof/nail.rs:1: super::Tile"),
            "{found:?}"
        );
    }

    #[test]
    fn an_import_upwards_in_an_argument_is_named() {
        let files = [
            ("ground.rs", "fn f() { g(crate::roof::Roof) }"),
            ("roof.rs", "pub struct Roof;"),
        ];
        let found = problems_of(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("crate::roof::Roof is an import upwards"));
    }

    #[test]
    fn things_are_named_by_their_module_and_macros_by_the_root() {
        let files = [
            ("lib.rs", "pub use self::ground::Ground;"),
            (
                "ground.rs",
                "pub struct Ground;\nmacro_rules! values { () => {} }",
            ),
            ("roof.rs", "use crate::{Ground, values};"),
        ];
        assert_eq!(
            problems_of(&files),
            [
                "crates/made-up/src/roof.rs:1: crate::Ground goes through lib.rs: name the module, crate::ground::Ground"
            ]
        );
    }

    #[test]
    fn what_may_be_mutual_is_no_circle() {
        let files = [
            ("middle.rs", "use crate::beside::A;\npub struct B;"),
            ("beside.rs", "pub struct A;\nuse crate::middle::B;"),
        ];
        let floors = Floors {
            mutual: &["beside", "middle"],
            ..FLOORS
        };
        assert_eq!(problems(&floors, &Crate::from_files(&files)), [""; 0]);
    }

    #[test]
    fn the_page_of_the_architecture_names_every_module_of_the_crates_that_it_describes() {
        let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
        let (_, page) = page.split_once("### Floors").unwrap();
        let (page, _) = page.split_once("### Invariants").unwrap();
        let mut parts = page.split("\n- `");
        let mut described = vec![("ftrack-session", parts.next().unwrap())];
        described.extend(parts.filter_map(|part| part.split_once("`: ")));
        assert!(described.len() > 5, "{described:?}");
        for (name, said) in described {
            let floors = CRATES.iter().find(|floors| floors.name == name);
            for module in floors.unwrap().order.iter().copied().flatten() {
                let is_named = said.contains(&format!("`{module}`"));
                assert!(is_named, "{name}: {module} is not in docs/architecture.md");
            }
        }
    }

    #[test]
    fn every_crate_has_floors() {
        assert_eq!(without_row().unwrap(), [""; 0]);
    }

    #[test]
    fn a_module_without_a_floor_and_a_core_that_grows_are_named() {
        let found = problems_of(&[("new.rs", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("the module new is on no floor"),
            "{found:?}"
        );
        let found = problems_of(&[("ground.rs", "\n\n\n\n\n\n"), ("roof.rs", "\n\n\n\n\n\n")]);
        assert_eq!(
            found,
            ["made-up: what is below roof has 6 lines, and 5 at most"]
        );
    }
}
