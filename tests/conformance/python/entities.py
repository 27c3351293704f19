"""Chapter "Working with entities": creating, updating, deleting, states."""

import ftrack_api
import ftrack_api.inspection
import ftrack_api.symbol

from _support import new_task, raises, session as start

session = start()
task = new_task(session, "lifecycle")

# Attributes by name, all of them at once, and updates.
assert task["name"] == "lifecycle"
assert dict(task.items())["name"] == "lifecycle"
task["description"] = "first"
task["description"] = "second"
task["bid"] = 3.5
assert ftrack_api.inspection.state(task) is ftrack_api.symbol.MODIFIED
session.commit()
with start() as other:
    read = other.get("Task", task["id"])
    assert read["description"] == "second"
    assert read["bid"] == 3.5

# Dates and times keep their moment.
task["start_date"] = "2026-03-01T09:30:00+02:00"
session.commit()
with start() as other:
    assert other.get("Task", task["id"])["start_date"].to("utc").format("YYYY-MM-DD HH:mm") == "2026-03-01 07:30"

# References are set by entity or by id.
other_status = session.query('Status where name is "Completed"').one()
task["status"] = other_status
session.commit()
with start() as other:
    assert other.get("Task", task["id"])["status"]["name"] == "Completed"
    changes = other.query('TypedContextStatusChange where parent_id is "{0}"'.format(task["id"])).all()
    assert changes

# Immutable attributes, unknown attributes, unknown types.
with raises(ftrack_api.exception.ImmutableAttributeError):
    task["id"] = "other"
with raises(KeyError):
    task["no_such_attribute"]
with raises(ftrack_api.exception.UnrecognisedEntityTypeError):
    session.create("NoSuchType", {})

# Created and deleted before the commit: nothing is sent.
gone = session.create("Task", {"name": "gone", "parent": task["parent"]})
session.delete(gone)
session.commit()
session.rollback()
assert not session.query('Task where name is "gone"').all()

# Deleting takes what belongs to the entity along.
shot = task["parent"]
note = task.create_note("Soon gone", author=session.query("User").first())
session.commit()
session.delete(shot)
session.commit()
with start() as other:
    assert other.get("Shot", shot["id"]) is None
    assert other.get("Task", task["id"]) is None
    assert other.get("Note", note["id"]) is None

# Members of a collection: each once, in a full list.
sequence = session.query('Sequence where name is "storm"').one()
before = len(sequence["children"])
shot = session.create("Shot", {"name": "060"})
sequence["children"].append(shot)
with raises(ftrack_api.exception.DuplicateItemInCollectionError):
    sequence["children"].append(shot)
session.commit()
with start() as other:
    read = other.get("Sequence", sequence["id"])
    assert len(read["children"]) == before + 1
    assert other.get("Shot", shot["id"])["project"]["name"] == "last_lantern"
session.close()
