//! From the schema's definition to the catalog.

use rustc_hash::FxHashMap;

use super::belonging::Belongings;
use super::slots::{attributes_of_slots, computed, stored_slots};
use super::{
    AttributeInfo, Catalog, Computed, Members, NameId, Names, Slot, SlotDefault, Source, TypeId,
    TypeInfo, edges, indexes,
};
use crate::schema::Schema;
use crate::schema::{Attribute, AttributeKind, EntityType, Inverse};
use crate::value::Value;

impl Catalog {
    /// Makes the catalog of a schema.
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut builder = Builder::new(schema);
        let mut types: Vec<TypeInfo> = schema
            .types
            .values()
            .map(|definition| builder.type_info(definition))
            .collect();
        indexes::mark(&mut types, &builder.names);
        complete(&mut types);
        let found = edges::find(&types, &builder.names);
        let mut targets: FxHashMap<_, Vec<TypeId>> = FxHashMap::default();
        for edge in found.iter().filter(|edge| edge.is_reference) {
            targets
                .entry((edge.child, edge.slot))
                .or_default()
                .push(edge.target);
        }
        let table = Belongings {
            schema,
            types: &types,
            names: &builder.names,
            edges: &found,
        };
        let (belongings, holders) = (table.all(), table.holders());
        let edges = edges::by_target(&types, &found);
        let custom_values = types
            .iter()
            .filter(|info| info.name.ends_with("CustomAttributeValue"))
            .map(|info| info.id)
            .collect();
        let labels = builder.names.iter().map(|name| label(name)).collect();
        Self {
            types,
            by_name: builder.by_name,
            names: builder.names,
            labels,
            edges,
            targets,
            custom_values,
            belongings,
            holders,
            case: std::sync::OnceLock::new(),
        }
    }
}

/// Adds what follows from all types together.
fn complete(types: &mut [TypeInfo]) {
    let found: Vec<_> = types
        .iter()
        .map(|info| (family_values(types, info), seen_by(types, info)))
        .collect();
    for (info, (family_values, seen_by)) in types.iter_mut().zip(found) {
        info.slot_defaults = slot_defaults(info);
        info.family_values = family_values;
        info.seen_by = seen_by;
    }
}

/// Discriminators of the families between a type and the topmost one.
fn family_values(types: &[TypeInfo], info: &TypeInfo) -> Vec<(Slot, Value)> {
    let families = types.iter().filter(|family| {
        family.root == info.root
            && family.id != info.id
            && family.shows.is_none()
            && family.members.contains(&info.id)
    });
    let values = families.filter_map(|family| {
        let (slot, value) = family.discriminator.as_ref()?;
        let own = info.stored(family.slot_attribute(*slot)?.name)?;
        Some((own, value.clone()))
    });
    values.collect()
}

fn seen_by(types: &[TypeInfo], info: &TypeInfo) -> Vec<String> {
    let sees = |family: &&TypeInfo| {
        family.id == info.id || family.members.contains(&info.id) || family.faces.contains(&info.id)
    };
    let families = types.iter().filter(sees);
    families.map(|family| family.name.clone()).collect()
}

fn slot_defaults(info: &TypeInfo) -> Vec<SlotDefault> {
    let slots = 0..info.slots.len();
    slots
        .map(|slot| {
            let default = info
                .slot_attribute(slot)
                .and_then(|attribute| attribute.default.as_ref());
            match default {
                None => SlotDefault::Nothing,
                Some(serde_json::Value::String(text)) if text == "{uid}" => SlotDefault::Fresh,
                Some(default) => match Value::decode(default, info.slot_scalar(slot)) {
                    Ok(value) => SlotDefault::Value(value),
                    Err(_) => SlotDefault::Unusable,
                },
            }
        })
        .collect()
}

fn label(name: &str) -> Box<str> {
    format!(",{}:", serde_json::Value::from(name)).into()
}

struct Builder<'a> {
    schema: &'a Schema,
    by_name: FxHashMap<String, TypeId>,
    names: Names,
}

impl<'a> Builder<'a> {
    fn new(schema: &'a Schema) -> Self {
        let mut names = Names::default();
        for definition in schema.types.values() {
            names.extend(definition.attributes.keys().cloned());
        }
        let by_name = schema
            .types
            .keys()
            .enumerate()
            .filter_map(|(index, name)| Some((name.clone(), TypeId(u16::try_from(index).ok()?))))
            .collect();
        Self {
            schema,
            by_name,
            names,
        }
    }

