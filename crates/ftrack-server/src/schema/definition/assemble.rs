//! Puts blocks of lines together to types.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::json;

use super::words::Words;
use super::{DefinitionError, Position, attribute, facts};
use crate::schema::model::{EntityType, MIXIN, Schema};
use crate::schema::version::SchemaVersion;

/// How deep shapes may use shapes; deeper means in a circle.
const SHAPE_DEPTH: usize = 8;

/// Where each attribute of each type was defined; the empty name stands for the type itself.
pub(super) type Positions<'a> = HashMap<(String, String), Position<'a>>;

/// Everything that files say, in their order.
#[derive(Debug, Default)]
pub(super) struct Blocks<'a> {
    shapes: HashMap<&'a str, Vec<Words<'a>>>,
    types: IndexMap<&'a str, Block<'a>>,
    order: Vec<(&'a str, Position<'a>)>,
}

/// One type with the lines below it.
#[derive(Debug)]
struct Block<'a> {
    family: Option<&'a str>,
    position: Position<'a>,
    lines: Vec<Words<'a>>,
}

/// What indented lines belong to.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Nothing,
    /// A heading that counts in other versions.
    Skipped,
    Shape(&'a str),
    Type(&'a str),
}

/// Sorts the lines that count in a version into shapes, types and the order of types.
pub(super) fn blocks<'a>(
    files: &[(&'a str, &'a str)],
    version: SchemaVersion,
) -> Result<Blocks<'a>, DefinitionError> {
    let mut blocks = Blocks::default();
    for &(file, text) in files {
        let mut owner = Owner::Nothing;
        for (index, line) in text.lines().enumerate() {
            let position = Position {
                file,
                line: index + 1,
            };
            let mut words = Words::new(line, position)?;
            let counts = words.take_version()?.is_none_or(|named| named == version);
            if words.is_empty() {
                continue;
            }
            if line.starts_with(char::is_whitespace) {
                if counts {
                    blocks.line(owner, words)?;
                }
            } else if counts {
                owner = blocks.heading(words)?;
            } else {
                owner = Owner::Skipped;
            }
        }
    }
    Ok(blocks)
}

impl<'a> Blocks<'a> {
    fn heading(&mut self, mut words: Words<'a>) -> Result<Owner<'a>, DefinitionError> {
        let position = words.position();
        match words.expect("a heading")? {
            "shape" => {
                let name = words.expect("the name of the shape")?;
                words.end()?;
                if self.shapes.insert(name, Vec::new()).is_some() {
                    return Err(position.error(format!("there is a shape `{name}` already")));
                }
                Ok(Owner::Shape(name))
            }
            "type" => {
                let name = words.expect("the name of the type")?;
                let family = match words.next() {
                    Some(":") => Some(words.expect("the family")?),
                    Some(word) => return Err(position.error(format!("unexpected `{word}`"))),
                    None => None,
                };
                words.end()?;
                let block = Block {
                    family,
                    position,
                    lines: Vec::new(),
                };
                if self.types.insert(name, block).is_some() {
                    return Err(position.error(format!("there is a type `{name}` already")));
                }
                Ok(Owner::Type(name))
            }
            "order" => {
                let names = words.rest();
                self.order
                    .extend(names.into_iter().map(|name| (name, position)));
                Ok(Owner::Nothing)
            }
            word => {
                Err(position.error(format!("expected `shape`, `type` or `order`, not `{word}`")))
            }
        }
    }

    fn line(&mut self, owner: Owner<'a>, words: Words<'a>) -> Result<(), DefinitionError> {
        let lines = match owner {
            Owner::Shape(name) => self.shapes.get_mut(name),
            Owner::Type(name) => self.types.get_mut(name).map(|block| &mut block.lines),
            Owner::Skipped => return Ok(()),
            Owner::Nothing => None,
        };
        match lines {
            Some(lines) => {
                lines.push(words);
                Ok(())
            }
            None => Err(words.position().error("the line belongs to no type")),
        }
    }
}

/// Makes types of blocks, and brings them into the order in which they are reported.
pub(super) fn schema<'a>(
    blocks: &Blocks<'a>,
    version: SchemaVersion,
) -> Result<(Schema, Positions<'a>), DefinitionError> {
    let mut assembly = Assembly {
        blocks,
        has_mixins: version != SchemaVersion::V116,
        schema: Schema::default(),
        positions: Positions::new(),
    };
    for (name, block) in &blocks.types {
        assembly.add(name, block)?;
    }
    assembly.reorder()?;
    Ok((assembly.schema, assembly.positions))
}

