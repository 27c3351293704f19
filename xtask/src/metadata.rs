//! What `cargo metadata` says about the workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Outcome, command};

/// The document that `cargo metadata` prints, dependencies included.
pub(crate) struct Metadata(Value);

/// A crate, of the workspace or from elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Package<'a>(&'a Value);

/// A line of a crate's list of dependencies.
#[derive(Clone, Copy)]
pub(crate) struct Dependency<'a>(&'a Value);

impl Metadata {
    /// Asks cargo. The lock file is taken as it is.
    pub(crate) fn load() -> Outcome<Self> {
        let arguments = ["metadata", "--format-version", "1", "--locked"];
        let text = command::output(&mut command::cargo(&arguments))?;
        Ok(Self(serde_json::from_slice(&text)?))
    }

    /// Reads a document.
    #[cfg(test)]
    pub(crate) fn from_json(document: Value) -> Self {
        Self(document)
    }

    /// The crates of the workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = Package<'_>> {
        let members = list(&self.0["workspace_members"]);
        self.packages()
            .filter(|package| members.contains(&package.0["id"]))
    }

    /// Every crate that may take part in a build.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        list(&self.0["packages"]).iter().map(Package)
    }

    /// The crate with this id.
    pub(crate) fn package(&self, id: &str) -> Option<Package<'_>> {
        self.packages().find(|package| package.id() == id)
    }

    /// The ids of what a crate was found to depend on, with the features that the whole workspace asks for; what
    /// only its tests need is left out.
    pub(crate) fn resolved(&self, id: &str) -> Vec<&str> {
        let nodes = list(&self.0["resolve"]["nodes"]);
        let node = nodes.iter().find(|node| node["id"] == id);
        let used = |edge: &&Value| {
            list(&edge["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"] != "dev")
        };
        node.map(|node| list(&node["deps"]))
            .unwrap_or_default()
            .iter()
            .filter(used)
            .filter_map(|edge| edge["pkg"].as_str())
            .collect()
    }

    /// Where builds put what they make.
    pub(crate) fn target_directory(&self) -> &str {
        text(&self.0["target_directory"])
    }
}

impl<'a> Package<'a> {
    pub(crate) fn id(self) -> &'a str {
        text(&self.0["id"])
    }

    pub(crate) fn name(self) -> &'a str {
        text(&self.0["name"])
    }

    pub(crate) fn licence(self) -> Option<&'a str> {
        self.0["license"].as_str()
    }

    pub(crate) fn description(self) -> Option<&'a str> {
        self.0["description"].as_str()
    }

    pub(crate) fn version(self) -> &'a str {
        text(&self.0["version"])
    }

    /// The folder of the crate.
    pub(crate) fn folder(self) -> PathBuf {
        let manifest = Path::new(text(&self.0["manifest_path"]));
        manifest.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Whether the manifest says something for `key`: a text, or a list that is not empty.
    pub(crate) fn says(self, key: &str) -> bool {
        match &self.0[key] {
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        }
    }

    /// The names of its features.
    pub(crate) fn features(self) -> Vec<&'a str> {
        let features = self.0["features"].as_object();
        features
            .map(|found| found.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// Whether it may be published; `publish = false` is an empty list.
    pub(crate) fn is_publishable(self) -> bool {
        self.0["publish"]
            .as_array()
            .is_none_or(|registries| !registries.is_empty())
    }

    pub(crate) fn dependencies(self) -> impl Iterator<Item = Dependency<'a>> {
        list(&self.0["dependencies"]).iter().map(Dependency)
    }

    /// Whether the crate's default features switch its optional dependency `name` on.
    pub(crate) fn has_by_default(self, name: &str) -> bool {
        let mut wanted = vec!["default"];
        let mut seen = Vec::new();
        while let Some(feature) = wanted.pop() {
            if seen.contains(&feature) {
                continue;
            }
            seen.push(feature);
            for entry in list(&self.0["features"][feature]) {
                let entry = text(entry);
                let dependency = entry.strip_prefix("dep:").or_else(|| {
                    let (dependency, _) = entry.split_once('/')?;
                    (!dependency.ends_with('?')).then_some(dependency)
                });
                if dependency == Some(name) || entry == name {
                    return true;
                }
                wanted.push(entry);
            }
        }
        false
    }
}

impl<'a> Dependency<'a> {
    pub(crate) fn name(self) -> &'a str {
        text(&self.0["name"])
    }

    pub(crate) fn is_for_tests(self) -> bool {
        self.0["kind"] == "dev"
    }

    pub(crate) fn is_optional(self) -> bool {
        self.0["optional"] == true
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
