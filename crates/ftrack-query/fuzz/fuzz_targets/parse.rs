//! Any text gives an error inside of the text, or a tree whose canonical text parses back
//! to it.

#![no_main]

use ftrack_query::{Filter, Query};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Query::parse(text) {
        Ok(query) => {
            let printed = query.to_string();
            assert_eq!(Query::parse(&printed).as_ref(), Ok(&query), "{printed}");
            assert_eq!(query.to_builder().build().as_ref(), Ok(&query));
        }
        Err(error) => {
            assert!(text.get(error.span().range()).is_some(), "{error:?}");
            assert!(error.render().contains('^'));
        }
    }
    if let Ok(filter) = Filter::parse(text) {
        let printed = filter.to_string();
        assert_eq!(Filter::parse(&printed), Ok(filter), "{printed}");
    }
});
