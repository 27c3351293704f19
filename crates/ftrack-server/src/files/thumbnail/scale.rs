//! Making pictures, which are kept.

use std::io::Cursor;
use std::path::PathBuf;
use std::time::Duration;

use image::{DynamicImage, ImageFormat};

use super::SIZES;
use crate::files::{Files, picture};
use crate::request_error::{RequestError, RequestErrorKind};

/// How long an image waits for others to be done.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The size of a picture when the client does not say, in pixels.
const DEFAULT_SIZE: u32 = 300;

impl Files {
    /// A picture of the image of a component that fits in `size` by `size` pixels; nothing where the component
    /// is not an image. Pictures are made once and kept.
    ///
    /// # Errors
    /// An image for which there is no room, as it is or because of others.
    pub(crate) fn thumbnail(
        &self,
        component_id: &str,
        size: Option<u32>,
    ) -> Result<Option<PathBuf>, RequestError> {
        let wanted = size.unwrap_or(DEFAULT_SIZE);
        let [smallest, ..] = SIZES;
        let fits = SIZES.into_iter().rev().find(|size| *size <= wanted);
        let size = fits.unwrap_or(smallest);
        let kept = self.thumbnail_path(component_id, size);
        if kept.exists() {
            return Ok(Some(kept));
        }
        let path = self.path(component_id);
        // Somebody else may have made it while this waited.
        let room = |pixels| {
            self.pixels
                .take_within(pixels, TIMEOUT)
                .filter(|_| !kept.exists())
        };
        let is_png = picture::is_png(&path);
        let image = match picture::read(&path, room) {
            Ok(Some((image, _share))) if image.width() <= size && image.height() <= size => {
                return Ok(Some(path));
            }
            Ok(Some((image, _share))) => image.thumbnail(size, size),
            Ok(None) if kept.exists() => return Ok(Some(kept)),
            Ok(None) => {
                let message =
                    "too many pixels are decoded at the moment for this image: try again later";
                return Err(RequestError::new(RequestErrorKind::Busy, message));
            }
            Err(_) => return Ok(None),
        };
        Ok(self.keep_thumbnail(&image, kept, is_png))
    }

    fn keep_thumbnail(&self, image: &DynamicImage, kept: PathBuf, is_png: bool) -> Option<PathBuf> {
        let bytes = encode(image, is_png)?;
        let staged = self.stage();
        std::fs::write(&staged.path, bytes).ok()?;
        // The staged file is gone by then, and removing it once more does no harm.
        std::fs::rename(&staged.path, &kept).ok()?;
        Some(kept)
    }
}

/// A picture in a format that keeps what it has: PNG of PNG and where parts are transparent, else JPEG.
fn encode(image: &DynamicImage, is_png: bool) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    if is_png || image.color().has_alpha() {
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
    use std::sync::Arc;

    use image::ImageReader;

    use super::*;
    use crate::budget::Pool;

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
    fn an_image_waits_for_room_and_is_refused_when_there_is_never_any() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut files = files(folder.path());
        files.pixels = Arc::new(Pool::new(1_000 * 1_000));
        put(&files, "fits", &DynamicImage::new_rgb8(1_000, 1_000));
        put(&files, "never", &DynamicImage::new_rgb8(1_001, 1_000));
        let error = files.thumbnail("never", Some(64)).err();
        assert_eq!(error.map(|error| error.kind), Some(RequestErrorKind::Busy));
        let made = std::thread::scope(|scope| {
            let share = files.pixels.take(1);
            let waiting = scope.spawn(|| files.thumbnail("fits", Some(64)));
            drop(share);
            waiting.join().unwrap()
        });
        assert!(made.unwrap().is_some());
        Ok(())
    }

    #[test]
    fn pictures_fit_and_keep_their_proportions() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let files = files(folder.path());
        put(&files, "wide", &DynamicImage::new_rgb8(1200, 600));
        put(&files, "clear", &DynamicImage::new_rgba8(400, 800));
        put(&files, "small", &DynamicImage::new_rgb8(20, 10));
        let size = |id: &str, wanted| {
            let path = files.thumbnail(id, wanted).ok()??;
            let reader = ImageReader::open(path).ok()?.with_guessed_format().ok()?;
            reader.into_dimensions().ok()
        };
        assert_eq!(size("wide", None), Some((300, 150)));
        assert_eq!(size("wide", Some(100)), Some((100, 50)));
        assert_eq!(size("wide", Some(u32::MAX)), Some((1200, 600)));
        put(&files, "photo", &DynamicImage::new_rgb8(768, 576));
        for wanted in [10, 100, 150, 200, 500, 99, 1] {
            let found = size("photo", Some(wanted));
            assert!(
                found.is_some_and(|(width, height)| width.max(height) <= wanted.max(10)),
                "{wanted}: {found:?}"
            );
        }
        assert_eq!(size("photo", Some(10)), Some((10, 8)));
        assert_eq!(size("photo", Some(200)), Some((200, 150)));
        let kept = files.thumbnail("photo", Some(200)).ok().flatten();
        assert!(
            kept.is_some_and(|kept| picture::is_png(&kept)),
            "PNG stays PNG"
        );
        assert_eq!(size("clear", Some(64)), Some((32, 64)));
        assert_eq!(size("small", None), Some((20, 10)));
        assert_eq!(size("missing", None), None);
        std::fs::write(files.path("small"), "no image")?;
        assert_eq!(files.thumbnail("small", None), Ok(None));
        assert!(files.remove("wide"));
        assert_eq!(
            files.thumbnail("wide", None),
            Ok(None),
            "pictures go with the file"
        );
        Ok(())
    }
}
