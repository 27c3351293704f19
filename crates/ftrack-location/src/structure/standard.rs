//! Paths made of the hierarchy of the project.

mod overrides;

use std::fmt::Write;

use ftrack_entity::{Identity, ReadEntity, Value};
use unicode_normalization::UnicodeNormalization;

use self::overrides::Overrides;
use super::read::{self, ComponentType};
use super::sanitise::{Letters, sanitise};
use super::{
    MAXIMUM_NESTING, Result, Structure, StructureContext, StructureError, folder_of,
    sequence_expression,
};
use crate::accessor::Md5;

/// Paths that people can read: the project, the folders, the asset and the version of a component.
///
/// | entity | resource identifier |
/// | --- | --- |
/// | file | `my_project/folder_a/folder_b/asset_name/v003/foo.jpg` |
/// | sequence | `my_project/folder_a/folder_b/asset_name/v003/foo.%04d.jpg` |
/// | file in a sequence | `my_project/folder_a/folder_b/asset_name/v003/foo.0042.jpg` |
/// | container | `my_project/folder_a/folder_b/asset_name/v003/bar` |
/// | file in a container | `my_project/folder_a/folder_b/asset_name/v003/bar/baz.pdf` |
/// | version | `my_project/folder_a/folder_b/asset_name/v003` |
/// | project, shot, task … | `my_project/folder_a/folder_b` |
///
/// Every part is made fit for file systems, see [`StandardStructure::sanitise_for_filesystem`]. A part never leads out
/// of its folder: `.` and `..` are replaced like illegal characters.
///
/// Paths are those of the official client, but for names of which nothing would be left (`日本`): each gets a name made
/// of its checksum, so that two of them do not share a folder. Names that differ in accents, case or symbols only
/// (`éclair` and `eclair`) still do. Use [`all_letters`](StandardStructure::all_letters) where paths need not be those
/// of the official client.
///
/// ```
/// use ftrack_location::{JsonEntity, StandardStructure, Structure, StructureContext};
/// use serde_json::json;
///
/// let component = json!({
///     "__entity_type__": "FileComponent", "id": "c-1", "name": "Plate", "file_type": ".exr",
///     "version": {
///         "__entity_type__": "AssetVersion", "id": "v-1", "version": 3,
///         "link": [
///             {"type": "Project", "id": "p-1", "name": "My project"},
///             {"type": "TypedContext", "id": "s-1", "name": "Shot 010"},
///             {"type": "AssetVersion", "id": "v-1", "name": "v3"},
///         ],
///         "asset": {
///             "__entity_type__": "Asset", "id": "a-1", "name": "Comp",
///             "parent": {"__entity_type__": "Shot", "id": "s-1",
///                 "project": {"__entity_type__": "Project", "id": "p-1", "name": "my_project"}},
///         },
///     },
/// });
/// let component = JsonEntity::new(&component)?;
/// assert_eq!(
///     StandardStructure::new().resource_identifier(&component, &StructureContext::new())?,
///     "my_project/shot_010/comp/v003/plate.exr"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StandardStructure {
    project_versions_prefix: Option<String>,
    illegal_character_substitute: Option<String>,
    letters: Letters,
    overrides: Overrides,
}

impl Default for StandardStructure {
    fn default() -> Self {
        Self::new()
    }
}

impl StandardStructure {
    /// A structure without a folder for versions of projects, with `_` for illegal characters.
    pub fn new() -> Self {
        Self {
            project_versions_prefix: None,
            illegal_character_substitute: Some("_".to_owned()),
            letters: Letters::Latin,
            overrides: Overrides::default(),
        }
    }

