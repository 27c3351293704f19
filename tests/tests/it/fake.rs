//! A proxy that loses what it should carry.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use ftrack_test_kit::http::{Received, Server, Then, answer};

/// What a [`Proxy`] does with the next requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Passes the request on and loses the answer.
    LoseAnswer,
    /// Hangs up without passing the request on.
    LoseRequest,
    /// Passes the request on and gives back a page instead of the answer.
    ReplaceAnswer,
}

/// A way to a server on which things get lost.
pub(crate) struct Proxy {
    server: Server,
    faults: Arc<Mutex<Vec<Fault>>>,
}

impl Proxy {
    /// A proxy in front of the server at `server`.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let faults = Arc::new(Mutex::new(Vec::new()));
        let coming = Arc::clone(&faults);
        let server = Server::start(move |_, request, connection| {
            let fault = {
                let mut faults = coming.lock().unwrap();
                (!faults.is_empty()).then(|| faults.remove(0))
            };
            // What the client makes of a broken connection is what is tested.
            let _ = carry(request, connection, server, fault);
            Then::Close
        });
        Self { server, faults }
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Lets the next requests fail like this, one after the other.
    pub(crate) fn fail_next(&self, faults: &[Fault]) {
        self.faults.lock().unwrap().extend(faults);
    }
}

fn carry(
    request: &Received,
    client: &mut TcpStream,
    server: SocketAddr,
    fault: Option<Fault>,
) -> io::Result<()> {
    if fault == Some(Fault::LoseRequest) {
        return Ok(());
    }
    let answered = request.forward(server)?;
    match fault {
        None => client.write_all(&answered),
        Some(Fault::ReplaceAnswer) => client.write_all(&answer(
            "502 Bad Gateway",
            "text/html",
            "<h1>Out for lunch</h1>",
        )),
        Some(Fault::LoseAnswer | Fault::LoseRequest) => Ok(()),
    }
}
