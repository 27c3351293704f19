//! Reading images in bounded memory, and writing them as browsers show them.

use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::error::{LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, ImageResult, Limits, RgbImage};

use crate::budget::Share;

/// What decoding an image may take, in bytes.
const MEMORY_LIMIT: u64 = 512 * 1024 * 1024;

/// How good JPEG images are, of 100.
const QUALITY: u8 = 90;

/// Whether a file begins like a PNG image.
pub(crate) fn is_png(path: &Path) -> bool {
    let mut start = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"\x89PNG\r\n\x1a\n"
}

/// Reads an image, the right way up, when `admit` has room for so many pixels; nothing when it has not. The room is
/// taken for as long as the share is held.
///
/// # Errors
/// What is not an image, cannot be decoded, or is too large.
pub(crate) fn read(
    path: &Path,
    admit: impl FnOnce(usize) -> Option<Share>,
) -> ImageResult<Option<(DynamicImage, Share)>> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_LIMIT);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MEMORY_LIMIT {
        let too_large = LimitError::from_kind(LimitErrorKind::InsufficientMemory);
        return Err(ImageError::Limits(too_large));
    }
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let Some(share) = admit(usize::try_from(pixels).unwrap_or(usize::MAX)) else {
        return Ok(None);
    };
    // Cameras store images as they were held; most have no such note, and it may be damaged.
    let orientation = decoder.orientation();
    let mut image = DynamicImage::from_decoder(decoder)?;
    if let Ok(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(Some((image, share)))
}

/// The image, smaller where it does not fit in `size` by `size` pixels.
pub(crate) fn fitted(image: DynamicImage, size: u32) -> DynamicImage {
    if image.width() <= size && image.height() <= size {
        image
    } else {
        image.thumbnail(size, size)
    }
}

/// Writes an image as JPEG; what is transparent becomes white.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_jpeg(image: &DynamicImage, path: &Path) -> ImageResult<()> {
    let mut target = BufWriter::new(File::create(path)?);
    JpegEncoder::new_with_quality(&mut target, QUALITY).encode_image(&opaque(image))?;
    let file = target
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(())
}

fn opaque(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let pixels = image.to_rgba8();
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (target, source) in flat.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = source.0;
        target.0 = [red, green, blue].map(|value| over_white(value, alpha));
    }
    flat
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u16::from(value), u16::from(alpha));
    let sum = value * alpha + 255 * (255 - alpha);
    u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::budget::Pool;
    use image::{ImageFormat, Rgba, RgbaImage};

    #[test]
    fn what_is_transparent_becomes_white() -> ImageResult<()> {
        let folder = tempfile::tempdir()?;
        let mut image = RgbaImage::from_pixel(64, 32, Rgba([200, 0, 0, 255]));
        for x in 0..32 {
            for y in 0..32 {
                image.put_pixel(x, y, Rgba([0, 0, 0, 0]));
            }
        }
        let path = folder.path().join("image");
        write_jpeg(&fitted(DynamicImage::ImageRgba8(image), 32), &path)?;
        let pool = Arc::new(Pool::new(1_000_000));
        let (back, _share) = read(&path, |pixels| pool.take(pixels))?.unwrap();
        let back = back.to_rgb8();
        assert_eq!(back.dimensions(), (32, 16));
        let (left, right) = (back.get_pixel(4, 8).0, back.get_pixel(28, 8).0);
        assert!(left.iter().all(|value| *value > 250), "{left:?}");
        assert!(right[0].abs_diff(200) < 6 && right[1] < 6, "{right:?}");
        Ok(())
    }

    #[test]
    fn images_too_large_for_memory_are_refused() -> ImageResult<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("image");
        // A bitmap of 60,000 by 60,000 pixels in its head, and nothing behind it.
        RgbImage::new(1, 1).save_with_format(&path, ImageFormat::Png)?;
        let mut bytes = std::fs::read(&path)?;
        for side in [16, 20] {
            bytes[side..side + 4].copy_from_slice(&60_000_u32.to_be_bytes());
        }
        let sum = checksum(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        std::fs::write(&path, bytes)?;
        let asked = read(&path, |_| unreachable!("it is refused by its head"));
        assert!(matches!(asked, Err(ImageError::Limits(_))));
        Ok(())
    }

    fn checksum(bytes: &[u8]) -> u32 {
        let step =
            |sum: u32, bit: u32| (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub((sum ^ bit) & 1));
        let byte = |sum, byte: &u8| (0..8).fold(sum, |sum, bit| step(sum, u32::from(byte >> bit)));
        !bytes.iter().fold(u32::MAX, byte)
    }
}
