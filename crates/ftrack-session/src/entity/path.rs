//! Reading attributes, and paths through references, collections and maps.

use ftrack_entity::{
    AttributeHandle, AttributeKind, AttributePosition, EntityState, EntityTypeName, Identity,
    MergedRecords, Record, Value,
};

use crate::entity::keys;
use crate::entity::read::Sealed;
use crate::entity::{Entity, FromAttribute};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata_items;

impl Entity {
    /// The value at `path`: an attribute, or attributes of references joined by dots, such as `status.state.name`.
    ///
    /// - A path through a reference that is null is null.
    /// - A path through a collection is the list of what is behind its members: `assignments.resource.username`.
    /// - `parent[Shot].fps` is null if the parent is not a shot; so is an attribute that only other kinds of what a
    ///   reference leads to have.
    /// - `metadata.camera` and `custom_attributes.fstart` are the values of these keys.
    ///
    /// Local values come before those of the server. What is not known is loaded; where that is switched off or
    /// brings nothing, the value is [`Value::NotSet`].
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let status = task.value("status.name")?;
    /// let users: Vec<String> = task.get("assignments.resource.username")?;
    /// let start: Option<f64> = task.get("parent[Shot].custom_attributes.fstart")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`] if there is no such attribute along the path, [`ErrorKind::NotFound`] if
    /// metadata or custom attributes have no such key, [`ErrorKind::UnrecognisedEntityType`] for an unknown type in
    /// brackets, [`ErrorKind::WrongType`] if the path goes through a plain value, and the errors of loading.
    #[track_caller]
    pub fn value(&self, path: &str) -> Result<Value> {
        let record = self.record();
        // Most paths are one attribute, and to find that it is one is quicker than to look for dots.
        match record.entity_type().position(path) {
            Some(position) => self.read_known(record, position, "", Value::clone),
            None => self.walk(path),
        }
    }

    /// The value at `path` as a `T`: see [`FromAttribute`] for the types there are.
    ///
    /// `Option<T>` reads null and missing values as `None`; any other type needs a value.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let bid: f64 = task.get("bid")?;
    /// let end: Option<chrono::DateTime<chrono::Utc>> = task.get("end_date")?;
    /// let status: String = task.get("status.name")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value); [`ErrorKind::NotLoaded`] if no value is known, and [`ErrorKind::WrongType`] naming
    /// entity, attribute, expected and found if the value is not a `T`.
    #[track_caller]
    pub fn get<T: FromAttribute>(&self, path: &str) -> Result<T> {
        let record = self.record();
        let Some(position) = record.entity_type().position(path) else {
            return match Step::first_of(path) {
                step if self.is_key(&step) => {
                    let (what, key) = (step.what(), step.key());
                    keys::typed(self, what, key, self.value_of_key(&step)?)
                }
                _ => self.typed(path, &self.walk(path)?),
            };
        };
        self.read_at(record, position)
    }

    /// The value of an attribute that was found before, by [`Schema::attribute`](crate::Schema::attribute): for loops
    /// over many entities. Of an entity of another type it is the attribute of the same name.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let bid = session.schema().attribute("Task", "bid")?;
    /// let mut sum = 0.0;
    /// for task in &session.query("select bid from Task").all()? {
    ///     sum += task.read::<f64>(&bid)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[track_caller]
    pub fn read<T: FromAttribute>(&self, attribute: &AttributeHandle) -> Result<T> {
        let record = self.record();
        match attribute.position_in(record.entity_type()) {
            Some(position) => self.read_at(record, position),
            None => self.get(attribute.definition().name()),
        }
    }

    /// The value of the attribute at `position` of `record`, which is this entity's. A type of the caller's reads it
    /// when the record is no longer locked.
    #[track_caller]
    fn read_at<T: FromAttribute>(&self, record: &Record, position: AttributePosition) -> Result<T> {
        let read = self.read_known(record, position, "", |value| {
            let known = T::read_plain(value, Sealed(())).flatten();
            known.ok_or_else(|| value.clone())
        })?;
        read.or_else(|value| {
            let attributes = record.entity_type().attributes();
            self.typed(attributes[usize::from(position)].name(), &value)
        })
    }

