//! Round trips over trees and texts that nobody thought of.

use ftrack_query::{
    Filter, InList, Literal, Number, Query, Split, attr, average, count, maximum, minimum, sum,
};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z_][a-z0-9_]{0,6}",
        // Every keyword may also name an attribute.
        1 => prop::sample::select(vec![
            "select", "from", "where", "order", "by", "limit", "offset", "ascending", "and", "or",
            "not", "is", "in", "not_in", "like", "has", "any", "none", "true", "Type", "after",
        ])
        .prop_map(str::to_owned),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let step = (name(), prop::option::weighted(0.2, "[A-Z][a-z]{0,5}"))
        .prop_map(|(name, cast)| cast.map_or(name.clone(), |cast| format!("{name}[{cast}]")));
    prop::collection::vec(step, 1..4).prop_map(|steps| steps.join("."))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r#"[\\"'ux05c ,()%a-c]{0,12}"#]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        text().prop_map(Literal::Text),
        "[A-Za-z0-9_./-]{1,12}".prop_map(|word| Literal::from_bare(&word)),
        any::<i64>().prop_map(Literal::from),
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(Literal::from),
        any::<bool>().prop_map(Literal::Bool),
        Just(Literal::Null),
    ]
}

fn condition() -> impl Strategy<Value = Filter> {
    prop_oneof![
        (path(), literal(), 0..8).prop_map(|(path, value, operator)| {
            let attribute = attr(path);
            match operator {
                0 => attribute.is(value),
                1 => attribute.is_not(value),
                2 => attribute.greater_than(value),
                3 => attribute.less_than(value),
                4 => attribute.at_least(value),
                5 => attribute.at_most(value),
                6 => attribute.like(value.to_string()),
                _ => attribute.not_like(value.to_string()),
            }
        }),
        (
            path(),
            prop::collection::vec(literal(), 1..5),
            any::<bool>()
        )
            .prop_map(|(path, values, negated)| {
                let values = InList::Values(values);
                if negated {
                    attr(path).not_in(values)
                } else {
                    attr(path).is_in(values)
                }
            }),
        path().prop_map(|path| attr(path).is_not_empty()),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    condition().prop_recursive(5, 24, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several().prop_map(|all| Filter::all_of(all).unwrap()),
            several().prop_map(|any| Filter::any_of(any).unwrap()),
            inner.clone().prop_map(|filter| !filter),
            (path(), inner.clone()).prop_map(|(path, filter)| attr(path).has(filter)),
            (path(), inner.clone()).prop_map(|(path, filter)| attr(path).any(filter)),
            (path(), query(inner.clone())).prop_map(|(path, query)| attr(path).is_in(query)),
        ]
    })
}

fn query(filter: impl Strategy<Value = Filter>) -> impl Strategy<Value = Query> {
    let paging = prop::option::of(any::<u64>());
    (
        // The letter in front keeps `Select`, which is not a type, from coming up.
        "X[A-Za-z_]{0,6}",
        prop::collection::vec(path(), 0..4),
        prop::option::of(filter),
        prop::collection::vec((path(), any::<bool>()), 0..3),
        paging.clone(),
        paging,
    )
        .prop_map(|(entity_type, projections, filter, order, offset, limit)| {
            let mut builder = Query::from(&entity_type).select(projections);
            for (path, descending) in order {
                builder = if descending {
                    builder.order_by_descending(path)
                } else {
                    builder.order_by(path)
                };
            }
            builder = filter
                .into_iter()
                .fold(builder, ftrack_query::QueryBuilder::filter);
            builder = offset
                .into_iter()
                .fold(builder, ftrack_query::QueryBuilder::offset);
            builder = limit
                .into_iter()
                .fold(builder, ftrack_query::QueryBuilder::limit);
            builder.build().unwrap()
        })
}

/// A query that makes groups.
fn groups() -> impl Strategy<Value = Query> {
    let function = (path(), 0..5).prop_map(|(path, function)| match function {
        0 => count(path),
        1 => sum(path),
        2 => average(path),
        3 => minimum(path),
        _ => maximum(path),
    });
    (
        prop::collection::vec(path(), 1..4),
        prop::collection::vec(function, 0..4),
        prop::option::of(filter()),
        prop::collection::vec(path(), 0..3),
    )
        .prop_map(|(keys, functions, filter, order)| {
            let mut builder = Query::from("Task")
                .select(keys.iter().take(1))
                .aggregate(functions)
                .group_by(keys);
            for path in order {
                builder = builder.order_by(path);
            }
            builder = filter
                .into_iter()
                .fold(builder, ftrack_query::QueryBuilder::filter);
            builder.build().unwrap()
        })
}

/// Text that looks much like a query.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "select", "from", "Task", "where", "name", "is", "is_not", "=", ">=", "\"x\"", "'", "\"",
        "\\", "(", ")", ",", ".", "[", "]", "in", "any", "has", "not", "and", "or", "order", "by",
        "limit", "offset", "5", "none", "@", "ä", "\n", "count", "group",
    ]);
    (
        prop::collection::vec(word, 0..24),
        prop::sample::select(vec![" ", ""]),
    )
        .prop_map(|(words, separator)| words.join(separator))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_printed_query_parses_to_itself(query in query(filter())) {
        let printed = query.to_string();
        let parsed = Query::parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&query), "{}", printed);
    }

    #[test]
    fn a_printed_query_of_groups_parses_to_itself(query in groups()) {
        let printed = query.to_string();
        let parsed = Query::parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&query), "{}", printed);
        prop_assert!(Split::new(&printed).is_grouped());
    }

    #[test]
    fn a_printed_filter_parses_to_itself(filter in filter()) {
        prop_assert_eq!(filter.validate(), Ok(()));
        let printed = filter.to_string();
        let parsed = Filter::parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&filter), "{}", printed);
    }

    #[test]
    fn a_split_finds_what_the_tree_holds(query in query(filter())) {
        let text = query.to_string();
        let split = Split::new(&text);
        prop_assert_eq!(split.entity_type(), Some(query.entity_type()));
        prop_assert_eq!(split.has_projections(), query.projections().is_some());
        prop_assert!(!split.is_grouped());
        prop_assert_eq!((split.offset(), split.limit()), (query.offset(), query.limit()));
        let page = query.to_builder().offset(7).limit(9).build().unwrap();
        prop_assert_eq!(Query::parse(&split.page(7, 9)), Ok(page));
    }

    #[test]
    fn any_text_gives_a_tree_or_an_error_in_it(text in prop_oneof![any::<String>(), nearly()]) {
        match Query::parse(&text) {
            Ok(query) => prop_assert_eq!(Query::parse(&query.to_string()), Ok(query)),
            Err(error) => {
                prop_assert!(text.get(error.span().range()).is_some(), "{error:?}");
                prop_assert!(error.line() > 0 && error.column() > 0);
                prop_assert!(error.render().contains('^'));
            }
        }
        let _ = Filter::parse(&text);
        prop_assert!(Split::new(&text).text().len() <= text.len());
    }

    #[test]
    fn numbers_keep_their_value(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        prop_assert_eq!(Number::from(number).as_f64(), Some(number));
        prop_assert_eq!(Number::parse(Number::from(number).text()), Some(Number::from(number)));
    }
}
