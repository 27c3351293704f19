"""Chapter "Using notes"."""

import ftrack_api

from _support import new_task, raises, session as start

session = start()
task = new_task(session, "with_notes")
user = session.query('User where username is "{0}"'.format(session.api_user)).one()

# By the helper, and by hand.
note = task.create_note("My new note", author=user)
by_hand = session.create("Note", {"content": "By hand", "author": user})
task["notes"].append(by_hand)
session.commit()

# Replies.
note.create_reply("My new reply on note", author=user)
reply = session.create("Note", {"content": "Reply by hand", "author": user})
note["replies"].append(reply)
session.commit()

with start() as other:
    read = other.query('Note where parent_id is "{0}"'.format(task["id"])).all()
    assert {"My new note", "By hand"} <= {found["content"] for found in read}
    on_task = other.get("Task", task["id"])["notes"]
    assert {"My new note", "By hand"} <= {found["content"] for found in on_task}
    read = other.get("Note", note["id"])
    assert {found["content"] for found in read["replies"]} == {"My new reply on note", "Reply by hand"}
    assert other.get("Note", reply["id"])["in_reply_to_id"] == note["id"]
    assert read["author"]["id"] == user["id"]
    assert read["date"]

# Labels, by the helper and by hand; categories.
label = session.query('NoteLabel where name is "External Note"').first()
labelled = task.create_note("With label", author=user, labels=[label])
second = session.create("Note", {"content": "With label by hand", "author": user})
session.create("NoteLabelLink", {"note_id": second["id"], "label_id": label["id"]})
task["notes"].append(second)
category = session.query('NoteCategory where name is "External Note"').first()
in_category = task.create_note("With category", author=user, category=category)
session.commit()
with start() as other:
    for made in (labelled, second, in_category):
        links = other.get("Note", made["id"])["note_label_links"]
        assert [link["label"]["name"] for link in links] == ["External Note"], made["content"]
    found = other.query('Note where note_label_links.label.name is "External Note"').all()
    assert {labelled["id"], second["id"]} <= {note["id"] for note in found}
with raises(ValueError):
    task.create_note("Both", author=user, labels=[label], category=category)
session.rollback()

# Recipients.
john = session.query('User where username is "john"').one()
animation_group = session.query('Group where name is "Animation"').first()
addressed = task.create_note("Note with recipients", author=user, recipients=[john, animation_group])
session.commit()
with start() as other:
    recipients = {found["resource_id"] for found in other.get("Note", addressed["id"])["recipients"]}
    assert {john["id"], animation_group["id"]} <= recipients

# The parent of a note can be neither queried nor read.
with raises(ftrack_api.exception.ServerError):
    session.query('Note where parent.id is "{0}"'.format(task["id"])).all()
session.close()