    /// Calls `reader` with the value of the attribute at `position` of `record`, which is this entity's: the value is
    /// loaded first if it is not known and that is possible, along with what `rest` names: what follows the attribute
    /// in a path. The record is locked meanwhile, so `reader` must not be a caller's.
    #[track_caller]
    pub(crate) fn read_known<R>(
        &self,
        record: &Record,
        position: AttributePosition,
        rest: &str,
        reader: impl Fn(&Value) -> R,
    ) -> Result<R> {
        if let Some(hook) = self.session().entity_types().on_read(self, position) {
            if record.read(position, Value::is_not_set) {
                self.keep(&self.fetch(position, rest)?);
            }
            return Ok(reader(&hook(self, record.value(position))?));
        }
        let read_known = |value: &Value| (!value.is_not_set()).then(|| reader(value));
        if let Some(known) = record.read(position, read_known) {
            return Ok(known);
        }
        self.keep(&self.fetch(position, rest)?);
        Ok(record.read(position, reader))
    }

    /// Loads the attribute at `position`, as the policy says.
    #[track_caller]
    fn fetch(&self, position: AttributePosition, rest: &str) -> Result<MergedRecords> {
        let policy = self.fetch_policy();
        self.session()
            .load(&self.shared_record(), position, rest, policy)
    }

    /// The value at a path of several steps.
    #[track_caller]
    fn walk(&self, path: &str) -> Result<Value> {
        let step = Step::first_of(path);
        if self.is_key(&step) {
            let value = self.value_of_key(&step)?;
            return value.ok_or_else(|| keys::no_such_key(self, step.what(), step.key()));
        }
        let position = self.position(step.name)?;
        let target = self.definition()[position].target();
        let rest = if step.rest.is_some() {
            step.behind_name
        } else {
            ""
        };
        match self.read_known(self.record(), position, rest, Value::clone)? {
            Value::Reference(identity) => self.follow(&identity, &step, target),
            Value::Collection(members) => {
                let mut values = Vec::with_capacity(members.len());
                for member in members.iter() {
                    match self.follow(member, &step, target)? {
                        Value::Collection(inner) => {
                            values.extend(inner.iter().cloned().map(Value::Reference));
                        }
                        value => values.push(value),
                    }
                }
                Ok(list(values))
            }
            Value::NotSet if self.is_new_collection(position) => Ok(list(Vec::new())),
            Value::Null | Value::NotSet => Ok(Value::Null),
            other => Err(self.is_plain(&step, &other)),
        }
    }

    /// Whether the attribute is a collection that is empty because the entity is new.
    fn is_new_collection(&self, position: AttributePosition) -> bool {
        self.definition()[position].is_collection() && self.state() == Some(EntityState::Created)
    }

    /// The value of the rest of `step` at the entity of this identity, to which an attribute of this one refers that
    /// leads to entities of the type `target`.
    #[track_caller]
    fn follow(
        &self,
        identity: &Identity,
        step: &Step<'_>,
        target: Option<EntityTypeName>,
    ) -> Result<Value> {
        let next = self.related(identity)?;
        if let Some(cast) = step.cast
            && !next
                .definition()
                .is_kind_of(self.session().definition(cast)?)
        {
            return Ok(Value::Null);
        }
        match step.rest {
            None => Ok(Value::Reference(identity.clone())),
            Some(rest) if next.lacks_what_others_have(target, rest) => Ok(Value::Null),
            Some(rest) => next.value(rest),
        }
    }

    /// Whether this entity has no attribute as the first of `path` is, but another kind of `target` has.
    fn lacks_what_others_have(&self, target: Option<EntityTypeName>, path: &str) -> bool {
        let name = Step::first_of(path).name;
        if self.definition().position(name).is_some() {
            return false;
        }
        let schema = self.session().schema();
        let Some(base) = target.and_then(|target| schema.by_name(target)) else {
            return false;
        };
        let mut types = schema.types();
        types.any(|other| other.is_kind_of(base) && other.position(name).is_some())
    }

    /// Whether `step` leads to the value of a key of metadata or custom attributes. What is an attribute of the
    /// entities behind the keys, such as `value`, is that of all of them.
    fn is_key(&self, step: &Step<'_>) -> bool {
        let attribute = self.definition().get(step.name);
        let is_map = attribute
            .is_some_and(|known| matches!(known.kind(), AttributeKind::MappedCollection(_)));
        is_map && step.rest.is_some() && step.cast.is_none() && {
            let row_type = attribute.and_then(ftrack_entity::Attribute::target);
            let row_type = row_type.and_then(|target| self.session().schema().by_name(target));
            let name = step.rest.map(|rest| Step::first_of(rest).name);
            row_type.is_none_or(|row| name.is_none_or(|name| row.position(name).is_none()))
        }
    }

