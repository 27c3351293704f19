//! A relay between a client and a server, which can fall silent and say what nobody has said.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Bytes, and what the client gets in their place; of the same length.
type Replacement = (&'static [u8], &'static [u8]);

/// Passes on what it gets, both ways, for each connection.
pub(crate) struct Relay {
    address: SocketAddr,
    lines: Lines,
}

type Lines = Arc<Mutex<Vec<Line>>>;

/// One connection.
#[derive(Clone)]
struct Line {
    /// The client's end, locked while something is written to it.
    client: Arc<Mutex<TcpStream>>,
    is_frozen: Arc<AtomicBool>,
}

impl Relay {
    /// A relay to `server`, for as long as the process lives.
    pub(crate) fn start(server: SocketAddr, replacement: Replacement) -> Self {
        assert_eq!(replacement.0.len(), replacement.1.len());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let lines = Lines::default();
        let known = Arc::clone(&lines);
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                let line = Line {
                    client: Arc::new(Mutex::new(client.try_clone().unwrap())),
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

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Nothing passes any more, either way, on the lines that there are, and none is closed. New ones are sound.
    pub(crate) fn freeze(&self) {
        for line in self.lines.lock().unwrap().drain(..) {
            line.is_frozen.store(true, Ordering::SeqCst);
        }
    }

    /// Sends a text through the websocket that was opened last, as if the server had. What the server says comes in
    /// whole frames, so it fits between any two pieces.
    pub(crate) fn say(&self, text: &str) {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 126);
        let frame = [&[0x81, length], text.as_bytes()].concat();
        let lines = self.lines.lock().unwrap();
        let mut client = lines.last().unwrap().client.lock().unwrap();
        client.write_all(&frame).unwrap();
    }
}

impl Line {
    fn pass_down(&self, mut from: TcpStream, (old, new): Replacement) {
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
            if self.client.lock().unwrap().write_all(piece).is_err() {
                break;
            }
        }
        if !self.is_frozen.load(Ordering::SeqCst) {
            let _ = self.client.lock().unwrap().shutdown(Shutdown::Both);
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