struct Assembly<'a, 'b> {
    blocks: &'b Blocks<'a>,
    /// Whether reports of this version say what a type extends.
    has_mixins: bool,
    schema: Schema,
    positions: Positions<'a>,
}

impl<'a> Assembly<'a, '_> {
    fn add(&mut self, name: &str, block: &Block<'a>) -> Result<(), DefinitionError> {
        let mut entity_type = self.start(name, block)?;
        self.positions
            .insert((name.to_owned(), String::new()), block.position);
        for attribute in entity_type.attributes.keys() {
            self.positions
                .insert((name.to_owned(), attribute.clone()), block.position);
        }
        let mut own = HashSet::new();
        for words in &block.lines {
            let first = words.clone().expect("a line")?;
            if !first.starts_with('@') && !own.insert(first) {
                let reason = format!("`{first}` is defined twice");
                return Err(words.position().error(reason));
            }
            self.apply(&mut entity_type, words.clone(), SHAPE_DEPTH)?;
        }
        if block.family.is_none() {
            complete(&mut entity_type);
        }
        self.schema.types.insert(name.to_owned(), entity_type);
        Ok(())
    }

    fn start(&self, name: &str, block: &Block<'a>) -> Result<EntityType, DefinitionError> {
        let Some(family) = block.family else {
            return Ok(EntityType {
                name: name.to_owned(),
                ..EntityType::default()
            });
        };
        let Some(parent) = self.schema.types.get(family) else {
            let reason = format!("no type `{family}` stands before this one");
            return Err(block.position.error(reason));
        };
        let mut entity_type = EntityType {
            name: name.to_owned(),
            family: Some(family.to_owned()),
            is_abstract: false,
            hidden: false,
            alias_for: None,
            ..parent.clone()
        };
        if self.has_mixins {
            let mixin = json!({ "$ref": family });
            entity_type.extra.insert(MIXIN.to_owned(), mixin);
        }
        Ok(entity_type)
    }

    fn apply(
        &mut self,
        entity_type: &mut EntityType,
        mut words: Words<'a>,
        depth: usize,
    ) -> Result<(), DefinitionError> {
        let position = words.position();
        let first = words.expect("a line")?;
        if first == "@use" {
            return self.apply_shapes(entity_type, words, depth);
        }
        if let Some(fact) = first.strip_prefix('@') {
            return facts::apply(fact, &mut words, entity_type);
        }
        let attribute = attribute::parse(first, words)?;
        let key = (entity_type.name.clone(), attribute.name.clone());
        self.positions.insert(key, position);
        entity_type
            .attributes
            .insert(attribute.name.clone(), attribute);
        Ok(())
    }

    fn apply_shapes(
        &mut self,
        entity_type: &mut EntityType,
        mut words: Words<'a>,
        depth: usize,
    ) -> Result<(), DefinitionError> {
        let position = words.position();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(position.error("shapes use each other in a circle"));
        };
        let blocks = self.blocks;
        while let Some(name) = words.next() {
            let Some(lines) = blocks.shapes.get(name) else {
                return Err(position.error(format!("there is no shape `{name}`")));
            };
            for line in lines {
                self.apply(entity_type, line.clone(), depth)?;
            }
        }
        Ok(())
    }

    fn reorder(&mut self) -> Result<(), DefinitionError> {
        let mut ordered = IndexMap::with_capacity(self.schema.types.len());
        for (name, position) in &self.blocks.order {
            let Some(entity_type) = self.schema.types.shift_remove(*name) else {
                let reason = format!("there is no type `{name}` to put here");
                return Err(position.error(reason));
            };
            ordered.insert((*name).to_owned(), entity_type);
        }
        ordered.append(&mut self.schema.types);
        self.schema.types = ordered;
        Ok(())
    }
}

/// Fills in what a type without family need not say.
fn complete(entity_type: &mut EntityType) {
    if entity_type.primary_key.is_empty() {
        entity_type.primary_key.push("id".to_owned());
    }
    let key = &entity_type.primary_key;
    for names in [
        &mut entity_type.required,
        &mut entity_type.immutable,
        &mut entity_type.default_projections,
    ] {
        if names.is_empty() {
            names.clone_from(key);
        }
    }
}
