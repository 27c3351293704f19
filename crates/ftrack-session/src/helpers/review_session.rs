//! Reviews with clients.

use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Result;
use crate::session::Session;
use crate::values;

/// Who and what takes part in a review session (product documentation, "Using review sessions").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{ReviewSessionHelpers, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let review = session.query("ReviewSession where name is \"Weekly review\"").one()?;
/// let invitee = review.add_invitee("John Doe", "john.doe@example.com")?;
/// session.commit()?;
/// session.send_review_session_invite(&invitee)?;
/// # Ok(())
/// # }
/// ```
pub trait ReviewSessionHelpers {
    /// Adds a collaborator to this review session. Nothing is sent before the next
    /// [`commit`](crate::Session::commit), and no mail before
    /// [`send_review_session_invite`](crate::Session::send_review_session_invite).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if this is not a review session.
    fn add_invitee(&self, name: &str, email: &str) -> Result<Entity>;
}

impl ReviewSessionHelpers for Entity {
    fn add_invitee(&self, name: &str, email: &str) -> Result<Self> {
        check_type(self, &["ReviewSession"], "add_invitee")?;
        let values = values! { "name": name, "email": email, "review_session": self };
        self.session().create("ReviewSessionInvitee", values)
    }
}

impl Session {
    /// Sends an invitation to this invitee of a review session by mail (product documentation, "Using review
    /// sessions").
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let invitee = session.query("ReviewSessionInvitee where name is \"John Doe\"").one()?;
    /// session.send_review_session_invite(&invitee)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if this is not an invitee, and what the server reports.
    #[track_caller]
    pub fn send_review_session_invite(&self, invitee: &Entity) -> Result<()> {
        let purpose = "send_review_session_invite";
        check_type(invitee, &["ReviewSessionInvitee"], purpose)?;
        self.send_review_session_invites(std::slice::from_ref(invitee))
    }
}
