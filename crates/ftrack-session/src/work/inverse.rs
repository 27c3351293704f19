//! Undoing what was committed.

use std::sync::Arc;

use ftrack_entity::{
    AttributePosition, EntityTypeName, Identity, Key, KeyPart, Operation, Record, Recorded, Value,
};
use rustc_hash::FxHashMap;

use super::commit::Committed;
use super::plan::{self, Plan, PlannedAction};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::metadata_items::{self, METADATA, SPARSE};
use crate::query_text::keys_conditions;
use crate::session::Session;

/// How many entities are looked at in one request.
const AT_ONCE: usize = 500;

/// The operations that undo a commit: made by [`Committed::inverse`], recorded by [`Inverse::record`].
#[derive(Debug)]
#[must_use = "nothing is undone before it is recorded and committed"]
pub struct Inverse {
    session: Session,
    steps: Vec<Step>,
}

/// What undoes what was done to one entity.
#[derive(Debug)]
enum Step {
    /// It was created with these values.
    Delete(Arc<Record>, Values),
    /// It was deleted, and had these values.
    Create(Arc<Record>, Values),
    /// Values of it were changed: from what, and to what.
    Set(Arc<Record>, Vec<(AttributePosition, Value, Value)>),
}

type Values = Vec<(AttributePosition, Value)>;
type Rows = Arc<[Identity]>;

impl Committed {
    /// The operations that undo this commit, after a look at what the server has now.
    ///
    /// Entities that were created are deleted, deleted ones are created anew with the values that were known of them,
    /// and values are set back. Of what the server deletes along with an entity, such as its children, nothing comes
    /// back.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// task.set("bid", 8)?;
    /// let committed = session.commit()?;
    ///
    /// let inverse = committed.inverse()?;
    /// println!("{}", inverse.plan());
    /// inverse.record()?;
    /// session.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidState`] if somebody has changed one of the values since, or if a value before the change was
    /// not known; [`ErrorKind::ConnectionClosed`] if the session is gone, and the errors of a query.
    #[track_caller]
    pub fn inverse(&self) -> Result<Inverse> {
        let Some((session, operations)) = self.done() else {
            return Err(Error::new(
                ErrorKind::ConnectionClosed,
                "the session that committed is gone",
            ));
        };
        let steps = steps(operations)?;
        let inverse = Inverse { session, steps };
        inverse.check()?;
        Ok(inverse)
    }
}

