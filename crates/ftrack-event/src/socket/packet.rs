//! The frames of socket.io 0.9: `code:id:endpoint:data`.

use std::fmt;

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Disconnect,
    Connect,
    Heartbeat,
    Message,
    Json,
    Event,
    Acknowledge,
    Error,
    Noop,
}

const KINDS: [Kind; 9] = [
    Kind::Disconnect,
    Kind::Connect,
    Kind::Heartbeat,
    Kind::Message,
    Kind::Json,
    Kind::Event,
    Kind::Acknowledge,
    Kind::Error,
    Kind::Noop,
];

/// One packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    pub(super) id: Option<PacketId>,
    /// Part of a server that shares the socket; empty for the server as a whole.
    pub(super) endpoint: &'a str,
    pub(super) data: &'a str,
}

/// The number of a packet whose arrival is to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PacketId {
    pub(super) number: u64,
    /// Whether the receiver acknowledges by hand, with data.
    pub(super) with_data: bool,
}

impl<'a> Packet<'a> {
    /// A packet without number and endpoint.
    pub(super) fn new(kind: Kind, data: &'a str) -> Self {
        Self {
            kind,
            id: None,
            endpoint: "",
            data,
        }
    }

    /// Reads a packet. What is wrong with it is said in a few words.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let mut parts = text.splitn(4, ':');
        let code = parts.next().unwrap_or_default();
        let id = parts.next();
        let endpoint = parts.next();
        let data = parts.next();
        if id.is_some() && endpoint.is_none() {
            return Err("it has two parts");
        }
        let kind = match code.as_bytes() {
            [digit @ b'0'..=b'8'] => KINDS.get(usize::from(digit - b'0')),
            _ => None,
        };
        Ok(Self {
            kind: *kind.ok_or("its code is unknown")?,
            id: PacketId::parse(id.unwrap_or_default())?,
            endpoint: endpoint.unwrap_or_default(),
            data: data.unwrap_or_default(),
        })
    }
}

impl PacketId {
    fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        if text.is_empty() {
            return Ok(None);
        }
        let (digits, with_data) = match text.strip_suffix('+') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let number = number(digits).ok_or("its id is not a number")?;
        Ok(Some(Self { number, with_data }))
    }
}

/// A number of digits alone.
pub(super) fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = KINDS.iter().position(|kind| *kind == self.kind);
        write!(formatter, "{}:", code.unwrap_or_default())?;
        if let Some(id) = self.id {
            write!(formatter, "{}", id.number)?;
            if id.with_data {
                formatter.write_str("+")?;
            }
        }
        write!(formatter, ":{}:{}", self.endpoint, self.data)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_are_read() {
        let id = |number, with_data| Some(PacketId { number, with_data });
        let cases = [
            ("2::", Kind::Heartbeat, None, "", ""),
            ("2", Kind::Heartbeat, None, "", ""),
            ("1::/chat", Kind::Connect, None, "/chat", ""),
            (
                "5:12+::{\"a\":\"b:c\"}",
                Kind::Event,
                id(12, true),
                "",
                "{\"a\":\"b:c\"}",
            ),
            ("5:7::", Kind::Event, id(7, false), "", ""),
            ("6:::4+[1]", Kind::Acknowledge, None, "", "4+[1]"),
        ];
        for (text, kind, id, endpoint, data) in cases {
            let packet = Packet {
                kind,
                id,
                endpoint,
                data,
            };
            assert_eq!(Packet::parse(text), Ok(packet), "{text}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        let cases = [
            ("", "its code is unknown"),
            ("9::", "its code is unknown"),
            ("25::", "its code is unknown"),
            ("hello", "its code is unknown"),
            ("5:1", "it has two parts"),
            ("5:x::", "its id is not a number"),
            ("5:+::", "its id is not a number"),
            ("5:-1::", "its id is not a number"),
            ("5:99999999999999999999::", "its id is not a number"),
        ];
        for (text, problem) in cases {
            assert_eq!(Packet::parse(text), Err(problem), "{text}");
        }
    }

    fn packet_id() -> impl Strategy<Value = Option<PacketId>> {
        proptest::option::of((any::<u64>(), any::<bool>()))
            .prop_map(|id| id.map(|(number, with_data)| PacketId { number, with_data }))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            kind in 0_usize..9, id in packet_id(), endpoint in "[^:]*", data in any::<String>(),
        ) {
            let packet = Packet { kind: KINDS[kind], id, endpoint: &endpoint, data: &data };
            let text = packet.to_string();
            prop_assert_eq!(Packet::parse(&text), Ok(packet));
        }

        #[test]
        fn nothing_that_arrives_is_too_strange(text in "[0-9]?:?[0-9+]*:?.*:?.*") {
            if let Ok(packet) = Packet::parse(&text) {
                let written = packet.to_string();
                prop_assert_eq!(Packet::parse(&written), Ok(packet));
            }
        }
    }
}
