//! Which changes somebody wants to hear of.

use clap::Args;
use ftrack::event::Event;
use ftrack::{EntityUpdate, Session, Update};

/// Which changes somebody wants to hear of.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Filter {
    /// Only changes of entities of this type, such as `Task`; may be repeated.
    #[arg(long = "entity", value_name = "TYPE")]
    entities: Vec<String>,
    /// Only changes of this attribute, such as `status`, or of the custom attribute with this key; may be repeated.
    #[arg(long = "attribute", value_name = "NAME")]
    attributes: Vec<String>,
}

impl Filter {
    /// Whether it lets everything through, whatever it is.
    pub(super) fn is_open(&self) -> bool {
        self.entities.is_empty() && self.attributes.is_empty()
    }

    /// The first type that the server does not have.
    pub(super) fn unknown_type(&self, session: &Session) -> Option<ftrack::Error> {
        let mut names = self.entities.iter();
        names.find_map(|name| Some(session.schema().entity_type(name).err()?.into()))
    }

    /// Whether an event tells of a change that is wanted.
    pub(super) fn wants(&self, session: &Session, event: &Event) -> bool {
        self.is_open()
            || Update::from_event(session.schema(), event)
                .is_ok_and(|update| update.changes().any(|change| self.lets_through(&change)))
    }

    /// Whether a change is wanted.
    pub(super) fn lets_through(&self, change: &EntityUpdate<'_>) -> bool {
        let is_of_type = self.entities.is_empty()
            || change.entity_type().is_some_and(|kind| {
                self.entities
                    .iter()
                    .any(|name| kind.name().as_str() == name)
            });
        is_of_type && (self.attributes.is_empty() || self.changes_attribute(change))
    }

    fn changes_attribute(&self, change: &EntityUpdate<'_>) -> bool {
        self.attributes.iter().any(|name| {
            change.attribute(name).is_some()
                || change.attribute(&format!("{name}_id")).is_some()
                || change.custom_attribute(name).is_some()
        })
    }
}
