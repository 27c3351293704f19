//! The schema made ready for the engine: names as small numbers, slots for stored values,
//! families as lists of concrete types.

mod belonging;
mod build;
mod edges;
mod indexes;
mod slots;

use std::sync::OnceLock;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

pub(crate) use self::belonging::{Belonging, End, Holder, RowOwner};
pub(crate) use self::edges::{Edge, OnDelete, is_author};
use crate::schema::ScalarType;
use crate::text::Case;
use crate::value::Value;

/// The number of an entity type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u16);

/// The number of an attribute name, the same for all types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameId(pub(crate) u16);

/// The place of a stored value in a row.
pub(crate) type Slot = usize;

/// The names of attributes. They come from the schema and not from clients, so their hashes need no secret.
type Names = IndexSet<String, FxBuildHasher>;

/// Everything the engine knows about the entity types.
#[derive(Debug)]
pub(crate) struct Catalog {
    types: Vec<TypeInfo>,
    by_name: FxHashMap<String, TypeId>,
    names: Names,
    /// How an object goes on with each name: `,"name":`.
    labels: Vec<Box<str>>,
    /// Edges to the rows of each concrete type, by type number.
    edges: Vec<Vec<Edge>>,
    /// The types whose keys a slot may hold.
    targets: FxHashMap<(TypeId, Slot), Vec<TypeId>>,
    /// The types whose rows are the typed values of custom attributes.
    custom_values: Vec<TypeId>,
    /// To what the rows of each type belong, by type number.
    belongings: Vec<Belonging>,
    /// Where rows can hold a component.
    holders: Vec<Holder>,
    /// Whether case counts in text that is neither key nor id; set before the first request, if at all.
    case: OnceLock<Case>,
}

/// One entity type.
#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub(crate) id: TypeId,
    pub(crate) name: String,
    /// The topmost type of the family; ids are unique within it.
    pub(crate) root: TypeId,
    /// Whether rows are stored under this very type.
    pub(crate) is_concrete: bool,
    /// The concrete types that a query on this type sees, in order.
    pub(crate) members: Vec<TypeId>,
    /// The type whose rows this one shows under its own name.
    pub(crate) shows: Option<TypeId>,
    /// Where those rows are of several types: the types as which they are seen, each with references of its own.
    pub(crate) faces: Vec<TypeId>,
    /// What a query asks for that does not say.
    pub(crate) defaults: Vec<String>,
    pub(crate) attributes: Vec<AttributeInfo>,
    /// Attribute positions by name number; `u16::MAX` where the type has no such attribute.
    by_name: Vec<u16>,
    /// The attribute of each slot.
    pub(crate) slots: Vec<usize>,
    /// The slots of the primary key, in order.
    pub(crate) primary_key: Vec<Slot>,
    /// Positions of the attributes that every answer carries: keys, system projections, classifiers.
    pub(crate) always: Vec<usize>,
    /// Which slots have an index.
    pub(crate) indexed: Vec<bool>,
    /// Positions of attributes that need a value at the end of a batch.
    pub(crate) required: Vec<usize>,
    /// What every row of this type has in one of its slots.
    pub(crate) discriminator: Option<(Slot, Value)>,
    /// What rows have besides because of the families that the type belongs to.
    pub(crate) family_values: Vec<(Slot, Value)>,
    /// What a new row has in each slot that a client does not fill.
    pub(crate) slot_defaults: Vec<SlotDefault>,
    /// The names of the types whose queries see rows of this one, itself included.
    seen_by: Vec<String>,
}

/// What a new row has in a slot that a client does not fill.
#[derive(Debug, Clone)]
pub(crate) enum SlotDefault {
    Nothing,
    /// A random id.
    Fresh,
    Value(Value),
    /// What the schema says does not fit the attribute; who relies on it is told so.
    Unusable,
}

/// One attribute of one entity type.
#[derive(Debug, Clone)]
pub(crate) struct AttributeInfo {
    pub(crate) name: NameId,
    pub(crate) source: Source,
    pub(crate) is_immutable: bool,
    pub(crate) default: Option<serde_json::Value>,
    /// The values a client may send, where the schema lists them.
    pub(crate) allowed: Vec<String>,
}

