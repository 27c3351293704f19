//! Publishing files anew in the place of others.

use std::path::Path;

use ftrack_entity::{EntityState, Identity};
use ftrack_location::sequence::Indexes;
use rustc_hash::{FxHashMap, FxHashSet};

use super::create::size_on_disk;
use super::frames::{Frames, check_file_type, files, refresh};
use super::source;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::location::{AddOptions, Location, RemoveOptions, path_text, places_of};
use crate::session::Session;
use crate::symbol::ORIGIN_LOCATION_ID;
use crate::values;

/// What [`Session::mend_component`] did.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Mended {
    /// The components that have another file now: the component itself, or frames of it.
    pub replaced: Vec<Entity>,
    /// The frames that a sequence has in addition.
    pub added: Vec<Entity>,
}

/// What [`Session::mend_component`] would do.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MendPlan {
    /// The components that would have another file: the component itself, or frames of it.
    pub replaced: Vec<Entity>,
    /// The frames that a sequence would have in addition.
    pub added: Indexes,
}

impl Session {
    /// Publishes a component anew in a location where it is: its file is replaced, or frames of its sequence are.
    ///
    /// `path` names a file for a component that is a file, and for a sequence the frames that changed, such as
    /// `/render/plate.%04d.exr [1010-1012]`, a single `/render/plate.1010.exr`, or a folder with them. Frames belong
    /// together by their numbers, whatever they are called; those that the sequence does not have are added to it, and
    /// all others stay as they are. The sizes that the server knows are those of the new files then.
    ///
    /// The new files are put in the place of the old ones when all of them have arrived, and the old ones are brought
    /// back if anything fails before the server knows ([`AddOptions::replace`]). In other locations the component stays
    /// as it was: [`Location::sync_from`] brings them what changed; with
    /// [`SyncOptions::checksum`](crate::SyncOptions::checksum) also files that have kept their size.
    ///
    /// What is recorded in this session is not committed: it works in a unit of work of its own.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let london = session.location("studio.london")?;
    /// let mended = session.mend_component(plate, "/render/plate.%04d.exr [1010-1012]", &london)?;
    /// println!("{} replaced, {} added", mended.replaced.len(), mended.added.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if the component is neither a file nor a sequence, [`ErrorKind::InvalidState`] if it
    /// is not committed yet, [`ErrorKind::InvalidArgument`] if nothing is at `path`, or files of another type, and
    /// [`ErrorKind::ComponentNotInLocation`] if it is not in the location; the errors of [`Location::add_components`].
    #[track_caller]
    pub fn mend_component(
        &self,
        component: &Entity,
        path: impl AsRef<Path>,
        location: &Location,
    ) -> Result<Mended> {
        self.mend_component_with(component, path, location, &AddOptions::default())
    }

    /// As [`mend_component`](Self::mend_component), and says how data is copied.
    ///
    /// # Errors
    ///
    /// As [`mend_component`](Self::mend_component).
    #[track_caller]
    pub fn mend_component_with(
        &self,
        component: &Entity,
        path: impl AsRef<Path>,
        location: &Location,
        options: &AddOptions,
    ) -> Result<Mended> {
        let unit = self.begin();
        let mend = Mend::prepare(&unit, component, path.as_ref(), location)?;
        let before = self.remember_sources(&mend.files);
        if let Err(error) = mend.publish(location, options) {
            if error.kind() != ErrorKind::CommitOutcomeUnknown {
                self.restore_sources(&mend.files, before);
            }
            return Err(error);
        }
        refresh(self, component)?;
        mend.mended(self)
    }

    /// What [`mend_component`](Self::mend_component) would do. Nothing is changed.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let london = session.location("studio.london")?;
    /// let plan = session.plan_mending(plate, "/render/plate.%04d.exr [1010-1012]", &london)?;
    /// println!("{} would be replaced, and {} added", plan.replaced.len(), plan.added);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`mend_component`](Self::mend_component), without those of the copy and of the commit.
    #[track_caller]
    pub fn plan_mending(
        &self,
        component: &Entity,
        path: impl AsRef<Path>,
        location: &Location,
    ) -> Result<MendPlan> {
        let unit = self.begin();
        let mend = Mend::prepare(&unit, component, path.as_ref(), location)?;
        let plan = mend.plan(self)?;
        unit.rollback();
        Ok(plan)
    }

