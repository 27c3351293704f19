//! An event for each entity that an `ftrack.update` tells of.

use ftrack_event::Event;
use serde_json::Value as Json;

use crate::log::change::Change;

/// What an `ftrack.update` tells of one entity.
#[derive(Debug)]
pub(super) struct Arrival {
    /// Nothing if the log could not tell of it anyway.
    pub(super) change: Option<Change>,
    pub(super) key: String,
    /// Taken when it is told.
    pub(super) event: Option<Event>,
    /// Whether the expression matches the whole event.
    pub(super) is_wanted: bool,
    /// Counts events, so that it is known what came together.
    pub(super) batch: u64,
}

/// Splits an event. One with a single entity stays as it is; of others each has the id of the whole and a number.
pub(super) fn split(mut event: Event, is_wanted: bool, batch: u64) -> Vec<Arrival> {
    let entities = match event.data.get_mut("entities").map(Json::take) {
        Some(Json::Array(entities)) if !entities.is_empty() => entities,
        other => {
            if let (Some(slot), Some(other)) = (event.data.get_mut("entities"), other) {
                *slot = other;
            }
            return vec![whole(event, is_wanted, batch)];
        }
    };
    let is_alone = entities.len() == 1;
    let arrivals = entities.into_iter().enumerate().map(|(number, entity)| {
        let change = Change::from_entity(&entity);
        let key = change.as_ref().map_or_else(
            || format!("topic:{}", event.topic),
            |change| change.entity.clone(),
        );
        let own = is_wanted.then(|| {
            let mut own = event.clone();
            if !is_alone {
                own.id = format!("{}-{number}", event.id);
            }
            if let Some(slot) = own.data.get_mut("entities") {
                *slot = Json::Array(vec![entity]);
            }
            own
        });
        Arrival {
            change,
            key,
            event: own,
            is_wanted,
            batch,
        }
    });
    arrivals.collect()
}

fn whole(event: Event, is_wanted: bool, batch: u64) -> Arrival {
    Arrival {
        change: None,
        key: format!("topic:{}", event.topic),
        event: Some(event),
        is_wanted,
        batch,
    }
}
