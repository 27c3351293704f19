//! What was parsed prints as text that parses to the same tree, and so does its
//! negation.

#![no_main]

use ftrack_expression::Expression;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let printed = expression.to_string();
    assert_eq!(Expression::parse(&printed).as_ref(), Ok(&expression));
    assert_eq!(Expression::parse(&printed).unwrap().to_string(), printed);
    if let Ok(opposite) = (!expression).build() {
        assert_eq!(Expression::parse(&opposite.to_string()), Ok(opposite));
    }
});
