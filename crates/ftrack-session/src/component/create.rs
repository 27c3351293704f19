//! Creating components from files.

use std::path::Path;

use ftrack_entity::{Identity, Value};
use ftrack_location::sequence::Sequence;
use rustc_hash::FxHashSet;

use super::LocationChoice;
use super::resume::{Resumption, Values};
use super::source;
use crate::entity::Entity;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::location::AddOptions;
use crate::location::Location;
use crate::location::path_text;
use crate::session::Session;
use crate::symbol::{ORIGIN_LOCATION_ID, REVIEW_LOCATION_ID};
use crate::values;

/// The names of media that are made for review in the browser.
const REVIEW_NAMES: [&str; 3] = [
    "ftrackreview-mp4",
    "ftrackreview-webm",
    "ftrackreview-image",
];

impl Session {
    /// Creates a component for the file or sequence at `path`, and adds it to a location (product documentation,
    /// "Working with components", and the reference of `Session.create_component`).
    ///
    /// A path such as `/plates/bunny.%04d.exr [1-5, 7, 10-20]` is that of a sequence, with a component for each of its
    /// files. Other notations do as well (`bunny.####.exr 1-20`), and without ranges it is the frames that there are;
    /// see
    /// [`ftrack_location::sequence`]. A folder is the one sequence that is in it. A file that is there is that file,
    /// whatever its name. Size and type of the files are found out, unless `data` says them: the size of a sequence is
    /// divided among its files, and subscribers of `ftrack.api.session.get-file-type-from-string` may tell the type,
    /// with `file_path` in the event's data.
    ///
    /// The files have to be there. Where they are somewhere that this machine does not reach, say their `size` in
    /// `data`, or [`AddOptions::elsewhere`].
    ///
    /// Adding to a location commits the session, see [`Location::add_components`]; with [`LocationChoice::None`]
    /// nothing is sent.
    ///
    /// A large upload to the server that was cut goes on when the same call is made again, also by another run of the
    /// program: with the same path and data, where entities that are not committed yet count as the same if they are of
    /// the same type. See [`UploadOptions`](crate::UploadOptions).
    ///
    /// ```
    /// use ftrack_session::{LocationChoice, values};
    ///
    /// # fn example(session: &ftrack_session::Session, version: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let plate = session.create_component(
    ///     "/plates/bunny.%04d.exr [1001-1100]",
    ///     values! { "name": "plate", "version": version },
    ///     LocationChoice::Auto,
    /// )?;
    /// println!("{} bytes", plate.get::<i64>("size")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the path is not Unicode, or nothing is there (the source,
    /// [`FindError`](ftrack_location::sequence::FindError), says what is missing), the errors of
    /// [`create`](Self::create), and those of [`Location::add_components`]. Unless it is not known what the server did
    /// ([`ErrorKind::CommitOutcomeUnknown`]), nothing of the component stays recorded.
    #[track_caller]
    pub fn create_component<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
        location: impl Into<LocationChoice>,
    ) -> Result<Entity> {
        self.create_component_with(path, data, location, &AddOptions::default())
    }

    /// As [`create_component`](Self::create_component), and says how data is copied to the location.
    ///
    /// # Errors
    ///
    /// As [`create_component`](Self::create_component).
    #[track_caller]
    pub fn create_component_with<'a>(
        &self,
        path: impl AsRef<Path>,
        data: impl IntoIterator<Item = (&'a str, Value)>,
        location: impl Into<LocationChoice>,
        options: &AddOptions,
    ) -> Result<Entity> {
        let path = path_text(path.as_ref())?;
        let data = data
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let location = self.chosen_location(location.into(), &data)?;
        let mut created = Created::new(self, location, options);
        let outcome = created
            .file_or_sequence(path, data)
            .and_then(|component| created.add(component));
        if let Err(error) = &outcome
            && error.kind() != ErrorKind::CommitOutcomeUnknown
        {
            created.withdraw();
        }
        outcome
    }

    fn chosen_location(&self, choice: LocationChoice, data: &Values) -> Result<Option<Location>> {
        match choice {
            LocationChoice::None => Ok(None),
            LocationChoice::In(location) => Ok(Some(location)),
            LocationChoice::Auto => {
                let name = given(data, "name").and_then(Value::as_str);
                if name.is_some_and(|name| REVIEW_NAMES.contains(&name)) {
                    return self.location(REVIEW_LOCATION_ID).map(Some);
                }
                self.pick_location()
            }
        }
    }
}

