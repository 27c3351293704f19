//! What one call puts into a location, until it is registered.

use std::sync::Arc;

use ftrack_location::{Accessor, AccessorError, LeftOver, Replacement};
use rustc_hash::FxHashMap;
use serde_json::json;

/// What one call has put into a location, until it is registered.
#[derive(Default)]
pub(super) struct Data {
    accessor: Option<Arc<dyn Accessor>>,
    /// The resource identifiers of files, and the components that they belong to.
    files: Vec<(String, String)>,
    /// The containers that were made, those within others after these.
    containers: Vec<(String, String)>,
    replacement: Option<Replacement>,
    /// The components of the files that are replaced, by resource identifiers.
    replaced: FxHashMap<String, String>,
    /// Where new files are written before they take the places of others.
    staged: FxHashMap<String, String>,
}

impl Data {
    /// From here on data goes to this storage.
    pub(super) fn start(&mut self, accessor: &Arc<dyn Accessor>) {
        self.accessor = Some(Arc::clone(accessor));
        self.replacement = Some(Replacement::new(Arc::clone(accessor)));
    }

    /// Where the new file of `component` is to be written that takes the place of the one at `identifier`.
    pub(super) fn stage(&mut self, identifier: &str, component: String) -> String {
        let Some(replacement) = &mut self.replacement else {
            return identifier.to_owned();
        };
        let staged = replacement.stage(identifier);
        self.staged.insert(staged.clone(), identifier.to_owned());
        self.replaced.insert(identifier.to_owned(), component);
        staged
    }

    /// These files of components have arrived.
    pub(super) fn arrived(&mut self, files: impl Iterator<Item = (String, String)>) {
        let staged = &self.staged;
        let new = files.filter(|(_, identifier)| !staged.contains_key(identifier));
        self.files.extend(new);
    }

    /// This container was made for a component.
    pub(super) fn made(&mut self, component: String, identifier: String) {
        self.containers.push((component, identifier));
    }

    /// From here on the files of components that `is_kept` are not ours to remove.
    pub(super) fn keep_files(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.files.retain(|(component, _)| !is_kept(component));
    }

    /// Puts the new files in the places of the old ones, which are kept.
    pub(super) fn swap(&mut self) -> Result<(), AccessorError> {
        match &mut self.replacement {
            Some(replacement) => replacement.swap(),
            None => Ok(()),
        }
    }

    /// Everything is registered: the files that were replaced are not needed any more.
    pub(super) fn complete(self) {
        // What cannot be removed is logged there, and found when the location is verified.
        let _left = self.replacement.map(Replacement::complete);
    }

    /// Removes everything again, brings back what was replaced, and says what is left against our will.
    pub(super) fn remove(mut self) -> Vec<serde_json::Value> {
        let Some(accessor) = self.accessor.take() else {
            return Vec::new();
        };
        let beside = self.replacement.take().map(Replacement::undo);
        let is_left = |(_, identifier): &(String, String)| match accessor.remove(identifier) {
            // What is in a container that is not empty is somebody else's, or is listed itself.
            Ok(())
            | Err(
                AccessorError::ResourceNotFound { .. } | AccessorError::ContainerNotEmpty { .. },
            ) => false,
            Err(error) => {
                tracing::warn!(identifier, %error, "data that was copied in vain cannot be removed");
                true
            }
        };
        self.files.retain(is_left);
        self.containers.reverse();
        self.containers.retain(is_left);
        let component = |identifier: &str| {
            let left = LeftOver::from_name(identifier);
            let target = left.as_ref().map_or(identifier, |left| &left.target);
            self.replaced.get(target).cloned().unwrap_or_default()
        };
        let beside: Vec<(String, String)> = beside
            .unwrap_or_default()
            .into_iter()
            .map(|identifier| (component(&identifier), identifier))
            .collect();
        self.files.extend(beside);
        self.list()
    }

    /// What is there, for the details of an error.
    pub(super) fn list(&self) -> Vec<serde_json::Value> {
        let all = self.containers.iter().chain(&self.files);
        all.map(|(component, identifier)| {
            json!({"component": component, "resource_identifier": identifier})
        })
        .collect()
    }

    /// What was replaced, and where it is kept, for the details of an error.
    pub(super) fn kept(&self) -> Vec<serde_json::Value> {
        let kept = self.replacement.iter().flat_map(Replacement::backups);
        kept.map(|(target, backup)| {
            json!({
                "component": self.replaced.get(target),
                "resource_identifier": target,
                "kept_as": backup,
            })
        })
        .collect()
    }
}
