//! The actions of a request, one file each.

mod compute_rollups;
mod configure_totp;
mod create;
mod delayed_job;
mod delete;
mod encode_media;
mod get_widget_url;
mod operation;
mod permissions;
mod query;
mod query_schemas;
mod query_server_information;
mod reset_remote;
mod search;
mod send_invite;
mod update;
mod upload;

use serde_json::Value as Json;

use self::operation::Operation;
use crate::answer::{Encoder, Projection};
use crate::caller::{Caller, Wishes};
use crate::credentials::HashedKey;
use crate::engine::Engine;
use crate::media::queue::Task;
use crate::read::{Compiler, Handle, View};
use crate::refusal::{Refusal, RefusalKind};
use crate::write::{Batch, Written};

/// What one operation answers.
#[derive(Debug)]
enum Reply {
    /// JSON text.
    Text(Vec<u8>),
    /// An entity, spelled out when the batch is done and everything about it is known.
    Entity {
        action: &'static str,
        written: Written,
    },
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answered {
    /// JSON text.
    pub(crate) body: Vec<u8>,
    /// How many entities the queries of the request looked at.
    pub(crate) examined: u64,
}

/// A batch at work.
struct Work<'w, 'b> {
    engine: &'w Engine,
    caller: &'w Caller,
    wishes: Wishes,
    batch: &'w mut Batch<'b>,
    /// Keys to be valid once the batch is kept.
    keys: Vec<(String, HashedKey)>,
    /// Media to be encoded once the batch is kept.
    media: Vec<Task>,
    examined: u64,
}

/// Actions that leave the store as it is.
const READING: [&str; 6] = [
    "query",
    "search",
    "query_schemas",
    "query_server_information",
    "permissions",
    "compute_rollups",
];

/// Answers the body of a request.
///
/// # Errors
/// The refusal of the first operation that is refused; nothing of the request persists then.
pub(crate) fn answer(
    engine: &Engine,
    caller: &Caller,
    body: &[u8],
    wishes: Wishes,
) -> Result<Answered, Refusal> {
    let operations: Json = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the request is no JSON: {error}");
        Refusal::new(RefusalKind::Parse, message)
    })?;
    match operations {
        Json::Array(operations) => answer_all(engine, caller, &operations, wishes),
        _ => Err(Refusal::validation(
            "the request must be a list of operations",
        )),
    }
}

fn answer_all(
    engine: &Engine,
    caller: &Caller,
    operations: &[Json],
    wishes: Wishes,
) -> Result<Answered, Refusal> {
    let operations: Vec<Operation<'_>> = operations
        .iter()
        .map(Operation::new)
        .collect::<Result<_, _>>()?;
    if operations
        .iter()
        .all(|operation| READING.contains(&operation.action))
    {
        return read_all(engine, caller, &operations, wishes);
    }
    for operation in operations
        .iter()
        .filter(|found| found.action == "complete_multipart_upload")
    {
        upload::join(engine, caller, operation)?;
    }
    let (mut media, mut examined) = (Vec::new(), 0);
    let body = engine.write(caller, |batch| {
        let mut work = Work {
            engine,
            caller,
            wishes,
            batch,
            keys: Vec::new(),
            media: Vec::new(),
            examined: 0,
        };
        let mut replies = Vec::with_capacity(operations.len());
        for operation in &operations {
            replies.push(work.perform(operation)?);
        }
        work.batch.finish()?;
        let keys = std::mem::take(&mut work.keys);
        media = std::mem::take(&mut work.media);
        examined = work.examined;
        Ok((spell_out(batch, &replies, wishes), keys))
    })?;
    for task in media {
        engine.media.push(task);
    }
    Ok(Answered { body, examined })
}

