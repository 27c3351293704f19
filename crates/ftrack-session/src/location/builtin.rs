//! The locations that every server has.

use ftrack_entity::{Identity, Value};
use ftrack_location::{DiskAccessor, EntityIdStructure, OriginStructure};

use super::{LocationConfiguration, LocationKind};
use crate::entity::Entity;
use crate::error::Result;
use crate::server_accessor::ServerAccessor;
use crate::session::Session;
use crate::symbol::{
    ORIGIN_LOCATION_ID, REVIEW_LOCATION_ID, SERVER_LOCATION_ID, UNMANAGED_LOCATION_ID,
};

/// A location that every server has, and that sessions know without asking.
pub(super) struct Builtin {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
}

pub(super) const BUILTINS: [Builtin; 4] = [
    Builtin {
        id: ORIGIN_LOCATION_ID,
        name: "ftrack.origin",
    },
    Builtin {
        id: UNMANAGED_LOCATION_ID,
        name: "ftrack.unmanaged",
    },
    Builtin {
        id: REVIEW_LOCATION_ID,
        name: "ftrack.review",
    },
    Builtin {
        id: SERVER_LOCATION_ID,
        name: "ftrack.server",
    },
];

impl Builtin {
    /// How a session uses the location by default.
    pub(super) fn configuration(&self, session: &Session) -> LocationConfiguration {
        let files = LocationConfiguration::new()
            .accessor(DiskAccessor::without_prefix())
            .structure(OriginStructure);
        match self.id {
            ORIGIN_LOCATION_ID => files.priority(100).kind(LocationKind::Origin),
            UNMANAGED_LOCATION_ID => files.priority(90).kind(LocationKind::Unmanaged),
            REVIEW_LOCATION_ID => files.priority(110).kind(LocationKind::Unmanaged),
            _ => LocationConfiguration::new()
                .accessor(ServerAccessor::new(session))
                .structure(EntityIdStructure)
                .priority(150)
                .kind(LocationKind::Server),
        }
    }

    /// The entity. Its name is known, so nothing is loaded for it.
    pub(super) fn entity(&self, session: &Session) -> Result<Entity> {
        let entity = session.entity(&Identity::new("Location", self.id))?;
        if let Some(name) = entity.definition().position("name")
            && entity.record().read(name, Value::is_not_set)
        {
            entity.record().set_remote(name, Value::from(self.name));
        }
        Ok(entity)
    }
}
