//! What was published, as a client finds it.

use std::io::Read;

use ftrack_location::StructureContext;
use ftrack_session::{Entity, Location, LocationChoice, Session, values};
use serde_json::{Value, json};

use super::BoxError;
use super::plan::{Item, Plan, Structure};

/// What there is to compare of a component in a location.
pub type Record = Value;

/// Publishes everything in the plan to every location in it, and records what there is then.
///
/// # Errors
///
/// If anything goes wrong.
pub fn publish(session: &Session, plan: &Plan) -> Result<Vec<Record>, BoxError> {
    let version = session
        .get("AssetVersion", plan.version.as_str())?
        .ok_or("the version is gone")?;
    let mut records = Vec::new();
    for location_plan in plan.locations() {
        let location = plan.configured(session, location_plan)?;
        for item in plan.items() {
            if item.path.is_some() || location_plan.containers {
                let component = published(session, plan, &version, item, &location)?;
                record_whole(&location, &component, &mut records)?;
            }
        }
    }
    Ok(records)
}

/// Finds everything that somebody recorded, and says what is otherwise.
///
/// # Errors
///
/// If anything cannot be found.
pub fn check(session: &Session, plan: &Plan, expected: &[Record]) -> Result<Vec<String>, BoxError> {
    if expected.is_empty() {
        return Err("nothing was recorded".into());
    }
    let mut differences = Vec::new();
    for entry in expected {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let location_plan = plan
            .locations()
            .iter()
            .find(|location| location.name == text("location"))
            .ok_or("a location that is not in the plan")?;
        let location = plan.configured(session, location_plan)?;
        let component = session
            .get(text("entity_type"), text("id"))?
            .ok_or_else(|| format!("{entry} is not there"))?;
        let found = record(&location, &component)?;
        if found != *entry {
            differences.push(format!("found {found}, recorded {entry}"));
        }
        let is_own = !matches!(
            location_plan.structure,
            Structure::Origin | Structure::Server
        );
        if let Some(structure) = location.structure().filter(|_| is_own) {
            let own = structure.resource_identifier(&component, &StructureContext::new())?;
            if own != text("identifier") {
                differences.push(format!("the structure says {own}, recorded {entry}"));
            }
        }
    }
    Ok(differences)
}

fn published(
    session: &Session,
    plan: &Plan,
    version: &Entity,
    item: &Item,
    location: &Location,
) -> Result<Entity, BoxError> {
    let data = values! { "name": item.name, "version": version };
    if let Some(path) = item.path {
        return Ok(session.create_component(plan.source(path), data, location)?);
    }
    let container = session.create("ContainerComponent", data)?;
    for (name, path) in item.members {
        let data = values! { "name": *name, "container": &container };
        session.create_component(plan.source(path), data, LocationChoice::None)?;
    }
    session.commit()?;
    location.add_component(&container, session.location("ftrack.origin")?)?;
    Ok(container)
}

/// Records the component and what it consists of, sorted by name.
fn record_whole(
    location: &Location,
    component: &Entity,
    records: &mut Vec<Record>,
) -> Result<(), BoxError> {
    records.push(record(location, component)?);
    if component.entity_type() != "FileComponent" {
        let mut members = Vec::new();
        for member in component.collection("members")?.entities()? {
            members.push((member.get::<String>("name")?, member));
        }
        members.sort_by(|(left, _), (right, _)| left.cmp(right));
        for (_, member) in members {
            record_whole(location, &member, records)?;
        }
    }
    Ok(())
}

fn record(location: &Location, component: &Entity) -> Result<Record, BoxError> {
    let identifier = location.resource_identifier(component)?;
    let is_file = component.entity_type() == "FileComponent";
    let name = location.name()?;
    let path = if name == "ftrack.server" {
        None
    } else {
        let path = location.filesystem_path(component)?;
        Some(path.to_str().ok_or("the path is not Unicode")?.to_owned())
    };
    let content = match location.accessor().filter(|_| is_file) {
        Some(accessor) => {
            let mut content = String::new();
            accessor.open(&identifier)?.read_to_string(&mut content)?;
            Some(content)
        }
        None => None,
    };
    let padding = match component.entity_type() {
        "SequenceComponent" => component.get::<Option<i64>>("padding")?,
        _ => None,
    };
    Ok(json!({
        "location": name,
        "id": component.id(),
        "entity_type": component.entity_type(),
        "name": component.get::<String>("name")?,
        "file_type": component.get::<Option<String>>("file_type")?.unwrap_or_default(),
        "size": component.get::<Option<i64>>("size")?.unwrap_or_default(),
        "padding": padding,
        "identifier": identifier,
        "path": path,
        "content": content,
        "availability": location.component_availability(component)?,
    }))
}
