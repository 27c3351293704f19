"""Chapter "Using review sessions"."""

from _support import names, new_version, session as start

session = start()
project = session.query('Project where name is "last_lantern"').one()
asset_version = new_version(session)
review_session = session.create(
    "ReviewSession",
    {
        "name": "Review of last week",
        "description": "See updates from last week.",
        "project": project,
    },
)
review_session_object = session.create(
    "ReviewSessionObject",
    {
        "name": "Compositing",
        "description": "Fixed shadows.",
        "version": "Version 3",
        "review_session": review_session,
        "asset_version": asset_version,
    },
)
invitee = session.create(
    "ReviewSessionInvitee",
    {"name": "John Doe", "email": "john.doe@example.com", "review_session": review_session},
)
second = session.create(
    "ReviewSessionInvitee",
    {"name": "Jane Doe", "email": "jane.doe@example.com", "review_session": review_session},
)
session.commit()

with start() as other:
    found = other.query('ReviewSession where name is "Review of last week"').one()
    assert found["description"] == "See updates from last week."
    assert found in other.get("Project", project["id"])["review_sessions"]
    objects = found["review_session_objects"]
    assert [item["id"] for item in objects] == [review_session_object["id"]]
    assert objects[0]["asset_version"]["id"] == asset_version["id"]
    assert names(found["review_session_invitees"]) == ["Jane Doe", "John Doe"]

session.send_review_session_invite(invitee)
session.send_review_session_invites([invitee, second])

session.delete(invitee)
session.commit()
with start() as other:
    found = other.get("ReviewSession", review_session["id"])
    assert names(found["review_session_invitees"]) == ["Jane Doe"]
session.close()
