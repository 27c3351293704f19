//! A version with its components, and how to take it back.

use std::collections::HashMap;

use ftrack::location::transfer::TransferOptions;
use ftrack::prelude::*;
use ftrack::{AddOptions, UploadOptions};

use super::Options;
use super::absolute;
use super::record::Known;
use super::source::Source;
use crate::failure::Failure;
use crate::resolve::{described, resolve};
use crate::terminal::output;

/// What the component of a picture is called.
const THUMBNAIL: &str = "thumbnail";

/// A version that was created, and what belongs to it.
pub(super) struct Publication {
    session: Session,
    pub(super) asset: Entity,
    asset_is_new: bool,
    pub(super) version: Entity,
    pub(super) components: Vec<Entity>,
    /// Known when it was uploaded.
    thumbnail: std::cell::OnceCell<Entity>,
    /// Whether an earlier command began it.
    is_resumed: bool,
}

impl Publication {
    /// Creates version and components, and the asset if there is none. They are in no location yet, and the version
    /// does not show as published.
    pub(super) fn begin(
        session: &Session,
        target: &Target,
        options: &Options,
        sources: &[Source],
    ) -> Result<Self, Failure> {
        let task = &target.task;
        let asset_is_new = target.asset.is_none();
        let asset = match &target.asset {
            Some(asset) => asset.clone(),
            None => target.create_asset(session)?,
        };
        let values = values! {
            "asset": &asset, "task": task, "comment": options.comment.as_deref().unwrap_or_default(), "is_published": false,
        };
        let version = session.create("AssetVersion", values)?;
        let components = sources
            .iter()
            .map(|source| {
                version.create_component(&source.path, values! { "name": source.name.as_str() })
            })
            .collect::<Result<_>>()?;
        // The structure asks where the version belongs, which the server says when it has it.
        session.commit()?;
        Ok(Self {
            session: session.clone(),
            asset,
            asset_is_new,
            version,
            components,
            thumbnail: std::cell::OnceCell::new(),
            is_resumed: false,
        })
    }

    /// What an earlier command created, if all of it is there still.
    pub(super) fn find(session: &Session, known: &Known) -> Result<Option<Self>, Failure> {
        let asset = session.get("Asset", known.asset.as_str())?;
        let version = session.get("AssetVersion", known.version.as_str())?;
        let (Some(asset), Some(version)) = (asset, version) else {
            return Ok(None);
        };
        let mut components = Vec::with_capacity(known.components.len());
        for (entity_type, id) in &known.components {
            match session.get(entity_type, id.as_str())? {
                Some(component) => components.push(component),
                None => return Ok(None),
            }
        }
        let thumbnail = std::cell::OnceCell::new();
        if let Some(id) = version.get::<Option<String>>("thumbnail_id")?
            && let Some(found) = session.get("FileComponent", id.as_str())?
            && found.get::<String>("name")? == THUMBNAIL
        {
            let _ = thumbnail.set(found);
        }
        Ok(Some(Self {
            session: session.clone(),
            asset,
            asset_is_new: known.asset_is_new,
            version,
            components,
            thumbnail,
            is_resumed: true,
        }))
    }

    /// What a later command needs to know to go on.
    pub(super) fn known(&self, files: &str) -> Known {
        let components = self.components.iter();
        Known {
            asset: self.asset.id(),
            asset_is_new: self.asset_is_new,
            version: self.version.id(),
            components: components
                .map(|component| (component.entity_type().to_owned(), component.id()))
                .collect(),
            files: files.to_owned(),
        }
    }

    /// Whether the version shows as published, so that nothing is left to do.
    pub(super) fn is_complete(&self) -> Result<bool> {
        self.version.get("is_published")
    }

    /// Says where the files are: that is not known in another session than the one that created the components.
    pub(super) fn place(&self, sources: &[Source]) -> Result<(), Failure> {
        let origin = self.session.location("ftrack.origin")?;
        for (component, source) in self.components.iter().zip(sources) {
            let Some(sequence) = &source.sequence else {
                origin.add_component(component, source.path.as_str())?;
                continue;
            };
            let pattern = sequence.pattern();
            origin.add_component(component, absolute(pattern.to_string().as_ref())?)?;
            let mut paths = HashMap::new();
            for index in sequence.indexes().iter() {
                let path = absolute(pattern.name(index).as_ref())?;
                paths.insert(pattern.index_text(index), path);
            }
            let members = component.collection("members")?.entities()?;
            let mut of_members = Vec::with_capacity(members.len());
            for member in &members {
                let name = member.get::<String>("name")?;
                of_members.push(paths.remove(&name).ok_or_else(|| {
                    Failure::Unusable(format!("{member:?} is not a frame of {}", source.path))
                })?);
            }
            origin.add_components(&members, of_members, &AddOptions::new())?;
        }
        Ok(())
    }

    /// Uploads a picture and lets it stand for the version.
    pub(super) fn add_thumbnail(&self, path: Option<&str>) -> Result<(), Failure> {
        let Some(path) = path.filter(|_| self.thumbnail.get().is_none()) else {
            return Ok(());
        };
        let server = self.session.location("ftrack.server")?;
        let values = values! { "name": THUMBNAIL };
        let thumbnail = self.session.create_component(path, values, &server)?;
        let thumbnail = self.thumbnail.get_or_init(|| thumbnail);
        self.version.set("thumbnail_id", thumbnail.id())?;
        self.session.commit()?;
        Ok(())
    }