/// The entities that one call creates.
struct Created<'a> {
    session: &'a Session,
    location: Option<Location>,
    options: &'a AddOptions,
    entities: Vec<Entity>,
    /// What an earlier call left, if this one uploads much.
    resumption: Option<Resumption>,
}

impl<'a> Created<'a> {
    fn new(session: &'a Session, location: Option<Location>, options: &'a AddOptions) -> Self {
        Self {
            session,
            location,
            options,
            entities: Vec::new(),
            resumption: None,
        }
    }

    fn file_or_sequence(&mut self, path: &str, data: Values) -> Result<Entity> {
        let elsewhere = self.options.elsewhere || given(&data, "size").is_some();
        match source::look_at(path, elsewhere)? {
            Some(sequence) => self.sequence(&sequence, data),
            None => self.file(path, data),
        }
    }

    /// Looks for what an earlier call left; the component, if that was all.
    #[track_caller]
    fn resume(
        &mut self,
        entity_type: &str,
        path: &str,
        frames: &str,
        data: &Values,
        bytes: i64,
    ) -> Result<Option<Entity>> {
        let location = self.location.as_ref();
        self.resumption = Resumption::find(location, path, frames, data, bytes, self.options);
        let Some(resumption) = &self.resumption else {
            return Ok(None);
        };
        let registered = resumption.registered(entity_type, path)?;
        if registered.is_some() {
            self.location = None;
        }
        Ok(registered)
    }

    #[track_caller]
    fn file(&mut self, path: &str, mut data: Values) -> Result<Entity> {
        let size = size_on_disk(path);
        if let Some(component) = self.resume("FileComponent", path, "", &data, size)? {
            return Ok(component);
        }
        if given(&data, "size").is_none() {
            data.push(("size".to_owned(), Value::from(size)));
        }
        set_default(&mut data, "file_type", self.session.file_type(path)?);
        self.create("FileComponent", data, path)
    }

    fn sequence(&mut self, sequence: &Sequence, mut data: Values) -> Result<Entity> {
        let sizes = member_sizes(sequence, given(&data, "size"));
        let total = sizes
            .iter()
            .fold(0_i64, |total, size| total.saturating_add(*size));
        let pattern = sequence.pattern();
        let path = pattern.to_string();
        let frames = sequence.indexes().to_string();
        if let Some(component) = self.resume("SequenceComponent", &path, &frames, &data, total)? {
            return Ok(component);
        }
        if given(&data, "size").is_none() {
            data.retain(|(name, _)| name != "size");
            data.push(("size".to_owned(), Value::from(total)));
        }
        let file_type = self.session.file_type(&path)?;
        set_default(&mut data, "file_type", file_type.clone());
        set_default(&mut data, "padding", i64::from(pattern.padding()));
        let container = self.create("SequenceComponent", data, &path)?;
        let mut members = Vec::with_capacity(sizes.len());
        for (index, size) in sequence.indexes().iter().zip(sizes) {
            let values = values! {
                "name": pattern.index_text(index),
                "container": &container,
                "size": size,
                "file_type": file_type.as_str(),
            };
            let values = values.map(|(name, value)| (name.to_owned(), value));
            let member = self.create("FileComponent", values.into(), &pattern.name(index))?;
            members.push(member.identity().clone());
        }
        // All at once: one by one, each would be looked for among those before it.
        container.set("members", members)?;
        Ok(container)
    }

