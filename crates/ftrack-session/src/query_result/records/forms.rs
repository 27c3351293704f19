//! In which form a type takes points in time.

use std::collections::{BTreeMap, BTreeSet};

use ftrack_entity::Timestamp;
use serde_json::Value as Json;

/// A form of the text of a point in time. Types differ in what they read: `DateTime<Utc>` needs an offset, which
/// servers leave out, `NaiveDateTime` must not have one, and `NaiveDate` takes a day and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The text of the server.
    AsSent,
    /// With an offset.
    Zoned,
    /// In UTC, without an offset.
    Naive,
    /// The day in UTC.
    Day,
}

impl Form {
    /// The form to try when a type does not take this one.
    fn next(self) -> Option<Self> {
        match self {
            Self::AsSent => Some(Self::Zoned),
            Self::Zoned => Some(Self::Naive),
            Self::Naive => Some(Self::Day),
            Self::Day => None,
        }
    }

    /// `text`, which is that of the server, in this form; `None` if it is not a point in time.
    pub(super) fn write(self, text: &str) -> Option<String> {
        let time: Timestamp = match self {
            Self::AsSent => return Some(text.to_owned()),
            _ => text.parse().ok()?,
        };
        let naive = time.to_utc().naive_utc();
        Some(match self {
            Self::AsSent | Self::Zoned => time.to_string(),
            Self::Naive => naive.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            Self::Day => naive.date().to_string(),
        })
    }
}

/// What is known of the points in time in the rows of one query.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// The forms that were needed, by the paths of fields.
    forms: BTreeMap<String, Form>,
    /// The paths of all points in time that were seen.
    seen: BTreeSet<String>,
}

/// A point in time in a row.
#[derive(Debug)]
pub(super) struct Time {
    /// The path with the indexes of lists, as in `children[0].end_date`.
    pub(super) path: String,
    /// The path without them, which rows have in common.
    field: String,
    /// Where it is, as a JSON pointer.
    pointer: String,
    text: String,
}

impl Times {
    /// The form that all points in time take, if it is one.
    pub(super) fn common_form(&self) -> Option<Form> {
        let mut forms = self.seen.iter().map(|field| self.form(field));
        let first = forms.next().unwrap_or(Form::AsSent);
        forms.all(|form| form == first).then_some(first)
    }

    fn form(&self, field: &str) -> Form {
        self.forms.get(field).copied().unwrap_or(Form::AsSent)
    }

    /// Makes text of the tagged times of `row`, in the forms that are known to be needed.
    pub(super) fn untag(&mut self, row: &mut Json) -> Vec<Time> {
        let mut found = Vec::new();
        self.untag_at(row, &mut Place::default(), &mut found);
        found
    }

    fn untag_at(&mut self, value: &mut Json, place: &mut Place, found: &mut Vec<Time>) {
        if let Some(text) = tagged(value) {
            let Place {
                path,
                field,
                pointer,
            } = place.clone();
            let written = self.form(&field).write(&text);
            *value = written.unwrap_or_else(|| text.clone()).into();
            self.seen.insert(field.clone());
            found.push(Time {
                path,
                field,
                pointer,
                text,
            });
            return;
        }
        match value {
            Json::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    place.within_item(index, |place| self.untag_at(item, place, found));
                }
            }
            Json::Object(object) => {
                for (name, item) in object.iter_mut() {
                    place.within_field(name, |place| self.untag_at(item, place, found));
                }
            }
            _ => {}
        }
    }

    /// Writes `time` in the next form, because the type does not take the one that it has. False if there is none.
    pub(super) fn try_next(&mut self, row: &mut Json, time: &Time) -> bool {
        let next = self.form(&time.field).next();
        let written = next.and_then(|form| Some((form, form.write(&time.text)?)));
        let (Some((form, text)), Some(place)) = (written, row.pointer_mut(&time.pointer)) else {
            self.forms.remove(&time.field);
            return false;
        };
        *place = text.into();
        self.forms.insert(time.field.clone(), form);
        true
    }
}

/// The text of a tagged time such as `{"__type__": "datetime", "value": "2022-10-10T10:12:09"}`.
fn tagged(value: &Json) -> Option<String> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    object.get("__type__")?.as_str()?;
    Some(object.get("value")?.as_str()?.to_owned())
}

/// Where something is in a row.
#[derive(Debug, Clone, Default)]
struct Place {
    path: String,
    field: String,
    pointer: String,
}

impl Place {
    fn within_item(&mut self, index: usize, work: impl FnOnce(&mut Self)) {
        self.within(&format!("[{index}]"), "[]", &index.to_string(), work);
    }

    fn within_field(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        let dot = if self.path.is_empty() { "" } else { "." };
        let step = format!("{dot}{name}");
        let escaped = name.replace('~', "~0").replace('/', "~1");
        self.within(&step, &step, &escaped, work);
    }

    fn within(&mut self, path: &str, field: &str, pointer: &str, work: impl FnOnce(&mut Self)) {
        let lengths = (self.path.len(), self.field.len(), self.pointer.len());
        self.path.push_str(path);
        self.field.push_str(field);
        self.pointer.push('/');
        self.pointer.push_str(pointer);
        work(self);
        self.path.truncate(lengths.0);
        self.field.truncate(lengths.1);
        self.pointer.truncate(lengths.2);
    }
}
