//! Video, by the ffmpeg of the machine.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::EncodeError;
use crate::files::{Files, Staged};
use crate::media_queue::Form;

/// How long encoding one video may take.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// How often the encoder checks whether ffmpeg has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How much of what ffmpeg says is read, in bytes, from the end.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// A form of video that browsers play.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Codec {
    pub(super) form: Form,
    arguments: &'static [&'static str],
}

/// What is tried, in this order: not every ffmpeg has every encoder.
const CODECS: [Codec; 2] = [
    Codec {
        form: Form::MP4,
        arguments: &[
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "23",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
            "-f",
            "mp4",
        ],
    },
    Codec {
        form: Form::WEBM,
        arguments: &[
            "-c:v",
            "libvpx",
            "-crf",
            "10",
            "-b:v",
            "4M",
            "-c:a",
            "libvorbis",
            "-f",
            "webm",
        ],
    },
];

/// What was made of a video.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) codec: &'static Codec,
    pub(super) video: Staged,
    pub(super) length: Length,
    /// Its first frame, where one can be had.
    pub(super) picture: Option<Staged>,
}

/// How long a video is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Length {
    pub(super) frames: u64,
    /// Frames per second.
    pub(super) rate: f64,
}

/// The program.
pub(super) struct Ffmpeg<'a> {
    program: &'a Path,
    files: &'a Files,
    is_stopping: &'a dyn Fn() -> bool,
}

/// Whether there is such a program: a file where it has a folder, else one of that name in the PATH.
pub(super) fn is_available(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let mut name = program.as_os_str().to_owned();
    if program.extension().is_none() {
        name.push(std::env::consts::EXE_SUFFIX);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(&name).is_file())
}

impl<'a> Ffmpeg<'a> {
    /// The program of this name, which is stopped when `is_stopping` says so.
    pub(super) fn new(
        program: &'a Path,
        files: &'a Files,
        is_stopping: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            program,
            files,
            is_stopping,
        }
    }

    /// Makes a video that browsers play, in the first form that works.
    ///
    /// # Errors
    /// A machine without ffmpeg, and what ffmpeg cannot encode.
    pub(super) fn encode(&self, source: &Path, container: &str) -> Result<Encoded, EncodeError> {
        let mut first = None;
        for codec in &CODECS {
            match self.encode_as(source, container, codec) {
                Ok(encoded) => return Ok(encoded),
                // What the first one says is about the media; the others may only be missing.
                Err(error @ EncodeError::Ffmpeg { .. }) => first = first.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(first.unwrap_or(EncodeError::NotMedia))
    }

    fn encode_as(
        &self,
        source: &Path,
        container: &str,
        codec: &'static Codec,
    ) -> Result<Encoded, EncodeError> {
        let video = self.files.stage();
        let mut arguments = input(source, container);
        // The first picture track and sound, if any; even sides, for 4:2:0 needs them.
        arguments.extend(
            [
                "-map",
                "0:v:0",
                "-map",
                "0:a:0?",
                "-sn",
                "-dn",
                "-vf",
                "scale=trunc(iw/2)*2:trunc(ih/2)*2",
                "-pix_fmt",
                "yuv420p",
            ]
            .map(Into::into),
        );
        arguments.extend(codec.arguments.iter().map(Into::into));
        arguments.push(video.path.clone().into());
        let output = self.run(&arguments)?;
        let length = length(&output);
        if length.frames == 0 {
            return Err(EncodeError::Ffmpeg {
                output: "it has no frames".to_owned(),
            });
        }
        File::open(&video.path)?.sync_all()?;
        let picture = self.picture(&video.path);
        Ok(Encoded {
            codec,
            video,
            length,
            picture,
        })
    }

    /// The first frame of a video as JPEG.
    fn picture(&self, video: &Path) -> Option<Staged> {
        let picture = self.files.stage();
        let mut arguments: Vec<std::ffi::OsString> = ["-nostdin", "-hide_banner", "-y", "-i"]
            .map(Into::into)
            .into();
        arguments.push(video.into());
        arguments.extend(
            [
                "-frames:v",
                "1",
                "-c:v",
                "mjpeg",
                "-q:v",
                "3",
                "-pix_fmt",
                "yuvj420p",
                "-f",
                "image2",
                "-update",
                "1",
            ]
            .map(Into::into),
        );
        arguments.push(picture.path.clone().into());
        match self.run(&arguments) {
            Ok(_) if picture.path.exists() => Some(picture),
            _ => None,
        }
    }

    /// Runs ffmpeg to its end; gives what it says.
    fn run<T: AsRef<OsStr>>(&self, arguments: &[T]) -> Result<String, EncodeError> {
        let log = self.files.stage();
        let child = Command::new(self.program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log.path)?)
            .spawn();
        let status = match child {
            Ok(child) => self.wait(child)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(self.missing()),
            Err(error) => return Err(error.into()),
        };
        let output = ending(&log.path)?;
        if status.success() {
            return Ok(output);
        }
        let last = output.lines().rev().find(|line| !line.trim().is_empty());
        Err(EncodeError::Ffmpeg {
            output: last.unwrap_or("it does not say why").trim().to_owned(),
        })
    }

    fn missing(&self) -> EncodeError {
        EncodeError::NoFfmpeg {
            program: self.program.display().to_string(),
        }
    }

    fn wait(&self, mut child: Child) -> Result<ExitStatus, EncodeError> {
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            let error = if (self.is_stopping)() {
                EncodeError::Stopped
            } else if started.elapsed() > TIMEOUT {
                EncodeError::TooLong {
                    minutes: TIMEOUT.as_secs() / 60,
                }
            } else {
                std::thread::sleep(POLL_INTERVAL);
                continue;
            };
            child.kill()?;
            child.wait()?;
            return Err(error);
        }
    }
}

