//! What the setting of the centralized storage says.

use serde_json::{Value as Json, json};

use super::CENTRALIZED_STORAGE;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// A location that everybody reaches by a folder, which has another path on each platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CentralizedStorage {
    pub(super) location_id: String,
    pub(super) location_name: String,
    pub(super) mount_points: MountPoints,
}

impl CentralizedStorage {
    /// Reads a scenario: `{"scenario": …, "data": {…}}`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Location`] names the first key that is missing or no text.
    pub(super) fn from_scenario(scenario: &Json) -> Result<Self> {
        let text = |path: &str| {
            let found = scenario.pointer(path).and_then(Json::as_str);
            found.map(str::to_owned).ok_or_else(|| missing(path))
        };
        let mount_points = scenario
            .pointer("/data/accessor/mount_points")
            .filter(|mount_points| mount_points.is_object())
            .ok_or_else(|| missing("/data/accessor/mount_points"))?;
        Ok(Self {
            location_id: text("/data/location_id")?,
            location_name: text("/data/location_name")?,
            mount_points: MountPoints::from_json(mount_points),
        })
    }

    /// The scenario as it is stored.
    pub(super) fn to_scenario(&self) -> Json {
        let MountPoints {
            linux,
            osx,
            windows,
        } = &self.mount_points;
        json!({
            "scenario": CENTRALIZED_STORAGE,
            "data": {
                "location_id": self.location_id,
                "location_name": self.location_name,
                "accessor": {
                    "mount_points": { "linux": linux, "osx": osx, "windows": windows },
                },
            },
        })
    }
}

fn missing(path: &str) -> Error {
    let key = path.trim_start_matches('/').replace('/', ".");
    let message = format!("the storage scenario of the server has no {key}");
    Error::new(ErrorKind::Location, message).with_detail("key", key)
}

/// The path of the storage on each platform; empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct MountPoints {
    pub(super) linux: String,
    pub(super) osx: String,
    pub(super) windows: String,
}

impl MountPoints {
    /// Reads what is there; it is not a mistake to leave a platform out.
    pub(super) fn from_json(mount_points: &Json) -> Self {
        let text = |platform: Platform| {
            let found = mount_points.get(platform.key()).and_then(Json::as_str);
            found.unwrap_or_default().to_owned()
        };
        Self {
            linux: text(Platform::Linux),
            osx: text(Platform::MacOs),
            windows: text(Platform::Windows),
        }
    }

    /// The path on this platform, if there is one.
    pub(super) fn for_platform(&self, platform: Platform) -> Option<&str> {
        let path = match platform {
            Platform::Linux => &self.linux,
            Platform::MacOs => &self.osx,
            Platform::Windows => &self.windows,
        };
        (!path.trim().is_empty()).then_some(path)
    }
}

/// A kind of machine that a storage is mounted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Linux,
    MacOs,
    Windows,
}

impl Platform {
    pub(super) const ALL: [Self; 3] = [Self::Linux, Self::MacOs, Self::Windows];

    /// The one that this program runs on; settings know no others.
    pub(super) fn current() -> Option<Self> {
        match std::env::consts::OS {
            "linux" => Some(Self::Linux),
            "macos" => Some(Self::MacOs),
            "windows" => Some(Self::Windows),
            _ => None,
        }
    }

    /// Its name in settings.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::MacOs => "osx",
            Self::Windows => "windows",
        }
    }

    /// Its name for people.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::MacOs => "OS X",
            Self::Windows => "Windows",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let storage = CentralizedStorage {
            location_id: "l-1".to_owned(),
            location_name: "studio.storage".to_owned(),
            mount_points: MountPoints {
                linux: "/mnt/storage".to_owned(),
                osx: String::new(),
                windows: r"\\server\storage".to_owned(),
            },
        };
        let scenario = storage.to_scenario();
        assert_eq!(scenario["scenario"], "ftrack.centralized-storage");
        assert_eq!(
            CentralizedStorage::from_scenario(&scenario).unwrap(),
            storage
        );
        let mount_points = &storage.mount_points;
        assert_eq!(
            mount_points.for_platform(Platform::Linux),
            Some("/mnt/storage")
        );
        assert_eq!(mount_points.for_platform(Platform::MacOs), None);
    }

    #[test]
    fn a_missing_key_is_named() {
        let data =
            json!({"location_id": "l", "location_name": "n", "accessor": {"mount_points": {}}});
        let scenario = |data: &Json| json!({"scenario": CENTRALIZED_STORAGE, "data": data});
        assert!(CentralizedStorage::from_scenario(&scenario(&data)).is_ok());
        for (key, without) in [
            ("data.location_id", "/location_id"),
            ("data.location_name", "/location_name"),
            ("data.accessor.mount_points", "/accessor"),
            ("data.accessor.mount_points", "/accessor/mount_points"),
        ] {
            let mut data = data.clone();
            *data.pointer_mut(without).unwrap() = Json::Null;
            let error = CentralizedStorage::from_scenario(&scenario(&data)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Location);
            assert_eq!(error.details()["key"], key);
        }
        assert!(CentralizedStorage::from_scenario(&Json::Null).is_err());
    }
}