impl Inverse {
    /// What undoing does, in words.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for step in &self.steps {
            let record = step.record();
            let attribute = |position: AttributePosition| {
                let attributes = record.entity_type().attributes();
                attributes[usize::from(position)].name().to_owned()
            };
            let change = plan.change(step.action(), record.identity(), || plan::name(record));
            match step {
                Step::Delete(..) => {}
                Step::Create(_, values) => {
                    for (position, value) in values {
                        change.set(attribute(*position), Value::NotSet, value.clone());
                    }
                }
                Step::Set(_, values) => {
                    for (position, old, new) in values {
                        change.set(attribute(*position), new.clone(), old.clone());
                    }
                }
            }
        }
        plan
    }

    /// Whether there is nothing to undo.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Records the operations in the session, to be sent by its next commit.
    ///
    /// # Errors
    ///
    /// The errors of hooks on writing. Nothing is recorded then.
    pub fn record(self) -> Result<()> {
        let Self { session, mut steps } = self;
        hooked_metadata(&session, &mut steps)?;
        for step in &mut steps {
            let entity = session.entity_of(Arc::clone(step.record()));
            match step {
                Step::Delete(..) => {}
                Step::Create(_, values) => {
                    *values = session.hooked_all(&entity, std::mem::take(values))?;
                }
                Step::Set(_, values) => {
                    let is_plain = |position: AttributePosition| {
                        !metadata_items::is_metadata(&entity.definition()[position])
                    };
                    for (position, old, _) in values {
                        if is_plain(*position) {
                            *old = session.hooked(&entity, *position, old.clone())?;
                        }
                    }
                }
            }
        }
        for step in &steps {
            if let Step::Create(record, _) = step {
                session.records().restore(record);
            }
        }
        let mut recorder = session.recorder();
        for step in steps {
            match step {
                Step::Delete(record, _) => recorder.delete(&record),
                Step::Create(record, values) => {
                    let is_scalar =
                        |position: AttributePosition| record.entity_type()[position].is_scalar();
                    let (scalars, relations): (Values, Values) = values
                        .into_iter()
                        .partition(|(position, _)| is_scalar(*position));
                    recorder.create(&record, scalars);
                    for (position, value) in relations {
                        recorder.set(&record, position, value);
                    }
                }
                Step::Set(record, values) => {
                    for (position, old, _) in values {
                        recorder.set(&record, position, old);
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses if the server no longer has what the commit has made of it. What it has is read into a unit of work of
    /// its own, so that nothing here is touched.
    #[track_caller]
    fn check(&self) -> Result<()> {
        let fresh = self.session.begin();
        let mut groups: Vec<(EntityTypeName, Vec<&Step>)> = Vec::new();
        for step in &self.steps {
            let name = step.record().identity().entity_type();
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, steps)) => steps.push(step),
                None => groups.push((name, vec![step])),
            }
        }
        for (name, steps) in groups {
            let definition = self.session.definition(name.as_str())?;
            let mut projections: Vec<&str> = definition
                .primary_key()
                .map(ftrack_entity::Attribute::name)
                .collect();
            for (position, _) in steps.iter().flat_map(|step| step.expected()) {
                let name = definition[position].name();
                if !projections.contains(&name) {
                    projections.push(name);
                }
            }
            let keys: Vec<Key> = steps
                .iter()
                .map(|step| step.record().identity().key().clone())
                .collect();
            let mut found = FxHashMap::default();
            for keys in keys.chunks(AT_ONCE) {
                let conditions = keys_conditions(definition, keys);
                let select = projections.join(", ");
                let rows = fresh.query(format!("select {select} from {name} where {conditions}"));
                let rows = rows.all()?.into_iter();
                found.extend(rows.map(|row| (row.identity().clone(), row)));
            }
            for step in steps {
                step.check(found.get(step.record().identity()))?;
            }
        }
        Ok(())
    }
}

impl Step {
    fn record(&self) -> &Arc<Record> {
        match self {
            Self::Delete(record, _) | Self::Create(record, _) | Self::Set(record, _) => record,
        }
    }

    fn action(&self) -> PlannedAction {
        match self {
            Self::Delete(..) => PlannedAction::Delete,
            Self::Create(..) => PlannedAction::Create,
            Self::Set(..) => PlannedAction::Update,
        }
    }

    /// If this changes which rows of metadata an entity has: the entity, and the rows that are there afterwards and
    /// before.
    fn metadata_rows(&self) -> Option<(Arc<Record>, Rows, Rows)> {
        let Self::Set(record, values) = self else {
            return None;
        };
        values.iter().find_map(|(position, old, new)| {
            let attribute = &record.entity_type()[*position];
            match (old, new) {
                (Value::Collection(old), Value::Collection(new))
                    if metadata_items::is_metadata(attribute) =>
                {
                    Some((Arc::clone(record), Arc::clone(old), Arc::clone(new)))
                }
                _ => None,
            }
        })
    }

    /// The value that `row` is created anew with.
    fn created_value(&self, row: &Identity) -> Option<&Value> {
        let Self::Create(record, values) = self else {
            return None;
        };
        let position = record.entity_type().position("value");
        let mut values = values.iter().filter(|_| record.identity() == row);
        values
            .find(|(known, _)| Some(*known) == position)
            .map(|(_, value)| value)
    }

    fn created_value_mut(&mut self, row: &Identity) -> Option<&mut Value> {
        let Self::Create(record, values) = self else {
            return None;
        };
        let position = record.entity_type().position("value");
        let mut values = values.iter_mut().filter(|_| record.identity() == row);
        values
            .find(|(known, _)| Some(*known) == position)
            .map(|(_, value)| value)
    }

    /// What the server has if nobody has changed it since.
    fn expected(&self) -> Vec<(AttributePosition, Value)> {
        match self {
            Self::Delete(_, values) => values.clone(),
            Self::Create(..) => Vec::new(),
            Self::Set(_, values) => values
                .iter()
                .map(|(position, _, new)| (*position, new.clone()))
                .collect(),
        }
    }

    fn check(&self, now: Option<&Entity>) -> Result<()> {
        let identity = self.record().identity();
        let now = match (self, now) {
            (Self::Create(..), Some(_)) => {
                return Err(changed(&format!("{identity} is there again")));
            }
            (Self::Create(..), None) => return Ok(()),
            (_, None) => return Err(changed(&format!("{identity} was deleted"))),
            (_, Some(now)) => now,
        };
        for (position, expected) in self.expected() {
            let attribute = &now.definition()[position];
            let found = now.record().value(position);
            if !found.is_not_set() && !expected.is_not_set() && !is_same(&found, &expected) {
                return Err(changed(&format!(
                    "{:?} of {identity} is {found:?} and no longer {expected:?}",
                    attribute.name()
                ))
                .with_detail("entity", identity.to_string())
                .with_detail("attribute", attribute.name())
                .with_detail("expected", format!("{expected:?}"))
                .with_detail("found", format!("{found:?}")));
            }
        }
        Ok(())
    }
}

/// Hooks on metadata see what comes back by key, and with the value null what goes. What they make of the values of
/// rows that are created anew is what these get.
fn hooked_metadata(session: &Session, steps: &mut [Step]) -> Result<()> {
    if !session.entity_types().has_write_hooks() {
        return Ok(());
    }
    let key_of = |row: &Identity| row.key().part(1).map(KeyPart::to_string);
    for index in 0..steps.len() {
        let Some((record, before, after)) = steps[index].metadata_rows() else {
            continue;
        };
        let owner = session.entity_of(record);
        let returning = || before.iter().filter(|row| !after.contains(row));
        let mut items = Vec::new();
        for row in returning() {
            let value = steps.iter().find_map(|step| step.created_value(row));
            items.extend(key_of(row).zip(value.cloned()));
        }
        let going = after.iter().filter(|row| !before.contains(row));
        items.extend(going.filter_map(key_of).map(|key| (key, Value::Null)));
        let items = session.hooked_items(&owner, METADATA, items)?;
        for row in returning() {
            let key = key_of(row);
            let seen = items.iter().find(|(name, _)| Some(name) == key.as_ref());
            let created = steps
                .iter_mut()
                .find_map(|step| step.created_value_mut(row));
            if let (Some(created), Some((_, value))) = (created, seen) {
                *created = value.clone();
            }
        }
    }
    Ok(())
}

/// Servers may keep less of a time than was given to them, but no less than its second.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::DateTime(found), Value::DateTime(expected)) => {
            found.to_utc().timestamp() == expected.to_utc().timestamp()
        }
        (found, expected) => found == expected,
    }
}

