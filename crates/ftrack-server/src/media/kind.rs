//! What a file holds, told by its first bytes: names prove nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::media_queue::{Form, Output};

/// How many bytes tell the kind of a file: two packets of a transport stream.
const START: u64 = 377;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Video {
        /// What ffmpeg calls the container. It is told, not asked: a file that looks like a playlist could make it
        /// read others.
        container: &'static str,
    },
    Other,
}

impl Kind {
    /// The kind of a file; nothing where there is none.
    pub(super) fn from_path(path: &Path) -> Option<Self> {
        let mut start = Vec::new();
        File::open(path)
            .ok()?
            .take(START)
            .read_to_end(&mut start)
            .ok()?;
        Some(Self::from_bytes(&start))
    }

    fn from_bytes(start: &[u8]) -> Self {
        if image::guess_format(start).is_ok() {
            return Self::Image;
        }
        match container(start) {
            Some(container) => Self::Video { container },
            None => Self::Other,
        }
    }

    /// The components that encoding is going to make, with fresh ids.
    pub(super) fn outputs(self) -> Vec<Output> {
        let forms: &[Form] = match self {
            Self::Image => &[Form::IMAGE],
            Self::Video { .. } => &[Form::MP4, Form::THUMBNAIL],
            Self::Other => &[],
        };
        let output = |form: &Form| Output {
            component_id: uuid::Uuid::new_v4().to_string(),
            form: *form,
        };
        forms.iter().map(output).collect()
    }
}

fn container(start: &[u8]) -> Option<&'static str> {
    const ATOMS: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"];
    const STARTS: [(&[u8], &str); 7] = [
        (&[0x1a, 0x45, 0xdf, 0xa3], "matroska"),
        (b"FLV\x01", "flv"),
        (b"OggS", "ogg"),
        (&[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11], "asf"),
        (&[0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01], "mxf"),
        (&[0, 0, 1, 0xba], "mpeg"),
        (&[0, 0, 1, 0xb3], "mpegvideo"),
    ];
    let at = |from: usize, length: usize| start.get(from..from + length).unwrap_or_default();
    if ATOMS.contains(&at(4, 4)) {
        return Some("mov");
    }
    if at(0, 4) == b"RIFF" && at(8, 4) == b"AVI " {
        return Some("avi");
    }
    if at(0, 1) == b"G" && at(188, 1) == b"G" && at(376, 1) == b"G" {
        return Some("mpegts");
    }
    let known = STARTS.iter().find(|(bytes, _)| start.starts_with(bytes));
    known.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        let mut stream = vec![0; 377];
        for index in [0, 188, 376] {
            stream[index] = b'G';
        }
        let video = |container| Kind::Video { container };
        let cases: [(&[u8], Kind); 9] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Image),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind::Image),
            (b"\0\0\0\x18ftypisom", video("mov")),
            (b"\x1a\x45\xdf\xa3\x01", video("matroska")),
            (b"RIFF\0\0\0\0AVI LIST", video("avi")),
            (&stream, video("mpegts")),
            (b"#EXTM3U\nfile:///etc/passwd", Kind::Other),
            (b"ffconcat version 1.0\n", Kind::Other),
            (b"", Kind::Other),
        ];
        for (start, kind) in cases {
            assert_eq!(Kind::from_bytes(start), kind, "{start:?}");
        }
        assert_eq!(Kind::from_path(Path::new("/there/is/no/such/file")), None);
    }

    #[test]
    fn a_video_gets_a_picture_too() {
        let formats = |kind: Kind| -> Vec<&str> {
            kind.outputs()
                .iter()
                .map(|output| output.form.format)
                .collect()
        };
        assert_eq!(formats(Kind::Image), ["image/jpeg"]);
        assert_eq!(
            formats(Kind::Video { container: "avi" }),
            ["video/mp4", "image/jpeg"]
        );
        assert!(formats(Kind::Other).is_empty());
    }
}