    /// Takes frames out of a sequence: their files from every location where they are, the components, and their part
    /// of the size of the sequence.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use ftrack_session::RemoveOptions;
    ///
    /// session.drop_frames(plate, [1099, 1100], &RemoveOptions::new())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if it is not a sequence, [`ErrorKind::InvalidArgument`] if it does not have one of
    /// these frames or has no others; [`ErrorKind::Location`] if a frame is in a location that has no accessor here,
    /// unless [`RemoveOptions::forget`] says that files stay; nothing was done then. The errors of
    /// [`Location::remove_components`] and of a commit: what was done before stays done, and it can be called again.
    #[track_caller]
    pub fn drop_frames(
        &self,
        sequence: &Entity,
        frames: impl IntoIterator<Item = i64>,
        options: &RemoveOptions,
    ) -> Result<()> {
        check_mendable(sequence)?;
        let unit = self.begin();
        let here = unit.attach(sequence)?;
        let mut all = Frames::load(&here)?;
        let wanted: Indexes = frames.into_iter().collect();
        let dropped = taken_out(&here, &mut all, &wanted)?;
        let places = places_of(&unit, &dropped)?;
        if !options.forgets() {
            check_reachable(&places)?;
        }
        if options.is_dry_run() {
            return Ok(());
        }
        let options = options.clone().recursive(false);
        for (location, there) in &places {
            location.remove_components_with(there, &options)?;
        }
        for frame in &dropped {
            unit.delete(frame)?;
        }
        here.set("size", all.size()?)?;
        unit.commit()?;
        refresh(self, sequence)
    }

    /// Where these components come from from now on; gives back where they came from before.
    fn remember_sources(&self, files: &[(Entity, String)]) -> FxHashMap<String, String> {
        let registry = self.location_registry();
        let ids: Vec<String> = files.iter().map(|(file, _)| file.id()).collect();
        let before = registry.registered(ORIGIN_LOCATION_ID, ids.iter().map(String::as_str));
        let paths = files.iter().map(|(file, path)| (file.id(), path.clone()));
        registry.register(ORIGIN_LOCATION_ID, paths, self.unit_number());
        before
    }

    fn restore_sources(&self, files: &[(Entity, String)], before: FxHashMap<String, String>) {
        let registry = self.location_registry();
        let ids: Vec<String> = files.iter().map(|(file, _)| file.id()).collect();
        registry.deregister(ORIGIN_LOCATION_ID, ids.iter().map(String::as_str));
        registry.register(ORIGIN_LOCATION_ID, before, self.unit_number());
    }
}

/// One component that is published anew.
struct Mend<'a> {
    unit: &'a Session,
    component: Entity,
    /// The components whose files are new, and the paths of these.
    files: Vec<(Entity, String)>,
    /// Those of them that are new themselves.
    new: FxHashSet<Identity>,
}

impl<'a> Mend<'a> {
    /// Looks at all that is needed, and records in the unit of work what is to be committed.
    #[track_caller]
    fn prepare(
        unit: &'a Session,
        component: &Entity,
        path: &Path,
        location: &Location,
    ) -> Result<Self> {
        let path = path_text(path)?;
        check_mendable(component)?;
        // It has to be there: what is mended stays where it is.
        location.resource_identifier(component)?;
        let mut mend = Self {
            unit,
            component: unit.attach(component)?,
            files: Vec::new(),
            new: FxHashSet::default(),
        };
        match component.entity_type() {
            "FileComponent" => mend.file(path)?,
            _ => mend.frames(path)?,
        }
        Ok(mend)
    }

