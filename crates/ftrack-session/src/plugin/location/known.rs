//! Entities of the program, as structures in a library see them.
//!
//! The program's entity may have values that were never sent anywhere, so the library has to be told. It cannot ask in
//! the middle of a call, since only the program's stack has the entity. So a structure runs with what is known, says what
//! it lacks, and runs again: structures are functions of what they read.

use std::collections::HashMap;
use std::error::Error as StdError;

use ftrack_entity::{Identity, ReadEntity, Value};
use parking_lot::Mutex;

use super::message::{EntityMessage, Identified, KnownValue};
use crate::plugin::fault::Fault;
use crate::plugin::hook::ValueMessage;
use crate::{Result, Session};

type BoxError = Box<dyn StdError + Send + Sync>;

/// More than any structure reads; one that asks for more goes round in circles.
const MOST_VALUES: usize = 1_000;

/// What the library was told, and what it lacks.
pub(super) struct Knowledge {
    values: HashMap<(Identity, String), Result<Value, String>>,
    lacking: Mutex<Option<(Identity, String)>>,
}

impl Knowledge {
    pub(super) fn new(session: &Session, known: Vec<KnownValue>) -> Result<Self> {
        let mut values = HashMap::new();
        for KnownValue {
            entity,
            path,
            value,
        } in known
        {
            let value = match value {
                Ok(value) => Ok(value.read(session)?),
                Err(text) => Err(text),
            };
            values.insert((entity.identity(), path), value);
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
    ) -> Result<Identified, Fault> {
        let result = run(&KnownEntity {
            identity: entity.identity(),
            knowledge: self,
        });
        if let Some((identity, path)) = self.lacking.lock().take() {
            return Ok(Identified::Needs {
                entity: EntityMessage::of(&identity),
                path,
            });
        }
        result
            .map(Identified::As)
            .map_err(|error| Fault::failed(chain(&*error.into())))
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
    knowledge: &'a Knowledge,
}

impl ReadEntity for KnownEntity<'_> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn value(&self, path: &str) -> Result<Value, BoxError> {
        let wanted = (self.identity.clone(), path.to_owned());
        match self.knowledge.values.get(&wanted) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(text)) => Err(text.clone().into()),
            None => {
                self.knowledge.lacking.lock().get_or_insert(wanted);
                Err("the program is still to be asked".into())
            }
        }
    }

    fn related(&self, identity: &Identity) -> Result<Option<Box<dyn ReadEntity + '_>>, BoxError> {
        Ok(Some(Box::new(KnownEntity {
            identity: identity.clone(),
            knowledge: self.knowledge,
        })))
    }
}

/// Asks the library until it lacks nothing more.
pub(super) fn ask(
    session: &Session,
    entity: &dyn ReadEntity,
    ask: impl Fn(&[KnownValue]) -> Result<Identified, Fault>,
) -> Result<String, Fault> {
    let mut known = Vec::new();
    for _ in 0..MOST_VALUES {
        match ask(&known)? {
            Identified::As(resource_identifier) => return Ok(resource_identifier),
            Identified::Needs {
                entity: wanted,
                path,
            } => {
                let value = value(entity, &wanted.identity(), &path);
                let value = value.and_then(|value| Ok(ValueMessage::of(session, value)?));
                known.push(KnownValue {
                    entity: wanted,
                    path,
                    value: value.map_err(|error| chain(&*error)),
                });
            }
        }
    }
    Err(Fault::failed("it reads values without end"))
}

fn value(entity: &dyn ReadEntity, wanted: &Identity, path: &str) -> Result<Value, BoxError> {
    if entity.identity() == wanted {
        return entity.value(path);
    }
    match entity.related(wanted)? {
        Some(related) => related.value(path),
        None => Ok(Value::NotSet),
    }
}
