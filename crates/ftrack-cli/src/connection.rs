//! Sessions for commands.

use ftrack::{Location, Session, SessionBuilder};

use crate::arguments::{Connection, Disks};
use crate::failure::Failure;

/// A session with the server that the arguments name; the rest comes from the environment.
pub(crate) fn connect(connection: &Connection) -> ftrack::Result<Session> {
    builder(connection).connect()
}

/// A session in which these locations can be used, besides those that it configures itself.
pub(crate) fn connect_with(connection: &Connection, disks: &Disks) -> ftrack::Result<Session> {
    let mut builder = builder(connection);
    for (position, disk) in disks.disks.iter().enumerate() {
        builder = builder.location(disk.name(), disk.configuration(position)?);
    }
    builder.connect()
}

/// What is wrong with a location that nobody has configured.
pub(crate) fn unreachable_from_here(location: &Location) -> ftrack::Result<Failure> {
    let name = location.name()?;
    Ok(Failure::Unusable(format!(
        "the location {name:?} is not configured, so it cannot be reached from here; if it is a folder, say which with \
         --disk {name}=DIR"
    )))
}

fn builder(connection: &Connection) -> SessionBuilder {
    let mut builder = Session::builder();
    if let Some(url) = &connection.server {
        builder = builder.server_url(url);
    }
    if let Some(user) = &connection.user {
        builder = builder.api_user(user);
    }
    builder
}

/// Closes the session when the command is interrupted, so that whatever it waits for ends.
pub(crate) fn close_when_interrupted(session: &Session) -> Result<(), Failure> {
    let session = session.downgrade();
    let close = move || {
        if let Some(session) = session.upgrade() {
            session.close();
        }
    };
    ctrlc::set_handler(close).map_err(Failure::Signals)
}
