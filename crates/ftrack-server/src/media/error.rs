//! Why media was not encoded, as the job tells it.

/// What kept media from being encoded.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    #[error("the component has no file on this server")]
    NoFile,
    #[error("the file is neither an image nor a video that can be encoded")]
    NotMedia,
    #[error("the image cannot be read: {0}")]
    Image(#[from] image::ImageError),
    #[error("the image has more pixels than may be decoded at a time")]
    Pixels,
    #[error("video needs ffmpeg, and this machine has no program {program}")]
    NoFfmpeg { program: String },
    #[error("ffmpeg cannot encode the video: {output}")]
    Ffmpeg {
        /// The end of its own words.
        output: String,
    },
    #[error("encoding took longer than {minutes} minutes")]
    TooLong { minutes: u64 },
    #[error("{}", super::STOPPED)]
    Stopped,
    #[error("a file could not be read or written: {0}")]
    Disk(#[from] std::io::Error),
    #[error("the outputs were refused: {0}")]
    Refused(String),
    #[error("the media made the encoder fail")]
    Broken,
}
