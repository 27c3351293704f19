//! What the builder makes, and what it refuses.

use std::hash::{DefaultHasher, Hash, Hasher};

use ftrack_query::{
    BuildError, Filter, InList, Literal, Number, Path, Query, Segment, Span, attr, average, count,
    maximum, minimum, sum,
};

#[test]
fn every_condition_says_what_its_text_says() {
    let ids = vec![String::from("x")];
    let cases = [
        (attr("name").is("010"), r#"name is "010""#),
        (attr("name").is_not(String::from("a")), r#"name is_not "a""#),
        (attr("bid").greater_than(1), "bid > 1"),
        (attr("bid").less_than(-1.5), "bid < -1.5"),
        (
            attr("bid").at_least(u64::MAX),
            "bid >= 18446744073709551615",
        ),
        (attr("bid").at_most(1e300), "bid <= 1e300"),
        (attr("start").after("2015-06-01"), r#"start > "2015-06-01""#),
        (attr("end").before("2015-06-01"), r#"end < "2015-06-01""#),
        (attr("name").like("%thrones"), r#"name like "%thrones""#),
        (
            attr("name").not_like("%thrones"),
            r#"name not_like "%thrones""#,
        ),
        (attr("active").is(true), "active is true"),
        (attr("asset").is_null(), "asset is null"),
        (attr("asset").is_set(), "asset is_not null"),
        (attr("asset_id").is(None::<String>), "asset_id is null"),
        (attr("asset_id").is(Some("x")), r#"asset_id is "x""#),
        (attr("a.b").is_in(["x", "y"]), r#"a.b in ("x", "y")"#),
        (attr("a").not_in(vec![1, 2]), "a not_in (1, 2)"),
        (attr("a").contains("5%_\\"), r#"a like "%5\%\_\\%""#),
        (attr("a").starts_with("x"), r#"a like "x%""#),
        (attr("a").ends_with("x"), r#"a like "%x""#),
        (
            attr("a").is_in((1..4).collect::<InList>()),
            "a in (1, 2, 3)",
        ),
        (attr("a").is_in(&ids), r#"a in ("x")"#),
        (attr("a").is_in(&["x"][..]), r#"a in ("x")"#),
        (
            attr("a").is_in(Query::from("Task")),
            "a in (select id from Task)",
        ),
        (
            attr("author").has(attr("name").is("x")),
            r#"author has (name is "x")"#,
        ),
        (
            attr("parent[Shot].tasks").any(attr("bid").is(1)),
            "parent[Shot].tasks any (bid is 1)",
        ),
        (attr("timelogs").is_not_empty(), "timelogs any ()"),
        (attr("timelogs").is_empty(), "not timelogs any ()"),
    ];
    for (filter, text) in cases {
        assert_eq!(filter.to_string(), text);
        assert_eq!(filter.validate(), Ok(()), "{text}");
        assert_eq!(Filter::parse(text), Ok(filter), "{text}");
    }
}

#[test]
fn what_belongs_to_a_query_is_said_where_a_filter_is_wanted() {
    for (text, clause, mark) in [
        ("name is x limit 5", "limit", "          ^^^^^^^"),
        ("name is x offset 5", "offset", "          ^^^^^^^^"),
        (
            "name is x order by name",
            "order by",
            "          ^^^^^^^^^^^^^",
        ),
    ] {
        let error = Filter::parse(text).unwrap_err();
        let expected = format!("`{clause}` belongs to a query and not to its conditions");
        assert!(error.to_string().starts_with(&expected), "{error}");
        let shown = error.render();
        assert!(
            shown.contains(&format!("1 | {text}\n  | {mark}")),
            "{shown}"
        );
    }
    let whole = Filter::parse("Task where name is x limit 5").unwrap_err();
    assert!(
        whole.to_string().contains("this is a whole query"),
        "{whole}"
    );
}

#[test]
fn combined_conditions_keep_their_meaning() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| attr(name).is(1));
    let filter = (a.clone() | b.clone()) & !(c.clone() & d.clone()) & (a.clone() & d.clone());
    assert_eq!(
        filter.to_string(),
        "(a is 1 or b is 1) and not (c is 1 and d is 1) and a is 1 and d is 1"
    );
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    assert_eq!(a.clone().or(b.clone()), a.clone() | b.clone());
    assert_eq!(a.clone().and(b.clone()), a.clone() & b.clone());
    assert_eq!(
        Filter::any_of([a.clone(), b.clone() | c.clone()]),
        Some(a.clone() | b | c)
    );
    assert_eq!(Filter::any_of([]), None);
    assert_eq!(Filter::all_of([a.clone()]), Some(a));
}

#[test]
fn a_query_has_all_its_clauses() {
    let query = Query::from("Task")
        .select(["name"])
        .select(vec![String::from("status.name")])
        .select(Vec::<&str>::new())
        .filter(attr("bid").is(1) | attr("bid").is(2))
        .filter(attr("name").is("x"))
        .order_by_descending("status.sort")
        .order_by("name")
        .limit(10)
        .offset(20)
        .build()
        .unwrap();
    let text = r#"select name, status.name from Task where (bid is 1 or bid is 2) and name is "x" order by status.sort descending, name offset 20 limit 10"#;
    assert_eq!(query.to_string(), text);
    assert_eq!(Query::parse(text), Ok(query));
}

#[test]
fn a_query_of_groups_has_all_its_clauses() {
    let query = Query::from("Task")
        .select(["status_id"])
        .aggregate([count("id"), sum("bid"), average("bid")])
        .aggregate([minimum("bid"), maximum("bid")])
        .filter(attr("name").is("x"))
        .group_by(["project_id", "status_id"])
        .order_by_descending("count_id")
        .limit(10)
        .build()
        .unwrap();
    let text = r#"select status_id, count(id), sum(bid), avg(bid), min(bid), max(bid) from Task where name is "x" group by project_id, status_id order by count_id descending limit 10"#;
    assert_eq!(query.to_string(), text);
    assert_eq!(Query::parse(text), Ok(query));
}

#[test]
fn functions_and_groups_have_to_go_together() {
    let task = || Query::from("Task");
    let missing = BuildError::GroupByMissing {
        function: "count(id)".into(),
    };
    assert_eq!(task().aggregate([count("id")]).build(), Err(missing));
    assert_eq!(
        task().group_by(["status_id"]).build(),
        Err(BuildError::NothingSelected)
    );
    let several = BuildError::NotGrouped {
        path: "name".into(),
    };
    assert_eq!(
        task().select(["name"]).group_by(["status_id"]).build(),
        Err(several)
    );
    let grouped = task().aggregate([count("id")]).group_by(["status_id"]);
    let list = attr("id").is_in(grouped);
    assert_eq!(list.validate(), Err(BuildError::GroupedList));
    assert!(Filter::parse(&list.to_string()).is_err());
}

#[test]
fn a_list_needs_a_value() {
    let list = attr("id").is_in(Vec::<String>::new());
    let empty = BuildError::EmptyList { path: "id".into() };
    assert_eq!(list.validate(), Err(empty));
    assert!(Filter::parse(&list.to_string()).is_err());
}

#[test]
fn every_query_is_valid_text() {
    // What a builder could not build never becomes a query, not even inside of a list.
    let invalid = attr("id").is_in(Query::from("Task where"));
    let Filter::In { list, .. } = &invalid else {
        panic!("{invalid:?}")
    };
    assert!(matches!(list, InList::Invalid(_)), "{list:?}");
    // What is too long to be read is too long to be built.
    let long = "x".repeat(ftrack_query::MAX_LENGTH);
    let query = Query::from("Task").filter(attr("name").is(long));
    assert_eq!(query.build(), Err(BuildError::TooLong));
}

#[test]
fn equal_queries_have_equal_hashes_wherever_they_were_read() {
    let hash = |value: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        value(&mut hasher);
        hasher.finish()
    };
    let text = "select name, a[B].c from Task where not a in (1, (2)) and b has (c is 3)"
        .replace("(2)", "2");
    let (left, right) = (
        Query::parse(&text).unwrap(),
        Query::parse(&format!("  {text}")).unwrap(),
    );
    assert_eq!(left, right);
    assert_eq!(hash(&|h| left.hash(h)), hash(&|h| right.hash(h)));
    let (left, right) = (left.filter().unwrap(), right.filter().unwrap());
    assert_eq!(hash(&|h| left.hash(h)), hash(&|h| right.hash(h)));
    let other = Filter::parse("not a not_in (1, 2) and b has (c is 3)").unwrap();
    assert_ne!(hash(&|h| left.hash(h)), hash(&|h| other.hash(h)));
    let [sum, again] = ["id", "id"].map(count);
    assert_eq!(hash(&|h| sum.hash(h)), hash(&|h| again.hash(h)));
}

/// Names that would change the query if they were written as they are.
const HOSTILE: [&str; 12] = [
    "",
    " ",
    "a b",
    "id is 1 or name",
    "a.",
    ".a",
    "a..b",
    "a[",
    "a[b]c",
    "a[]",
    "1a",
    "größe",
];

#[test]
fn names_cannot_become_structure() {
    for name in HOSTILE {
        let invalid = Err(BuildError::InvalidPath {
            path: name.to_owned(),
        });
        let task = || Query::from("Task");
        assert_eq!(task().select([name]).build(), invalid, "{name}");
        assert_eq!(task().order_by(name).build(), invalid, "{name}");
        let groups = || task().aggregate([count("id")]);
        assert_eq!(groups().group_by([name]).build(), invalid, "{name}");
        let function = task().aggregate([sum(name)]).group_by(["a"]);
        assert_eq!(function.build(), invalid, "{name}");
        let filters = [
            attr(name).is(1),
            attr(name).is_in([1]),
            attr(name).is_empty(),
            !attr(name).has(attr("a").is(1)),
            attr("a").any(attr(name).is(1) | attr("b").is(1)),
            attr("a").is_in(Query::from("Task").filter(attr(name).is(1))),
            attr("a").is_in(Query::from("Task").select([name])),
        ];
        for filter in filters {
            assert_eq!(
                filter.validate().unwrap_err(),
                BuildError::InvalidPath { path: name.into() }
            );
            assert!(Filter::parse(&filter.to_string()).is_err(), "{filter}");
            assert_eq!(task().filter(filter).build(), invalid, "{name}");
        }
    }
}

#[test]
fn type_names_cannot_become_structure() {
    for name in HOSTILE
        .into_iter()
        .chain(["where", "Select", "FROM", "a.b", "Task limit 1"])
    {
        let invalid = BuildError::InvalidTypeName {
            name: name.to_owned(),
        };
        assert_eq!(Query::from(name).build(), Err(invalid.clone()), "{name}");
        let filter = attr("a").is_in(Query::from(name));
        assert!(Filter::parse(&filter.to_string()).is_err(), "{filter}");
        assert_eq!(
            Query::from("Task").filter(filter).build(),
            Err(invalid),
            "{name}"
        );
    }
}

#[test]
fn numbers_that_no_text_can_say_are_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let filter = attr("bid").is(number);
        assert!(Filter::parse(&filter.to_string()).is_err(), "{filter}");
        let error = attr("bid").is_in([number]).validate().unwrap_err();
        assert_eq!(
            error,
            BuildError::InvalidNumber {
                number: format!("{number:?}")
            }
        );
    }
    assert_eq!(Number::parse("1e999"), None);
    assert_eq!(Literal::from_bare("1e999"), Literal::Word("1e999".into()));
}

#[test]
fn trees_made_by_hand_are_checked_too() {
    let empty = Filter::And(Vec::new());
    assert_eq!(empty.validate(), Err(BuildError::NoConditions));
    assert!(Filter::parse(&empty.to_string()).is_err());

    let single = Filter::Or(vec![attr("a").is(1)]);
    assert_eq!(Filter::parse(&single.to_string()), Ok(attr("a").is(1)));

    let segment = Segment {
        name: "a.b".into(),
        cast: None,
        span: Span::default(),
    };
    let path = Path {
        segments: vec![segment],
        span: Span::default(),
    };
    assert_eq!(
        Filter::Any {
            path,
            filter: None,
            span: Span::default()
        }
        .validate(),
        Err(BuildError::InvalidPath { path: "a.b".into() })
    );
    assert!(!Path::default().is_valid());

    for word in ["a b", "", "none", "True", "12", "x\" or \"a", "größe"] {
        let filter = attr("a").is(Literal::Word(word.to_owned()));
        assert_eq!(
            Filter::parse(&filter.to_string()),
            Ok(attr("a").is(word)),
            "{filter}"
        );
    }
}

#[test]
fn every_text_is_read_back_as_it_was() {
    let texts = [
        "",
        "\"",
        "'",
        "\\",
        "\\\\",
        "\\\"",
        "\\'",
        "'\\",
        "\\\\'",
        "C:\\shots\\",
        "\\u005c",
        "\\\\u005c",
        "\\u005c\\",
        "\\u005",
        "it's \"quoted\"",
        "\" or name like \"%",
        "\\\" or name like \\\"%",
        "None",
        "limit 5 offset 3",
        "line\nbreak\ttab\0",
        "größe 🎬",
    ];
    for text in texts {
        let filter = attr("a").is(text) & attr("b").is_in([text, text]);
        assert_eq!(
            Filter::parse(&filter.to_string()),
            Ok(filter.clone()),
            "{filter}"
        );
    }
}

#[test]
fn what_the_official_tag_helper_writes_is_read_as_it_was_meant() {
    for text in [
        "it's",
        "\"",
        "\\\"",
        "a\\b",
        "\\\\server\\share",
        "\\' or \\\"x",
    ] {
        let escaped = text.replace('"', "\\\"").replace('\'', "\\'");
        let filter = Filter::parse(&format!("a is \"{escaped}\"")).unwrap();
        assert_eq!(filter, attr("a").is(text), "{escaped}");
    }
}

#[cfg(feature = "chrono")]
#[test]
fn dates_and_times_are_iso_text() {
    use chrono::{DateTime, NaiveDate, Utc};

    let date = NaiveDate::from_ymd_opt(2015, 6, 1).unwrap();
    assert_eq!(
        attr("start").after(date).to_string(),
        r#"start > "2015-06-01""#
    );
    let moment = date.and_hms_milli_opt(9, 30, 0, 250).unwrap();
    assert_eq!(
        attr("start").is(moment).to_string(),
        r#"start is "2015-06-01T09:30:00.250""#
    );
    let utc: DateTime<Utc> = moment.and_utc();
    assert_eq!(
        attr("start").is(utc).to_string(),
        r#"start is "2015-06-01T09:30:00.250+00:00""#
    );
    let local = DateTime::parse_from_rfc3339("2015-06-01T09:30:00+02:00").unwrap();
    assert_eq!(
        attr("start").is(local).to_string(),
        r#"start is "2015-06-01T09:30:00+02:00""#
    );
}

#[test]
fn queries_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Query>();
    shared::<ftrack_query::ParseError>();
    let query = Query::parse("Task").unwrap();
    let clone = query.clone();
    assert_eq!(
        std::thread::spawn(move || clone.to_string())
            .join()
            .unwrap(),
        query.to_string()
    );
}
