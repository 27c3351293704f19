//! Depth and size.

use std::fmt::Write;

use ftrack_query::{
    AttributeKind, BuildError, Filter, InList, MAX_DEPTH, MAX_LENGTH, MAX_PATH, Query, SchemaView,
    attr,
};

/// Runs on a stack that is far smaller than that of any ordinary thread.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap()
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!(
        "Task where {}{inner}{}",
        open.repeat(levels),
        close.repeat(levels)
    )
}

/// Types in which every attribute is a relation to more of the same.
struct Everything;

impl SchemaView for Everything {
    fn entity_types(&self) -> Vec<&str> {
        vec!["Task"]
    }

    fn attributes(&self, _: &str) -> Vec<&str> {
        Vec::new()
    }

    fn attribute(&self, _: &str, attribute: &str) -> Option<AttributeKind> {
        match attribute {
            "parent" => Some(AttributeKind::Reference("Task".to_owned())),
            "children" => Some(AttributeKind::Collection("Task".to_owned())),
            _ => Some(AttributeKind::Scalar),
        }
    }
}

/// Every way to nest, with the level that one use of it counts as.
const NESTINGS: [(&str, &str, usize); 6] = [
    ("(", ")", 1),
    ("not ", "", 1),
    ("not (", " or b is 2)", 2),
    ("parent has (", ")", 1),
    ("children any (c is 3 and (", " or d is 4))", 2),
    (
        "id in (select id from Task where ",
        " order by name limit 5)",
        1,
    ),
];

#[test]
fn everything_works_at_the_greatest_depth_on_a_small_stack() {
    for (open, close, levels) in NESTINGS {
        let text = nested(open, "a is 1", close, MAX_DEPTH / levels);
        on_a_small_stack(move || {
            let query = Query::parse(&text).unwrap_or_else(|error| panic!("{}", error.render()));
            let printed = query.to_string();
            assert_eq!(Query::parse(&printed).as_ref(), Ok(&query));
            assert_eq!(query.check(&Everything), []);
            assert_eq!(
                query.to_builder().limit(1).build().unwrap().filter(),
                query.filter()
            );
        });
    }
}

#[test]
fn one_level_more_is_an_error() {
    for (open, close, levels) in NESTINGS {
        let text = nested(open, "a is 1", close, MAX_DEPTH / levels + 1);
        let error = Query::parse(&text).unwrap_err();
        assert_eq!(
            error.message(),
            "conditions are nested deeper than 128 levels",
            "{text}"
        );
    }
}

#[test]
fn a_builder_stops_at_the_same_depth() {
    let filter = |levels: usize| {
        let inner = ftrack_query::attr("a").is(1);
        (0..levels).fold(inner, |filter, _| ftrack_query::attr("parent").has(filter))
    };
    let build = |levels| Query::from("Task").filter(filter(levels)).build();
    let query = build(MAX_DEPTH).unwrap();
    assert_eq!(Query::parse(&query.to_string()), Ok(query));
    assert_eq!(build(MAX_DEPTH + 1), Err(ftrack_query::BuildError::TooDeep));
    assert!(
        filter(MAX_DEPTH + 100)
            .to_string()
            .contains("<nested too deeply>")
    );
}

#[test]
fn huge_texts_end_quickly_and_on_a_small_stack() {
    let size = 10 * 1024 * 1024;
    for unit in [
        "(",
        "not ",
        "a is 1 and ",
        "\"",
        "\\",
        "x",
        "a has (",
        ")",
        "in (",
        " ",
        "ä",
    ] {
        let text = format!("Task where {}", unit.repeat(size / unit.len()));
        let error = on_a_small_stack(move || Query::parse(&text).unwrap_err());
        assert!(error.message().contains("longer than"), "{error}");
    }
}

#[test]
fn long_texts_end_on_a_small_stack() {
    // An eighth of what is let in, as this is slow without optimisation.
    let size = MAX_LENGTH / 8;
    let front = "Task where ";
    for unit in [
        "(", "not ", "a is \"", "\\", "x.", "a has (", ")", "a in (", " ", "ä",
    ] {
        let text = format!("{front}{}", unit.repeat(size / unit.len()));
        let error = on_a_small_stack(move || Query::parse(&text).unwrap_err());
        assert!(error.render().len() < 1000, "{unit}");
    }
}

#[test]
fn a_long_chain_is_one_flat_list() {
    let text = "a is 1 and not b is \"x\" and ".repeat(10_000) + "c is 2";
    let filter = on_a_small_stack(move || Filter::parse(&text).unwrap());
    let Filter::And(parts) = &filter else {
        panic!("{filter:?}")
    };
    assert_eq!(parts.len(), 20_001);
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
}

fn ids(count: usize) -> String {
    let mut text = String::from("Task where id in (");
    for number in 0..count {
        let separator = if number == 0 { "" } else { ", " };
        write!(
            text,
            "{separator}\"{number:08x}-eaf9-11e5-b165-00505681ec7a\""
        )
        .unwrap();
    }
    text + ")"
}

#[test]
fn a_long_list_of_ids_is_read_whole() {
    let text = ids(10_000);
    let filter = on_a_small_stack(move || Query::parse(&text).unwrap().filter().cloned());
    let Some(Filter::In {
        list: InList::Values(values),
        ..
    }) = filter
    else {
        panic!("{filter:?}")
    };
    assert_eq!(values.len(), 10_000);
    assert_eq!(
        values[9_999].text(),
        Some("0000270f-eaf9-11e5-b165-00505681ec7a")
    );
}

#[test]
fn a_path_has_so_many_attributes_wherever_it_stands() {
    let path = |length: usize| format!("{}[Shot].name", vec!["parent"; length - 1].join("."));
    for frame in [
        "select PATH from Task",
        "Task where PATH is x",
        "Task where not (PATH in (x) or a is b)",
        "Task where PATH any ()",
        "Task where PATH has (a is b)",
        "Task where a has (PATH like x)",
        "Task where id in (select PATH from Task)",
        "Task order by a, PATH descending",
    ] {
        let text = |length| frame.replace("PATH", &path(length));
        assert!(Query::parse(&text(MAX_PATH)).is_ok(), "{frame}");
        let error = Query::parse(&text(MAX_PATH + 1)).unwrap_err();
        assert_eq!(
            error.message(),
            format!("the path has more than {MAX_PATH} attributes")
        );
        assert_eq!(error.span().start, frame.find("PATH").unwrap());
        assert!(Query::parse(&text(7_300)).is_err());
    }
    let names = "name in (\"a.b\", 1.2.3, x/y.z)";
    let long = format!("Task where {names} and name is {}", "1.".repeat(500) + "1");
    assert!(
        Query::parse(&long).is_ok(),
        "values may have as many dots as they like"
    );
    let build = |length| {
        Query::from("Task")
            .filter(attr(path(length).as_str()).is("x"))
            .build()
    };
    assert!(build(MAX_PATH).is_ok());
    assert_eq!(build(MAX_PATH + 1), Err(BuildError::PathTooLong));
}
