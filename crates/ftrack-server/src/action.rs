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
mod security_role;
mod send_invite;
mod update;
mod upload;

use serde_json::Value as Json;

use self::operation::Operation;
pub(crate) use self::query_server_information::VERSION;
use crate::answer::{Encoder, Projection, WrittenAttributes};
use crate::budget::Budget;
use crate::caller::{AnswerOptions, Caller};
use crate::credentials::NewKey;
use crate::engine::Engine;
use crate::media;
use crate::read::{Compiler, Handle, View};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::Size;
use crate::write::{self, Batch, Written};

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

impl Reply {
    /// How many bytes of the answer it takes, as far as that is known.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Entity { .. } => 0,
        }
    }
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
    options: AnswerOptions,
    batch: &'w mut Batch<'b>,
    /// Keys to be valid once the batch is kept.
    keys: Vec<NewKey>,
    /// Media to be encoded once the batch is kept.
    media: media::Requested,
    examined: u64,
}

/// A body from so many bytes on is large.
const LARGE: usize = 1024 * 1024;

/// A batch with more writes than this lets smaller ones go first.
const SMALL: usize = 100;

/// A batch that deletes more rows than this is as much work as one with many operations.
const WIDE: usize = 1_000;

/// Actions that leave the store as it is.
const READING: [&str; 6] = [
    "query",
    "search",
    "query_schemas",
    "query_server_information",
    "permissions",
    "compute_rollups",
];

/// Actions that change entities, and do nothing else.
const WRITING: [&str; 3] = ["create", "update", "delete"];

/// Answers the body of a request.
///
/// # Errors
/// The error of the first operation that is refused; nothing of the request persists then.
pub(crate) fn answer(
    engine: &Engine,
    caller: &Caller,
    body: &[u8],
    options: AnswerOptions,
    budget: &Budget,
) -> Result<Answered, RequestError> {
    // Reading a large body takes long in one piece.
    if body.len() > LARGE && !budget.acquire_permit() {
        budget.check()?;
    }
    let operations: Json = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the request is not JSON: {error}");
        RequestError::new(RequestErrorKind::Parse, message)
    })?;
    match operations {
        Json::Array(operations) => answer_all(engine, caller, &operations, options, budget),
        _ => Err(RequestError::validation(
            "the request must be a list of operations",
        )),
    }
}

fn answer_all(
    engine: &Engine,
    caller: &Caller,
    operations: &[Json],
    options: AnswerOptions,
    budget: &Budget,
) -> Result<Answered, RequestError> {
    let limit = budget.limits().operations;
    if operations.len() > limit {
        let count = operations.len();
        let message =
            format!("the request has {count} operations, and may have {limit}: send it in parts");
        return Err(RequestError::new(RequestErrorKind::TooLarge, message));
    }
    let operations: Vec<Operation<'_>> = operations
        .iter()
        .map(Operation::new)
        .collect::<Result<_, _>>()?;
    if operations
        .iter()
        .all(|operation| READING.contains(&operation.action))
    {
        return read_all(engine, caller, &operations, options, budget);
    }
    let (leading, writing) = operations.split_at(reading_at_the_start(&operations));
    // What comes before all writes is read from a snapshot, with nobody waiting for it.
    let (mut read, mut examined) = (Vec::new(), 0);
    if !leading.is_empty() {
        examined = read_each(engine, caller, leading, options, budget, &mut read)?;
    }
    let mut joined = Vec::new();
    for operation in writing
        .iter()
        .filter(|found| found.action == "complete_multipart_upload")
    {
        joined.push(upload::join(engine, caller, operation)?);
    }
    let mut media = media::Requested::default();
    let make = |batch: &mut Batch<'_>| {
        let mut work = Work {
            engine,
            caller,
            options,
            batch,
            keys: Vec::new(),
            media: media::Requested::default(),
            examined: 0,
        };
        let mut replies = Vec::with_capacity(writing.len());
        let mut size = read.len();
        for operation in writing {
            let reply = work.perform(operation)?;
            size += reply.size();
            budget.grow_answer(size);
            budget.spend(1);
            budget.check()?;
            replies.push(reply);
        }
        work.batch.finish()?;
        let keys = std::mem::take(&mut work.keys);
        media = std::mem::take(&mut work.media);
        let examined = work.examined;
        Ok(((spell_out(batch, &read, &replies, options), examined), keys))
    };
    let (body, found) = if is_prepared(engine, writing) {
        engine.write_prepared(caller, budget, make)?
    } else {
        engine.write(caller, budget, size_of(writing), make)?
    };
    examined += found;
    for file in joined {
        engine.files.finish(file)?;
    }
    media::queue(engine, media);
    Ok(Answered { body, examined })
}

