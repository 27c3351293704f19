//! Queries against a small schema.

use ftrack_query::{
    AttributeKind, DiagnosticKind, Filter, KnownKeys, Query, SchemaView, attr, explain,
};

/// A few types with their attributes; `>` marks a reference, `*` a collection, `#` a number.
struct Studio;

const TYPES: &[(&str, &[&str])] = &[
    (
        "Project",
        &[
            "id",
            "name",
            "full_name",
            "status",
            "children *Context",
            "metadata *Metadata",
        ],
    ),
    (
        "Context",
        &[
            "id",
            "name",
            "parent >Context",
            "children *Context",
            "url ?",
        ],
    ),
    (
        "TypedContext",
        &[
            "id",
            "name",
            "parent >Context",
            "children *Context",
            "assignments *Appointment",
        ],
    ),
    (
        "Task",
        &[
            "id",
            "name",
            "bid #",
            "status_id",
            "parent >Context",
            "custom_attributes *Value",
            "status >Status",
            "assignments *Appointment",
            "timelogs *Timelog",
        ],
    ),
    ("Status", &["id", "name", "sort"]),
    ("Appointment", &["context_id", "resource >Resource"]),
    ("Resource", &["id"]),
    ("User", &["id", "username", "first_name"]),
    ("Group", &["id", "name"]),
    ("Timelog", &["id", "start", "user >User"]),
    ("Metadata", &["key", "value"]),
    ("Value", &["key", "value", "configuration >Configuration"]),
    ("Configuration", &["id", "key", "label"]),
];

impl SchemaView for Studio {
    fn entity_types(&self) -> Vec<&str> {
        TYPES.iter().map(|(name, _)| *name).collect()
    }

    fn attributes(&self, entity_type: &str) -> Vec<&str> {
        let attributes = TYPES.iter().find(|(name, _)| *name == entity_type);
        attributes.map_or(Vec::new(), |(_, attributes)| {
            attributes
                .iter()
                .map(|text| text.split(' ').next().unwrap())
                .collect()
        })
    }

    fn attribute(&self, entity_type: &str, attribute: &str) -> Option<AttributeKind> {
        let (_, attributes) = TYPES.iter().find(|(name, _)| *name == entity_type)?;
        attributes
            .iter()
            .find_map(|text| match text.split_once(' ') {
                Some((name, "?")) if name == attribute => Some(AttributeKind::Opaque),
                Some((name, "#")) if name == attribute => Some(AttributeKind::Number),
                Some((name, kind)) if name == attribute => Some(match kind.split_at(1) {
                    (">", target) => AttributeKind::Reference(target.to_owned()),
                    (_, target) => AttributeKind::Collection(target.to_owned()),
                }),
                None if *text == attribute => Some(AttributeKind::Scalar),
                _ => None,
            })
    }

    fn subtypes(&self, entity_type: &str) -> Vec<&str> {
        match entity_type {
            "Resource" => vec!["User", "Group"],
            "Context" => vec!["Project", "TypedContext", "Task"],
            "TypedContext" => vec!["Task"],
            _ => Vec::new(),
        }
    }
}

#[test]
fn fitting_queries_have_no_diagnostics() {
    for text in [
        "select name, status.name, parent.parent.name from Task where status.name is Done",
        "Project where status is active order by full_name",
        "Task where assignments any (resource.username is jane)",
        "Task where assignments any (resource has (username is jane or name is animators))",
        "Task where not timelogs any ()",
        "Task where timelogs.user.first_name like \"j%\"",
        "Task where status is None and parent is_not null",
        "Task where parent[Project].full_name is x",
        "Task where parent[TypedContext] has (assignments any ())",
        "Context where bid > 3",
        "Context where url.value.anything is 1 and url has (whatever is 1)",
        "Project where metadata any (key=a and value=b)",
        "Task where status in (select id from Status where sort > 3)",
        "Task where bid > 3 and custom_attributes any (key is anything and value is 3)",
        "select count(id), max(bid), status_id from Task where bid > 3 group by status_id, name",
        "select sum(bid) from Task group by status_id order by sum_bid descending, status_id",
        "select sum(url) from Context group by url",
    ] {
        assert_eq!(Query::parse(text).unwrap().check(&Studio), [], "{text}");
    }
}

