//! Hooks see every write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ftrack_session::{Entity, Error, ErrorKind, Session, Value, values};

use crate::{Studio, builder};

type Seen = Arc<Mutex<Vec<String>>>;

/// A session whose hooks write down what they see, and read the entity that is written.
fn watched(studio: &Studio, watched: &[(&'static str, &'static str)]) -> (Session, Seen) {
    let seen = Seen::default();
    let mut builder = builder(&studio.server);
    for &(entity_type, attribute) in watched {
        let seen = Arc::clone(&seen);
        builder = builder.customise(entity_type, move |customisation| {
            customisation.on_write(attribute, move |entity, value| {
                entity.state();
                entity.attribute(attribute)?.is_set();
                let line = format!("{entity_type}.{attribute}");
                seen.lock().unwrap().push(line);
                Ok(value)
            })
        });
    }
    (builder.connect().unwrap(), seen)
}

fn take(seen: &Seen) -> Vec<String> {
    std::mem::take(&mut seen.lock().unwrap())
}

#[test]
fn hooks_see_what_is_set_created_collected_mapped_and_merged() {
    let studio = Studio::new();
    let attributes = [
        ("Shot", "name"),
        ("Shot", "children"),
        ("Shot", "metadata"),
        ("Shot", "custom_attributes"),
        ("Metadata", "value"),
        ("ContextCustomAttributeValue", "value"),
    ];
    let (session, seen) = watched(&studio, &attributes);
    let shot = session.query("Shot").first().unwrap().unwrap();

    shot.set("name", "a").unwrap();
    assert_eq!(take(&seen), ["Shot.name"]);
    shot.update(values! { "name": "b" }).unwrap();
    assert_eq!(take(&seen), ["Shot.name"]);
    let task = session.create("Task", values! { "name": "t" }).unwrap();
    session.create("Shot", values! { "name": "c" }).unwrap();
    assert_eq!(take(&seen), ["Shot.name"]);
    let children = shot.collection("children").unwrap();
    children.push(&task).unwrap();
    children.remove(&task).unwrap();
    children.extend([&task]).unwrap();
    assert_eq!(take(&seen), ["Shot.children"; 3]);
    shot.metadata().unwrap().set("k", "v").unwrap();
    assert_eq!(take(&seen), ["Shot.metadata", "Metadata.value"]);
    shot.set("metadata", serde_json::json!({"a": "1", "b": "2"}))
        .unwrap();
    // The key that goes is seen as well.
    let row = "Metadata.value";
    assert_eq!(take(&seen), ["Shot.metadata", row, row, row]);
    shot.metadata().unwrap().remove("a").unwrap();
    assert_eq!(take(&seen), ["Shot.metadata", row]);
    shot.metadata().unwrap().remove("a").unwrap();
    assert_eq!(take(&seen), [""; 0], "there is nothing to remove");
    let custom = shot.custom_attributes().unwrap();
    let row = "ContextCustomAttributeValue.value";
    custom.set("fstart", 1001).unwrap();
    assert_eq!(take(&seen), ["Shot.custom_attributes", row]);
    custom.remove("fstart").unwrap();
    assert_eq!(take(&seen), ["Shot.custom_attributes", row]);

    let unit = session.begin();
    let other = unit.attach(&shot).unwrap();
    other.set("name", "merged").unwrap();
    take(&seen);
    session.merge(&other).unwrap();
    assert_eq!(take(&seen), ["Shot.name"]);
    session.rollback();
    unit.rollback();
}

#[test]
fn hooks_change_values_and_refuse_them() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("Shot", |shot| {
            shot.on_write("name", |_, value| match value.as_str() {
                Some("") => Err(Error::new(ErrorKind::Validation, "shots have names")),
                Some("5") => Ok(5.into()),
                Some(name) => Ok(name.to_uppercase().into()),
                None => Ok(value),
            })?
            .on_write("metadata", |_, value| {
                let text = format!("{value:?}").replace("secret", "***");
                Ok(serde_json::from_str::<serde_json::Value>(&text)
                    .unwrap_or_default()
                    .into())
            })
        })
        .connect()
        .unwrap();
    let shot = session.create("Shot", values! { "name": "sh010" }).unwrap();
    assert_eq!(shot.get::<String>("name").unwrap(), "SH010");
    shot.metadata().unwrap().set("note", "secret").unwrap();
    assert_eq!(shot.get::<String>("metadata.note").unwrap(), "***");

    let before = session.recorded_operations().len();
    let refused = session.create("Shot", values! { "name": "" }).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Validation);
    // What a hook makes of a value has to fit too.
    let wrong = shot.set("name", "5").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongType);
    assert_eq!(session.recorded_operations().len(), before);
    assert_eq!(shot.value("name").unwrap(), Value::from("SH010"));
}

