//! To what the rows of each type belong, with slots in place of names.

use indexmap::IndexSet;

use super::{Edge, Names, Slot, TypeId, TypeInfo};
use crate::schema::{EntityType, Owner, Schema};

/// To what the rows of a type belong.
#[derive(Debug, Clone)]
pub(crate) struct Belonging {
    /// Where a row names what it belongs to.
    pub(crate) ends: Vec<End>,
    /// Whether the first end that names something is enough.
    pub(crate) is_first_enough: bool,
    /// Whose the row is where it names nothing.
    pub(crate) owner: RowOwner,
    /// Whether it takes a role that administrates to change it.
    pub(crate) is_managed: bool,
    /// Whether the server itself notes such rows, and others take such a role to do so.
    pub(crate) is_noted: bool,
    /// The slots that say in whose name something was done.
    pub(crate) authors: Vec<Slot>,
    /// The slots that are for those alone in whose name they are.
    pub(crate) words: Vec<Slot>,
}

/// A place where a row names what it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) slot: Slot,
    /// Where the id is looked for: the topmost types of families.
    pub(crate) families: Vec<TypeId>,
    /// Whether the id is always that of a project.
    pub(crate) is_project: bool,
}

/// Whose a row is that belongs to nothing else. The slots hold the ids of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowOwner {
    /// Its own: it is a project.
    Itself,
    Nobody,
    User(Slot),
    /// A user's, for everybody to see.
    Shown(Slot),
    /// That of the rows that hold it, else the user's who made it.
    Holders(Option<Slot>),
    /// That of those who take part, and of whoever began it.
    Participants(Slot),
    /// A user's, who may share it.
    Shared(Slot),
    /// The studio's.
    Studio,
}

/// A place where a row can hold a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) type_id: TypeId,
    pub(crate) slot: Slot,
}

/// Attributes by which rows hold a component.
const HOLDING: [&str; 2] = ["thumbnail_id", "component_id"];

/// Where ids are looked for that may be those of anything.
const ANYTHING: [&str; 13] = [
    "Context",
    "Asset",
    "AssetVersion",
    "Component",
    "Resource",
    "List",
    "ListObject",
    "ReviewSession",
    "ReviewSessionObject",
    "Note",
    "Job",
    "CalendarEvent",
    "CustomConfigurationBase",
];

/// What is known while the table is made ready.
pub(super) struct Belongings<'a> {
    pub(super) schema: &'a Schema,
    pub(super) types: &'a [TypeInfo],
    pub(super) names: &'a Names,
    pub(super) edges: &'a [Edge],
}

impl Belongings<'_> {
    /// By type number.
    pub(super) fn all(&self) -> Vec<Belonging> {
        let types = self.types.iter();
        types.map(|info| self.belonging(info)).collect()
    }

    fn belonging(&self, info: &TypeInfo) -> Belonging {
        let Some(definition) = self.schema.types.get(&info.name) else {
            return nobodys();
        };
        let told = self.schema.belonging(definition);
        let slot = |name: &str| self.slot(info, name);
        let ends = told.named_by.iter();
        let owner = match told.owner {
            Owner::Itself => Some(RowOwner::Itself),
            Owner::Nobody => Some(RowOwner::Nobody),
            Owner::User(name) => slot(name).map(RowOwner::User),
            Owner::Shown(name) => slot(name).map(RowOwner::Shown),
            Owner::Holders(name) => Some(RowOwner::Holders(slot(name))),
            Owner::Participants(name) => slot(name).map(RowOwner::Participants),
            Owner::Shared(name) => slot(name).map(RowOwner::Shared),
            Owner::Studio => Some(RowOwner::Studio),
        };
        let authors = told.authors.iter().chain(&["created_by_id"]);
        Belonging {
            ends: ends
                .filter_map(|name| self.end(definition, info, name))
                .collect(),
            is_first_enough: told.is_first_enough,
            owner: owner.unwrap_or(RowOwner::Nobody),
            is_managed: told.is_managed,
            is_noted: told.is_noted,
            authors: authors.filter_map(|name| slot(name)).collect(),
            words: told.words.iter().filter_map(|name| slot(name)).collect(),
        }
    }

    fn slot(&self, info: &TypeInfo, name: &str) -> Option<Slot> {
        let position = u16::try_from(self.names.get_index_of(name)?).ok()?;
        info.stored(super::NameId(position))
    }

    fn end(&self, definition: &EntityType, info: &TypeInfo, name: &str) -> Option<End> {
        let slot = self.slot(info, name)?;
        let leading = self
            .edges
            .iter()
            .filter(|edge| edge.child == info.id && edge.slot == slot);
        let (references, inverses): (Vec<&Edge>, Vec<&Edge>) =
            leading.partition(|edge| edge.is_reference);
        let known = if references.is_empty() {
            &inverses
        } else {
            &references
        };
        let named = |name: &str| self.types.iter().find(|info| info.name == name);
        // Hidden link tables say what they name, though nothing goes by it.
        let key = definition.attributes.get(name);
        let key = key.and_then(|attribute| named(attribute.foreign_key.as_deref()?));
        let targets: Vec<&TypeInfo> = if let (true, Some(key)) = (references.is_empty(), key) {
            vec![key]
        } else if known.is_empty() {
            ANYTHING.iter().filter_map(|name| named(name)).collect()
        } else {
            let targets = known.iter();
            targets
                .filter_map(|edge| self.types.get(usize::from(edge.target.0)))
                .collect()
        };
        let families: IndexSet<TypeId> = targets.iter().map(|info| info.root).collect();
        Some(End {
            slot,
            families: families.into_iter().collect(),
            is_project: matches!(targets.as_slice(), [only] if only.name == "Project"),
        })
    }

    /// Where rows can hold a component.
    pub(super) fn holders(&self) -> Vec<Holder> {
        let is_component = |edge: &&Edge| {
            let target = self.types.get(usize::from(edge.target.0));
            edge.is_reference && target.is_some_and(|target| target.name == "Component")
        };
        let holders = self.edges.iter().filter(is_component).filter(|edge| {
            let child = self.types.get(usize::from(edge.child.0));
            let name = child.and_then(|info| info.slot_attribute(edge.slot));
            let name = name.and_then(|found| self.names.get_index(usize::from(found.name.0)));
            // Where a component is stored does not tell whose it is.
            name.is_some_and(|name| HOLDING.contains(&name.as_str()))
                && child.is_some_and(|info| info.name != "ComponentLocation")
        });
        holders
            .map(|edge| Holder {
                type_id: edge.child,
                slot: edge.slot,
            })
            .collect()
    }
}

fn nobodys() -> Belonging {
    Belonging {
        ends: Vec::new(),
        is_first_enough: false,
        owner: RowOwner::Nobody,
        is_managed: true,
        is_noted: false,
        authors: Vec::new(),
        words: Vec::new(),
    }
}