    #[track_caller]
    fn value_of_key(&self, step: &Step<'_>) -> Result<Option<Value>> {
        if step.name == metadata_items::METADATA {
            self.metadata()?.value(step.key())
        } else {
            self.custom_attributes()?.value(step.key())
        }
    }

    pub(crate) fn position(&self, name: &str) -> Result<AttributePosition> {
        let position = self.definition().position(name);
        position.ok_or_else(|| self.no_position(name))
    }

    /// The error for a name that is not an attribute's.
    #[cold]
    fn no_position(&self, name: &str) -> Error {
        let attribute = self.definition().attribute(name);
        attribute.map_or_else(Error::from, |_| self.not_loaded(name))
    }

    fn typed<T: FromAttribute>(&self, path: &str, value: &Value) -> Result<T> {
        if let Some(typed) = T::from_attribute(value, self) {
            return Ok(typed);
        }
        if value.is_not_set() {
            return Err(self.not_loaded(path));
        }
        let found = value.kind();
        Err(Error::new(
            ErrorKind::WrongType,
            format!("{path:?} of {self:?} is {found}, not {}", T::EXPECTED),
        )
        .with_detail("entity", self.identity().to_string())
        .with_detail("attribute", path)
        .with_detail("expected", T::EXPECTED)
        .with_detail("found", found))
    }

    pub(crate) fn not_loaded(&self, path: &str) -> Error {
        Error::new(
            ErrorKind::NotLoaded,
            format!("no value of {path:?} of {self:?} is known"),
        )
        .with_detail("attribute", path)
    }

    fn is_plain(&self, step: &Step<'_>, found: &Value) -> Error {
        let (name, found) = (step.name, found.kind());
        Error::new(
            ErrorKind::WrongType,
            format!(
                "{}.{name} is {found}, so there is no {:?} behind it: only references can be followed",
                self.entity_type(),
                step.key(),
            ),
        )
        .with_detail("attribute", name)
        .with_detail("expected", "a reference")
        .with_detail("found", found)
    }
}

/// The values that a path through a collection leads to, each entity once.
fn list(values: Vec<Value>) -> Value {
    match values.into_iter().collect() {
        Value::Collection(members) => {
            let mut seen = rustc_hash::FxHashSet::default();
            let members = members.iter().filter(|member| seen.insert(*member));
            Value::Collection(members.cloned().collect())
        }
        other => other,
    }
}

/// The first step of a path: an attribute, perhaps with a type in brackets, and what follows.
#[derive(Debug, Clone, Copy)]
struct Step<'p> {
    name: &'p str,
    cast: Option<&'p str>,
    rest: Option<&'p str>,
    /// All that follows the name, with brackets and dots.
    behind_name: &'p str,
}

impl<'p> Step<'p> {
    fn first_of(path: &'p str) -> Self {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let cast = first
            .strip_suffix(']')
            .and_then(|open| open.split_once('['));
        let (name, cast) = match cast {
            Some((name, cast)) => (name, Some(cast)),
            None => (first, None),
        };
        let behind_name = &path[name.len()..];
        Self {
            name,
            cast,
            rest,
            behind_name,
        }
    }

    /// What is behind the attribute, taken as a key.
    fn key(&self) -> &'p str {
        self.rest.unwrap_or_default()
    }

    /// What a map is, in words.
    fn what(&self) -> &'static str {
        if self.name == metadata_items::METADATA {
            "metadata"
        } else {
            "custom attributes"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_names_casts_and_rests() {
        for (path, name, cast, rest, behind) in [
            ("name", "name", None, None, ""),
            ("status.name", "status", None, Some("name"), ".name"),
            ("parent[Shot]", "parent", Some("Shot"), None, "[Shot]"),
            (
                "parent[Shot].a.b",
                "parent",
                Some("Shot"),
                Some("a.b"),
                "[Shot].a.b",
            ),
            ("metadata.a[1]", "metadata", None, Some("a[1]"), ".a[1]"),
            ("a]", "a]", None, None, ""),
        ] {
            let step = Step::first_of(path);
            assert_eq!(
                (step.name, step.cast, step.rest),
                (name, cast, rest),
                "{path}"
            );
            assert_eq!(step.behind_name, behind, "{path}");
        }
    }
}
