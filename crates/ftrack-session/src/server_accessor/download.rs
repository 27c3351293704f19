//! Reading a file of the server, resumed where it is cut.

use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_location::AccessorError;
use ftrack_location::accessor::Result;
use ftrack_transport::{Request, Response};

use super::backoff::Backoff;
use super::link::{Link, failed};

/// So many bytes after a cut mean that it goes on, and later cuts are counted anew.
const PROGRESS: u64 = 1024 * 1024;

/// A file that is being read. Nothing of it is kept.
pub(super) struct Download {
    link: Link,
    resource_identifier: String,
    body: Box<dyn Read + Send>,
    /// In bytes from the start of the file.
    position: u64,
    /// The first byte that was asked for.
    offset: u64,
    /// The size of the whole file, if the server says it.
    total: Option<u64>,
    /// By which the server tells states of the file apart.
    tag: Option<String>,
    backoff: Backoff,
    last_cut: u64,
}

/// An answer, read from the wanted byte on.
struct Opened {
    body: Box<dyn Read + Send>,
    total: Option<u64>,
    tag: Option<String>,
}

impl Download {
    pub(super) fn start(link: Link, resource_identifier: &str, offset: u64) -> Result<Self> {
        let opened = open(&link, resource_identifier, offset)?;
        Ok(Self {
            backoff: link.backoff(None),
            link,
            resource_identifier: resource_identifier.to_owned(),
            body: opened.body,
            position: offset,
            offset,
            total: opened.total,
            tag: opened.tag,
            last_cut: offset,
        })
    }

    /// How many bytes are to come when nothing was read yet, if the server says it.
    pub(super) fn size(&self) -> Option<u64> {
        Some(self.total?.saturating_sub(self.offset))
    }

    /// Asks for the rest until it comes, or there is no hope.
    fn resume(&mut self, mut cause: io::Error, mut silence: Duration) -> io::Result<()> {
        if self.position - self.last_cut >= PROGRESS {
            self.backoff.succeed();
        }
        self.last_cut = self.position;
        loop {
            let Some(pause) = self.backoff.next(silence) else {
                return Err(cause);
            };
            tracing::debug!(position = self.position, ?pause, "resuming a download");
            thread::sleep(pause);
            let asked = Instant::now();
            match open(&self.link, &self.resource_identifier, self.position) {
                Ok(opened) => return self.go_on(opened),
                Err(error) if is_temporary(&error) => {
                    cause = io::Error::other(error);
                    silence = asked.elapsed();
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    fn go_on(&mut self, opened: Opened) -> io::Result<()> {
        if opened.total != self.total || opened.tag != self.tag {
            return Err(io::Error::other("the file was changed while it was read"));
        }
        self.body = opened.body;
        Ok(())
    }

    fn is_at_end(&self) -> bool {
        self.total.is_none_or(|total| self.position >= total)
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let asked = Instant::now();
            let cause = match self.body.read(buffer) {
                Ok(0) if self.is_at_end() => return Ok(0),
                Ok(0) => io::ErrorKind::UnexpectedEof.into(),
                Ok(count) => {
                    self.position += count as u64;
                    if self.total.is_some_and(|total| self.position > total) {
                        return Err(io::Error::other("more bytes came than were announced"));
                    }
                    return Ok(count);
                }
                Err(error) if is_cut(error.kind()) => error,
                Err(error) => return Err(error),
            };
            // Without a size there is no telling whether the rest would belong to the same file.
            if self.total.is_none() {
                return Err(cause);
            }
            self.resume(cause, asked.elapsed())?;
        }
    }
}

fn is_cut(kind: io::ErrorKind) -> bool {
    use io::ErrorKind;
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::NotConnected
            | ErrorKind::TimedOut
            | ErrorKind::UnexpectedEof
    )
}

/// Whether the same request may succeed later.
fn is_temporary(error: &AccessorError) -> bool {
    let AccessorError::OperationFailed { source, .. } = error else {
        return false;
    };
    if let Some(error) = source.downcast_ref::<ftrack_transport::Error>() {
        return error.is_retryable();
    }
    source
        .downcast_ref::<io::Error>()
        .is_some_and(|error| is_cut(error.kind()))
}

/// Asks for a file from a byte on.
fn open(link: &Link, resource_identifier: &str, offset: u64) -> Result<Opened> {
    let url = link.url("get", resource_identifier);
    let mut request = Request::get(url).with_credentials();
    if offset > 0 {
        request = request.header("range", format!("bytes={offset}-"));
    }
    let response = link
        .transport()
        .request(request)
        .wait()
        .map_err(|error| failed("read", resource_identifier, error))?;
    let tag = response.header("etag").map(str::to_owned);
    let range = response
        .header("content-range")
        .and_then(ContentRange::parse);
    match response.status() {
        206 => {
            let range = range
                .filter(|range| range.start == Some(offset))
                .ok_or_else(|| {
                    failed(
                        "read",
                        resource_identifier,
                        "the answer is another part than was asked for",
                    )
                })?;
            Ok(Opened {
                total: range.total,
                tag,
                body: response.into_body(),
            })
        }
        416 if offset > 0 => Ok(Opened {
            total: range.and_then(|range| range.total).or(Some(offset)),
            tag,
            body: Box::new(io::empty()),
        }),
        200..300 => whole(response, resource_identifier, tag, offset),
        _ => Err(link.refused("read", resource_identifier, response)),
    }
}

/// The server knows no ranges, or everything was asked for.
fn whole(
    response: Response,
    resource_identifier: &str,
    tag: Option<String>,
    offset: u64,
) -> Result<Opened> {
    let total = response.content_length();
    let mut body = response.into_body();
    io::copy(&mut (&mut body).take(offset), &mut io::sink())
        .map_err(|error| failed("read", resource_identifier, error))?;
    Ok(Opened { body, total, tag })
}

/// The part of a file that an answer holds.
#[derive(Debug, PartialEq, Eq)]
struct ContentRange {
    start: Option<u64>,
    total: Option<u64>,
}

impl ContentRange {
    /// Reads `bytes 5-9/10`, `bytes 5-9/*` and `bytes */10`.
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let start = range.split_once('-').map(|(start, _)| start.trim().parse());
        Some(Self {
            start: start.transpose().ok()?,
            total: total.trim().parse().ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_answers_are_read() {
        let range = |start, total| Some(ContentRange { start, total });
        for (text, expected) in [
            ("bytes 5-9/10", range(Some(5), Some(10))),
            ("bytes 5-9/*", range(Some(5), None)),
            ("bytes */10", range(None, Some(10))),
            ("bytes x-9/10", None),
            ("lines 5-9/10", None),
            ("bytes 5-9", None),
        ] {
            assert_eq!(ContentRange::parse(text), expected, "{text}");
        }
    }
}
