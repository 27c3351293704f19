//! What the server says before the socket is opened.

use std::time::Duration;

/// The answer to the first request: who we are, and how often the server is to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handshake {
    /// The proof that we may open a socket. It stands in a path, and is not for logs.
    pub(super) sid: String,
    /// How long the server may be silent; without it silence means nothing.
    pub(super) heartbeat: Option<Duration>,
    /// Cookies that the server set with its answer; load balancers need them back.
    pub(super) cookies: Vec<String>,
}

impl Handshake {
    /// Reads `sid:heartbeat:close:transports`. What is wrong with it is said in a few words.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let parts: Vec<_> = text.trim().split(':').collect();
        let [sid, heartbeat, _close, transports] = parts.as_slice() else {
            return Err("the answer is not a handshake");
        };
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"/?#%\\".contains(&byte);
        if sid.is_empty() || !sid.bytes().all(fits) || *sid == "." || *sid == ".." {
            return Err("the handshake has no usable id");
        }
        if !transports.split(',').any(|name| name.trim() == "websocket") {
            return Err("the server offers no websocket");
        }
        let heartbeat = heartbeat.trim().parse().ok().filter(|seconds| *seconds > 0);
        Ok(Self {
            sid: (*sid).to_owned(),
            heartbeat: heartbeat.map(Duration::from_secs),
            cookies: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_are_read() {
        let read = |text| Handshake::parse(text).map(|read| (read.sid, read.heartbeat));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let cases = [
            ("abc:60:60:websocket,xhr-polling", Ok(("abc", seconds(60)))),
            (
                "a-b_c=:15::xhr-polling,websocket\n",
                Ok(("a-b_c=", seconds(15))),
            ),
            ("abc:::websocket", Ok(("abc", None))),
            ("abc:0:0:websocket", Ok(("abc", None))),
            (
                "abc:60:60:xhr-polling",
                Err("the server offers no websocket"),
            ),
            (":60:60:websocket", Err("the handshake has no usable id")),
            ("a/b:60:60:websocket", Err("the handshake has no usable id")),
            ("..:60:60:websocket", Err("the handshake has no usable id")),
            (
                "{\"exception\":\"x\"}",
                Err("the answer is not a handshake"),
            ),
            ("", Err("the answer is not a handshake")),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(sid, heartbeat)| (sid.to_owned(), heartbeat));
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
