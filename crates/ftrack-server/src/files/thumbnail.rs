//! Small pictures of the images that components hold.

#[cfg(not(feature = "media"))]
mod absent;
#[cfg(feature = "media")]
mod scale;

use std::path::PathBuf;

use super::Files;

/// The sizes that are made; others become the next smaller of these, so that pictures fit in what was asked for and
/// clients cannot fill the disk.
const SIZES: [u32; 13] = [
    10, 32, 64, 100, 128, 150, 200, 300, 500, 512, 1024, 2048, 4096,
];

impl Files {
    fn thumbnail_path(&self, component_id: &str, size: u32) -> PathBuf {
        self.path(component_id)
            .with_extension(format!("{size}.thumbnail"))
    }

    /// Forgets the pictures of a component whose file is another now.
    pub(super) fn forget_thumbnails(&self, component_id: &str) {
        for size in SIZES {
            let _ = std::fs::remove_file(self.thumbnail_path(component_id, size));
        }
    }
}
