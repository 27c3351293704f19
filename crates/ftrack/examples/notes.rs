//! "Using notes": notes, replies, labels, recipients.
//!
//! `cargo run -p ftrack --example notes` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let task = session.query("Task where name is lighting").first()?;
    let task = task.ok_or("there is no task")?;
    let user = session.query("User where username is jane").one()?;

    // By the helper method, or by hand.
    let note = task.create_note("My new note", &user, NoteOptions::new())?;
    let values = values! { "content": "My second note", "author": &user };
    let by_hand = session.create("Note", values)?;
    let notes = task.collection("notes")?;
    notes.push(&by_hand)?;

    let reply = note.create_reply("My new reply on note", &user)?;
    let values = values! { "content": "And another", "author": &user };
    let replies = note.collection("replies")?;
    replies.push(&session.create("Note", values)?)?;

    let label = session.query("NoteLabel where name is \"External Note\"");
    let label = label.one()?;
    let options = NoteOptions::new().label(&label);
    let labelled = task.create_note("New note with external category", &user, options)?;
    // What the helper does, by hand.
    let values = values! { "note_id": by_hand.id(), "label_id": label.id() };
    session.create("NoteLabelLink", values)?;

    let john = session.query("User where username is \"john\"").one()?;
    let animation = session.query("Group where name is \"Animation\"").one()?;
    let options = NoteOptions::new().recipients([&john, &animation]);
    let directed = task.create_note("Note with recipients", &user, options)?;
    session.commit()?;

    let other = connect(&server)?;
    let query = "select content, author.username from Note where parent_id is";
    for note in other.query(format!("{query} \"{}\"", task.id())) {
        let note = note?;
        let (author, content): (String, String) =
            (note.get("author.username")?, note.get("content")?);
        println!("{author}: {content}");
    }
    let get = |note: &Entity| other.get("Note", note.id());
    let reply = get(&reply)?.ok_or("the reply is gone")?;
    assert_eq!(reply.get::<String>("in_reply_to_id")?, note.id());
    for note in [labelled, by_hand] {
        let links = get(&note)?.ok_or("the note is gone")?;
        assert_eq!(links.collection("note_label_links")?.len(), 1);
    }
    let recipients = get(&directed)?.ok_or("the note is gone")?;
    let recipients = recipients.collection("recipients")?.entities()?;
    let mut names = Vec::new();
    for recipient in recipients {
        names.push(recipient.get::<Entity>("recipient")?.id());
    }
    assert!(names.contains(&john.id()) && names.contains(&animation.id()));
    Ok(())
}
