//! Notes and replies.

use crate::collection::Collection;
use crate::entity::Entity;
use crate::entity::check::{check_attribute, check_type};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;
use crate::values;

/// What a new note has besides its text and its author.
///
/// ```
/// use ftrack_session::{Entity, NoteOptions};
///
/// fn to_both(john: &Entity, animators: &Entity, label: &Entity) -> NoteOptions {
///     NoteOptions::new().recipients([john, animators]).label(label)
/// }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct NoteOptions {
    recipients: Vec<Entity>,
    category: Option<Entity>,
    labels: Vec<Entity>,
}

impl NoteOptions {
    /// Nothing besides text and author.
    pub fn new() -> Self {
        Self::default()
    }

    /// Directs the note to a user or a group, whose inbox it will be in.
    pub fn recipient(mut self, recipient: &Entity) -> Self {
        self.recipients.push(recipient.clone());
        self
    }

    /// Directs the note to several users or groups.
    pub fn recipients<'a>(mut self, recipients: impl IntoIterator<Item = &'a Entity>) -> Self {
        self.recipients.extend(recipients.into_iter().cloned());
        self
    }

    /// Puts the note into a category (`NoteCategory`), which is how servers before 4.3 know labels. A note has either
    /// a category or labels.
    pub fn category(mut self, category: &Entity) -> Self {
        self.category = Some(category.clone());
        self
    }

    /// Puts a label (`NoteLabel`) on the note.
    pub fn label(mut self, label: &Entity) -> Self {
        self.labels.push(label.clone());
        self
    }

    /// Puts several labels on the note.
    pub fn labels<'a>(mut self, labels: impl IntoIterator<Item = &'a Entity>) -> Self {
        self.labels.extend(labels.into_iter().cloned());
        self
    }

    fn check(&self) -> Result<()> {
        if self.category.is_some() && !self.labels.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "a note has either a category or labels, not both",
            ));
        }
        for recipient in &self.recipients {
            check_type(recipient, &["User", "Group"], "the recipient of a note")?;
        }
        // Both are rows of one table, so either can stand for the other.
        for label in self.category.iter().chain(&self.labels) {
            check_type(label, &["NoteLabel", "NoteCategory"], "the label of a note")?;
        }
        Ok(())
    }
}

/// Writing notes (product documentation, "Using notes").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{NoteHelpers, NoteOptions, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let task = session.query("Task").first()?.ok_or("no task")?;
/// let author = session.query("User where username is jane").one()?;
/// let john = session.query("User where username is john").one()?;
///
/// let note = task.create_note("Looks good", &author, NoteOptions::new().recipient(&john))?;
/// let reply = note.create_reply("Thank you", &john)?;
/// session.commit()?;
/// assert_eq!(reply.get::<String>("in_reply_to_id")?, note.id());
/// # Ok(())
/// # }
/// ```
pub trait NoteHelpers {
    /// Writes a note on this entity, which may be of any type that has `notes`. Nothing is sent before the next
    /// [`commit`](crate::Session::commit); the entity's notes are loaded, so that those of others are kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this entity, the author, a recipient or a label is of a type that cannot be that,
    /// [`ErrorKind::InvalidArgument`] if there are a category and labels, and the errors of loading. Nothing is
    /// recorded then.
    fn create_note(
        &self,
        content: impl Into<String>,
        author: &Entity,
        options: NoteOptions,
    ) -> Result<Entity>;

    /// Replies to this note. Nothing is sent before the next [`commit`](crate::Session::commit).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a note or the author is not a user, and the errors of loading the
    /// replies. Nothing is recorded then.
    fn create_reply(&self, content: impl Into<String>, author: &Entity) -> Result<Entity>;
}

impl NoteHelpers for Entity {
    #[track_caller]
    fn create_note(
        &self,
        content: impl Into<String>,
        author: &Entity,
        options: NoteOptions,
    ) -> Result<Self> {
        check_attribute(self, "notes", "create_note")?;
        check_type(author, &["User"], "the author of a note")?;
        options.check()?;
        let notes = fresh(self, "notes")?;
        let session = self.session();
        let note = new_note(session, content, author)?;
        notes.push(&note)?;
        add_recipients(&note, &options.recipients)?;
        for label in &options.labels {
            add_label(&note, label)?;
        }
        match &options.category {
            Some(category) if session.definition("NoteLabel").is_ok() => {
                add_label(&note, category)?;
            }
            Some(category) => note.set("category_id", category.id())?,
            None => {}
        }
        Ok(note)
    }

    #[track_caller]
    fn create_reply(&self, content: impl Into<String>, author: &Entity) -> Result<Self> {
        check_type(self, &["Note"], "create_reply")?;
        check_type(author, &["User"], "the author of a reply")?;
        let replies = fresh(self, "replies")?;
        let reply = new_note(self.session(), content, author)?;
        replies.push(&reply)?;
        Ok(reply)
    }
}

/// The collection as the server has it now, unless it was changed here: a commit replaces the whole of it, and would
/// take away what others have added since it was loaded.
#[track_caller]
fn fresh(entity: &Entity, name: &str) -> Result<Collection> {
    if !entity.attribute(name)?.is_modified() {
        entity.populate([name])?;
    }
    entity.collection(name)
}

fn new_note(session: &Session, content: impl Into<String>, author: &Entity) -> Result<Entity> {
    session.create(
        "Note",
        values! { "content": content.into(), "author": author },
    )
}

fn add_recipients(note: &Entity, resources: &[Entity]) -> Result<()> {
    let recipients = note.collection("recipients")?;
    for resource in resources {
        let values = values! { "note_id": note.id(), "resource_id": resource.id() };
        recipients.push(&note.session().create("Recipient", values)?)?;
    }
    Ok(())
}

fn add_label(note: &Entity, label: &Entity) -> Result<()> {
    let values = values! { "note_id": note.id(), "label_id": label.id() };
    note.session().create("NoteLabelLink", values)?;
    Ok(())
}
