//! What is above entities.

use ftrack_entity::{EntityState, Identity, Key, Value};
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::{CHUNK, PAGE};
use crate::custom_attributes::{Class, class_word};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::query_text::keys_conditions;
use crate::session::Session;

/// Names of families that servers use for contexts whose type they do not tell.
const FAMILIES: [&str; 2] = ["TypedContext", "Context"];

/// An entity and what is above it.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) identity: Identity,
    pub(super) name: String,
    /// Whether the server does not know it yet.
    pub(super) is_new: bool,
    above: Option<String>,
    object_type_id: Option<String>,
    /// The project, where nothing above tells it.
    project_id: Option<String>,
}

impl Node {
    fn new(identity: Identity) -> Self {
        Self {
            identity,
            name: String::new(),
            is_new: false,
            above: None,
            object_type_id: None,
            project_id: None,
        }
    }
}

/// Entities and all that is above them, by id.
#[derive(Debug, Default)]
pub(super) struct Hierarchy(FxHashMap<String, Node>);

/// One step of `link`, which leads from the project to an entity.
#[derive(Deserialize)]
struct Step {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "type")]
    entity_type: String,
}

/// How what is above an entity is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum ParentKind {
    Project,
    Version,
    Asset,
    Context,
    List,
    ListObject,
}

impl ParentKind {
    /// `None` for what has nothing above it.
    fn from_type(session: &Session, entity_type: &str) -> Result<Option<Self>> {
        if FAMILIES.contains(&entity_type) {
            return Ok(Some(Self::Context));
        }
        let definition = session.definition(entity_type)?;
        Ok(match class_word(definition) {
            Some("show") => Some(Self::Project),
            Some("task") => Some(Self::Context),
            Some("assetversion") => Some(Self::Version),
            Some("asset") => Some(Self::Asset),
            Some("list") => Some(Self::List),
            Some("listobject") => Some(Self::ListObject),
            _ => None,
        })
    }

    fn entity_type(self, identity: &Identity) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Version => "AssetVersion",
            Self::Asset => "Asset",
            Self::Context => "TypedContext",
            Self::List | Self::ListObject => identity.entity_type().as_str(),
        }
    }

    fn projections(self) -> &'static str {
        match self {
            Self::Project => "name",
            Self::Version => "asset_id",
            Self::Asset => "context_id, name",
            Self::Context => "link, name, object_type_id",
            Self::List => "project_id",
            Self::ListObject => "list.project_id",
        }
    }
}