/// A session in which metadata and custom attributes that are removed stay if they are protected, and become a mark if
/// they are to be kept in mind.
fn protecting(studio: &Studio) -> Session {
    let hook = |_: &Entity, value: Value| {
        let Value::Json(json) = &value else {
            return Ok(value);
        };
        let mut items = json.to_value();
        let Some(object) = items.as_object_mut() else {
            return Ok(value);
        };
        if object.get("locked").is_some_and(serde_json::Value::is_null) {
            return Err(Error::new(ErrorKind::Validation, "locked keys stay"));
        }
        object.retain(|key, value| key != "protected" || !value.is_null());
        for key in ["marked", "fend"] {
            if let Some(value) = object.get_mut(key).filter(|value| value.is_null()) {
                *value = 7.into();
            }
        }
        Ok(items.into())
    };
    builder(&studio.server)
        .customise("Shot", move |shot| {
            shot.on_write("metadata", hook)?
                .on_write("custom_attributes", hook)
        })
        .connect()
        .unwrap()
}

#[test]
fn hooks_refuse_removals_and_give_other_values_instead() {
    let studio = Studio::new();
    let session = protecting(&studio);
    let shot = session.query("Shot").first().unwrap().unwrap();
    let metadata = shot.metadata().unwrap();
    let items = ["locked", "protected", "marked", "plain"].map(|key| (key, Value::from("x")));
    metadata.update(items).unwrap();
    session.commit().unwrap();

    let refused = metadata.remove("locked").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Validation);
    assert!(!metadata.remove("protected").unwrap());
    assert!(!metadata.remove("marked").unwrap());
    assert!(metadata.remove("plain").unwrap());
    let x = || Some(Value::from("x"));
    assert_eq!(metadata.value("locked").unwrap(), x());
    assert_eq!(metadata.value("protected").unwrap(), x());
    assert_eq!(metadata.value("marked").unwrap(), Some(Value::from(7)));
    assert_eq!(metadata.value("plain").unwrap(), None);

    // Replacing everything removes too.
    metadata.set("plain", "x").unwrap();
    assert!(metadata.replace([("new", Value::from("y"))]).is_err());
    let kept = [("new", Value::from("y")), ("locked", Value::from("z"))];
    metadata.replace(kept).unwrap();
    assert_eq!(metadata.value("protected").unwrap(), x());
    assert_eq!(metadata.value("marked").unwrap(), Some(Value::from(7)));
    assert_eq!(metadata.value("plain").unwrap(), None);
    assert_eq!(metadata.len().unwrap(), 4);

    let custom = shot.custom_attributes().unwrap();
    custom.set("fend", 1200).unwrap();
    custom.set("fstart", 1100).unwrap();
    assert!(!custom.remove("fend").unwrap());
    assert!(custom.remove("fstart").unwrap());
    assert_eq!(custom.value("fend").unwrap(), Some(Value::from(7)));
    assert_eq!(custom.value("fstart").unwrap(), None);
}

#[test]
fn hooks_see_what_undoing_a_commit_creates_and_removes() {
    let studio = Studio::new();
    let (session, seen) = watched(
        &studio,
        &[
            ("Task", "name"),
            ("Shot", "metadata"),
            ("Metadata", "value"),
        ],
    );
    let query = "select name, project_id, parent_id, status_id, type_id, priority_id from Task";
    let doomed = session.query(query).first().unwrap().unwrap();
    let shot = session.query("Shot").first().unwrap().unwrap();
    shot.metadata().unwrap().set("going", "x").unwrap();
    session.commit().unwrap();
    shot.metadata().unwrap().remove("going").unwrap();
    shot.metadata().unwrap().set("coming", "y").unwrap();
    doomed.delete().unwrap();
    let committed = session.commit().unwrap();
    let inverse = committed.inverse().unwrap();
    take(&seen);
    inverse.record().unwrap();
    let mut lines = take(&seen);
    lines.sort_unstable();
    assert_eq!(lines, ["Metadata.value", "Shot.metadata", "Task.name"]);
    session.commit().unwrap();
    let metadata = shot.metadata().unwrap();
    assert_eq!(metadata.value("going").unwrap(), Some(Value::from("x")));
    assert_eq!(metadata.value("coming").unwrap(), None);
}

#[test]
fn undoing_a_commit_creates_what_hooks_make_of_it_or_nothing() {
    let studio = Studio::new();
    let refuses = Arc::new(AtomicBool::new(false));
    let is_refusing = Arc::clone(&refuses);
    let session = builder(&studio.server)
        .customise("Task", move |task| {
            let refuses = Arc::clone(&is_refusing);
            task.on_write("name", move |_, value| {
                if refuses.load(Ordering::Relaxed) {
                    return Err(Error::new(ErrorKind::Validation, "not now"));
                }
                Ok(Value::from(format!(
                    "{}_again",
                    value.as_str().unwrap_or_default()
                )))
            })
        })
        .connect()
        .unwrap();
    let query = "select name, project_id, parent_id, status_id, type_id, priority_id from Task";
    let doomed = session.query(query).first().unwrap().unwrap();
    let name = doomed.get::<String>("name").unwrap();
    doomed.delete().unwrap();
    let committed = session.commit().unwrap();
    refuses.store(true, Ordering::Relaxed);
    let error = committed.inverse().unwrap().record().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(session.recorded_operations().is_empty());
    refuses.store(false, Ordering::Relaxed);
    committed.inverse().unwrap().record().unwrap();
    session.commit().unwrap();
    let found = studio.session.get("Task", doomed.id()).unwrap().unwrap();
    assert_eq!(
        found.get::<String>("name").unwrap(),
        format!("{name}_again")
    );
}
