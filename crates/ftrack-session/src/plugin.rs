//! Code that a session loads when it starts.

use crate::error::Result;
use crate::plugin_arguments::PluginArguments;
use crate::session::Session;

/// Code that adds to every session that it is registered with: subscriptions, actions, locations (product
/// documentation, "Configuring plugins").
///
/// It is given to [`SessionBuilder::plugin`](crate::SessionBuilder::plugin) and registered when the session starts. A
/// closure that takes the session will do. Handlers that need the session later hold it weakly, or find it in the
/// event: a session that its own hub holds is never dropped.
///
/// Plugins are registered before the session's entity types are made, so that they can
/// [take part in that](crate::ConstructEntityType). Until then the types are those of the server. If a type is changed,
/// the session then forgets what it has read: entities that a plugin wants to keep it had better read when the event
/// `ftrack.api.session.ready` says that everything is there.
///
/// ```
/// use ftrack_session::{Plugin, PluginArguments, Result, Session};
///
/// struct Greeter;
///
/// impl Plugin for Greeter {
///     fn argument_names(&self) -> &[&str] {
///         &["greeting"]
///     }
///
///     fn register(&self, session: &Session, arguments: &PluginArguments) -> Result<()> {
///         let greeting = arguments.get_or("greeting", "hello".to_owned())?;
///         session.event_hub().subscribe("topic=ftrack.api.session.ready", move |event| {
///             let session = event.attachment::<Session>("session").ok_or("no session")?;
///             println!("{greeting}, {}", session.api_user());
///             Ok(None)
///         })?;
///         Ok(())
///     }
/// }
///
/// let builder = ftrack_session::SessionBuilder::new().plugin(Greeter).plugin_argument("greeting", "good morning");
/// ```
pub trait Plugin: Send + Sync {
    /// The names of the arguments that [`register`](Self::register) understands. It gets no others; that there are
    /// some is logged as a warning.
    fn argument_names(&self) -> &[&str] {
        &[]
    }

    /// Adds to `session` what there is to add.
    ///
    /// # Errors
    ///
    /// Whatever makes it impossible to go on: the session does not start then.
    fn register(&self, session: &Session, arguments: &PluginArguments) -> Result<()>;
}

impl<F: Fn(&Session) -> Result<()> + Send + Sync> Plugin for F {
    fn register(&self, session: &Session, _arguments: &PluginArguments) -> Result<()> {
        self(session)
    }
}
