//! Sessions for commands.

use ftrack::Session;

use crate::arguments::Connection;

/// A session with the server that the arguments name; the rest comes from the environment.
pub(crate) fn connect(connection: &Connection) -> ftrack::Result<Session> {
    let mut builder = Session::builder();
    if let Some(url) = &connection.server {
        builder = builder.server_url(url);
    }
    if let Some(user) = &connection.user {
        builder = builder.api_user(user);
    }
    builder.connect()
}
