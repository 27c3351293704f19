//! Files: from folder to folder beside `cp`, to a server and back beside a plain HTTP client.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
use ftrack_location::{Accessor, DiskAccessor};
use ftrack_session::ServerAccessor;
use tempfile::TempDir;
use url::Url;

use super::Outcome;
use crate::scenario::Measured;
use crate::server::Child;

const MIB: usize = 1024 * 1024;
const LARGE: usize = 1024 * MIB;
const FRAMES: usize = 1_000;
const FRAME: usize = 100_000;
const COMPONENT: &str = "6a0f7a2e-1a3c-4b6e-9d58-0e5f4c3b2a19";

type Done = Result<(), Box<dyn Error>>;

/// One file of 1 GiB, by the system's own copy program and by ours.
pub(super) fn copy_large() -> Outcome {
    let source = Folder::with_large_file()?;
    source.measure_copy(
        "large.bin",
        &[TransferItem::new("large.bin", "copy/large.bin")],
    )
}

/// 1,000 frames of 100 kB.
pub(super) fn copy_frames() -> Outcome {
    let source = Folder::new()?;
    fs::create_dir(source.path().join("frames"))?;
    let content = noise(FRAME);
    let mut items = Vec::new();
    for frame in 1..=FRAMES {
        let name = format!("frames/frame.{frame:04}.exr");
        fs::write(source.path().join(&name), &content)?;
        items.push(TransferItem::new(&name, format!("copy/{name}")));
    }
    source.measure_copy("frames", &items)
}

/// One file of 1 GiB to a server: by ours in parts, by the plain client in one piece.
pub(super) fn upload() -> Outcome {
    let source = Folder::with_large_file()?;
    let server = Child::start(&[])?;
    let session = server.session()?;
    let accessor = ServerAccessor::new(&session);
    let item = [TransferItem::new("large.bin", COMPONENT).with_file_name("large.bin")];
    let plain = || -> Done {
        let size = LARGE as u64;
        let target = session.upload_metadata(COMPONENT, "large.bin", size, None)?;
        let url = target["url"]
            .as_str()
            .ok_or("there is nowhere to send it to")?;
        put(url, &source.path().join("large.bin"))
    };
    let measured = Measured::new_slow(
        || (),
        |()| must(copy(&source.accessor, &accessor, &item)),
        |()| must(plain()),
    );
    Ok(measured?)
}

/// One file of 1 GiB from a server.
pub(super) fn download() -> Outcome {
    let source = Folder::with_large_file()?;
    let server = Child::start(&[])?;
    let session = server.session()?;
    let accessor = ServerAccessor::new(&session);
    let item = [TransferItem::new("large.bin", COMPONENT).with_file_name("large.bin")];
    copy(&source.accessor, &accessor, &item)?;
    let url = accessor.url(COMPONENT)?;
    let item = [TransferItem::new(COMPONENT, "copy/large.bin")];
    let measured = Measured::new_slow(
        || source.without_copy(),
        |()| must(copy(&accessor, &source.accessor, &item)),
        |()| must(get(&url, &source.path().join("copy/large.bin"))),
    );
    Ok(measured?)
}

/// A folder with what is to be copied, and an empty folder `copy` for what it is copied to.
struct Folder {
    folder: TempDir,
    accessor: DiskAccessor,
}

impl Folder {
    fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let prefix = folder.path().to_str().ok_or("the folder is not Unicode")?;
        let accessor = DiskAccessor::new(prefix)?;
        Ok(Self { folder, accessor })
    }

    fn with_large_file() -> Result<Self, Box<dyn Error>> {
        let folder = Self::new()?;
        let mut file = BufWriter::new(File::create(folder.path().join("large.bin"))?);
        let content = noise(MIB);
        for _ in 0..LARGE / MIB {
            file.write_all(&content)?;
        }
        file.into_inner()?.sync_all()?;
        Ok(folder)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn without_copy(&self) {
        let copy = self.path().join("copy");
        if copy.exists() {
            must(fs::remove_dir_all(&copy));
        }
        must(fs::create_dir(copy));
    }

    fn measure_copy(&self, name: &str, items: &[TransferItem]) -> Outcome {
        let measured = Measured::new_slow(
            || self.without_copy(),
            |()| must(copy(&self.accessor, &self.accessor, items)),
            |()| {
                let mut program = Command::new("cp");
                program
                    .arg("-r")
                    .arg(name)
                    .arg("copy/")
                    .current_dir(self.path());
                assert!(must(program.status()).success(), "cp failed");
            },
        );
        Ok(measured?.beside_another_program())
    }
}

fn copy(source: &dyn Accessor, target: &dyn Accessor, items: &[TransferItem]) -> Done {
    let summary = transfer(source, target, items, &TransferOptions::new())?;
    assert_eq!(summary.files, items.len() as u64);
    Ok(())
}

/// What was prepared by the scenario itself does not fail.
fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Bytes that do not repeat soon.
fn noise(length: usize) -> Vec<u8> {
    let words = (1..=length as u64 / 8).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    words.flat_map(u64::to_le_bytes).collect()
}

/// Sends a file as plainly as can be.
fn put(url: &str, path: &Path) -> Done {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut connection = request("PUT", url, &format!("Content-Length: {length}\r\n"))?;
    pump(&mut file, connection.get_mut())?;
    head(&mut connection).map(|_| ())
}

/// Fetches a file as plainly as can be.
fn get(url: &str, path: &Path) -> Done {
    let mut connection = request("GET", url, "")?;
    let length = head(&mut connection)?.ok_or("the length is not known")?;
    let mut file = File::create(path)?;
    pump(&mut connection.take(length), &mut file)
}

fn request(method: &str, url: &str, headers: &str) -> Result<BufReader<TcpStream>, Box<dyn Error>> {
    let url = Url::parse(url)?;
    let mut stream = TcpStream::connect(&*url.socket_addrs(|| None)?)?;
    let (path, query) = (url.path(), url.query().unwrap_or_default());
    write!(
        stream,
        "{method} {path}?{query} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n{headers}\r\n"
    )?;
    Ok(BufReader::new(stream))
}

/// Reads the head of an answer of success; gives the length of the body, where it is said.
fn head(connection: &mut impl BufRead) -> Result<Option<u64>, Box<dyn Error>> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    if !line.contains(" 200 ") {
        return Err(format!("the server answers {line}").into());
    }
    let mut length = None;
    loop {
        line.clear();
        if connection.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
}

fn pump(from: &mut impl Read, to: &mut impl Write) -> Done {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
    }
}
