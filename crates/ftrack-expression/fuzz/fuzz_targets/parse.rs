//! Any text gives a tree or an error whose place lies within the text.

#![no_main]

use ftrack_expression::Expression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Expression::parse(text) {
        assert!(text.get(error.span()).is_some());
        assert!(error.line() >= 1 && error.column() >= 1);
        assert!(error.render().ends_with("^\n"));
    }
});
