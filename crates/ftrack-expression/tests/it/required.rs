//! What expressions require of their topic.

use ftrack_expression::{Expression, Required};

#[test]
fn requirements_by_example() {
    use Required::{Exact, Prefix};

    for (text, expected) in [
        ("topic=ftrack.update", Some(Exact("ftrack.update"))),
        ("topic=ftrack.*", Some(Prefix("ftrack."))),
        ("topic=*", None),
        ("topic=\"\"", Some(Exact(""))),
        ("topic=e\"ftrack.\\*\"", Some(Exact("ftrack.*"))),
        ("topic!=ftrack.update", None),
        ("topic>=ftrack", None),
        ("id=hub", None),
        ("data.topic=x", None),
        ("not topic=x", None),
        ("not not topic=x", Some(Exact("x"))),
        ("not topic!=x", None),
        ("id=hub and topic=x", Some(Exact("x"))),
        ("topic=x and (id=a or id=b) and not id=c", Some(Exact("x"))),
        (
            "topic=ftrack.* and topic=ftrack.action.*",
            Some(Prefix("ftrack.action.")),
        ),
        (
            "topic=ftrack.action.* and topic=ftrack.*",
            Some(Prefix("ftrack.action.")),
        ),
        (
            "topic=ftrack.* and topic=ftrack.update",
            Some(Exact("ftrack.update")),
        ),
        (
            "topic=ftrack.update and topic=ftrack.*",
            Some(Exact("ftrack.update")),
        ),
        ("topic=a or topic=a and id=b", Some(Exact("a"))),
        (
            "topic=ftrack.update or topic=ftrack.action.launch",
            Some(Prefix("ftrack.")),
        ),
        (
            "topic=ftrack.* or topic=ftrack.update",
            Some(Prefix("ftrack.")),
        ),
        ("topic=a or topic=b", None),
        ("topic=a or id=b", None),
        ("id=b or topic=a", None),
        ("(topic=a or id=b) and topic=a*", Some(Prefix("a"))),
        (
            "topic=\"gr\u{f6}\" or topic=\"gr\u{fc}\"",
            Some(Prefix("gr")),
        ),
    ] {
        let expression = Expression::parse(text).unwrap();
        assert_eq!(expression.required_topic(), expected, "{text}");
    }
}

#[test]
fn requirements_admit_what_they_say() {
    assert!(Required::Exact("a").admits("a"));
    assert!(!Required::Exact("a").admits("ab"));
    assert!(Required::Prefix("a").admits("ab"));
    assert!(!Required::Prefix("a").admits("ba"));
    assert_eq!(Required::Prefix("a").text(), "a");
}
