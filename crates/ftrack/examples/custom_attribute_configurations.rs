//! "Managing custom attribute configurations": which custom attributes there are.
//!
//! `cargo run -p ftrack --example custom_attribute_configurations` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;
use serde_json::json;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    for configuration in session.query("select key from CustomAttributeConfiguration") {
        println!("{}", configuration?.get::<String>("key")?);
    }

    // Without security roles nobody would see the values.
    let role = session.query("SecurityRole where name is Administrator");
    let role = role.one()?;
    let group = session.query("CustomAttributeGroup").first()?;
    let options = json!([{"menu": "Foo", "value": "foo"}, {"menu": "Bar", "value": "bar"}]);
    let enumerator = json!({"multiSelect": true, "data": options.to_string()});
    let kinds = [
        ("text", json!("bar"), json!({"markdown": false})),
        ("number", json!(42), json!({"isdecimal": true})),
        ("boolean", json!(false), json!({})),
        ("enumerator", json!(["bar"]), enumerator),
    ];
    let mut configurations = Vec::new();
    for (kind, default, config) in kinds {
        let query = Query::from("CustomAttributeType").filter(attr("name").is(kind));
        let roles = vec![role.identity().clone()];
        let values = values! {
            "entity_type": "assetversion",
            "type": session.query(query).one()?,
            "label": format!("Version {kind}"),
            "key": format!("version_{kind}"),
            "default": default,
            "config": config.to_string(),
            "group": group.as_ref(),
            "read_security_roles": roles.clone(),
            "write_security_roles": roles,
        };
        configurations.push(session.create("CustomAttributeConfiguration", values)?);
    }
    session.commit()?;

    let other = connect(&server)?;
    let version = other.query("AssetVersion").first()?.ok_or("no version")?;
    let values = version.custom_attributes()?;
    assert_eq!(values.get::<String>("version_text")?, "bar");
    assert_eq!(values.get::<i64>("version_number")?, 42);
    assert!(!values.get::<bool>("version_boolean")?);
    assert_eq!(values.get::<Vec<String>>("version_enumerator")?, ["bar"]);

    // Another default counts for entities that are made later; a global one cannot become that of a project.
    let number = configurations.get(1).ok_or("there are four")?;
    number.set("default", 43)?;
    session.commit()?;
    let project = session.query("Project").first()?.ok_or("no project")?;
    number.set("project_id", project.id())?;
    let refused = session.commit();
    session.rollback();
    assert!(refused.is_err_and(|error| error.is(ErrorKind::Server)));
    Ok(())
}
