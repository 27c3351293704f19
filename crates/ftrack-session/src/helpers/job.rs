//! Jobs: long work that users can watch in the web interface.

use serde_json::Value as Json;

use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;
use crate::values;

/// What jobs hold (product documentation, "Managing jobs").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{JobHelpers, Session};
/// use serde_json::json;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let user = session.query("User where username is jane").one()?;
/// let job = session.create_job(&user, "running", &json!({"description": "Rendering"}))?;
/// session.commit()?;
///
/// job.set_job_data(&json!({"description": "Rendered", "frames": 120}))?;
/// job.set("status", "done")?;
/// session.commit()?;
/// assert_eq!(job.job_data()?["frames"], 120);
/// # Ok(())
/// # }
/// ```
pub trait JobHelpers {
    /// The data of this job, which servers keep as JSON text; null if there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a job, [`ErrorKind::Parse`] if the data is not JSON, and the errors of
    /// loading.
    fn job_data(&self) -> Result<Json>;

    /// Sets the data of this job. The web interface shows its `description`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a job.
    fn set_job_data(&self, data: &Json) -> Result<()>;
}

impl JobHelpers for Entity {
    #[track_caller]
    fn job_data(&self) -> Result<Json> {
        check_type(self, &["Job"], "job_data")?;
        let Some(text) = self.get::<Option<String>>("data")? else {
            return Ok(Json::Null);
        };
        serde_json::from_str(&text).map_err(|error| {
            Error::new(
                ErrorKind::Parse,
                format!("the data of {self:?} is not JSON"),
            )
            .with_source(error)
        })
    }

    fn set_job_data(&self, data: &Json) -> Result<()> {
        check_type(self, &["Job"], "set_job_data")?;
        self.set("data", data.to_string())
    }
}

impl Session {
    /// Creates a job that is shown to `user`. `status` is `queued`, `running`, `done` or `failed`; the web interface
    /// shows the `description` in `data`. Nothing is sent before the next [`commit`](Self::commit).
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, user: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let data = serde_json::json!({"description": "Copying the plates"});
    /// let job = session.create_job(user, "running", &data)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if `user` is not a user.
    pub fn create_job(&self, user: &Entity, status: &str, data: &Json) -> Result<Entity> {
        check_type(user, &["User"], "create_job")?;
        let values = values! { "user": user, "status": status, "data": data.to_string() };
        self.create("Job", values)
    }
}