/// Each query with the place that is marked by `^`, and the message.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "Tsak",
        "^^^^",
        "there is no entity type `Tsak`, did you mean `Task`?",
    ),
    (
        "Task where nam is x",
        "           ^^^",
        "`Task` has no attribute `nam`, did you mean `name`?",
    ),
    (
        "Task where Name is x",
        "           ^^^^",
        "`Task` has no attribute `Name`, did you mean `name`?",
    ),
    (
        "Task where zzz is x",
        "           ^^^",
        "`Task` has no attribute `zzz`",
    ),
    (
        "select status.nme from Task",
        "              ^^^",
        "`Status` has no attribute `nme`, did you mean `name`?",
    ),
    (
        "Task where assignments any (resource.usrname is jane)",
        "                                     ^^^^^^^",
        "`Resource` has no attribute `usrname`, did you mean `username`?",
    ),
    (
        "Task order by satus descending",
        "              ^^^^^",
        "`Task` has no attribute `satus`, did you mean `status`?",
    ),
    (
        "Task where name.first is x",
        "           ^^^^",
        "`name` is a value and leads no further",
    ),
    (
        "Task where parent[Projct].name is x",
        "                  ^^^^^^",
        "there is no entity type `Projct`, did you mean `Project`?",
    ),
    (
        "Task where name[Task] is x",
        "           ^^^^^^^^^^",
        "`name` is a value and leads no further",
    ),
    (
        "Task where assignments has (context_id is x)",
        "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "`has` needs a reference to one entity, and `assignments` is not one; `any` is for collections",
    ),
    (
        "Task where status any (name is x)",
        "           ^^^^^^^^^^^^^^^^^^^^^^",
        "`any` needs a collection, and `status` is not one; `has` is for references to one entity",
    ),
    (
        "Task where status like x",
        "           ^^^^^^^^^^^^^",
        "`like` needs a value, and `status` is a relation; name one of its attributes",
    ),
    (
        "Task where timelogs is 3",
        "           ^^^^^^^^^^^^^",
        "`is` needs a value, and `timelogs` is a relation; name one of its attributes",
    ),
    (
        "Task where status in (select id from Statsu)",
        "                                     ^^^^^^",
        "there is no entity type `Statsu`, did you mean `Status`?",
    ),
    (
        "select sum(name) from Task group by status_id",
        "       ^^^^^^^^^",
        "`sum` needs numbers, and `name` is not one",
    ),
    (
        "select count(id) from Task group by statsu_id",
        "                                    ^^^^^^^^^",
        "`Task` has no attribute `statsu_id`, did you mean `status_id`?",
    ),
    (
        "select count(id) from Task group by status",
        "                                    ^^^^^^",
        "`group by` needs an attribute of the type itself with a value, and `status` is not one",
    ),
    (
        "select count(id) from Task group by status.name",
        "                                    ^^^^^^^^^^^",
        "`group by` needs an attribute of the type itself with a value, and `status.name` is not one",
    ),
    (
        "select count(id) from Task group by name order by bid",
        "                                                  ^^^",
        "groups have no `bid` to be sorted by; they have `name`, `count_id`",
    ),
    (
        "select custom_attributes.fstart from Task",
        "                         ^^^^^^",
        "`fstart` would be a key of `custom_attributes` and not an attribute: select `custom_attributes`, or filter with `custom_attributes any (key is \"fstart\" and value is …)`",
    ),
];