fn changed(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!("the commit cannot be undone, because it was built upon: {what}"),
    )
}

/// What undoes `operations`, the last of them first.
fn steps(operations: &[Recorded]) -> Result<Vec<Step>> {
    let mut histories: Vec<History> = Vec::new();
    for recorded in operations {
        let operation = &recorded.operation;
        let record = operation.record();
        let known = histories
            .iter()
            .position(|history| Arc::ptr_eq(&history.record, record));
        let index = known.unwrap_or_else(|| {
            histories.push(History::new(record));
            histories.len() - 1
        });
        histories[index].add(operation);
    }
    let steps = histories.into_iter().rev().map(History::step);
    steps.filter_map(Result::transpose).collect()
}

/// What happened to an entity.
struct History {
    record: Arc<Record>,
    was_created: bool,
    is_deleted: bool,
    /// Values from, and to.
    values: Vec<(AttributePosition, Value, Value)>,
}

impl History {
    fn new(record: &Arc<Record>) -> Self {
        Self {
            record: Arc::clone(record),
            was_created: false,
            is_deleted: false,
            values: Vec::new(),
        }
    }

    fn add(&mut self, operation: &Operation) {
        match operation {
            Operation::Create { data, .. } => {
                self.was_created = !self.is_deleted;
                self.is_deleted = false;
                for (position, value) in data {
                    self.note(*position, &Value::Null, value);
                }
            }
            Operation::Update {
                attribute,
                old,
                new,
                ..
            } if !new.is_not_set() => self.note(*attribute, old, new),
            Operation::Delete { .. } => self.is_deleted = true,
            _ => {}
        }
    }

