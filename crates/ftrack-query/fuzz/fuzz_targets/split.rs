//! A split agrees with the tree wherever there is one, and never grows the text.

#![no_main]

use ftrack_query::{Query, Split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let split = Split::new(text);
    assert!(split.text().len() <= text.len());
    let Ok(query) = Query::parse(text) else {
        return;
    };
    assert_eq!(split.entity_type(), Some(query.entity_type()));
    assert_eq!(split.has_projections(), query.projections().is_some());
    assert_eq!(
        (split.offset(), split.limit()),
        (query.offset(), query.limit())
    );
    let page = query.to_builder().offset(7).limit(9).build();
    assert_eq!(Query::parse(&split.page(7, 9)).ok(), page.ok());
});