    fn type_id(&self, name: &str) -> TypeId {
        self.by_name.get(name).copied().unwrap_or(TypeId(0))
    }

    fn name_id(&self, name: &str) -> NameId {
        let index = self.names.get_index_of(name).unwrap_or_default();
        NameId(u16::try_from(index).unwrap_or_default())
    }

    fn type_info(&mut self, definition: &EntityType) -> TypeInfo {
        let mut attributes: Vec<AttributeInfo> = Vec::new();
        let slot_of = self.slots(definition);
        let slots = attributes_of_slots(definition, &slot_of);
        for attribute in definition.attributes.values() {
            attributes.push(self.attribute(definition, attribute, &slot_of));
        }
        let by_name = self.positions(&attributes);
        let slot = |name: &str| slot_of.get(name).copied();
        TypeInfo {
            id: self.type_id(&definition.name),
            root: self.root(definition),
            is_concrete: !definition.is_abstract && definition.shows.is_none(),
            members: self.members(definition.shows.as_deref().unwrap_or(&definition.name)),
            shows: definition.shows.as_deref().map(|name| self.type_id(name)),
            faces: self.faces(definition),
            defaults: definition.default_projections.clone(),
            primary_key: definition
                .primary_key
                .iter()
                .filter_map(|name| slot(name))
                .collect(),
            always: always(definition),
            indexed: vec![false; slots.len()],
            required: positions_of(definition, &definition.required),
            discriminator: definition
                .discriminator
                .as_ref()
                .and_then(|(name, value)| Some((slot(name)?, Value::text(value)))),
            name: definition.name.clone(),
            family_values: Vec::new(),
            slot_defaults: Vec::new(),
            seen_by: Vec::new(),
            attributes,
            by_name,
            slots,
        }
    }