impl Hierarchy {
    /// One request for each 2,000 entities of a kind, and again for what stands above a parent that was changed here.
    #[track_caller]
    pub(super) fn load(session: &Session, entities: &[Entity]) -> Result<Self> {
        let mut hierarchy = Self::default();
        let mut wanted: Vec<Identity> = entities
            .iter()
            .map(|entity| entity.identity().clone())
            .collect();
        while !wanted.is_empty() {
            let mut ways: FxHashMap<(ParentKind, &'static str), Vec<Identity>> =
                FxHashMap::default();
            let mut next = Vec::new();
            for identity in wanted {
                if hierarchy.0.contains_key(&identity.key().to_string()) {
                    continue;
                }
                if let Some(new) = new_entity(session, &identity) {
                    next.extend(hierarchy.add_new(&new)?);
                } else if let Some(way) =
                    ParentKind::from_type(session, identity.entity_type().as_str())?
                {
                    let group = (way, way.entity_type(&identity));
                    ways.entry(group).or_default().push(identity);
                } else {
                    hierarchy.add(Node::new(identity));
                }
            }
            for ((way, entity_type), group) in ways {
                hierarchy.ask(session, way, entity_type, &group, &mut next)?;
            }
            wanted = next;
        }
        Ok(hierarchy)
    }

    /// What custom attributes tell this entity apart by.
    pub(super) fn class(&self, entity: &Entity) -> Result<Class> {
        let identity = entity.identity();
        let missing = || {
            let message = format!("nothing is known of what {identity} belongs to");
            Error::new(ErrorKind::NotFound, message)
        };
        let chain = self.chain(identity);
        let (own, top) = (chain.first().ok_or_else(missing)?, chain.last());
        let is_project = |node: &&&Node| node.identity.entity_type().as_str() == "Project";
        let project = top.filter(is_project);
        let project_id = project.map(|node| node.identity.key().to_string());
        Class::from_parts(
            entity.definition(),
            own.object_type_id.clone(),
            project_id.or_else(|| own.project_id.clone()),
        )
    }

    /// The entity and all that is above it, upwards.
    pub(super) fn chain(&self, identity: &Identity) -> Vec<&Node> {
        let mut chain = Vec::new();
        // Parents that were set here and not committed may lead in a circle.
        let mut seen = FxHashSet::default();
        let mut next = self.0.get(&identity.key().to_string());
        while let Some(node) = next {
            if !seen.insert(&node.identity) {
                break;
            }
            chain.push(node);
            next = node.above.as_ref().and_then(|above| self.0.get(above));
        }
        chain
    }

    fn add(&mut self, node: Node) {
        self.0.insert(node.identity.key().to_string(), node);
    }

    /// An entity that the server does not know yet. Says what is above it.
    fn add_new(&mut self, entity: &Entity) -> Result<Option<Identity>> {
        let mut node = Node::new(entity.identity().clone());
        node.is_new = true;
        let definition = entity.definition();
        if definition.position("object_type_id").is_some() {
            node.object_type_id = entity.get("object_type_id")?;
        }
        if let Some(Value::Text(name)) = local_value(entity, "name") {
            node.name = name.to_string();
        }
        let project = match local_value(entity, "project") {
            Some(Value::Reference(project)) => Some(project.key().to_string()),
            _ => text(local_value(entity, "project_id")),
        };
        node.project_id = project;
        let above = match local_above(entity) {
            LocalParent::Changed(above) => Some(above),
            LocalParent::AsServed | LocalParent::Nothing => None,
        };
        node.above = above.as_ref().map(|above| above.key().to_string());
        self.add(node);
        Ok(above)
    }

    /// Asks for entities of one kind. What is above them and not known yet is left in `next`.
    #[track_caller]
    fn ask(
        &mut self,
        session: &Session,
        way: ParentKind,
        entity_type: &str,
        group: &[Identity],
        next: &mut Vec<Identity>,
    ) -> Result<()> {
        let definition = session.definition(entity_type)?;
        for chunk in group.chunks(CHUNK) {
            let keys: Vec<Key> = chunk
                .iter()
                .map(|identity| identity.key().clone())
                .collect();
            let text = format!(
                "select {} from {entity_type} where {}",
                way.projections(),
                keys_conditions(definition, &keys)
            );
            for row in session.query(text).page_size(PAGE).all()? {
                match way {
                    ParentKind::Context => self.add_context(session, &row, next)?,
                    ParentKind::Version => self.add_version(session, &row, next)?,
                    ParentKind::Asset => self.add_asset(session, &row, next)?,
                    ParentKind::Project => {
                        let mut node = Node::new(row.identity().clone());
                        node.name = row.get::<Option<String>>("name")?.unwrap_or_default();
                        self.add(node);
                    }
                    ParentKind::List | ParentKind::ListObject => {
                        let mut node = Node::new(row.identity().clone());
                        node.project_id = row.get(way.projections())?;
                        self.add(node);
                    }
                }
            }
            for identity in chunk {
                self.check_found(identity, next)?;
            }
        }
        Ok(())
    }

    /// What was asked for as some context and is not a typed one is a project; all else has to be there.
    fn check_found(&self, identity: &Identity, next: &mut Vec<Identity>) -> Result<()> {
        if self.0.contains_key(&identity.key().to_string()) {
            return Ok(());
        }
        if identity.entity_type().as_str() == "Context" {
            next.push(Identity::new("Project", identity.key().clone()));
            return Ok(());
        }
        let message = format!("there is no {identity} on the server, or the user may not see it");
        Err(Error::new(ErrorKind::NotFound, message).with_detail("entity", identity.to_string()))
    }

    fn add_context(
        &mut self,
        session: &Session,
        row: &Entity,
        next: &mut Vec<Identity>,
    ) -> Result<()> {
        let link: Vec<Step> = serde_json::from_value(row.get("link")?).map_err(|source| {
            let message = format!("the link of {row:?} cannot be read");
            Error::new(ErrorKind::ServerCompatibility, message).with_source(source)
        })?;
        let mut above = None;
        for step in link {
            let is_own = step.id == row.id();
            if !is_own && FAMILIES.contains(&step.entity_type.as_str()) {
                // Its type is not told: it is asked for, and tells what is above it again.
                next.push(Identity::new("TypedContext", step.id.as_str()));
            } else if !is_own && !self.0.contains_key(&step.id) {
                session.definition(&step.entity_type)?;
                let mut node =
                    Node::new(Identity::new(step.entity_type.as_str(), step.id.as_str()));
                node.name = step.name.unwrap_or_default();
                node.above = current_above(session, &node.identity, above.clone(), next);
                self.add(node);
            }
            if !is_own {
                above = Some(step.id);
            }
        }
        let mut node = Node::new(row.identity().clone());
        node.name = row.get::<Option<String>>("name")?.unwrap_or_default();
        node.object_type_id = row.get("object_type_id")?;
        node.above = current_above(session, &node.identity, above, next);
        self.add(node);
        Ok(())
    }

    fn add_version(
        &mut self,
        session: &Session,
        row: &Entity,
        next: &mut Vec<Identity>,
    ) -> Result<()> {
        let asset: Option<String> = row.get("asset_id")?;
        let mut node = Node::new(row.identity().clone());
        node.above = current_above(session, row.identity(), asset, next);
        if let Some(asset) = &node.above {
            next.push(Identity::new("Asset", asset.as_str()));
        }
        self.add(node);
        Ok(())
    }

    fn add_asset(
        &mut self,
        session: &Session,
        row: &Entity,
        next: &mut Vec<Identity>,
    ) -> Result<()> {
        let context: Option<String> = row.get("context_id")?;
        let mut node = Node::new(row.identity().clone());
        node.name = row.get::<Option<String>>("name")?.unwrap_or_default();
        node.above = current_above(session, row.identity(), context, next);
        if let Some(context) = &node.above {
            next.push(Identity::new("Context", context.as_str()));
        }
        self.add(node);
        Ok(())
    }
}

/// What is above an entity according to the server, unless that was changed here.
fn current_above(
    session: &Session,
    identity: &Identity,
    served: Option<String>,
    next: &mut Vec<Identity>,
) -> Option<String> {
    let changed = session.known(identity).map(|known| local_above(&known));
    match changed.unwrap_or(LocalParent::AsServed) {
        LocalParent::AsServed => served,
        LocalParent::Nothing => None,
        LocalParent::Changed(above) => {
            let id = above.key().to_string();
            next.push(above);
            Some(id)
        }
    }
}

/// The entity, if it was created here and is not committed.
fn new_entity(session: &Session, identity: &Identity) -> Option<Entity> {
    let known = session.known(identity).or_else(|| {
        // Known by its id only, which was set as a foreign key.
        let is_foreign = FAMILIES.contains(&identity.entity_type().as_str());
        let mut created = session.created().into_iter().filter(|_| is_foreign);
        created.find(|entity| entity.identity().key() == identity.key())
    })?;
    (known.state() == Some(EntityState::Created)).then_some(known)
}

/// What the session knows of what is above an entity.
enum LocalParent {
    /// Nothing was changed here.
    AsServed,
    /// It was taken away.
    Nothing,
    /// It was put below this one.
    Changed(Identity),
}

fn local_above(entity: &Entity) -> LocalParent {
    let (reference, foreign, family) = match entity.entity_type() {
        "AssetVersion" => ("asset", "asset_id", "Asset"),
        "Asset" => ("parent", "context_id", "Context"),
        _ => ("parent", "parent_id", "Context"),
    };
    match (local_value(entity, reference), local_value(entity, foreign)) {
        (Some(Value::Reference(above)), _) => LocalParent::Changed(above),
        (None, Some(Value::Text(id))) => {
            LocalParent::Changed(Identity::new(family, id.to_string()))
        }
        (None, None) => LocalParent::AsServed,
        _ => LocalParent::Nothing,
    }
}

fn local_value(entity: &Entity, name: &str) -> Option<Value> {
    let position = entity.definition().position(name)?;
    Some(entity.record().local_value(position)).filter(|value| !value.is_not_set())
}

fn text(value: Option<Value>) -> Option<String> {
    value.and_then(|value| value.as_str().map(str::to_owned))
}
