//! Whatever names and values a builder is given, its text says the same, or it refuses and
//! its text is not a query.

#![no_main]

use ftrack_query::{Filter, Query, attr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: (&str, &str, &str, f64)| {
    let (entity_type, path, value, number) = given;
    let filter = (attr(path).is(value) | attr("a").is_in([value, value]))
        & !attr("b").any(attr(path).greater_than(number));
    let printed = filter.to_string();
    match filter.validate() {
        Ok(()) => assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "{printed}"),
        Err(error) => assert!(Filter::parse(&printed).is_err(), "{error}: {printed}"),
    }
    if let Ok(query) = Query::from(entity_type)
        .select([path])
        .filter(filter)
        .build()
    {
        assert_eq!(Query::parse(&query.to_string()), Ok(query));
    }
});