    fn note(&mut self, position: AttributePosition, old: &Value, new: &Value) {
        match self
            .values
            .iter_mut()
            .find(|(known, ..)| *known == position)
        {
            Some(known) => known.2 = new.clone(),
            None => self.values.push((position, old.clone(), new.clone())),
        }
    }

    fn step(self) -> Result<Option<Step>> {
        let Self {
            record,
            was_created,
            is_deleted,
            values,
        } = self;
        match (was_created, is_deleted) {
            (true, true) => Ok(None),
            (true, false) => {
                // Of collections, others may have become a part since.
                let is_plain =
                    |position: AttributePosition| !record.entity_type()[position].is_collection();
                let values = values
                    .into_iter()
                    .filter(|(position, ..)| is_plain(*position))
                    .map(|(position, _, new)| (position, new));
                Ok(Some(Step::Delete(Arc::clone(&record), values.collect())))
            }
            // The server keeps the rows of custom attributes: what was deleted is a value.
            (false, true) if is_kept_row(&record) => {
                let position = record.entity_type().position_of("value")?;
                let old = record.remote_value(position);
                Ok(Some(Step::Set(
                    record,
                    vec![(position, old, Value::NotSet)],
                )))
            }
            (false, true) => {
                let before = before_deletion(&record, &values);
                Ok(Some(Step::Create(record, before)))
            }
            (false, false) => {
                let unknown = values.iter().find(|(_, old, _)| old.is_not_set());
                if let Some((position, ..)) = unknown {
                    let name = record.entity_type()[*position].name();
                    return Err(Error::new(
                        ErrorKind::InvalidState,
                        format!(
                            "the commit cannot be undone: {name:?} of {} was changed without having been loaded, so its value before is not known",
                            record.identity()
                        ),
                    )
                    .with_detail("entity", record.identity().to_string())
                    .with_detail("attribute", name));
                }
                Ok((!values.is_empty()).then_some(Step::Set(record, values)))
            }
        }
    }
}

fn is_kept_row(record: &Record) -> bool {
    let name = record.identity().entity_type().as_str();
    name.ends_with(SPARSE) && name != SPARSE
}

/// The values that a deleted entity is to have again: those that were known and that can be given to a new one.
fn before_deletion(record: &Record, changed: &[(AttributePosition, Value, Value)]) -> Values {
    let attributes = record.entity_type().positioned_attributes();
    let values = attributes.filter_map(|(position, attribute)| {
        if attribute.is_key() || attribute.is_computed() || attribute.is_collection() {
            return None;
        }
        let old = changed.iter().find(|(known, ..)| *known == position);
        let value = old.map_or_else(|| record.remote_value(position), |(_, old, _)| old.clone());
        let is_given = !value.is_not_set() && !value.is_null();
        is_given.then_some((position, value))
    });
    values.collect()
}
