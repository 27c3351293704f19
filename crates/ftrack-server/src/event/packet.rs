//! The framing of socket.io 0.9: text packets of the form `code:id:endpoint:data`.

use std::fmt;

/// A packet. Parts that it lacks are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) kind: PacketKind,
    /// The number by which an acknowledgement names the packet; digits.
    pub(super) id: &'a str,
    /// Whether the sender wants an acknowledgement with data.
    pub(super) wants_data: bool,
    /// Unused by ftrack, and empty.
    pub(super) endpoint: &'a str,
    pub(super) data: &'a str,
}

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PacketKind {
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

/// Text that is not a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PacketError {
    #[error("the packet has an unknown code")]
    Code,
    #[error("the packet has neither one, three nor four parts")]
    Parts,
    #[error("the id of the packet is not a number")]
    Id,
}

impl PacketKind {
    const ALL: [Self; 9] = [
        Self::Disconnect,
        Self::Connect,
        Self::Heartbeat,
        Self::Message,
        Self::Json,
        Self::Event,
        Self::Acknowledge,
        Self::Error,
        Self::Noop,
    ];

    /// The digit that stands for it.
    fn code(self) -> u8 {
        match self {
            Self::Disconnect => 0,
            Self::Connect => 1,
            Self::Heartbeat => 2,
            Self::Message => 3,
            Self::Json => 4,
            Self::Event => 5,
            Self::Acknowledge => 6,
            Self::Error => 7,
            Self::Noop => 8,
        }
    }

    fn parse(code: &str) -> Result<Self, PacketError> {
        let digit = match code.as_bytes() {
            [digit @ b'0'..=b'9'] => digit - b'0',
            _ => return Err(PacketError::Code),
        };
        Self::ALL
            .into_iter()
            .find(|kind| kind.code() == digit)
            .ok_or(PacketError::Code)
    }
}

impl<'a> Packet<'a> {
    /// A packet with data that nobody acknowledges.
    pub(super) fn new(kind: PacketKind, data: &'a str) -> Self {
        Self {
            kind,
            id: "",
            wants_data: false,
            endpoint: "",
            data,
        }
    }

    /// Reads a packet.
    ///
    /// # Errors
    /// What keeps the text from being a packet.
    pub(super) fn parse(text: &'a str) -> Result<Self, PacketError> {
        let mut parts = text.splitn(4, ':');
        let kind = PacketKind::parse(parts.next().unwrap_or_default())?;
        let Some(id) = parts.next() else {
            return Ok(Self::new(kind, ""));
        };
        let endpoint = parts.next().ok_or(PacketError::Parts)?;
        let data = parts.next().unwrap_or_default();
        let (id, wants_data) = match id.strip_suffix('+') {
            Some(id) => (id, true),
            None => (id, false),
        };
        let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || (wants_data && id.is_empty()) {
            return Err(PacketError::Id);
        }
        Ok(Self {
            kind,
            id,
            wants_data,
            endpoint,
            data,
        })
    }
}

/// The text that is sent.
impl fmt::Display for Packet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.wants_data { "+" } else { "" };
        let code = self.kind.code();
        write!(formatter, "{code}:{}{plus}:{}", self.id, self.endpoint)?;
        if !self.data.is_empty() {
            write!(formatter, ":{}", self.data)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_the_clients_are_understood() {
        let event = PacketKind::Event;
        for (text, kind, id, wants_data, data) in [
            ("2::", PacketKind::Heartbeat, "", false, ""),
            ("2:::", PacketKind::Heartbeat, "", false, ""),
            ("2", PacketKind::Heartbeat, "", false, ""),
            ("5", event, "", false, ""),
            ("5:::{\"a\":\"b:c\"}", event, "", false, "{\"a\":\"b:c\"}"),
            ("5:17+::{\"name\":1}", event, "17", true, "{\"name\":1}"),
            ("5:17::x", event, "17", false, "x"),
            ("0::", PacketKind::Disconnect, "", false, ""),
            ("6:::3+[{}]", PacketKind::Acknowledge, "", false, "3+[{}]"),
            ("7:::a:b", PacketKind::Error, "", false, "a:b"),
        ] {
            let packet = Packet::parse(text).unwrap();
            assert_eq!(packet.kind, kind, "{text}");
            assert_eq!(packet.id, id, "{text}");
            assert_eq!(packet.wants_data, wants_data, "{text}");
            assert_eq!(packet.data, data, "{text}");
        }
        assert_eq!(Packet::parse("1::/room").unwrap().endpoint, "/room");
    }

    #[test]
    fn garbage_is_no_packet() {
        for (text, expected) in [
            ("", PacketError::Code),
            (":::", PacketError::Code),
            ("9::", PacketError::Code),
            ("55::", PacketError::Code),
            ("x", PacketError::Code),
            ("é::", PacketError::Code),
            ("-1::", PacketError::Code),
            ("5:", PacketError::Parts),
            ("2:1", PacketError::Parts),
            ("5:a::x", PacketError::Id),
            ("5:+::x", PacketError::Id),
            ("5:1++::x", PacketError::Id),
            ("5:-1::x", PacketError::Id),
        ] {
            assert_eq!(Packet::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for kind in PacketKind::ALL {
            for id in ["", "1", "4294967296"] {
                for wants_data in [false, true] {
                    for data in ["", "{}", "a:b::c", "ü"] {
                        let packet = Packet {
                            kind,
                            id,
                            wants_data: wants_data && !id.is_empty(),
                            endpoint: "",
                            data,
                        };
                        assert_eq!(Packet::parse(&packet.to_string()), Ok(packet));
                    }
                }
            }
        }
    }

    #[test]
    fn packets_of_the_server_have_the_form_that_clients_expect() {
        for (packet, expected) in [
            (Packet::new(PacketKind::Connect, ""), "1::"),
            (Packet::new(PacketKind::Heartbeat, ""), "2::"),
            (Packet::new(PacketKind::Event, "{}"), "5:::{}"),
            (Packet::new(PacketKind::Acknowledge, "1+[{}]"), "6:::1+[{}]"),
            (Packet::new(PacketKind::Error, "why"), "7:::why"),
        ] {
            assert_eq!(packet.to_string(), expected);
        }
    }
}