    /// Creates a component, and remembers where its files are.
    fn create(&mut self, entity_type: &str, mut data: Values, path: &str) -> Result<Entity> {
        if let Some(resumption) = &self.resumption
            && given(&data, "id").is_none()
        {
            data.retain(|(name, _)| name != "id");
            data.push(("id".to_owned(), resumption.component_id(path).into()));
        }
        let component = self.session.create(entity_type, data)?;
        self.session.location_registry().register(
            ORIGIN_LOCATION_ID,
            [(component.id(), path.to_owned())],
            self.session.unit_number(),
        );
        self.entities.push(component.clone());
        Ok(component)
    }

    #[track_caller]
    fn add(&self, component: Entity) -> Result<Entity> {
        let Some(location) = &self.location else {
            return Ok(component);
        };
        let origin = self.session.location(ORIGIN_LOCATION_ID)?;
        let options = match &self.resumption {
            Some(resumption) => &self.options.clone().with_journal(resumption.journal()),
            None => self.options,
        };
        location.add_components(std::slice::from_ref(&component), [origin], options)?;
        Ok(component)
    }

    /// Takes everything back, with the metadata that it was created with.
    fn withdraw(&self) {
        let identities: FxHashSet<Identity> = self
            .entities
            .iter()
            .map(|entity| entity.identity().clone())
            .collect();
        let ids: FxHashSet<String> = self.entities.iter().map(Entity::id).collect();
        let is_withdrawn = |identity: &Identity| {
            identities.contains(identity)
                || metadata_owner(identity).is_some_and(|id| ids.contains(&id))
        };
        self.session
            .between_commits(|| self.session.withdraw(is_withdrawn));
        self.session
            .location_registry()
            .deregister(ORIGIN_LOCATION_ID, ids.iter().map(String::as_str));
    }
}

/// The id of the entity that a row of metadata belongs to.
fn metadata_owner(identity: &Identity) -> Option<String> {
    let is_metadata = identity.entity_type().as_str() == "Metadata";
    let part = identity.key().part(0).filter(|_| is_metadata)?;
    Some(part.to_text().to_string())
}

/// What `data` says, unless it is null.
fn given<'a>(data: &'a Values, name: &str) -> Option<&'a Value> {
    let (_, value) = data.iter().rfind(|(known, _)| known == name)?;
    Some(value).filter(|value| !value.is_null() && !value.is_not_set())
}

fn set_default(data: &mut Values, name: &str, value: impl Into<Value>) {
    if data.iter().all(|(known, _)| known != name) {
        data.push((name.to_owned(), value.into()));
    }
}

/// How many bytes each file of the sequence has: as on disk, unless another size is given; then equal shares of it.
fn member_sizes(sequence: &Sequence, size: Option<&Value>) -> Vec<i64> {
    let on_disk = || -> Vec<i64> { sequence.members().map(|path| size_on_disk(&path)).collect() };
    let Some(size) = size.and_then(Value::as_i64) else {
        return on_disk();
    };
    let known = on_disk();
    if known
        .iter()
        .fold(0_i64, |total, size| total.saturating_add(*size))
        == size
    {
        return known;
    }
    let count = i64::try_from(sequence.len()).unwrap_or(i64::MAX).max(1);
    let share = rounded_share(size, count);
    sequence.indexes().iter().map(|_| share).collect()
}

/// `size / count`, rounded to the nearest number, halves to the nearest even one.
fn rounded_share(size: i64, count: i64) -> i64 {
    let (share, rest) = (size.div_euclid(count), size.rem_euclid(count));
    let is_up = match rest.cmp(&(count - rest)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => share % 2 != 0,
        std::cmp::Ordering::Less => false,
    };
    share + i64::from(is_up)
}

/// The size of the file; 0 if it cannot be found out.
pub(super) fn size_on_disk(path: &str) -> i64 {
    std::fs::metadata(path)
        .ok()
        .and_then(|metadata| i64::try_from(metadata.len()).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_shared_as_evenly_as_whole_bytes_allow() {
        for (size, count, expected) in [
            (10, 5, 2),
            (10, 3, 3),
            (11, 3, 4),
            (1, 2, 0),
            (3, 2, 2),
            (0, 7, 0),
        ] {
            assert_eq!(rounded_share(size, count), expected, "{size} / {count}");
        }
    }
}
