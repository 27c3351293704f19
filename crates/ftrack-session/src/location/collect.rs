//! Components, and what they consist of.

use ftrack_entity::{EntityState, Value};
use rustc_hash::FxHashSet;

use crate::{Entity, Error, ErrorKind, Result, Session};

/// What structures and transfers are going to ask of files.
const FILE: [&str; 7] = [
    "name",
    "file_type",
    "size",
    "container.id",
    "version.link",
    "version.version",
    "version.asset.name",
];

/// What they are going to ask of what components consist of.
const MEMBER: [&str; 4] = [
    "members.name",
    "members.file_type",
    "members.size",
    "members.container.id",
];

/// How deep components may lie in one another: no real ones do, but a loop of them must not end the program.
const MAXIMUM_NESTING: usize = 32;

/// Refuses what is no component.
pub(super) fn check_component(entity: &Entity) -> Result<()> {
    const TYPES: [&str; 4] = [
        "FileComponent",
        "SequenceComponent",
        "ContainerComponent",
        "Component",
    ];
    crate::helpers::check_type(entity, &TYPES, "a location")
}

/// Whether the component consists of others.
pub(super) fn has_members(component: &Entity) -> bool {
    component.definition().position("members").is_some()
}

/// A component, and at which place among those that were given it or what it belongs to is.
pub(super) struct Found {
    pub(super) component: Entity,
    pub(super) source: usize,
}

/// The components, if `recursive` with what they consist of, which comes first. Nothing is there twice.
#[track_caller]
pub(super) fn collect(
    session: &Session,
    components: &[Entity],
    recursive: bool,
) -> Result<Vec<Found>> {
    Collector::new(session, recursive, false).collect(components)
}

/// As [`collect`], and what is going to be asked of them is known.
#[track_caller]
pub(super) fn collect_to_add(
    session: &Session,
    components: &[Entity],
    recursive: bool,
) -> Result<Vec<Found>> {
    Collector::new(session, recursive, true).collect(components)
}

struct Collector<'a> {
    session: &'a Session,
    recursive: bool,
    prefetches: bool,
    known: FxHashSet<ftrack_entity::Identity>,
    found: Vec<Found>,
}

impl<'a> Collector<'a> {
    fn new(session: &'a Session, recursive: bool, prefetches: bool) -> Self {
        Self {
            session,
            recursive,
            prefetches,
            known: FxHashSet::default(),
            found: Vec::new(),
        }
    }

    #[track_caller]
    fn collect(mut self, components: &[Entity]) -> Result<Vec<Found>> {
        for component in components {
            check_component(component)?;
        }
        self.prefetch(components)?;
        for (source, component) in components.iter().enumerate() {
            self.add(component, source, 0)?;
        }
        Ok(self.found)
    }

    #[track_caller]
    fn add(&mut self, component: &Entity, source: usize, nesting: usize) -> Result<()> {
        if !self.known.insert(component.identity().clone()) {
            return Ok(());
        }
        if self.recursive && has_members(component) && nesting < MAXIMUM_NESTING {
            let members = component.collection("members")?.entities()?;
            self.prefetch(&members)?;
            for member in &members {
                self.add(member, source, nesting + 1)?;
            }
        }
        self.found.push(Found {
            component: component.clone(),
            source,
        });
        Ok(())
    }

    #[track_caller]
    fn prefetch(&self, components: &[Entity]) -> Result<()> {
        if !self.prefetches {
            return Ok(());
        }
        prefetch(self.session, components, self.recursive)
    }
}

/// Loads at once what is going to be asked of those of the components of which it is not known.
#[track_caller]
fn prefetch(session: &Session, components: &[Entity], recursive: bool) -> Result<()> {
    let lacking = components.iter().filter(|component| lacks(component));
    let (containers, files): (Vec<Entity>, Vec<Entity>) = lacking.cloned().partition(has_members);
    session.populate(&files, FILE)?;
    let (sequences, containers): (Vec<Entity>, Vec<Entity>) = containers
        .into_iter()
        .partition(|component| component.definition().position("padding").is_some());
    let members = MEMBER.iter().filter(|_| recursive);
    session.populate(&containers, FILE.iter().chain(members.clone()))?;
    session.populate(&sequences, FILE.iter().chain(&["padding"]).chain(members))
}

fn lacks(component: &Entity) -> bool {
    if component.state() == Some(EntityState::Created) {
        return false;
    }
    let definition = component.definition();
    [
        "name",
        "file_type",
        "size",
        "container",
        "padding",
        "members",
    ]
    .iter()
    .filter_map(|name| definition.position(name))
    .any(|position| component.record().read(position, Value::is_not_set))
}

/// The unit of work that all of the components belong to; there is none if there are no components.
pub(super) fn unit_of(components: &[Entity]) -> Result<Option<&Session>> {
    let Some(first) = components.first() else {
        return Ok(None);
    };
    let session = first.session();
    match components.iter().find(|component| !session.owns(component)) {
        None => Ok(Some(session)),
        Some(other) => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{other:?} belongs to another unit of work than {first:?}; attach it first"),
        )),
    }
}