    fn file(&mut self, path: &str) -> Result<()> {
        if source::look_at(path, false)?.is_some() {
            let message = format!("{path:?} is a sequence, and {:?} is a file", self.component);
            return Err(Error::new(ErrorKind::InvalidArgument, message).with_detail("path", path));
        }
        check_file_type(&self.component, path)?;
        self.component.set("size", size_on_disk(path))?;
        self.files.push((self.component.clone(), path.to_owned()));
        Ok(())
    }

    #[track_caller]
    fn frames(&mut self, path: &str) -> Result<()> {
        let mut frames = Frames::load(&self.component)?;
        let file_type = self.component.get::<Option<String>>("file_type")?;
        for (number, path) in files(path)? {
            check_file_type(&self.component, &path)?;
            let size = size_on_disk(&path);
            let frame = if let Some(frame) = frames.get(number) {
                frame.set("size", size)?;
                frame.clone()
            } else {
                let values = values! {
                    "name": frames.name(number),
                    "container": &self.component,
                    "size": size,
                    "file_type": file_type.clone(),
                };
                let frame = self.unit.create("FileComponent", values)?;
                self.new.insert(frame.identity().clone());
                frames.insert(number, frame.clone());
                frame
            };
            self.files.push((frame, path));
        }
        self.component.set("size", frames.size()?)
    }

    #[track_caller]
    fn publish(&self, location: &Location, options: &AddOptions) -> Result<()> {
        let components: Vec<Entity> = self.files.iter().map(|(file, _)| file.clone()).collect();
        let origin = self.unit.location(ORIGIN_LOCATION_ID)?;
        let options = options.clone().recursive(false).replace(true);
        location.add_components(&components, [origin], &options)
    }

    fn plan(&self, session: &Session) -> Result<MendPlan> {
        let mut plan = MendPlan::default();
        let mut added = Vec::new();
        for (file, _) in &self.files {
            if self.new.contains(file.identity()) {
                added.extend(file.get::<String>("name")?.parse::<i64>());
            } else {
                plan.replaced.push(session.attach(file)?);
            }
        }
        plan.added = added.into_iter().collect();
        Ok(plan)
    }

    fn mended(&self, session: &Session) -> Result<Mended> {
        let mut mended = Mended::default();
        for (file, _) in &self.files {
            let entity = session.attach(file)?;
            if self.new.contains(file.identity()) {
                mended.added.push(entity);
            } else {
                mended.replaced.push(entity);
            }
        }
        Ok(mended)
    }
}

fn check_mendable(component: &Entity) -> Result<()> {
    const TYPES: [&str; 2] = ["FileComponent", "SequenceComponent"];
    crate::entity::check::check_type(component, &TYPES, "mending")?;
    if component.state() == Some(EntityState::Created) {
        let message = format!("{component:?} is not committed yet, so there is nothing to mend");
        return Err(Error::new(ErrorKind::InvalidState, message));
    }
    Ok(())
}

/// The frames with these numbers, which are not among `all` any more.
fn taken_out(sequence: &Entity, all: &mut Frames, wanted: &Indexes) -> Result<Vec<Entity>> {
    let refused = |message: String| {
        let error = Error::new(ErrorKind::InvalidArgument, message);
        Err(error.with_detail("component", sequence.id()))
    };
    let had = all.numbers();
    let missing: Indexes = wanted
        .iter()
        .filter(|number| !had.contains(*number))
        .collect();
    if !missing.is_empty() {
        return refused(format!("{sequence:?} has no frame {missing}, only {had}"));
    }
    let dropped = wanted
        .iter()
        .filter_map(|number| all.remove(number))
        .collect();
    if all.is_empty() {
        return refused(format!(
            "{sequence:?} has no other frames: remove and delete it instead"
        ));
    }
    Ok(dropped)
}

fn check_reachable(places: &[(Location, Vec<Entity>)]) -> Result<()> {
    for (location, frames) in places {
        if location.kind().manages_data() && location.accessor().is_none() {
            let message = format!(
                "{} of the frames are in {location:?}, which has no accessor here: configure it, or forget the files there",
                frames.len()
            );
            return Err(
                Error::new(ErrorKind::Location, message).with_detail("location", location.id())
            );
        }
    }
    Ok(())
}
