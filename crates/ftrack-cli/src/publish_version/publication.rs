//! A version with its components, and how to take it back.

use ftrack::AddOptions;
use ftrack::location::transfer::TransferOptions;
use ftrack::prelude::*;

use super::source::Source;
use crate::arguments::PublishVersion;
use crate::failure::Failure;
use crate::output;

/// A version that was created, and what belongs to it.
pub(super) struct Publication {
    session: Session,
    pub(super) asset: Entity,
    asset_is_new: bool,
    pub(super) version: Entity,
    pub(super) components: Vec<Entity>,
    /// Known when it was uploaded.
    thumbnail: std::cell::OnceCell<Entity>,
}

impl Publication {
    /// Creates version and components, and the asset if there is none. They are in no location yet, and the version
    /// does not show as published.
    pub(super) fn begin(
        session: &Session,
        options: &PublishVersion,
        sources: &[Source],
    ) -> Result<Self, Failure> {
        let task = session
            .get("Task", options.task.as_str())?
            .ok_or_else(|| Failure::Unusable(format!("there is no task {:?}", options.task)))?;
        let (asset, asset_is_new) = asset(session, &task, options)?;
        let values = values! {
            "asset": &asset, "task": &task, "comment": options.comment.as_deref().unwrap_or_default(), "is_published": false,
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
        })
    }

    /// Uploads a picture and lets it stand for the version.
    pub(super) fn add_thumbnail(&self, path: Option<&str>) -> Result<(), Failure> {
        let Some(path) = path else { return Ok(()) };
        let server = self.session.location("ftrack.server")?;
        let values = values! { "name": "thumbnail" };
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
    ) -> Result<(), Failure> {
        let origin = self.session.location("ftrack.origin")?;
        let options = AddOptions::new().transfer(transfer);
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
            .zip(location.get_component_availabilities(&self.components)?)
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

/// The asset of that name and type on the parent of the task, and whether it is new.
fn asset(
    session: &Session,
    task: &Entity,
    options: &PublishVersion,
) -> Result<(Entity, bool), Failure> {
    let kind = Query::from("AssetType").filter(attr("short").is(options.asset_type.as_str()));
    let kind = session.query(kind).first()?.ok_or_else(|| {
        let short = &options.asset_type;
        let known = known_types(session).unwrap_or_default();
        Failure::Unusable(format!(
            "there is no asset type {short:?}; there are {known}"
        ))
    })?;
    let parent: Entity = task.get("parent")?;
    let known = Query::from("Asset").filter(
        attr("name")
            .is(options.asset.as_str())
            .and(attr("context_id").is(parent.id()))
            .and(attr("type_id").is(kind.id())),
    );
    if let Some(asset) = session.query(known).first()? {
        return Ok((asset, false));
    }
    let values = values! { "name": options.asset.as_str(), "type": &kind, "parent": &parent };
    Ok((session.create("Asset", values)?, true))
}

fn known_types(session: &Session) -> Result<String> {
    let mut known = Vec::new();
    for kind in session.query("select short from AssetType order by short") {
        known.push(kind?.get::<String>("short")?);
    }
    Ok(known.join(", "))
}
