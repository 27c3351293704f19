//! Going on with a component that an earlier call began to upload.

use std::fmt::Write as _;
use std::sync::Arc;

use ftrack_entity::{EntityState, Identity, Value};

use crate::entity::Entity;
use crate::error::Result;
use crate::location::{AddOptions, Location, LocationKind};
use crate::server_accessor::{
    Journal, StartedAnewReason, UploadNotice, UploadOptions, open_journal,
};
use crate::session::Session;
use crate::symbol::ORIGIN_LOCATION_ID;

/// The values of a new component, by attribute.
pub(super) type Values = Vec<(String, Value)>;

/// The state of a call that creates a component in the location of the server, kept from one run of a program to the
/// next: with the same ids, the server has what was sent before.
pub(super) struct Resumption {
    journal: Arc<Journal>,
    location: Location,
    options: UploadOptions,
}

impl Resumption {
    /// The state of the call, if it uploads so much that one is kept.
    pub(super) fn find(
        location: Option<&Location>,
        path: &str,
        frames: &str,
        data: &Values,
        bytes: i64,
        options: &AddOptions,
    ) -> Option<Self> {
        let location = location.filter(|location| location.kind() == LocationKind::Server)?;
        let session = location.session();
        let absolute = absolute(path);
        let what = [
            "create",
            &location.id(),
            &absolute,
            frames,
            &purpose(session, data),
        ];
        let bytes = u64::try_from(bytes).unwrap_or_default();
        let journal = open_journal(session, &options.upload, &what, Some(&absolute), bytes)?;
        Some(Self {
            journal,
            location: location.clone(),
            options: options.upload.clone(),
        })
    }

    pub(super) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }

    /// The id of the component for the file or sequence at `path`: that of the earlier call, or a new one.
    pub(super) fn component_id(&self, path: &str) -> String {
        let path = absolute(path);
        self.journal.component(&path).unwrap_or_else(|| {
            let id = uuid::Uuid::new_v4().hyphenated().to_string();
            self.journal.add_component(&path, &id);
            id
        })
    }

    /// The component, if the earlier call ended before it could say that it had registered everything.
    #[track_caller]
    pub(super) fn registered(&self, entity_type: &str, path: &str) -> Result<Option<Entity>> {
        let known = self.journal.component(&absolute(path));
        let Some(id) = known.filter(|_| self.journal.is_registering()) else {
            return Ok(None);
        };
        if !self.journal.has_same_files() {
            self.tell_changed(id);
            self.journal.restart();
            return Ok(None);
        }
        let session = self.location.session();
        let query = format!(
            "select id from ComponentLocation where component_id is {} and location_id is {}",
            ftrack_query::Literal::Text(id.clone()),
            ftrack_query::Literal::Text(self.location.id()),
        );
        if session.query(query).first()?.is_none() {
            return Ok(None);
        }
        let component = session.get(entity_type, id.as_str())?;
        if component.is_some() {
            let paths = self.journal.components().into_iter();
            let paths = paths.map(|(path, id)| (id, path));
            session
                .location_registry()
                .register(ORIGIN_LOCATION_ID, paths, session.unit_number());
            self.journal.remove();
        }
        Ok(component)
    }
}

impl Resumption {
    fn tell_changed(&self, component: String) {
        self.options.tell(&UploadNotice::StartedAnew {
            component,
            reason: StartedAnewReason::SourceChanged,
        });
    }
}

/// The path from the root, so that it is the same wherever a program is started.
fn absolute(path: &str) -> String {
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.as_ref().and_then(|path| path.to_str());
    absolute.unwrap_or(path).to_owned()
}

/// What makes a call the same as an earlier one: the values of the component. Entities that are created along with it
/// have other ids in each run, so only their types count.
fn purpose(session: &Session, data: &Values) -> String {
    let mut texts: Vec<String> = data
        .iter()
        .map(|(name, value)| format!("{name}={}", described(session, value)))
        .collect();
    texts.sort_unstable();
    texts.iter().fold(String::new(), |mut all, text| {
        // Writing to a String does not fail.
        let _ = writeln!(all, "{} {text}", text.len());
        all
    })
}

fn described(session: &Session, value: &Value) -> String {
    match value {
        Value::Reference(identity) if is_new(session, identity) => {
            format!("a new {}", identity.entity_type())
        }
        value => format!("{value:?}"),
    }
}

fn is_new(session: &Session, identity: &Identity) -> bool {
    let entity = session.entity(identity);
    entity.is_ok_and(|entity| entity.state() == Some(EntityState::Created))
}
