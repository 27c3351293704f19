//! Users: invitations and keys.

use ftrack_transport::ApiKey;

use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

/// What users can do besides running timers (product documentation, "Invite user").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{Session, UserHelpers, values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let address = "artist@studio.example";
/// let user = session.create("User", values! { "username": address, "email": address, "is_active": true })?;
/// session.commit()?;
/// user.send_invite()?;
///
/// let key = user.reset_api_key()?;
/// let own = ftrack_session::SessionBuilder::new().server_url(server.url()).api_user(address).api_key(key).connect()?;
/// assert_eq!(own.api_user(), address);
/// # Ok(())
/// # }
/// ```
pub trait UserHelpers {
    /// Sends an invitation to this user by mail. The user must have been committed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a user, and what the server reports.
    fn send_invite(&self) -> Result<()>;

    /// Gives this user a new API key, which is the result; the one before works no longer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a user, [`ErrorKind::MalformedAnswer`] if the server tells no key, and
    /// what the server reports.
    fn reset_api_key(&self) -> Result<ApiKey>;
}

impl UserHelpers for Entity {
    #[track_caller]
    fn send_invite(&self) -> Result<()> {
        self.session().send_user_invite(self)
    }

    #[track_caller]
    fn reset_api_key(&self) -> Result<ApiKey> {
        check_type(self, &["User"], "reset_api_key")?;
        let answer = self.session().reset_remote("api_key", Some(self))?;
        match answer["api_key"].as_str() {
            Some(key) => Ok(ApiKey::from(key.to_owned())),
            None => Err(Error::new(
                ErrorKind::MalformedAnswer,
                "the server's answer has no \"api_key\"",
            )),
        }
    }
}

impl Session {
    /// Sends an invitation to this user by mail (product documentation, "Invite user").
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// session.send_user_invite(&session.query("User where username is martin").one()?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a user, and what the server reports.
    #[track_caller]
    pub fn send_user_invite(&self, user: &Entity) -> Result<()> {
        check_type(user, &["User"], "send_user_invite")?;
        self.send_user_invites(std::slice::from_ref(user))
    }
}
