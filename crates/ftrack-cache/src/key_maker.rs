//! Keys from values.

use std::fmt::Write as _;

use crate::key_part::KeyPart;

/// Makes the text of a key from the values that it stands for.
///
/// ```
/// use ftrack_cache::{KeyMaker, KeyPart};
///
/// /// Keys that do not depend on case.
/// struct CaselessKeyMaker;
///
/// impl KeyMaker for CaselessKeyMaker {
///     fn key(&self, items: &[KeyPart]) -> String {
///         ftrack_cache::StringKeyMaker.key(items).to_lowercase()
///     }
/// }
///
/// assert_eq!(CaselessKeyMaker.key(&["Task".into()]), "task");
/// ```
pub trait KeyMaker: Send + Sync {
    /// Returns the key for `items`. Equal items give equal keys.
    fn key(&self, items: &[KeyPart]) -> String;
}

impl<M: KeyMaker + ?Sized> KeyMaker for std::sync::Arc<M> {
    fn key(&self, items: &[KeyPart]) -> String {
        (**self).key(items)
    }
}

/// Keys for people: the items as text, with a comma between them.
///
/// Text that stands alone is taken as it is, so `1` and `"1"` have the same key; use
/// [`ObjectKeyMaker`] where different items must never meet. A session makes the keys of its
/// entities with this, from the entity type and the primary key. Among such pairs, keys are
/// distinct.
///
/// ```
/// use ftrack_cache::{KeyMaker, StringKeyMaker};
///
/// assert_eq!(StringKeyMaker.key(&["status".into()]), "status");
/// assert_eq!(StringKeyMaker.key(&[("Task", ["a1b2"]).into()]), "('Task', ['a1b2'])");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StringKeyMaker;

impl KeyMaker for StringKeyMaker {
    fn key(&self, items: &[KeyPart]) -> String {
        let mut key = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                key.push_str(", ");
            }
            match item {
                KeyPart::Text(text) => key.push_str(text),
                other => write_readable(&mut key, other),
            }
        }
        key
    }
}

fn write_readable(key: &mut String, part: &KeyPart) {
    match part {
        KeyPart::Null => key.push_str("None"),
        KeyPart::Bool(true) => key.push_str("True"),
        KeyPart::Bool(false) => key.push_str("False"),
        KeyPart::Integer(number) => write_to(key, format_args!("{number}")),
        KeyPart::Float(number) => write_to(key, format_args!("{number:?}")),
        KeyPart::Text(text) => write_quoted(key, text),
        KeyPart::Bytes(bytes) => {
            key.push('b');
            write_quoted(key, &bytes.escape_ascii().to_string());
        }
        KeyPart::List(parts) => write_sequence(key, ('[', ']'), parts),
        KeyPart::Tuple(parts) => write_sequence(key, ('(', ')'), parts),
        KeyPart::Map(parts) => {
            for (index, (name, part)) in parts.iter().enumerate() {
                key.push_str(if index == 0 { "{" } else { ", " });
                write_quoted(key, name);
                key.push_str(": ");
                write_readable(key, part);
            }
            key.push_str(if parts.is_empty() { "{}" } else { "}" });
        }
    }
}

fn write_sequence(key: &mut String, (open, close): (char, char), parts: &[KeyPart]) {
    key.push(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            key.push_str(", ");
        }
        write_readable(key, part);
    }
    if parts.len() == 1 && open == '(' {
        key.push(',');
    }
    key.push(close);
}

fn write_quoted(key: &mut String, text: &str) {
    key.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            key.push('\\');
        }
        key.push(character);
    }
    key.push('\'');
}

/// Keys for machines: different items never have the same key.
///
/// The key says of each item what kind it is and how long, so `1`, `1.0`, `"1"` and `true` all
/// differ, and so do `("ab", "c")` and `("a", "bc")`. Keys are the same in every run and on every
/// platform, so they are fit for a file cache. Maps count as equal whatever the order in which
/// they were filled. All floating-point values that are not a number count as equal; `0.0` and
/// `-0.0` differ.
///
/// ```
/// use ftrack_cache::{KeyMaker, ObjectKeyMaker};
///
/// assert_eq!(ObjectKeyMaker.key(&[1.into()]), "i1;");
/// assert_eq!(ObjectKeyMaker.key(&["1".into()]), "t1:1");
/// assert_eq!(ObjectKeyMaker.key(&["frames".into(), (1, 96).into()]), "t6:framesp2:i1;i96;");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ObjectKeyMaker;

impl KeyMaker for ObjectKeyMaker {
    fn key(&self, items: &[KeyPart]) -> String {
        let mut key = String::new();
        for item in items {
            write_distinct(&mut key, item);
        }
        key
    }
}

/// Each part begins with a letter for its kind and either ends at a mark that cannot occur inside
/// or says its length in advance, so a key can be read back in one way only.
fn write_distinct(key: &mut String, part: &KeyPart) {
    match part {
        KeyPart::Null => key.push('n'),
        KeyPart::Bool(true) => key.push('y'),
        KeyPart::Bool(false) => key.push('z'),
        KeyPart::Integer(number) => write_to(key, format_args!("i{number};")),
        KeyPart::Float(number) if number.is_nan() => key.push_str("fnan;"),
        KeyPart::Float(number) => write_to(key, format_args!("f{:016x};", number.to_bits())),
        KeyPart::Text(text) => write_to(key, format_args!("t{}:{text}", text.len())),
        KeyPart::Bytes(bytes) => {
            write_to(key, format_args!("b{}:", bytes.len()));
            for byte in bytes {
                write_to(key, format_args!("{byte:02x}"));
            }
        }
        KeyPart::List(parts) => write_counted(key, 'l', parts),
        KeyPart::Tuple(parts) => write_counted(key, 'p', parts),
        KeyPart::Map(parts) => {
            write_to(key, format_args!("m{}:", parts.len()));
            for (name, part) in parts {
                write_to(key, format_args!("{}:{name}", name.len()));
                write_distinct(key, part);
            }
        }
    }
}

fn write_counted(key: &mut String, kind: char, parts: &[KeyPart]) {
    write_to(key, format_args!("{kind}{}:", parts.len()));
    for part in parts {
        write_distinct(key, part);
    }
}

fn write_to(key: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = key.write_fmt(text);
}