    pub(super) fn thumbnail_id(&self) -> Option<String> {
        self.thumbnail.get().map(Entity::id)
    }

    /// Adds all components to the location, or none.
    pub(super) fn add_to(
        &self,
        location: &Location,
        transfer: TransferOptions,
        upload: UploadOptions,
    ) -> Result<(), Failure> {
        if self.is_resumed {
            // All were registered at once, or none.
            let availabilities = location.component_availabilities(&self.components)?;
            if availabilities.iter().all(|percent| *percent >= 100.0) {
                return Ok(());
            }
        }
        let origin = self.session.location("ftrack.origin")?;
        let options = AddOptions::new().transfer(transfer).upload(upload);
        location.add_components(&self.components, [origin], &options)?;
        Ok(())
    }

    /// Lets the version show as published.
    pub(super) fn show(&self) -> Result<(), Failure> {
        self.version.set("is_published", true)?;
        self.session.commit()?;
        Ok(())
    }

    /// Takes everything back. What cannot be taken back is said, since the failure that led here is the result.
    pub(super) fn withdraw(&self, location: &Location) {
        self.session.rollback();
        if let Err(error) = self.try_to_withdraw(location) {
            let id = self.version.id();
            output::note(&format!(
                "warning: the version {id} could not be taken back: {error}"
            ));
        }
    }

    fn try_to_withdraw(&self, location: &Location) -> Result<()> {
        let added: Vec<Entity> = self
            .components
            .iter()
            .zip(location.component_availabilities(&self.components)?)
            .filter(|(_, availability)| *availability > 0.0)
            .map(|(component, _)| component.clone())
            .collect();
        location.remove_components(&added, true)?;
        if let Some(thumbnail) = self.thumbnail.get() {
            self.session
                .location("ftrack.server")?
                .remove_component(thumbnail)?;
            self.session.delete(thumbnail)?;
        }
        for component in &self.components {
            self.session.delete(component)?;
        }
        self.session.delete(&self.version)?;
        self.session.commit()?;
        if self.asset_is_new {
            self.withdraw_asset()?;
        }
        Ok(())
    }

    /// Others may have published to the asset meanwhile; then it is theirs.
    fn withdraw_asset(&self) -> Result<()> {
        let query = format!("AssetVersion where asset_id is \"{}\"", self.asset.id());
        if self.session.query(query).first()?.is_none() {
            self.session.delete(&self.asset)?;
            self.session.commit()?;
        }
        Ok(())
    }
}

/// What is published to, as far as it is there.
pub(super) struct Target {
    task: Entity,
    /// What the asset belongs to.
    parent: Entity,
    name: String,
    kind: Entity,
    /// The asset of that name and type, if there is one.
    asset: Option<Entity>,
}

impl Target {
    /// Looks for all that the server has to have. Nothing is created.
    pub(super) fn find(session: &Session, options: &Options) -> Result<Self, Failure> {
        let task = resolve(session, &options.task, Some("Task"))?;
        let kind = asset_type(session, &options.asset_type)?;
        let parent: Entity = task.get("parent")?;
        let known = Query::from("Asset").filter(
            attr("name")
                .is(options.asset.as_str())
                .and(attr("context_id").is(parent.id()))
                .and(attr("type_id").is(kind.id())),
        );
        Ok(Self {
            asset: session.query(known).first()?,
            name: options.asset.clone(),
            task,
            parent,
            kind,
        })
    }

    /// What there will be, for people.
    pub(super) fn described(&self) -> Result<String> {
        let name = &self.name;
        let parent = described(&self.parent);
        let Some(asset) = &self.asset else {
            return Ok(format!(
                "the first version of the new asset {name} in the {parent}"
            ));
        };
        let number = next_version(asset)?;
        Ok(format!("v{number:03} of {name} in the {parent}"))
    }

    pub(super) fn asset_id(&self) -> Option<String> {
        self.asset.as_ref().map(Entity::id)
    }

    /// The number that the version will have, unless somebody else is faster.
    pub(super) fn number(&self) -> Result<i64> {
        self.asset.as_ref().map_or(Ok(1), next_version)
    }

    fn create_asset(&self, session: &Session) -> Result<Entity> {
        let values =
            values! { "name": self.name.as_str(), "type": &self.kind, "parent": &self.parent };
        session.create("Asset", values)
    }
}

fn next_version(asset: &Entity) -> Result<i64> {
    let newest: Option<i64> = asset.get("latest_version.version")?;
    Ok(newest.unwrap_or_default() + 1)
}

fn asset_type(session: &Session, name: &str) -> Result<Entity, Failure> {
    let kinds = Query::from("AssetType").filter(attr("short").is(name).or(attr("name").is(name)));
    session.query(kinds).first()?.ok_or_else(|| {
        let known = known_types(session).unwrap_or_default();
        Failure::NotFound(format!(
            "there is no asset type {name:?}; there are {known}"
        ))
    })
}

fn known_types(session: &Session) -> Result<String> {
    let mut known = Vec::new();
    for kind in session.query("select short from AssetType order by short") {
        known.push(kind?.get::<String>("short")?);
    }
    Ok(known.join(", "))
}
