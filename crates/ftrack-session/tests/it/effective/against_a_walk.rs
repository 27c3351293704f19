//! The same as a walk up the hierarchy finds, and as the server's own rows say.

use ftrack_session::{Entity, Session, Value};

use super::{create, hierarchical, set};
use crate::Studio;

/// Numbers that look random, the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// The row that the server has for an entity and a key.
fn typed_row(session: &Session, entity: &Entity, key: &str) -> Option<Value> {
    let text = format!(
        "select value from ContextCustomAttributeValue where entity_id is \"{}\" and key is \"{key}\"",
        entity.id()
    );
    let row = session.query(text).first().unwrap()?;
    Some(row.value("value").unwrap())
}

fn walk(session: &Session, entity: &Entity, key: &str, default: Value) -> Value {
    let mut next = Some(entity.clone());
    while let Some(current) = next {
        let value = typed_row(session, &current, key).unwrap();
        if !value.is_null() {
            return value;
        }
        next = current.get("parent").unwrap();
    }
    default
}

#[test]
fn values_are_those_of_a_walk_and_of_the_rows_of_the_server() {
    let studio = Studio::new();
    hierarchical(&studio.session, "rate");
    let mut dice = Dice(0x5eed_1234_abcd_0001);
    for round in 0..4 {
        let session = studio.other_session();
        let project = session
            .query("Project where name is last_lantern")
            .one()
            .unwrap();
        let mut tree = vec![project];
        for index in 0..24 {
            let parent = tree[dice.below(tree.len())].clone();
            let entity_type = match parent.entity_type() {
                "Project" => ["Sequence", "Folder", "Shot"][dice.below(3)],
                "Folder" => ["Sequence", "Folder", "Task"][dice.below(3)],
                "Sequence" => "Shot",
                _ => "Task",
            };
            let parent = if parent.entity_type() == "Task" {
                tree[0].clone()
            } else {
                parent
            };
            let name = format!("walk_{round}_{index}");
            tree.push(create(&session, entity_type, &name, &parent));
        }
        session.commit().unwrap();
        for entity in &tree {
            if dice.below(3) == 0 {
                set(entity, "rate", i64::try_from(dice.below(100)).unwrap());
            }
            if entity.entity_type() == "Shot" && dice.below(2) == 0 {
                set(entity, "fps", i64::try_from(dice.below(100)).unwrap());
            }
        }
        session.commit().unwrap();
        let reader = studio.other_session();
        let entities: Vec<Entity> = tree
            .iter()
            .map(|entity| {
                let found = reader.get(entity.entity_type(), entity.id()).unwrap();
                found.unwrap()
            })
            .collect();
        let found = reader.effective_custom_attributes(&entities, &[]).unwrap();
        let naive = studio.other_session();
        for entity in &tree {
            let entity = naive
                .get(entity.entity_type(), entity.id())
                .unwrap()
                .unwrap();
            let ours = reader.entity(entity.identity()).unwrap();
            let own = found.for_entity(&ours);
            assert!(!own.is_empty());
            for attribute in own {
                let key = attribute.key.as_str();
                let expected = match key {
                    "rate" => walk(&naive, &entity, key, Value::from(24)),
                    "my_attribute" => walk(&naive, &entity, key, Value::Null),
                    _ => typed_row(&naive, &entity, key).unwrap(),
                };
                assert_eq!(attribute.value, expected, "{key} of {entity:?}");
            }
        }
    }
}
