//! Entities of the program, as structures in a library see them.
//!
//! The program's entity may have values that no server has seen, so the library has to be told. It cannot ask in
//! the middle of a call, since only the program's stack has the entity. So a structure runs with what is known, says
//! what it lacks, and runs again: structures are functions of what they read.

use std::collections::HashMap;
use std::error::Error as StdError;

use ftrack_entity::{Identity, ReadEntity, Value};
use ftrack_plugin_abi::message::{EntityMessage, Identified, KnownValue};
use ftrack_session::{Result, Session};
use parking_lot::Mutex;

use super::message::{entity_message, identity};
use crate::error::RemoteError;
use crate::value;

type BoxError = Box<dyn StdError + Send + Sync>;

/// More than any structure reads; one that asks for more goes round in circles.
const MOST_VALUES: usize = 1_000;

/// What the library was told, and what it lacks.
pub(super) struct KnownValues {
    values: HashMap<(Identity, String), Result<Value, String>>,
    lacking: Mutex<Option<(Identity, String)>>,
}

impl KnownValues {
    pub(super) fn new(session: &Session, known: Vec<KnownValue>) -> Result<Self> {
        let mut values = HashMap::new();
        for KnownValue {
            entity,
            path,
            value,
        } in known
        {
            let value = match value {
                Ok(message) => Ok(value::read(message, session)?),
                Err(text) => Err(text),
            };
            values.insert((identity(&entity), path), value);
        }
        Ok(Self {
            values,
            lacking: Mutex::new(None),
        })
    }

    /// Runs a structure or the like: its answer, or what it lacks.
    pub(super) fn run<E: Into<BoxError>>(
        &self,
        entity: &EntityMessage,
        run: impl FnOnce(&dyn ReadEntity) -> Result<String, E>,
    ) -> Result<Identified, RemoteError> {
        let result = run(&KnownEntity {
            identity: identity(entity),
            known_values: self,
        });
        if let Some((identity, path)) = self.lacking.lock().take() {
            return Ok(Identified::Needs {
                entity: entity_message(&identity),
                path,
            });
        }
        result
            .map(Identified::As)
            .map_err(|error| RemoteError::failed(chain(&*error.into())))
    }
}

/// An error with its causes, in one line.
fn chain(error: &(dyn StdError + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

struct KnownEntity<'a> {
    identity: Identity,
    known_values: &'a KnownValues,
}

impl ReadEntity for KnownEntity<'_> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn value(&self, path: &str) -> Result<Value, BoxError> {
        let wanted = (self.identity.clone(), path.to_owned());
        match self.known_values.values.get(&wanted) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(text)) => Err(text.clone().into()),
            None => {
                self.known_values.lacking.lock().get_or_insert(wanted);
                Err("the program is still to be asked".into())
            }
        }
    }

    fn related(&self, identity: &Identity) -> Result<Option<Box<dyn ReadEntity + '_>>, BoxError> {
        Ok(Some(Box::new(KnownEntity {
            identity: identity.clone(),
            known_values: self.known_values,
        })))
    }
}

/// Asks the library until it lacks nothing more.
pub(super) fn ask(
    session: &Session,
    entity: &dyn ReadEntity,
    ask: impl Fn(&[KnownValue]) -> Result<Identified, RemoteError>,
) -> Result<String, RemoteError> {
    let mut known = Vec::new();
    for _ in 0..MOST_VALUES {
        match ask(&known)? {
            Identified::As(resource_identifier) => return Ok(resource_identifier),
            Identified::Needs {
                entity: wanted,
                path,
            } => {
                let read = read(entity, &identity(&wanted), &path);
                let value = read.and_then(|read| Ok(value::write(session, read)?));
                known.push(KnownValue {
                    entity: wanted,
                    path,
                    value: value.map_err(|error| chain(&*error)),
                });
            }
        }
    }
    Err(RemoteError::failed("it reads values without end"))
}

fn read(entity: &dyn ReadEntity, wanted: &Identity, path: &str) -> Result<Value, BoxError> {
    if entity.identity() == wanted {
        return entity.value(path);
    }
    match entity.related(wanted)? {
        Some(related) => related.value(path),
        None => Ok(Value::NotSet),
    }
}