/// Where the value of an attribute comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// From the row.
    Stored { slot: Slot, scalar: ScalarType },
    /// From a function of the row.
    Computed { function: Computed },
    /// The entity named by a slot of the row.
    Reference { target: TypeId, slot: Slot },
    /// The entity whose composite key the slots hold.
    CompositeReference { target: TypeId, slots: Vec<Slot> },
    /// An entity found by a function of the row.
    ComputedReference { target: TypeId, function: Computed },
    /// Other rows.
    Collection {
        target: TypeId,
        members: Members,
        is_restricted: bool,
    },
}

/// Functions of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Computed {
    Link,
    ThumbnailUrl,
    ComponentUrl,
    TimeLogged,
    BidTimeLoggedDifference,
    LatestVersion,
    ThumbnailSource,
    IsLatestVersion,
    ReviewIsOpen,
    /// An attribute that exists by name only; always null.
    Nothing,
}

/// How the members of a collection are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Members {
    /// Rows of the target with this row's id under a name, perhaps restricted to one value of another.
    Foreign {
        attribute: NameId,
        only: Option<(NameId, Value)>,
    },
    /// Rows named by rows of a link type.
    Through {
        link: TypeId,
        own: NameId,
        other: NameId,
    },
    /// All parents.
    Ancestors,
    /// All children, transitively.
    Descendants,
    /// One value per applicable custom attribute configuration.
    CustomAttributes,
    /// Tasks of an object type and the like: found by a function named after type and attribute.
    Special,
}

impl Source {
    /// The type that a relation leads to.
    pub(crate) fn target(&self) -> Option<TypeId> {
        match self {
            Self::Stored { .. } | Self::Computed { .. } => None,
            Self::Reference { target, .. }
            | Self::CompositeReference { target, .. }
            | Self::ComputedReference { target, .. }
            | Self::Collection { target, .. } => Some(*target),
        }
    }
}

impl Computed {
    /// The type of the values.
    pub(crate) fn scalar(self) -> ScalarType {
        match self {
            Self::Link | Self::LatestVersion | Self::ThumbnailSource | Self::Nothing => {
                ScalarType::Text
            }
            Self::ThumbnailUrl | Self::ComponentUrl => ScalarType::Object,
            Self::TimeLogged | Self::BidTimeLoggedDifference => ScalarType::Number,
            Self::IsLatestVersion | Self::ReviewIsOpen => ScalarType::Boolean,
        }
    }
}

impl Catalog {
    /// A type by its name.
    pub(crate) fn find(&self, name: &str) -> Option<&TypeInfo> {
        self.by_name.get(name).map(|id| self.get(*id))
    }

