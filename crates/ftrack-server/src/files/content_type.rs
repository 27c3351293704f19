//! What is in a file, by its name or by its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The media type of a file, by its name.
pub(crate) fn content_type(file_name: &str) -> &'static str {
    let extension = file_name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase());
    match extension.as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        Some("mp4" | "m4v") => "video/mp4",
        Some("webm") => "video/webm",
        Some("mov") => "video/quicktime",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("txt" | "log" | "md") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// The media type of a file that begins like an image that browsers show; nothing for any other.
pub(crate) fn image_type(path: &Path) -> Option<&'static str> {
    let mut start = [0; 12];
    File::open(path).ok()?.read_exact(&mut start).ok()?;
    let is_webp = start.starts_with(b"RIFF") && start.ends_with(b"WEBP");
    match start {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ if start.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        _ if is_webp => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_first_bytes() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        for (start, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", Some("image/jpeg")),
            (b"GIF89a\x01\0\x01\0\x80\0", Some("image/gif")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x10\0\0\0AVI LIST", None),
            (b"some text, no image", None),
            (b"\xff\xd8\xff", None),
        ] {
            std::fs::write(&path, start)?;
            assert_eq!(image_type(&path), expected, "{start:?}");
        }
        assert_eq!(image_type(Path::new("/there/is/no/such/file")), None);
        Ok(())
    }
}