    /// Puts versions that are published directly under the project into a folder of this name.
    pub fn project_versions_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.project_versions_prefix = Some(prefix.into());
        self
    }

    /// What to put for illegal characters; with `None`, names are left as they are.
    pub fn illegal_character_substitute(mut self, substitute: Option<&str>) -> Self {
        self.illegal_character_substitute = substitute.map(str::to_owned);
        self
    }

    /// Keeps the letters and digits of all scripts, with their accents: `日本` stays `日本`. Names are fit for Windows too:
    /// those of devices (`con`, `nul.txt`) get the substitute in front, and a dot or space at the end becomes the
    /// substitute. Defaults to `false`, which gives the paths of the official client.
    ///
    /// ```
    /// use ftrack_location::StandardStructure;
    ///
    /// let structure = StandardStructure::new().all_letters(true);
    /// assert_eq!(structure.sanitise_for_filesystem("夜 Éclair"), "夜_éclair");
    /// assert_eq!(structure.sanitise_for_filesystem("CON"), "_con");
    /// ```
    pub fn all_letters(mut self, keep: bool) -> Self {
        self.letters = if keep { Letters::All } else { Letters::Latin };
        self
    }

    /// `name` as a name that every file system takes, and that is easy to type: without accents, in lower case, with
    /// the substitute for everything but Latin letters, digits, `_`, `.` and `-`. Letters that have no Latin base are
    /// dropped, unless [`all_letters`](Self::all_letters) keeps them. The result may be empty; in paths, a checksum
    /// takes its place.
    ///
    /// ```
    /// use ftrack_location::StandardStructure;
    ///
    /// let structure = StandardStructure::new();
    /// assert_eq!(structure.sanitise_for_filesystem("björn!"), "bjorn_");
    /// assert_eq!(structure.sanitise_for_filesystem("日本"), "");
    /// ```
    pub fn sanitise_for_filesystem(&self, name: &str) -> String {
        if let Some(sanitise) = &self.overrides.sanitise {
            return sanitise(name);
        }
        match &self.illegal_character_substitute {
            Some(substitute) => sanitise(name, substitute, self.letters),
            None => name.to_owned(),
        }
    }

    fn identifier(&self, entity: &dyn ReadEntity, nesting: usize) -> Result<String> {
        match read::component_type(entity) {
            Some(ComponentType::File) => self.file(entity, nesting),
            Some(ComponentType::Sequence) => self.sequence(entity),
            Some(ComponentType::Container) => {
                let name = self.part(entity, &read::required_text(entity, "name")?)?;
                Ok(format!("{}/{name}", self.version_of(entity)?))
            }
            None if entity.entity_type().as_str() == "AssetVersion" => self.version(entity),
            None => self.context(entity),
        }
    }

    fn file(&self, entity: &dyn ReadEntity, nesting: usize) -> Result<String> {
        let name = read::required_text(entity, "name")?;
        let file_type = read::text(entity, "file_type")?;
        let Some(container) = read::reference(entity, "container")? else {
            let name = self.named(entity, &name, &file_type)?;
            return Ok(format!("{}/{name}", self.version_of(entity)?));
        };
        if nesting == MAXIMUM_NESTING {
            return Err(read::nested_too_deeply(entity));
        }
        let path = self.identifier(&*container, nesting + 1)?;
        if read::component_type(&*container) == Some(ComponentType::Sequence) {
            let sequence = read::required_text(&*container, "name")?;
            let name = self.named(entity, &sequence, &format!(".{name}{file_type}"))?;
            return Ok(format!("{}/{name}", folder_of(&path)));
        }
        let name = self.named(entity, &name, &file_type)?;
        Ok(format!("{path}/{name}"))
    }

    fn sequence(&self, entity: &dyn ReadEntity) -> Result<String> {
        Ok(format!(
            "{}/{}.{}{}",
            self.version_of(entity)?,
            self.part(entity, &read::required_text(entity, "name")?)?,
            sequence_expression(entity)?,
            self.part(entity, &read::text(entity, "file_type")?)?,
        ))
    }

    /// The folder of the version that a component belongs to.
    fn version_of(&self, component: &dyn ReadEntity) -> Result<String> {
        if let Some(version) = read::reference(component, "version")? {
            return self.version_for(component, &*version);
        }
        let not_attached = || not_attached(component);
        let version_id = read::value(component, "version_id")?;
        let version_id = version_id.as_str().ok_or_else(not_attached)?;
        let version = related(component, &Identity::new("AssetVersion", version_id))?;
        self.version_for(component, &*version.ok_or_else(not_attached)?)
    }

    /// The folder of `version`. Links are made by the server, so a version without one is not committed.
    fn version_for(&self, asked: &dyn ReadEntity, version: &dyn ReadEntity) -> Result<String> {
        if let Some(folders) = self.overrides.folders_of(version)? {
            return self.path(version, &folders);
        }
        let link = Link::from_entity(version)?.ok_or_else(|| not_attached(asked))?;
        let asset = read::required_text(version, "asset.name")?;
        let number =
            read::number(version, "version")?.ok_or_else(|| read::missing(version, "version"))?;

        let mut path = self.part(version, &project_name(version, &link.project)?)?;
        let folders = link
            .names
            .split_last()
            .map_or(&[][..], |(_, folders)| folders);
        let prefix = self.project_versions_prefix.as_ref();
        for folder in folders.iter().chain(prefix.filter(|_| folders.is_empty())) {
            path.push('/');
            path.push_str(&self.part(version, folder)?);
        }
        Ok(format!(
            "{path}/{}/{}",
            self.part(version, &asset)?,
            self.part(version, &self.overrides.version_folder(number))?
        ))
    }

    fn version(&self, version: &dyn ReadEntity) -> Result<String> {
        self.version_for(version, version)
    }

    /// The folder that has the folders of the assets of a context in it.
    fn context(&self, context: &dyn ReadEntity) -> Result<String> {
        if let Some(folders) = self.overrides.folders_of(context)? {
            return self.path(context, &folders);
        }
        let link = Link::from_entity(context)?.ok_or_else(|| read::unsupported(context))?;
        let mut path = self.part(context, &project_name(context, &link.project)?)?;
        for folder in &link.names {
            path.push('/');
            path.push_str(&self.part(context, folder)?);
        }
        Ok(path)
    }

    /// A path of these names.
    fn path(&self, entity: &dyn ReadEntity, names: &[String]) -> Result<String> {
        let parts: Result<Vec<String>> = names.iter().map(|name| self.part(entity, name)).collect();
        Ok(parts?.join("/"))
    }

    /// The part of a path for a name with what follows it.
    fn named(&self, entity: &dyn ReadEntity, name: &str, suffix: &str) -> Result<String> {
        if !name.is_empty() && self.sanitise_for_filesystem(name).is_empty() {
            let suffix = self.sanitise_for_filesystem(suffix);
            return Ok(format!("{}{suffix}", replacement(name)));
        }
        self.part(entity, &format!("{name}{suffix}"))
    }

    /// A part of a path: a name that is not empty, and stays in its folder.
    fn part(&self, entity: &dyn ReadEntity, name: &str) -> Result<String> {
        let part = self.sanitise_for_filesystem(name);
        let is_ruled = self.overrides.sanitise.is_none();
        let substitute = self.illegal_character_substitute.as_ref();
        let Some(substitute) = substitute.filter(|_| is_ruled) else {
            let leads_out = part.split(['/', '\\']).any(|part| part == "..");
            return if leads_out {
                Err(StructureError::UnsafeName {
                    entity: entity.identity().clone(),
                    name: part,
                })
            } else {
                Ok(part)
            };
        };
        Ok(match part.as_str() {
            "" if name.is_empty() => part,
            "" => replacement(name),
            // An empty substitute would leave nothing.
            "." | ".." if substitute.is_empty() => replacement(name),
            "." | ".." => part.replace('.', substitute),
            _ => part,
        })
    }
}