    /// The slot of every attribute that is stored: in the rows shown, for a type that has none of its own.
    fn slots<'d>(&self, definition: &'d EntityType) -> FxHashMap<&'d str, usize> {
        let shown = definition.shows.as_deref().and_then(|name| {
            let first = *self.members(name).first()?;
            let (_, shown) = self.schema.types.get_index(usize::from(first.0))?;
            Some(stored_slots(shown))
        });
        let own = stored_slots(definition);
        let Some(shown) = shown else { return own };
        own.into_keys()
            .filter_map(|name| Some((name, *shown.get(name)?)))
            .collect()
    }

    fn faces(&self, definition: &EntityType) -> Vec<TypeId> {
        let Some(shown) = &definition.shows else {
            return Vec::new();
        };
        if self.members(shown).len() < 2 {
            return Vec::new();
        }
        let types = self.schema.types.values();
        types
            .filter(|face| !face.is_abstract && self.is_kind_of(face, &definition.name))
            .map(|face| self.type_id(&face.name))
            .collect()
    }

    fn attribute(
        &self,
        definition: &EntityType,
        attribute: &Attribute,
        slot_of: &FxHashMap<&str, usize>,
    ) -> AttributeInfo {
        AttributeInfo {
            name: self.name_id(&attribute.name),
            source: self.source(definition, attribute, slot_of),
            is_immutable: definition.immutable.contains(&attribute.name),
            default: attribute.default.clone(),
            allowed: attribute
                .report
                .get("enum")
                .and_then(|values| serde_json::from_value(values.clone()).ok())
                .unwrap_or_default(),
        }
    }

    fn source(
        &self,
        definition: &EntityType,
        attribute: &Attribute,
        slot_of: &FxHashMap<&str, usize>,
    ) -> Source {
        match &attribute.kind {
            AttributeKind::Scalar(scalar) => match slot_of.get(attribute.name.as_str()) {
                Some(slot) => Source::Stored {
                    slot: *slot,
                    scalar: *scalar,
                },
                None => Source::Computed {
                    function: computed(definition, &attribute.name),
                },
            },
            AttributeKind::Reference { target, via } => {
                let target = self.type_id(target);
                if let Some(slot) = slot_of.get(via.as_str()) {
                    return Source::Reference {
                        target,
                        slot: *slot,
                    };
                }
                let slots = via
                    .split(',')
                    .filter_map(|name| slot_of.get(name).copied())
                    .collect();
                match computed(definition, &attribute.name) {
                    Computed::Nothing => Source::CompositeReference { target, slots },
                    function => Source::ComputedReference { target, function },
                }
            }
            AttributeKind::Collection {
                target,
                inverse,
                mapped: _,
                restricted,
            } => Source::Collection {
                target: self.type_id(target),
                members: self.inverse(inverse),

                is_restricted: *restricted,
            },
        }
    }

    fn inverse(&self, inverse: &Inverse) -> Members {
        match inverse {
            Inverse::ForeignKey { attribute } => Members::Foreign {
                attribute: self.name_id(attribute),
                only: None,
            },
            Inverse::Through { link, own, other } => Members::Through {
                link: self.type_id(link),
                own: self.name_id(own),
                other: self.name_id(other),
            },
            Inverse::Where {
                attribute,
                filter,
                value,
            } => Members::Foreign {
                attribute: self.name_id(attribute),
                only: Some((self.name_id(filter), Value::text(value))),
            },
            Inverse::Ancestors => Members::Ancestors,
            Inverse::Descendants => Members::Descendants,
            Inverse::CustomAttributes => Members::CustomAttributes,
            Inverse::Special => Members::Special,
        }
    }

    fn positions(&self, attributes: &[AttributeInfo]) -> Vec<u16> {
        let mut positions = vec![u16::MAX; self.names.len()];
        for (index, attribute) in attributes.iter().enumerate() {
            if let Some(position) = positions.get_mut(usize::from(attribute.name.0)) {
                *position = u16::try_from(index).unwrap_or(u16::MAX);
            }
        }
        positions
    }

    fn root(&self, definition: &EntityType) -> TypeId {
        let shown = definition
            .shows
            .as_ref()
            .and_then(|name| self.schema.types.get(name));
        let mut current = shown.unwrap_or(definition);
        while let Some(family) = current
            .family
            .as_ref()
            .and_then(|name| self.schema.types.get(name))
        {
            current = family;
        }
        self.type_id(&current.name)
    }

    fn members(&self, name: &str) -> Vec<TypeId> {
        self.schema
            .types
            .values()
            .filter(|candidate| !candidate.is_abstract && candidate.shows.is_none())
            .filter(|candidate| self.is_kind_of(candidate, name))
            .map(|candidate| self.type_id(&candidate.name))
            .collect()
    }

    fn is_kind_of(&self, candidate: &EntityType, name: &str) -> bool {
        let mut current = Some(candidate);
        while let Some(definition) = current {
            if definition.name == name {
                return true;
            }
            current = definition
                .family
                .as_ref()
                .and_then(|family| self.schema.types.get(family));
        }
        false
    }
}

/// Positions of the primary key, the system projections and the classifier.
fn always(definition: &EntityType) -> Vec<usize> {
    let mut names: Vec<&str> = definition.primary_key.iter().map(String::as_str).collect();
    for server_name in definition.system_projections.iter().flatten() {
        names.extend(public_name(definition, server_name));
    }
    names.extend(
        definition
            .discriminator
            .iter()
            .map(|(name, _)| name.as_str()),
    );
    let mut positions: Vec<usize> = names
        .iter()
        .filter_map(|name| definition.attributes.get_index_of(*name))
        .collect();
    let mut seen = Vec::new();
    positions.retain(|position| {
        let is_new = !seen.contains(position);
        seen.push(*position);
        is_new
    });
    positions
}

/// System projections are listed by their names on the server.
fn public_name<'a>(definition: &'a EntityType, server_name: &str) -> Option<&'a str> {
    let wanted = server_name.trim_start_matches('_');
    definition
        .attributes
        .values()
        .filter(|attribute| !attribute.hidden && matches!(attribute.kind, AttributeKind::Scalar(_)))
        .find(|attribute| {
            let alias = attribute
                .report
                .get("alias_for")
                .and_then(serde_json::Value::as_str);
            alias == Some(server_name)
                || alias == Some(wanted)
                || (alias.is_none() && attribute.name == server_name)
        })
        .map(|attribute| attribute.name.as_str())
}

fn positions_of(definition: &EntityType, names: &[String]) -> Vec<usize> {
    names
        .iter()
        .filter_map(|name| definition.attributes.get_index_of(name))
        .collect()
}