/// How many operations at the start of a request only read.
fn reading_at_the_start(operations: &[Operation<'_>]) -> usize {
    operations
        .iter()
        .take_while(|operation| READING.contains(&operation.action))
        .count()
}

/// Whether others should go before a batch: it has many writes, or reads what it wrote.
fn size_of(operations: &[Operation<'_>]) -> Size {
    let reads = |operation: &Operation<'_>| READING.contains(&operation.action);
    if operations.len() > SMALL || operations.iter().any(reads) {
        Size::Large
    } else {
        Size::Small
    }
}

/// Whether a batch is made before its turn: it is large, or takes many rows away, and does nothing but write.
fn is_prepared(engine: &Engine, operations: &[Operation<'_>]) -> bool {
    let writes = |operation: &Operation<'_>| WRITING.contains(&operation.action);
    let deletes = |operation: &&Operation<'_>| operation.action == "delete";
    let deleted = || {
        engine.read(|view| {
            let count = |operation: &Operation<'_>| {
                let entity_type = operation.text("entity_type").unwrap_or_default();
                write::count_deleted(view.store, entity_type, operation.get("entity_key"), WIDE)
            };
            operations.iter().filter(deletes).map(count).sum::<usize>()
        })
    };
    operations.iter().all(writes) && (operations.len() > SMALL || deleted() > WIDE)
}

/// Answers a request that only reads; any number of these run at the same time.
fn read_all(
    engine: &Engine,
    caller: &Caller,
    operations: &[Operation<'_>],
    options: AnswerOptions,
    budget: &Budget,
) -> Result<Answered, RequestError> {
    let mut body = vec![b'['];
    let examined = read_each(engine, caller, operations, options, budget, &mut body)?;
    body.push(b']');
    Ok(Answered { body, examined })
}

/// Adds the answers of operations that only read, with commas between them; gives how many entities they looked at.
fn read_each(
    engine: &Engine,
    caller: &Caller,
    operations: &[Operation<'_>],
    options: AnswerOptions,
    budget: &Budget,
    out: &mut Vec<u8>,
) -> Result<u64, RequestError> {
    engine.read_as(caller, budget, |view| {
        let mut examined = 0;
        for (index, operation) in operations.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match operation.action {
                "query" => examined += query::answer(view, operation, options, out)?,
                "search" => examined += search::answer(view, operation, options, out)?,
                "query_schemas" => query_schemas::answer(engine, out),
                "query_server_information" => {
                    query_server_information::answer(engine, view, caller, operation, out);
                }
                "permissions" => permissions::answer(view, caller, out),
                _ => compute_rollups::answer(view, operation, out)?,
            }
            view.budget.grow_answer(out.len());
            view.budget.check()?;
        }
        Ok(examined)
    })
}

impl Work<'_, '_> {
    fn perform(&mut self, operation: &Operation<'_>) -> Result<Reply, RequestError> {
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
            "add_user_security_role"
            | "remove_user_security_role"
            | "revoke_user_security_role"
            | "update_user_security_role"
            | "grant_user_security_role_project"
            | "revoke_user_security_role_project" => {
                security_role::perform(self, operation, &mut out)?;
            }
            "encode_media" => encode_media::perform(self, operation, &mut out)?,
            "get_upload_metadata" => upload::metadata(self, operation, &mut out)?,
            "complete_multipart_upload" => upload::completed(self, operation, &mut out)?,
            "generate_signed_url" => upload::signed_url(self, operation, &mut out)?,
            // What clients tell of their use is not kept.
            "_track_usage" => out.extend_from_slice(br#"{"action":"_track_usage","data":true}"#),
            "configure_totp" => return Err(configure_totp::refuse(operation)),
            unknown => {
                return Err(RequestError::validation(format!(
                    "Invalid action u'{unknown}'"
                )));
            }
        }
        Ok(Reply::Text(out))
    }
}

impl Work<'_, '_> {
    /// Reads in the middle of a batch: what it did so far is to be seen.
    fn read(&mut self, operation: &Operation<'_>, out: &mut Vec<u8>) -> Result<(), RequestError> {
        let view = self.batch.own_view();
        self.examined += match operation.action {
            "query" => query::answer(view, operation, self.options, out)?,
            "search" => search::answer(view, operation, self.options, out)?,
            _ => {
                compute_rollups::answer(view, operation, out)?;
                0
            }
        };
        Ok(())
    }
}

/// The answer: what was read before the batch, and what it did.
fn spell_out(batch: &Batch<'_>, read: &[u8], replies: &[Reply], options: AnswerOptions) -> Vec<u8> {
    let view = batch.own_view();
    let mut out = vec![b'['];
    out.extend_from_slice(read);
    // Most of a batch is alike.
    let mut known = None;
    for reply in replies {
        if out.len() > 1 {
            out.push(b',');
        }
        match reply {
            Reply::Text(text) => {
                view.budget.grow_answer(out.len() + text.len());
                out.extend_from_slice(text);
            }
            Reply::Entity { action, written } => {
                for part in ["{\"action\":\"", action, "\",\"data\":"] {
                    out.extend_from_slice(part.as_bytes());
                }
                entity(view, written, options, &mut known, &mut out);
                out.push(b'}');
            }
        }
    }
    out.push(b']');
    out
}

/// Spells out what was written; no more than the key of an entity that the batch deleted again.
fn entity<'w>(
    view: View<'_>,
    written: &'w Written,
    options: AnswerOptions,
    known: &mut Option<(WrittenAttributes<'w>, Projection)>,
    out: &mut Vec<u8>,
) {
    if let Handle::Row(row) = written.handle
        && !view.store.contains(row)
    {
        let reference = view.store.catalog().reference(row.type_id, &written.key);
        out.extend_from_slice(reference.to_string().as_bytes());
        return;
    }
    let attributes = WrittenAttributes::new(view, written);
    if known.as_ref().is_none_or(|(known, _)| *known != attributes) {
        let projection = Projection::from_written(Compiler { view }, &attributes);
        *known = Some((attributes, projection));
    }
    if let Some((_, projection)) = known {
        Encoder::new(view, projection, options.denormalize).one(written.handle, out);
    }
}