/// Answers a request that only reads; any number of these run at the same time.
fn read_all(
    engine: &Engine,
    caller: &Caller,
    operations: &[Operation<'_>],
    wishes: Wishes,
) -> Result<Answered, Refusal> {
    engine.read_as(caller, |view| {
        let (mut out, mut examined) = (vec![b'['], 0);
        for (index, operation) in operations.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match operation.action {
                "query" => examined += query::answer(view, operation, wishes, &mut out)?,
                "search" => examined += search::answer(view, operation, wishes, &mut out)?,
                "query_schemas" => query_schemas::answer(engine, &mut out),
                "query_server_information" => {
                    query_server_information::answer(engine, view, caller, operation, &mut out);
                }
                "permissions" => permissions::answer(view, caller, &mut out),
                _ => compute_rollups::answer(view, operation, &mut out)?,
            }
        }
        out.push(b']');
        Ok(Answered {
            body: out,
            examined,
        })
    })
}

impl Work<'_, '_> {
    fn perform(&mut self, operation: &Operation<'_>) -> Result<Reply, Refusal> {
        let mut out = Vec::new();
        match operation.action {
            "create" => return create::perform(self, operation),
            "update" => return update::perform(self, operation),
            "delete" => return delete::perform(self, operation),
            "delayed_job" => return delayed_job::perform(self, operation),
            "query" | "search" | "compute_rollups" => self.read(operation, &mut out)?,
            "query_schemas" => query_schemas::answer(self.engine, &mut out),
            "query_server_information" => {
                let view = self.batch.view();
                query_server_information::answer(
                    self.engine,
                    view,
                    self.caller,
                    operation,
                    &mut out,
                );
            }
            "permissions" => permissions::answer(self.batch.view(), self.caller, &mut out),
            "reset_remote" => reset_remote::perform(self, operation, &mut out)?,
            "get_widget_url" => get_widget_url::answer(self, operation, &mut out)?,
            "send_user_invite" | "send_review_session_invite" => {
                send_invite::answer(self, operation, &mut out)?;
            }
            "encode_media" => encode_media::perform(self, operation, &mut out)?,
            "get_upload_metadata" => upload::metadata(self, operation, &mut out)?,
            "complete_multipart_upload" => upload::completed(self, operation, &mut out)?,
            "generate_signed_url" => upload::signed_url(self, operation, &mut out)?,
            "configure_totp" => return Err(configure_totp::refuse(operation)),
            unknown => {
                return Err(Refusal::validation(format!("Invalid action u'{unknown}'")));
            }
        }
        Ok(Reply::Text(out))
    }
}

impl Work<'_, '_> {
    /// Reads in the middle of a batch: what it did so far is to be seen.
    fn read(&mut self, operation: &Operation<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let view = self.batch.own_view();
        self.examined += match operation.action {
            "query" => query::answer(view, operation, self.wishes, out)?,
            "search" => search::answer(view, operation, self.wishes, out)?,
            _ => {
                compute_rollups::answer(view, operation, out)?;
                0
            }
        };
        Ok(())
    }
}

fn spell_out(batch: &Batch<'_>, replies: &[Reply], wishes: Wishes) -> Vec<u8> {
    let view = batch.view();
    let mut out = vec![b'['];
    for (index, reply) in replies.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match reply {
            Reply::Text(text) => out.extend_from_slice(text),
            Reply::Entity { action, written } => {
                out.extend_from_slice(format!("{{\"action\":\"{action}\",\"data\":").as_bytes());
                entity(view, written, wishes, &mut out);
                out.push(b'}');
            }
        }
    }
    out.push(b']');
    out
}

/// Spells out what was written; no more than the key of an entity that the batch deleted again.
fn entity(view: View<'_>, written: &Written, wishes: Wishes, out: &mut Vec<u8>) {
    if let Handle::Row(row) = written.handle
        && !view.store.contains(row)
    {
        let reference = view.store.catalog().reference(row.type_id, &written.key);
        out.extend_from_slice(reference.to_string().as_bytes());
        return;
    }
    let projection = Projection::of_written(Compiler { view }, written);
    Encoder::new(view, &projection, wishes.denormalize).one(written.handle, out);
}