    /// A type by its number.
    #[expect(
        clippy::indexing_slicing,
        reason = "type numbers are only made by this catalog"
    )]
    pub(crate) fn get(&self, id: TypeId) -> &TypeInfo {
        &self.types[usize::from(id.0)]
    }

    /// All types.
    pub(crate) fn types(&self) -> &[TypeInfo] {
        &self.types
    }

    /// The number of an attribute name, if any type has it.
    pub(crate) fn name_id(&self, name: &str) -> Option<NameId> {
        self.names
            .get_index_of(name)
            .and_then(|index| u16::try_from(index).ok())
            .map(NameId)
    }

    /// The text of an attribute name.
    pub(crate) fn name(&self, id: NameId) -> &str {
        self.names
            .get_index(usize::from(id.0))
            .map_or("", String::as_str)
    }

    /// How an object of an answer goes on with a name: `,"name":`.
    pub(crate) fn label(&self, id: NameId) -> &str {
        self.labels
            .get(usize::from(id.0))
            .map_or("", |label| &**label)
    }

    /// Lets case count in all text, or in keys and ids only. The first word counts.
    pub(crate) fn set_case(&self, case: Case) {
        let _ = self.case.set(case);
    }

    /// Whether case counts in the values of an attribute. Keys and ids are the same only if every letter is.
    pub(crate) fn case_of(&self, id: TypeId, name: NameId) -> Case {
        let text = self.name(name);
        let is_key = || {
            let slot = self.get(id).stored(name);
            slot.is_some_and(|slot| self.get(id).is_key(slot))
        };
        if matches!(text, "id" | "key") || text.ends_with("_id") || is_key() {
            return Case::Exact;
        }
        self.case.get().copied().unwrap_or_default()
    }

    /// Whether rows of `concrete` are seen by queries on `family`.
    pub(crate) fn is_member(&self, concrete: TypeId, family: TypeId) -> bool {
        concrete == family || {
            let info = self.get(family);
            info.members.contains(&concrete) || info.faces.contains(&concrete)
        }
    }

    /// Where rows name rows of a concrete type, and what follows when one of the latter goes.
    pub(crate) fn edges_to(&self, id: TypeId) -> &[Edge] {
        self.edges.get(usize::from(id.0)).map_or(&[], Vec::as_slice)
    }

    /// The types whose keys a slot may hold; none for slots that hold anything else.
    pub(crate) fn targets(&self, id: TypeId, slot: Slot) -> &[TypeId] {
        self.targets.get(&(id, slot)).map_or(&[], Vec::as_slice)
    }

    /// To what the rows of a type belong.
    #[expect(
        clippy::indexing_slicing,
        reason = "there is one for each type of the catalog"
    )]
    pub(crate) fn belonging(&self, id: TypeId) -> &Belonging {
        &self.belongings[usize::from(id.0)]
    }

    /// Where rows can hold a component.
    pub(crate) fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// Whether entities of this type are the values of custom attributes of other entities.
    pub(crate) fn is_custom_value(&self, id: TypeId) -> bool {
        self.custom_values.contains(&id)
    }

    /// The slot of a named attribute that `type_id` stores.
    pub(crate) fn slot(&self, type_id: TypeId, name: &str) -> Option<Slot> {
        self.get(type_id).stored(self.name_id(name)?)
    }
}

impl TypeInfo {
    /// The types of the entities that a query on this type finds.
    pub(crate) fn found(&self) -> &[TypeId] {
        if self.faces.is_empty() {
            &self.members
        } else {
            &self.faces
        }
    }

    /// Whether queries on `family` see rows of this concrete type.
    pub(crate) fn is_seen_by(&self, family: &str) -> bool {
        self.seen_by.iter().any(|name| name == family)
    }

    /// The attribute of this name.
    pub(crate) fn attribute(&self, name: NameId) -> Option<&AttributeInfo> {
        self.attributes.get(self.position(name)?)
    }

    /// The position of the attribute of this name.
    pub(crate) fn position(&self, name: NameId) -> Option<usize> {
        let position = *self.by_name.get(usize::from(name.0))?;
        (position != u16::MAX).then_some(usize::from(position))
    }

    /// The slot of the stored attribute of this name.
    pub(crate) fn stored(&self, name: NameId) -> Option<Slot> {
        match self.attribute(name)?.source {
            Source::Stored { slot, .. } => Some(slot),
            _ => None,
        }
    }

    /// The attribute that a slot holds.
    pub(crate) fn slot_attribute(&self, slot: Slot) -> Option<&AttributeInfo> {
        self.attributes.get(*self.slots.get(slot)?)
    }

    /// The type of the values of a slot.
    pub(crate) fn slot_scalar(&self, slot: Slot) -> ScalarType {
        match self.slot_attribute(slot).map(|attribute| &attribute.source) {
            Some(Source::Stored { scalar, .. }) => *scalar,
            _ => ScalarType::Text,
        }
    }

    /// The positions of the attributes of the primary key, in order.
    pub(crate) fn key_positions(&self) -> impl Iterator<Item = usize> + '_ {
        let slots = self.primary_key.iter();
        slots.filter_map(|slot| self.slots.get(*slot).copied())
    }

    /// Whether a slot is part of the primary key.
    pub(crate) fn is_key(&self, slot: Slot) -> bool {
        self.primary_key.contains(&slot)
    }
}