/// The start of the arguments: a local file of a container that is known.
fn input(source: &Path, container: &str) -> Vec<std::ffi::OsString> {
    let fixed = [
        "-nostdin",
        "-hide_banner",
        "-nostats",
        "-y",
        "-protocol_whitelist",
        "file",
        "-f",
    ];
    let mut arguments: Vec<std::ffi::OsString> = fixed.map(Into::into).into();
    arguments.extend([container.into(), "-i".into(), source.into()]);
    arguments
}

/// The end of a file as text.
fn ending(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(OUTPUT_LIMIT)))?;
    let mut bytes = Vec::new();
    file.take(OUTPUT_LIMIT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How long a video is, by what ffmpeg says about what it wrote.
fn length(output: &str) -> Length {
    let streams = output
        .find("Output #0")
        .and_then(|start| output.get(start..));
    let rate = streams
        .and_then(|streams| streams.split(" fps,").next()?.rsplit([' ', ',']).next())
        .and_then(|rate| rate.parse().ok())
        .filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    let frames = output
        .rsplit("frame=")
        .next()
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    Length {
        frames: frames.unwrap_or(0),
        rate: rate.unwrap_or(24.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Input #0, avi, from 'x':\n  Stream #0:0: Video: mpeg4, 320x240, 12 fps, 12 tbr\n\
        Output #0, mp4, to 'y':\n  Stream #0:0: Video: h264, yuv420p, 320x240, q=2-31, 29.97 fps, 30k tbn\n\
        [out#0/mp4 @ 0x5] video:12kB\nframe=  150 fps= 80 q=-1.0 Lsize=      12KiB time=00:00:05.00\n";

    #[test]
    fn the_length_is_that_of_the_output() {
        let expected = Length {
            frames: 150,
            rate: 29.97,
        };
        assert_eq!(length(OUTPUT), expected);
        assert_eq!(length("nothing of use").frames, 0);
    }

    #[cfg(unix)]
    mod with_a_program {
        use std::os::unix::fs::PermissionsExt;
        use std::path::PathBuf;

        use parking_lot::Mutex;

        use super::*;

        // A script cannot be run while a process that another thread starts still has it open.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

        fn files(folder: &Path) -> Files {
            Files::new(Some(folder)).unwrap_or_else(|error| panic!("{error}"))
        }

        fn program(folder: &Path, script: &str) -> PathBuf {
            let path = folder.join("program");
            let written = std::fs::write(
                &path,
                format!("#!/bin/sh\nfor last; do :; done\n{script}\n"),
            );
            let made = written
                .and_then(|()| std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)));
            assert!(made.is_ok());
            path
        }

        fn encode(
            script: &str,
            is_stopping: bool,
        ) -> Result<(&'static str, Length, bool), EncodeError> {
            let _turn = ONE_AT_A_TIME.lock();
            let folder = tempfile::tempdir()?;
            let files = files(folder.path());
            let program = program(folder.path(), script);
            let is_stopping = || is_stopping;
            let ffmpeg = Ffmpeg::new(&program, &files, &is_stopping);
            let encoded = ffmpeg.encode(Path::new("/some/video"), "avi")?;
            Ok((
                encoded.codec.form.format,
                encoded.length,
                encoded.picture.is_some(),
            ))
        }

        #[test]
        fn the_first_form_that_works_is_taken() -> Result<(), EncodeError> {
            let say = format!("cat >&2 <<'END'\n{OUTPUT}END\necho x > \"$last\"");
            let (format, length, has_picture) = encode(&say, false)?;
            assert_eq!(
                (format, length.frames, has_picture),
                ("video/mp4", 150, true)
            );
            let no_x264 = format!("case \"$*\" in *libx264*) exit 1;; esac\n{say}");
            assert_eq!(encode(&no_x264, false)?.0, "video/webm");
            let no_picture = format!("case \"$*\" in *mjpeg*) exit 1;; esac\n{say}");
            assert!(!encode(&no_picture, false)?.2);
            Ok(())
        }

        #[test]
        fn faults_say_what_happened() {
            let message = |script: &str, is_stopping| {
                encode(script, is_stopping)
                    .err()
                    .map(|error| error.to_string())
                    .unwrap_or_default()
            };
            let output = message("echo 'moov atom not found' >&2\nexit 1", false);
            assert!(output.ends_with("moov atom not found"), "{output}");
            assert!(message("echo x > \"$last\"", false).ends_with("no frames"));
            let before = Instant::now();
            assert!(message("exec sleep 60", true).contains("stopped"));
            assert!(before.elapsed() < Duration::from_secs(30));
        }

        #[test]
        fn a_machine_without_ffmpeg_says_so() -> std::io::Result<()> {
            let folder = tempfile::tempdir()?;
            let files = files(folder.path());
            let program = folder.path().join("no-such-program");
            let ffmpeg = Ffmpeg::new(&program, &files, &|| false);
            assert!(!is_available(&program));
            let error = ffmpeg.encode(Path::new("/some/video"), "avi").err();
            let message = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains("ffmpeg"), "{message}");
            Ok(())
        }
    }
}
