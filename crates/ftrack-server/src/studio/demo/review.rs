//! What people say: notes, and a review session with the client.

use serde_json::{Value, json};

use super::planning::version;
use super::{Demo, film, id, user};

/// A note to be added.
struct Note<'a> {
    name: &'a str,
    parent_type: &'a str,
    parent_id: String,
    author: &'a str,
    content: &'a str,
    /// Days from today.
    day: i64,
    label: Option<&'a str>,
    recipients: &'a [&'a str],
    in_reply_to: Option<&'a str>,
}

pub(super) fn add(demo: &mut Demo<'_>) {
    add_notes(demo);
    add_review_session(demo);
}

fn add_notes(demo: &mut Demo<'_>) {
    let task = demo.context_id(&format!("{}/storm/030/lighting", film::PROJECT));
    let gust = Note {
        name: "gust",
        parent_type: "Task",
        parent_id: task,
        author: "jane",
        content: "The flame should lean before the coat moves.",
        day: -2,
        label: Some("Internal"),
        recipients: &["priya"],
        in_reply_to: None,
    };
    add_note(demo, &gust);
    add_note(
        demo,
        &Note {
            name: "gust/reply",
            author: "priya",
            content: "Two frames earlier now, see v2.",
            day: -1,
            label: None,
            recipients: &[],
            in_reply_to: Some("gust"),
            ..gust
        },
    );
    for (name, path, content, label) in [
        (
            "dusk",
            "harbour/010/comp/v001",
            "Can the sky be a touch greener?",
            "Client feedback",
        ),
        (
            "boat",
            "harbour/020/comp/v002",
            "Love it. Final for us.",
            "External Note",
        ),
    ] {
        let note = Note {
            name,
            parent_type: "AssetVersion",
            parent_id: version(path),
            author: "tove",
            content,
            day: -3,
            label: Some(label),
            recipients: &["yuki"],
            in_reply_to: None,
        };
        add_note(demo, &note);
    }
}

fn add_note(demo: &mut Demo<'_>, note: &Note<'_>) {
    let values = json!({
        "content": note.content,
        "user_id": user(note.author),
        "parent_id": note.parent_id,
        "parent_type": note.parent_type,
        "in_reply_to_id": note.in_reply_to.map(|name| id("Note", name)),
        "category_id": note.label.map(|label| id("NoteLabel", label)),
        "date": demo.at(note.day, 11),
        "thread_activity": demo.at(-1, 11),
    });
    let note_id = demo.rows.add("Note", note.name, values);
    if let Some(label) = note.label {
        let values = json!({ "note_id": note_id, "label_id": id("NoteLabel", label) });
        demo.rows.add_link("NoteLabelLink", values);
    }
    let author = std::iter::once(&note.author);
    for recipient in author.chain(note.recipients) {
        let values = json!({ "note_id": note_id, "resource_id": user(recipient) });
        demo.rows.add_link("Recipient", values);
    }
}

fn add_review_session(demo: &mut Demo<'_>) {
    let name = "Weekly review";
    let created = |day: i64, values: Value| {
        let stamp = json!({ "created_at": demo.at(day, 15), "created_by_id": user("tove") });
        super::merge(values, stamp)
    };
    let values = created(
        -2,
        json!({
            "name": name,
            "description": "Finished shots of the harbour.",
            "project_id": id("Project", film::PROJECT),
            "start_date": demo.at(-1, 0),
            "end_date": demo.at(6, 0),
            "availability": "always",
            "is_moderated": false,
            "passphrase_enabled": false,
            "shareable_url_enabled": false,
        }),
    );
    let invitee = created(
        -2,
        json!({
            "name": "Alma Berg",
            "email": "alma@client.example",
            "review_session_id": id("ReviewSession", name),
            "created_from_shared_url": false,
        }),
    );
    demo.rows.add("ReviewSession", name, values);
    let invitee = demo.rows.add("ReviewSessionInvitee", "alma", invitee);
    for (sort, shot) in ["harbour/010", "harbour/020"].into_iter().enumerate() {
        add_review_object(demo, name, shot, sort, &invitee);
    }
}

fn add_review_object(demo: &mut Demo<'_>, session: &str, shot: &str, sort: usize, invitee: &str) {
    let values = json!({
        "name": shot.replace('/', " "),
        "description": "For approval.",
        "version": "Version 2",
        "version_id": version(&format!("{shot}/comp/v002")),
        "review_session_id": id("ReviewSession", session),
        "sort_order": sort,
        "created_at": demo.at(-2, 15),
    });
    let object = demo.rows.add("ReviewSessionObject", shot, values);
    let values = json!({
        "review_session_object_id": object,
        "review_session_invitee_id": invitee,
        "status": "approved",
        "created_at": demo.at(-1, 17),
    });
    demo.rows.add("ReviewSessionObjectStatus", shot, values);
}
