//! Small pictures of the images that components hold.

use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageFormat};

use super::{Files, picture};

/// The size of a picture when the client does not say, in pixels.
const DEFAULT_SIZE: u32 = 300;

/// The sizes that are made; others become the next of these, so that clients cannot fill the disk.
const SIZES: [u32; 8] = [32, 64, 128, 300, 512, 1024, 2048, 4096];

impl Files {
    /// A picture of the image of a component that fits in `size` by `size` pixels; nothing where the component is
    /// no image. Pictures are made once and kept.
    pub(crate) fn thumbnail(&self, component_id: &str, size: Option<u32>) -> Option<PathBuf> {
        let wanted = size.unwrap_or(DEFAULT_SIZE);
        let size = SIZES
            .into_iter()
            .find(|size| *size >= wanted)
            .unwrap_or(4096);
        let kept = self.thumbnail_path(component_id, size);
        if kept.exists() {
            return Some(kept);
        }
        let path = self.path(component_id);
        let image = picture::read(&path).ok()?;
        if image.width() <= size && image.height() <= size {
            return Some(path);
        }
        let bytes = encode(&image.thumbnail(size, size))?;
        let staged = self.stage();
        std::fs::write(&staged.path, bytes).ok()?;
        // The staged file is gone by then, and removing it once more does no harm.
        std::fs::rename(&staged.path, &kept).ok()?;
        Some(kept)
    }

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

/// A picture in a format that keeps what it has: PNG where parts are transparent, else JPEG.
fn encode(image: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    if image.color().has_alpha() {
        image.write_to(&mut bytes, ImageFormat::Png).ok()?;
    } else {
        DynamicImage::ImageRgb8(image.to_rgb8())
            .write_to(&mut bytes, ImageFormat::Jpeg)
            .ok()?;
    }
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use image::ImageReader;

    use super::*;

    fn files(folder: &std::path::Path) -> Files {
        Files::new(Some(folder)).unwrap_or_else(|error| panic!("{error}"))
    }

    fn put(files: &Files, id: &str, image: &DynamicImage) {
        let path = files.path(id);
        let folder = path.parent().unwrap_or(&path);
        let stored = std::fs::create_dir_all(folder)
            .map_err(image::ImageError::IoError)
            .and_then(|()| image.save_with_format(&path, ImageFormat::Png));
        assert!(stored.is_ok());
    }

    #[test]
    fn pictures_fit_and_keep_their_proportions() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let files = files(folder.path());
        put(&files, "wide", &DynamicImage::new_rgb8(1200, 600));
        put(&files, "clear", &DynamicImage::new_rgba8(400, 800));
        put(&files, "small", &DynamicImage::new_rgb8(20, 10));
        let size = |id: &str, wanted| {
            let path = files.thumbnail(id, wanted)?;
            let reader = ImageReader::open(path).ok()?.with_guessed_format().ok()?;
            reader.into_dimensions().ok()
        };
        assert_eq!(size("wide", None), Some((300, 150)));
        assert_eq!(size("wide", Some(100)), Some((128, 64)));
        assert_eq!(size("wide", Some(u32::MAX)), Some((1200, 600)));
        assert_eq!(size("clear", Some(64)), Some((32, 64)));
        assert_eq!(size("small", None), Some((20, 10)));
        assert_eq!(size("missing", None), None);
        std::fs::write(files.path("small"), "no image")?;
        assert_eq!(files.thumbnail("small", None), None);
        assert!(files.remove("wide"));
        assert_eq!(
            files.thumbnail("wide", None),
            None,
            "pictures go with the file"
        );
        Ok(())
    }
}
