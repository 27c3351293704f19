//! The log of a server, entities of the type `Event`: asking for it, and what its rows say.

pub(crate) mod change;
pub(crate) mod queried;
pub(crate) mod row;
pub(crate) mod vocabulary;

use ftrack_session::{Error, ErrorKind, Session};

use self::row::Row;

/// How many rows are asked for at once.
pub(crate) const PAGE: usize = 500;

/// What rows say.
const SELECT: &str = "select id, action, insert, parent_type, parent_id, project_id, created_at, data, user_id, \
                      user.username from Event";

/// The log of a server.
pub(crate) trait Log: Send {
    /// The rows after an id, ascending, at most [`PAGE`].
    fn after(&self, id: i64) -> Result<Vec<Row>, Error>;

    /// The first row that there is.
    fn oldest(&self) -> Result<Option<Row>, Error>;

    /// The last row that there is.
    fn newest(&self) -> Result<Option<Row>, Error>;

    /// The first row that is not older than a time of the server.
    fn since(&self, time: &str) -> Result<Option<Row>, Error>;
}

impl Log for Session {
    fn after(&self, id: i64) -> Result<Vec<Row>, Error> {
        rows(self, &format!("where id > {id} order by id limit {PAGE}"))
    }

    fn oldest(&self) -> Result<Option<Row>, Error> {
        Ok(rows(self, "order by id limit 1")?.pop())
    }

    fn newest(&self) -> Result<Option<Row>, Error> {
        Ok(rows(self, "order by id descending limit 1")?.pop())
    }

    fn since(&self, time: &str) -> Result<Option<Row>, Error> {
        let condition = format!("where created_at >= \"{time}\" order by id limit 1");
        Ok(rows(self, &condition)?.pop())
    }
}

fn rows(session: &Session, rest: &str) -> Result<Vec<Row>, Error> {
    session
        .query(format!("{SELECT} {rest}"))
        .records()
        .collect()
}

/// Whether an error says that there is no such thing to ask for, or not for this user. Others may pass.
pub(crate) fn is_final(error: &Error) -> bool {
    [
        ErrorKind::UnrecognisedEntityType,
        ErrorKind::PermissionDenied,
        ErrorKind::Parse,
        ErrorKind::Attribute,
    ]
    .iter()
    .any(|kind| error.is(*kind))
}