/// What stands for a name of which nothing is left: the same for the same name, and another for any other.
fn replacement(name: &str) -> String {
    let composed: String = name.nfc().collect();
    let checksum = Md5::compute(composed.as_bytes());
    let bytes = checksum.as_bytes().iter().take(REPLACEMENT_BYTES);
    bytes.fold("u".to_owned(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Enough that names of one folder do not meet by chance.
const REPLACEMENT_BYTES: usize = 6;

impl Structure for StandardStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        _: &StructureContext<'_>,
    ) -> Result<String> {
        self.identifier(entity, 0)
    }
}

/// Where an entity is in its project.
struct Link {
    project: Identity,
    /// The names of what is below the project, down to the entity itself.
    names: Vec<String>,
}

impl Link {
    /// The link of an entity, if it has one.
    fn from_entity(entity: &dyn ReadEntity) -> Result<Option<Self>> {
        let Value::Json(link) = read::value(entity, "link")? else {
            return Ok(None);
        };
        let link = link.to_value();
        let text = |item: &serde_json::Value, key| Some(item.get(key)?.as_str()?.to_owned());
        let Some((project, below)) = link.as_array().and_then(|link| link.split_first()) else {
            return Ok(None);
        };
        let project = text(project, "id").ok_or_else(|| read::missing(entity, "link"))?;
        let names: Option<_> = below.iter().map(|item| text(item, "name")).collect();
        Ok(Some(Self {
            project: Identity::new("Project", project),
            names: names.ok_or_else(|| read::missing(entity, "link"))?,
        }))
    }
}

/// The short name of the project; the link has the full name.
fn project_name(entity: &dyn ReadEntity, project: &Identity) -> Result<String> {
    if entity.identity() == project {
        return read::required_text(entity, "name");
    }
    let found = related(entity, project)?.ok_or_else(|| read::missing(entity, "project"))?;
    read::required_text(&*found, "name")
}

fn related<'entity>(
    entity: &'entity dyn ReadEntity,
    identity: &Identity,
) -> Result<Option<Box<dyn ReadEntity + 'entity>>> {
    entity
        .related(identity)
        .map_err(|source| StructureError::Unreadable {
            entity: identity.clone(),
            attribute: "it".to_owned(),
            source,
        })
}

fn not_attached(entity: &dyn ReadEntity) -> StructureError {
    StructureError::NotAttached {
        entity: entity.identity().clone(),
    }
}
