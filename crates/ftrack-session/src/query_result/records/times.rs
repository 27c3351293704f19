//! Times as plain text.

use super::forms::Form;

/// What tells a time from any other object.
const TAG: &str = "\"__type__\"";

/// `json` with its tagged times, such as `{"__type__": "datetime", "value": "2022-10-10T10:12:09"}`, as text of this
/// form. `None` if anything that is tagged is written in another way.
///
/// This looks at the text alone. The tag in quotes, with a colon behind it, is a name wherever it stands: within a text
/// its quotes would be escaped.
pub(super) fn untagged(json: &str, form: Form) -> Option<String> {
    let mut plain = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once(TAG) {
        rest = if let Some(tag) = after.trim_start().strip_prefix(':') {
            let (value, after) = value(tag)?;
            plain.push_str(before.trim_end().strip_suffix('{')?);
            match form {
                Form::AsSent => plain.push_str(value),
                // The quotes are around it.
                form => {
                    let text = value.get(1..value.len() - 1)?;
                    plain.push('"');
                    plain.push_str(&form.write(text)?);
                    plain.push('"');
                }
            }
            after
        } else {
            // A text that happens to be the tag.
            plain.push_str(before);
            plain.push_str(TAG);
            after
        };
    }
    plain.push_str(rest);
    Some(plain)
}

/// The text that is the value, with its quotes, and what follows the object. It begins behind the tag's name.
fn value(json: &str) -> Option<(&str, &str)> {
    let (_, rest) = quoted(json.trim_start())?;
    let rest = rest.trim_start().strip_prefix(',')?.trim_start();
    let rest = rest.strip_prefix("\"value\"")?.trim_start();
    let (value, rest) = quoted(rest.strip_prefix(':')?.trim_start())?;
    Some((value, rest.trim_start().strip_prefix('}')?))
}

/// The text at the beginning, with its quotes, and what follows it. No time has anything escaped in it.
fn quoted(json: &str) -> Option<(&str, &str)> {
    let end = json.strip_prefix('"')?.find(['"', '\\'])? + 1;
    json[end..].starts_with('"').then(|| json.split_at(end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_text() {
        for (json, expected) in [
            (
                r#"[{"a":{"__type__":"datetime","value":"2022-10-10T10:12:09"},"b":1}]"#,
                r#"[{"a":"2022-10-10T10:12:09","b":1}]"#,
            ),
            (
                "{ \"__type__\" : \"date\" ,\n \"value\" : \"2022-10-10\" }",
                "\"2022-10-10\"",
            ),
            (
                r#"["__type__", {"a": "__type__"}]"#,
                r#"["__type__", {"a": "__type__"}]"#,
            ),
            (r#"["\"__type__\": {"]"#, r#"["\"__type__\": {"]"#),
            ("[]", "[]"),
        ] {
            assert_eq!(
                untagged(json, Form::AsSent).as_deref(),
                Some(expected),
                "{json}"
            );
        }
    }

    #[test]
    fn times_take_the_form_that_is_wanted() {
        let json = r#"[{"__type__":"datetime","value":"2022-10-10T10:12:09"}]"#;
        for (form, expected) in [
            (Form::Zoned, r#"["2022-10-10T10:12:09+00:00"]"#),
            (Form::Naive, r#"["2022-10-10T10:12:09"]"#),
            (Form::Day, r#"["2022-10-10"]"#),
        ] {
            assert_eq!(untagged(json, form).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_forms_take_more_care() {
        for json in [
            r#"{"value":"2022-10-10","__type__":"date"}"#,
            r#"{"__type__":"date","value":"2022-10-10","more":1}"#,
            r#"{"__type__":"date","value":null}"#,
            r#"{"__type__":"date","value":"\u0032022-10-10"}"#,
            r#"{"__type__":"date""#,
            r#"{"__type__":"#,
        ] {
            assert_eq!(untagged(json, Form::AsSent), None, "{json}");
        }
    }
}
