//! The same as a model of the hierarchy says, through random changes of which some are not committed.

use ftrack_session::{Entity, Session, Value, values};

use super::against_a_walk::Dice;
use super::{create, hierarchical, set};
use crate::Studio;

const DEFAULT: i64 = 24;

/// What should be there of one entity.
#[derive(Clone)]
struct Node {
    entity: Entity,
    above: Option<usize>,
    /// What was set.
    value: Option<i64>,
}

/// A hierarchy, changed in the session and here alike.
struct Model {
    session: Session,
    asset_type: Entity,
    nodes: Vec<Node>,
    /// As it was committed.
    committed: Vec<Node>,
    /// Tells the names of this model from those of others on the same project.
    seed: u64,
    names: usize,
}

impl Model {
    fn new(studio: &Studio, seed: u64) -> Self {
        let session = studio.other_session();
        let asset_type = session.query("AssetType").first().unwrap().unwrap();
        let project = session
            .query("Project where name is last_lantern")
            .one()
            .unwrap();
        let node = Node {
            entity: project,
            above: None,
            value: None,
        };
        Self {
            session,
            asset_type,
            nodes: vec![node.clone()],
            committed: vec![node],
            seed,
            names: 0,
        }
    }

    /// The nearest value above, or none.
    fn expected(&self, index: usize) -> (i64, Option<&Entity>) {
        let mut next = Some(index);
        while let Some(index) = next {
            let node = &self.nodes[index];
            if let Some(value) = node.value {
                return (value, Some(&node.entity));
            }
            next = node.above;
        }
        (DEFAULT, None)
    }

    fn step(&mut self, dice: &mut Dice) {
        match dice.below(10) {
            0..=2 => self.grow(dice),
            3..=5 => self.set(dice),
            6 => self.unset(dice),
            7 => self.move_somewhere(dice),
            8 => {
                self.session.commit().unwrap();
                self.committed = self.nodes.clone();
            }
            _ => {
                self.session.rollback();
                self.nodes = self.committed.clone();
            }
        }
    }

    /// Adds something below what may have it.
    fn grow(&mut self, dice: &mut Dice) {
        let above = dice.below(self.nodes.len());
        let parent = self.nodes[above].entity.clone();
        self.names += 1;
        let name = format!("model_{}_{}", self.seed, self.names);
        let session = &self.session;
        let entity = match parent.entity_type() {
            "Project" | "Folder" => {
                let entity_type = ["Sequence", "Folder", "Shot", "Task"][dice.below(4)];
                create(session, entity_type, &name, &parent)
            }
            "Sequence" => create(session, "Shot", &name, &parent),
            "Shot" if dice.below(2) == 0 => create(session, "Task", &name, &parent),
            "Shot" => {
                let values = values! { "name": name, "parent": &parent, "type": &self.asset_type };
                session.create("Asset", values).unwrap()
            }
            "Asset" => session
                .create("AssetVersion", values! { "asset": &parent })
                .unwrap(),
            // Nothing is below the others.
            _ => return,
        };
        self.nodes.push(Node {
            entity,
            above: Some(above),
            value: None,
        });
    }

    fn set(&mut self, dice: &mut Dice) {
        let index = dice.below(self.nodes.len());
        let value = i64::try_from(dice.below(100)).unwrap();
        set(&self.nodes[index].entity, "rate", value);
        self.nodes[index].value = Some(value);
    }

    /// Null and removing are the same.
    fn unset(&mut self, dice: &mut Dice) {
        let index = dice.below(self.nodes.len());
        let node = &mut self.nodes[index];
        if dice.below(2) == 0 {
            set(&node.entity, "rate", Value::Null);
        } else {
            node.entity
                .custom_attributes()
                .unwrap()
                .remove("rate")
                .unwrap();
        }
        node.value = None;
    }

    /// Puts a shot below another sequence.
    fn move_somewhere(&mut self, dice: &mut Dice) {
        let of = |entity_type: &str| -> Vec<usize> {
            let all = 0..self.nodes.len();
            all.filter(|index| self.nodes[*index].entity.entity_type() == entity_type)
                .collect()
        };
        let (shots, sequences) = (of("Shot"), of("Sequence"));
        if shots.is_empty() || sequences.is_empty() {
            return;
        }
        let shot = shots[dice.below(shots.len())];
        let sequence = sequences[dice.below(sequences.len())];
        let above = self.nodes[sequence].entity.clone();
        self.nodes[shot].entity.set("parent", &above).unwrap();
        self.nodes[shot].above = Some(sequence);
    }

    fn check(&self, what: &str) {
        let entities: Vec<Entity> = self.nodes.iter().map(|node| node.entity.clone()).collect();
        let found = self
            .session
            .effective_custom_attributes(&entities, &["rate"])
            .unwrap();
        for (index, entity) in entities.iter().enumerate() {
            let attribute = found.get(entity, "rate").unwrap();
            let (value, from) = self.expected(index);
            let is_from = match &attribute.origin {
                ftrack_session::Origin::Explicit => from == Some(entity),
                ftrack_session::Origin::Inherited { from: above, .. } => {
                    from.map(Entity::identity) == Some(above)
                }
                _ => from.is_none(),
            };
            assert_eq!(attribute.value, Value::from(value), "{what}: {entity:?}");
            assert!(is_from, "{what}: {entity:?} from {:?}", attribute.origin);
        }
    }
}

#[test]
fn values_are_those_of_a_model_with_versions_and_what_is_not_committed() {
    let studio = Studio::new();
    hierarchical(&studio.session, "rate");
    for seed in 1..=6_u64 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed << 20));
        let mut model = Model::new(&studio, seed);
        // What the seed before left on the project.
        let project = model.nodes[0].entity.clone();
        set(&project, "rate", Value::Null);
        model.session.commit().unwrap();
        for step in 0..60 {
            model.step(&mut dice);
            if step % 6 == 5 {
                model.check(&format!("seed {seed}, step {step}"));
            }
        }
    }
}
