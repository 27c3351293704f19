//! Whether the centralized storage can be used on this machine.

use ftrack_location::DiskAccessor;
use serde_json::Value as Json;

use super::settings::{CentralizedStorage, Platform};

/// What is wrong with the storage of `scenario` on this machine, in words for its user; nothing if all is well.
pub(super) fn problem(scenario: &Json) -> Option<String> {
    let storage = match CentralizedStorage::from_scenario(scenario) {
        Ok(storage) => storage,
        Err(error) => {
            return Some(format!(
                "The storage scenario cannot be read: {error}. Files may not be found or saved."
            ));
        }
    };
    let Some(mount_point) =
        Platform::current().and_then(|it| storage.mount_points.for_platform(it))
    else {
        return Some(
            "The storage scenario has no mount point for the operating system of this machine. Until it has one, files \
             may not be found or saved."
                .to_owned(),
        );
    };
    let is_folder = DiskAccessor::new(mount_point)
        .ok()
        .and_then(|accessor| accessor.prefix().map(std::path::Path::is_dir));
    (is_folder != Some(true)).then(|| {
        format!(
            "There is no folder {mount_point}. Until there is, files may not be found or saved.\n\nIf the storage is \
             on the network, see that it is mounted; if it is new, its folder may have to be made first."
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scenario(mount_point: &str) -> Json {
        json!({"scenario": "ftrack.centralized-storage", "data": {
            "location_id": "l", "location_name": "n", "accessor": {"mount_points": {
                "linux": mount_point, "osx": mount_point, "windows": mount_point,
            }},
        }})
    }

    #[test]
    fn only_a_folder_that_is_there_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert_eq!(problem(&scenario(path)), None);
        let missing = format!("{path}/not-there");
        assert!(problem(&scenario(&missing)).unwrap().contains(&missing));
        assert!(problem(&scenario("")).unwrap().contains("no mount point"));
        assert!(problem(&Json::Null).unwrap().contains("data."));
    }
}
