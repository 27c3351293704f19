//! Jobs: long work that users can watch in the web interface.

use ftrack_entity::{EntityType, Value};
use serde_json::Value as Json;

use super::check_type;
use crate::{Entity, Error, ErrorKind, Result, Session, values};

/// The only type of jobs that clients create.
const API_JOB: &str = "api_job";

/// What jobs hold (product documentation, "Managing jobs").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{JobHelpers, Session};
/// use serde_json::json;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = Session::builder()
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
    /// [`ErrorKind::EntityType`] if this is no job, [`ErrorKind::Parse`] if the data is no JSON, and the errors of
    /// loading.
    fn job_data(&self) -> Result<Json>;

    /// Sets the data of this job. The web interface shows its `description`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is no job.
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
            Error::new(ErrorKind::Parse, format!("the data of {self:?} is no JSON"))
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
    /// [`ErrorKind::EntityType`] if `user` is no user.
    pub fn create_job(&self, user: &Entity, status: &str, data: &Json) -> Result<Entity> {
        check_type(user, &["User"], "create_job")?;
        let values = values! { "user": user, "status": status, "data": data.to_string() };
        self.create("Job", values)
    }
}

/// Refuses jobs of other types than clients may create; the server has those for its own work.
pub(crate) fn check_new_job(entity_type: &EntityType, values: &[(u16, Value)]) -> Result<()> {
    if entity_type.name().as_str() != "Job" {
        return Ok(());
    }
    let position = entity_type.position("type");
    let given = values
        .iter()
        .rfind(|(given, value)| Some(*given) == position && !value.is_not_set());
    match given {
        Some((_, value)) if value.as_str() != Some(API_JOB) => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("a job that is created has the type \"{API_JOB}\" or none, not {value:?}"),
        )
        .with_detail("attribute", "type")),
        _ => Ok(()),
    }
}
