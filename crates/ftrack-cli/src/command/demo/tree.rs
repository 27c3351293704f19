//! A context and what is below it, as a tree.

use std::io::Write;

use ftrack::prelude::*;

use super::Tour;
use crate::failure::Failure;

/// Prints `root` and everything below it. Two queries fetch what is shown, however large the tree is.
pub(super) fn print<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    root: &Entity,
) -> Result<(), Failure> {
    let below = Query::from("TypedContext")
        .select(["name", "parent.id", "object_type.name"])
        .filter(attr("ancestors").any(attr("id").is(root.id())));
    let entities = session.query(below.order_by("name")).all()?;
    let statuses = Query::from("Task")
        .select(["status.name"])
        .filter(attr("ancestors").any(attr("id").is(root.id())));
    session.query(statuses).all()?;
    tour.say(&describe(root)?)?;
    branch(tour, root, &entities, "")?;
    writeln!(tour.output)?;
    Ok(())
}

fn branch<W: Write>(
    tour: &mut Tour<W>,
    parent: &Entity,
    all: &[Entity],
    indent: &str,
) -> Result<(), Failure> {
    let mut children = Vec::new();
    for entity in all {
        if entity.get::<Identity>("parent")? == *parent.identity() {
            children.push(entity);
        }
    }
    for (index, child) in children.iter().enumerate() {
        let is_last = index + 1 == children.len();
        let (branch_mark, deeper) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        tour.say(&format!("{indent}{branch_mark}{}", describe(child)?))?;
        branch(tour, child, all, &format!("{indent}{deeper}"))?;
    }
    Ok(())
}

fn describe(entity: &Entity) -> ftrack::Result<String> {
    let name: String = entity.get("name")?;
    let kind = entity.entity_type();
    if kind == "Task" {
        let status: Option<String> = entity.get("status.name")?;
        let status = status.unwrap_or_default();
        return Ok(format!("{name} ({kind}, {status})"));
    }
    Ok(format!("{name} ({kind})"))
}