/// Queries on custom attributes that are not there, with what is marked.
const KEYS: &[(&str, &str)] = &[
    (
        "Task where custom_attributes any (key is fstrat and value > 3)",
        "                                  ^^^^^^^^^^^^^",
    ),
    (
        "Task where custom_attributes.key is fstrat",
        "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ),
    (
        "Task where custom_attributes any (configuration.key in (fend, fstrat))",
        "                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ),
    (
        "Task where custom_attributes any (configuration has (key = fstrat))",
        "                                                     ^^^^^^^^^^^^",
    ),
];

#[test]
fn keys_of_custom_attributes_are_suggested() {
    let schema = KnownKeys::new(
        &Studio,
        "custom_attributes",
        ["fstart", "fend"].map(str::to_owned),
    );
    for (text, carets) in KEYS {
        let diagnostics = Query::parse(text).unwrap().check(&schema);
        let [diagnostic] = &diagnostics[..] else {
            panic!("{text}: {diagnostics:?}")
        };
        let rendered = diagnostic.render(text);
        assert!(
            rendered.contains("did you mean `fstart`?"),
            "{text}: {rendered}"
        );
        assert!(rendered.ends_with(&format!("  | {carets}")), "{rendered}");
        let right = text.replace("fstrat", "fstart");
        assert_eq!(Query::parse(&right).unwrap().check(&schema), [], "{right}");
        // Where the keys are not known, every one is let through.
        assert_eq!(Query::parse(text).unwrap().check(&Studio), [], "{text}");
    }
    // What is known of several attributes is put one into the other.
    let both = KnownKeys::new(&schema, "metadata", ["pipeline"].map(str::to_owned));
    for (text, expected) in [
        ("Project where metadata any (key is pipelin)", 1),
        ("Project where metadata any (key is pipeline)", 0),
        ("Task where custom_attributes any (key is fstrat)", 1),
        ("Task where custom_attributes any (key is fstart)", 0),
    ] {
        let found = Query::parse(text).unwrap().check(&both);
        assert_eq!(found.len(), expected, "{text}");
    }
    let metadata = "Project where metadata any (key is whatever)";
    assert_eq!(Query::parse(metadata).unwrap().check(&schema), []);
}

#[test]
fn what_was_not_read_from_one_text_has_no_carets() {
    let read = Filter::parse("statsu is 2 and bid > 3").unwrap();
    let parsed = || Query::parse("Task where statsu is 2").unwrap();
    let built = [
        Query::from("Task").filter(attr("statsu").is(2)).build(),
        Query::from("Task").filter(read.clone()).build(),
        Query::from("Task").filter(attr("bid").is(3) & read).build(),
        parsed().to_builder().order_by("name").build(),
        Query::from("Task")
            .filter(attr("id").is_in(parsed()))
            .build(),
    ];
    for query in built.map(Result::unwrap) {
        let diagnostics = query.check(&Studio);
        assert_eq!(diagnostics.len(), 1, "{query}");
        assert_eq!(
            diagnostics[0].render(&query.to_string()),
            "`Task` has no attribute `statsu`, did you mean `status`?",
            "{query}"
        );
    }
    // A filter of one text keeps its places.
    let text = "not (statsu is 2)";
    let diagnostics = Filter::parse(text).unwrap().check("Task", &Studio);
    assert!(diagnostics[0].render(text).ends_with("|      ^^^^^^"));
}

#[test]
fn a_refused_text_is_explained_by_grammar_and_types() {
    let syntax = explain("Task where bid <> 3", &Studio).unwrap();
    assert!(syntax.contains("inequality is `!=`"), "{syntax}");
    let names = explain("Task where nam is x or statsu is y", &Studio).unwrap();
    assert_eq!(names.matches("did you mean").count(), 2, "{names}");
    assert_eq!(explain("Task where bid > 3", &Studio), None);
}

#[test]
fn mistakes_are_pointed_at() {
    for (text, carets, message) in MISTAKES {
        let diagnostics = Query::parse(text).unwrap().check(&Studio);
        let [diagnostic] = &diagnostics[..] else {
            panic!("{text}: {diagnostics:?}")
        };
        assert_eq!(
            diagnostic.render(text),
            format!("{message}\n  |\n1 | {text}\n  | {carets}")
        );
        assert_eq!(
            diagnostic.line_and_column(text).1,
            diagnostic.span.start + 1
        );
    }
}

#[test]
fn every_mistake_of_a_query_is_reported() {
    let query = Query::parse("select nam from Task where a is 1 or not b is 2 order by c").unwrap();
    assert_eq!(query.check(&Studio).len(), 4);
}

#[test]
fn filters_are_checked_against_their_type() {
    let filter = Filter::parse("status.sort > 1 and statsu is 2").unwrap();
    let diagnostics = filter.check("Task", &Studio);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        diagnostics[0].kind,
        DiagnosticKind::UnknownAttribute {
            name: "statsu".into(),
            entity_type: "Task".into()
        }
    );
    assert_eq!(diagnostics[0].suggestion.as_deref(), Some("status"));
    assert_eq!(filter.check("Nothing", &Studio), []);
}
