//! Components, and what they consist of.

use ftrack_entity::{EntityState, Value};
use rustc_hash::FxHashSet;

use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

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

/// What shows whether all of that is known.
const NEEDED: [&str; 6] = [
    "name",
    "file_type",
    "size",
    "container",
    "padding",
    "members",
];

/// Refuses what is not a component.
pub(super) fn check_component(entity: &Entity) -> Result<()> {
    const TYPES: [&str; 4] = [
        "FileComponent",
        "SequenceComponent",
        "ContainerComponent",
        "Component",
    ];
    crate::entity::check::check_type(entity, &TYPES, "a location")
}

/// Refuses what is about to be deleted: the same commit would register it.
fn check_not_deleted(component: &Entity) -> Result<()> {
    if component.state() != Some(EntityState::Deleted) {
        return Ok(());
    }
    let message = format!("{component:?} was deleted, so it cannot be added to a location");
    Err(Error::new(ErrorKind::InvalidState, message).with_detail("component", component.id()))
}

/// Whether the component consists of others.
pub(crate) fn has_members(component: &Entity) -> bool {
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

/// What is still to be done with a component.
enum Step {
    /// Looking at what it consists of.
    Open(Entity),
    /// Taking it: all that it consists of is taken.
    Close(Entity),
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
            if self.prefetches {
                check_not_deleted(component)?;
            }
        }
        let deepest = if self.recursive { usize::MAX } else { 0 };
        let _held = for_each_level(components, deepest, |level| self.load(level))?;
        for (source, component) in components.iter().enumerate() {
            self.add(component, source)?;
        }
        Ok(self.found)
    }

    /// Adds a component after all that it consists of. They may lie in one another as deep as they like, also in a
    /// loop: what is to be done is kept in a list, and nothing is done twice.
    #[track_caller]
    fn add(&mut self, component: &Entity, source: usize) -> Result<()> {
        let mut steps = vec![Step::Open(component.clone())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Open(component) => {
                    if !self.known.insert(component.identity().clone()) {
                        continue;
                    }
                    let members = if self.recursive {
                        members(&component)?
                    } else {
                        Vec::new()
                    };
                    steps.push(Step::Close(component));
                    steps.extend(members.into_iter().rev().map(Step::Open));
                }
                Step::Close(component) => self.found.push(Found { component, source }),
            }
        }
        Ok(())
    }

    /// Loads at once what is going to be asked of components.
    #[track_caller]
    fn load(&self, components: &[Entity]) -> Result<()> {
        if self.prefetches {
            return prefetch(self.session, components, self.recursive);
        }
        let lacking = components
            .iter()
            .filter(|component| self.recursive && lacks(component, &["members"]));
        let lacking: Vec<Entity> = lacking.cloned().collect();
        self.session.populate(&lacking, ["members"])
    }
}

/// Hands the components over, then all that these consist of, and so on: whoever loads something for a level needs no
/// more requests than components lie in one another, however many there are. Has to load `members`. Nothing is handed
/// over twice, and nothing below the level `deepest`. Gives back all of them: sessions may keep only what somebody
/// holds.
#[track_caller]
pub(crate) fn for_each_level(
    components: &[Entity],
    deepest: usize,
    load: impl Fn(&[Entity]) -> Result<()>,
) -> Result<Vec<Entity>> {
    let mut known = FxHashSet::default();
    let mut all = Vec::new();
    let mut level = components.to_vec();
    for depth in 0..=deepest {
        level.retain(|component| known.insert(component.identity().clone()));
        if level.is_empty() {
            break;
        }
        load(&level)?;
        if depth == deepest {
            all.append(&mut level);
            break;
        }
        let below = level.iter().map(members).collect::<Result<Vec<_>>>()?;
        all.append(&mut level);
        level = below.into_iter().flatten().collect();
    }
    Ok(all)
}

/// What the component consists of.
#[track_caller]
fn members(component: &Entity) -> Result<Vec<Entity>> {
    if !has_members(component) {
        return Ok(Vec::new());
    }
    component.collection("members")?.entities()
}

/// Loads at once what is going to be asked of those of the components of which it is not known.
#[track_caller]
fn prefetch(session: &Session, components: &[Entity], recursive: bool) -> Result<()> {
    let lacking = components
        .iter()
        .filter(|component| lacks(component, &NEEDED));
    let (containers, files): (Vec<Entity>, Vec<Entity>) = lacking.cloned().partition(has_members);
    session.populate(&files, FILE)?;
    let (sequences, containers): (Vec<Entity>, Vec<Entity>) = containers
        .into_iter()
        .partition(|component| component.definition().position("padding").is_some());
    let members = MEMBER.iter().filter(|_| recursive);
    session.populate(&containers, FILE.iter().chain(members.clone()))?;
    session.populate(&sequences, FILE.iter().chain(&["padding"]).chain(members))
}

/// Whether one of these attributes is not known of a component that the server knows.
pub(crate) fn lacks(component: &Entity, attributes: &[&str]) -> bool {
    if component.state() == Some(EntityState::Created) {
        return false;
    }
    let definition = component.definition();
    attributes
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
