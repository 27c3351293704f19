//! Code that a session loads when it starts.

use crate::{Result, Session};

/// Code that adds to every session that it is registered with: subscriptions, actions, locations (product
/// documentation, "Configuring plugins").
///
/// It is given to [`SessionBuilder::plugin`](crate::SessionBuilder::plugin) and registered when the session starts. A
/// closure will do. Handlers that need the session later hold it weakly, or find it in the event: a session that its
/// own hub holds is never dropped.
///
/// ```
/// use ftrack_session::{Plugin, Result, Session};
///
/// struct Greeter;
///
/// impl Plugin for Greeter {
///     fn register(&self, session: &Session) -> Result<()> {
///         session.event_hub().subscribe("topic=ftrack.api.session.ready", |event| {
///             let session = event.attachment::<Session>("session");
///             println!("{}", session.map(|session| session.server_url().to_owned()).unwrap_or_default());
///             Ok(None)
///         })?;
///         Ok(())
///     }
/// }
/// ```
pub trait Plugin: Send + Sync {
    /// Adds to `session` what there is to add.
    ///
    /// # Errors
    ///
    /// Whatever makes it impossible to go on: the session does not start then.
    fn register(&self, session: &Session) -> Result<()>;
}

impl<F: Fn(&Session) -> Result<()> + Send + Sync> Plugin for F {
    fn register(&self, session: &Session) -> Result<()> {
        self(session)
    }
}
