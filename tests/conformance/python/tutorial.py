"""Chapter "Tutorial"."""

import arrow
import ftrack_api

from _support import raises, session as start

session = start()

# The types of this server.
assert {"Task", "Shot", "Sequence", "Project", "Status", "Type", "User"} <= set(session.types)

# Projects, their attributes, their names.
projects = session.query("Project")
assert {"status", "name", "full_name", "root", "start_date", "end_date"} <= set(projects[0].keys())
assert {"last_lantern", "dev_tutorial"} <= {project["name"] for project in projects}

# Criteria.
active = session.query("Project where status is active").all()
assert active and all(project["status"] == "active" for project in active)
soon = session.query(
    'Project where status is active and end_date before "{0}"'.format(arrow.now().shift(years=+1))
).all()
assert {project["id"] for project in soon} <= {project["id"] for project in active}
assert len(soon) == len(active)
assert not session.query('Project where end_date before "{0}"'.format(arrow.now().shift(years=-1))).all()

# References and collections.
project = session.query('Project where name is "last_lantern"').one()
children = project["children"]
assert isinstance(children, ftrack_api.collection.Collection)
assert children[0]["parent"] is project
found = session.query('Context where parent.name like "last%"').all()
assert {child["id"] for child in found} == {child["id"] for child in children}

# A new entity, changed before it is sent, whose parent is set in both documented ways.
new_sequence = session.create("Sequence", {"name": "Starlord Reveal"})
new_sequence["description"] = "First hero character reveal."
new_sequence["parent"] = project
project["children"].append(new_sequence)
session.commit()
assert not session.recorded_operations

# One whose parent is set by the collection alone.
appended = session.create("Sequence", {"name": "Second Reveal"})
project["children"].append(appended)
session.commit()

with start() as other:
    read = other.query('Sequence where name is "Starlord Reveal"').one()
    assert read["description"] == "First hero character reveal."
    assert read["parent"]["name"] == "last_lantern"
    assert read["id"] == new_sequence["id"]
    second = other.query('Sequence where name is "Second Reveal"').one()
    assert second["parent_id"] == project["id"]
    assert second["project_id"] == project["id"]
    assert other.query("User").first() is not None
assert other.closed

with raises(ftrack_api.exception.ConnectionClosedError):
    other.query("Project").first()
session.close()
