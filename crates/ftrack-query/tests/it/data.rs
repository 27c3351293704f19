//! The cases in `test_data`: a query in each `.query` file, and beside it what is expected.
//!
//! `FTRACK_UPDATE_EXPECTATIONS=1 cargo test` writes the expectations anew; read the
//! difference before you keep it.

use std::fs;
use std::path::{Path, PathBuf};

use ftrack_query::{Query, Split};

use crate::tree;

/// The queries of a folder, in the order of their names.
fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("test_data")
        .join(folder);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "query")
        })
        .collect();
    cases.sort();
    cases
}

/// The text of a case, without the newline that ends the file.
fn text_of(case: &Path) -> String {
    let text = fs::read_to_string(case).unwrap();
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

/// Runs every case of a folder and reports all that differ at once.
fn run(folder: &str, expected_extension: &str, actual: impl Fn(&str) -> Result<String, String>) {
    let update = std::env::var_os("FTRACK_UPDATE_EXPECTATIONS").is_some();
    let cases = cases(folder);
    let mut failures = Vec::new();
    for case in &cases {
        let name = case.file_stem().unwrap().to_string_lossy();
        match actual(&text_of(case)) {
            Ok(actual) => {
                let expected = case.with_extension(expected_extension);
                if update {
                    fs::write(&expected, &actual).unwrap();
                }
                let expected = fs::read_to_string(expected).unwrap_or_default();
                if actual != expected {
                    failures.push(format!("{name}\nexpected:\n{expected}\nactual:\n{actual}"));
                }
            }
            Err(failure) => failures.push(format!("{name}: {failure}")),
        }
    }
    assert!(cases.len() > 30, "only {} cases in {folder}", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn queries_have_their_trees() {
    run("ok", "tree", |text| {
        let query = Query::parse(text).map_err(|error| error.render())?;
        let printed = query.to_string();
        let again = Query::parse(&printed).map_err(|error| error.render())?;
        if again != query {
            return Err(format!("`{printed}` parses to another tree"));
        }
        if again.to_string() != printed {
            return Err(format!("`{printed}` is not canonical"));
        }
        Ok(tree::show(&query))
    });
}

#[test]
fn splits_agree_with_trees() {
    for case in cases("ok") {
        let text = text_of(&case);
        let query = Query::parse(&text).unwrap();
        let split = Split::new(&text);
        assert_eq!(split.entity_type(), Some(query.entity_type()), "{text}");
        assert_eq!(
            split.has_projections(),
            query.projections().is_some() || !query.aggregates().is_empty(),
            "{text}"
        );
        assert_eq!(split.is_grouped(), !query.group_by().is_empty(), "{text}");
        assert_eq!(split.offset(), query.offset(), "{text}");
        assert_eq!(split.limit(), query.limit(), "{text}");

        let page = query.to_builder().offset(20).limit(10).build().unwrap();
        assert_eq!(Query::parse(&split.page(20, 10)), Ok(page), "{text}");
    }
}

#[test]
fn mistakes_have_their_messages() {
    run("err", "message", |text| match Query::parse(text) {
        Ok(query) => Err(format!("was read as `{query}`")),
        Err(error) => Ok(format!("{error}\n\n{}\n", error.render())),
    });
}
