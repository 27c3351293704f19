//! Very many connections to the event server.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Outcome;
use super::child::{Child, credentials};
use super::figure::{Figure, median};

const CONNECTIONS: usize = 1_000;
const ROUNDS: usize = 20;

/// Connects, publishes to all, and sees when the last one has got it.
pub(super) fn measure(server: &Child) -> Outcome {
    let before = server.memory()?;
    let start = Instant::now();
    let mut peers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut peer = Peer::open(server)?;
        peer.subscribe("topic=bench")?;
        peers.push(peer);
    }
    for peer in &mut peers {
        peer.find("6:::")?;
    }
    Figure::milliseconds("server.connect_1000_event_clients", start.elapsed()).print()?;
    let bytes = server.memory()?.saturating_sub(before) * 1024 / CONNECTIONS as u64;
    Figure::count("server.bytes_per_event_client", bytes, "bytes").print()?;
    let mut sender = Peer::open(server)?;
    let took: Outcome<Vec<Duration>> = (0..ROUNDS)
        .map(|_| round(&mut sender, &mut peers))
        .collect();
    Figure::milliseconds("server.publish_to_1000_event_clients", median(took?)).print()
}

fn round(sender: &mut Peer, peers: &mut [Peer]) -> Outcome<Duration> {
    let start = Instant::now();
    sender.publish("bench", "{}")?;
    for peer in peers {
        peer.find("5:::")?;
    }
    Ok(start.elapsed())
}

/// A websocket that speaks socket.io 0.9.
pub(super) struct Peer {
    stream: BufReader<TcpStream>,
    /// How many subscriptions it has.
    subscriptions: usize,
}

impl Peer {
    pub(super) fn open(server: &Child) -> Outcome<Self> {
        let mut client = server.connect()?;
        let ticket = client.get("/socket.io/1/", &credentials())?;
        let ticket = String::from_utf8(ticket.body)?;
        let (ticket, _) = ticket.split_once(':').ok_or("the server shook no hands")?;
        let path = format!("/socket.io/1/websocket/{ticket}");
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let answer = client.get(&path, upgrade)?;
        if !answer.head.starts_with("HTTP/1.1 101") {
            return Err(answer.head.into());
        }
        let stream = client.into_connection().into_stream();
        stream
            .get_ref()
            .set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            stream,
            subscriptions: 0,
        })
    }

    /// Subscribes, as somebody new each time.
    pub(super) fn subscribe(&mut self, expression: &str) -> Outcome {
        self.subscriptions += 1;
        let id = format!("bench {}", self.subscriptions);
        let data = json!({"subscriber": {"id": id}, "subscription": expression});
        self.publish("ftrack.meta.subscribe", &data.to_string())
    }

    pub(super) fn publish(&mut self, topic: &str, data: &str) -> Outcome {
        self.send(&format!(
            r#"5:1+::{{"name":"ftrack.event","args":[{{"topic":"{topic}","data":{data},"source":{{"id":"bench"}}}}]}}"#
        ))
    }

    /// Sends a text. Clients have to mask what they send; a mask of zeros leaves it as it is.
    fn send(&mut self, text: &str) -> Outcome {
        let mut frame = vec![0x81];
        if let Ok(length) = u16::try_from(text.len()) {
            frame.push(0xfe);
            frame.extend_from_slice(&length.to_be_bytes());
        } else {
            frame.push(0xff);
            frame.extend_from_slice(&u64::try_from(text.len())?.to_be_bytes());
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        Ok(self.stream.get_mut().write_all(&frame)?)
    }

    /// Reads until a packet comes that starts like this.
    fn find(&mut self, start: &str) -> Outcome {
        while !self.packet()?.starts_with(start.as_bytes()) {}
        Ok(())
    }

    fn packet(&mut self) -> Outcome<Vec<u8>> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head)?;
        if head[0] & 0x0f == 8 {
            return Err("the server ended the connection".into());
        }
        let length = match head[1] {
            127 => return Err("the packet is larger than any here".into()),
            126 => {
                let mut length = [0; 2];
                self.stream.read_exact(&mut length)?;
                usize::from(u16::from_be_bytes(length))
            }
            length => usize::from(length),
        };
        let mut data = vec![0; length];
        self.stream.read_exact(&mut data)?;
        Ok(data)
    }
}
