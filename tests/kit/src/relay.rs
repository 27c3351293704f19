//! A relay between a client and a server, which can break, fall silent, and change what passes.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Bytes, and what the client gets in their place; of the same length.
type Replacement = (&'static [u8], &'static [u8]);

/// Passes on what it gets, both ways, for each connection.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    lines: Lines,
}

type Lines = Arc<Mutex<Vec<Line>>>;

/// One connection.
#[derive(Debug, Clone)]
struct Line {
    /// The client's end and the server's.
    ends: Arc<[TcpStream; 2]>,
    is_frozen: Arc<AtomicBool>,
}

impl Relay {
    /// A relay to `server`, for as long as the process lives.
    pub fn start(server: SocketAddr) -> Self {
        Self::replacing(server, (b"", b""))
    }

    /// The same, with other bytes for the client in place of some.
    pub fn replacing(server: SocketAddr, replacement: Replacement) -> Self {
        assert_eq!(replacement.0.len(), replacement.1.len());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let lines = Lines::default();
        let known = Arc::clone(&lines);
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                // A server that is not there looks like a line that breaks at once.
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                let line = Line {
                    ends: Arc::new([client.try_clone().unwrap(), server.try_clone().unwrap()]),
                    is_frozen: Arc::default(),
                };
                known.lock().unwrap().push(line.clone());
                let (to, frozen) = (server.try_clone().unwrap(), Arc::clone(&line.is_frozen));
                thread::spawn(move || pass_up(client, to, &frozen));
                thread::spawn(move || line.pass_down(server, replacement));
            }
        });
        Self { address, lines }
    }

    /// Its address as clients take it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks the lines that there are.
    pub fn cut(&self) {
        for line in self.lines.lock().unwrap().drain(..) {
            for end in line.ends.iter() {
                // It may be over already.
                let _ = end.shutdown(Shutdown::Both);
            }
        }
    }

    /// Nothing passes any more, either way, on the lines that there are, and none is closed. New ones are sound.
    pub fn freeze(&self) {
        for line in self.lines.lock().unwrap().drain(..) {
            line.is_frozen.store(true, Ordering::SeqCst);
        }
    }
}

impl Line {
    fn pass_down(&self, mut from: TcpStream, (old, new): Replacement) {
        let mut client = &self.ends[0];
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if self.is_frozen.load(Ordering::SeqCst) {
                continue;
            }
            let piece = &mut bytes[..length];
            let place = piece
                .windows(old.len().max(1))
                .position(|window| window == old);
            if let Some(place) = place {
                piece[place..place + new.len()].copy_from_slice(new);
            }
            if client.write_all(piece).is_err() {
                break;
            }
        }
        if !self.is_frozen.load(Ordering::SeqCst) {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

fn pass_up(mut from: TcpStream, mut to: TcpStream, is_frozen: &AtomicBool) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if !is_frozen.load(Ordering::SeqCst) && to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
