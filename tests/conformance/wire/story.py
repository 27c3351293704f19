"""The story that `tests/src/wire/story.rs` tells with our client, told with the official one, step by step."""

import os
import urllib.request

import ftrack_api


BUILD = 'AssetBuild where name is "mira"'


def step(name):
    """Tell the recorder which step comes next."""
    url = "{0}/step/{1}".format(os.environ["FTRACK_SERVER"], name.replace(" ", "-"))
    with urllib.request.urlopen(url):
        pass


def known(session, query):
    """The first result of a query that must have one."""
    found = session.query(query).first()
    assert found is not None, query
    return found


def expect_refusal(call):
    try:
        call()
    except ftrack_api.exception.ServerError:
        return
    raise AssertionError("the server accepted what it should refuse")


step("start")
session = ftrack_api.Session(schema_cache_path=False, plugin_paths=[])

step("query")
session.query('Project where status is active and name like "last%"').all()
session.query(
    'select name, parent.name from Shot where project.name is "last_lantern" order by name, id limit 3'
).all()
session.query("select name from Task order by name, id offset 5 limit 8").all()
session.query('Sequence where name is "harbour"').one()
session.query("Group order by name").first()

step("attribute")
user = session.query('User where username is "john"').one()
user["email"]
user["email"]

step("path")
known(session, BUILD)["status"]["name"]

step("reference")
known(session, BUILD)["parent"]

step("members")
known(session, BUILD)["children"]

step("siblings")
tasks = session.query(
    'Task where parent.name is "020" and parent.parent.name is "storm" order by name'
).all()
for task in tasks:
    task["bid"]

step("get")
session.get("ObjectType", "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c")
session.get("Task", "0e7ae000-0000-4000-8000-000000000000")
sequence = known(session, 'Sequence where name is "harbour"')
session.get("Metadata", [sequence["id"], "frame_padding"])

step("refused query")
expect_refusal(
    lambda: session.query("select name from Task where no_such_attribute is 1").all()
)

step("create")
schema = known(session, 'ProjectSchema where name is "VFX"')
status = known(session, 'Status where name is "In progress"')
kind = known(session, 'Type where name is "Animation"')
project = session.create(
    "Project",
    {"name": "wire", "full_name": "On the wire", "project_schema": schema},
)
sequence = session.create("Sequence", {"name": "seq", "parent": project})
for name in ["010", "020"]:
    shot = session.create("Shot", {"name": name, "parent": sequence})
    session.create(
        "Task",
        {"name": "animation", "parent": shot, "type": kind, "status": status, "bid": 4.5},
    )
sequence["description"] = "The first one."
session.commit()

step("update")
task = known(
    session,
    'Task where name is "animation" and parent.name is "010" and project.name is "wire"',
)
status = known(session, 'Status where name is "Completed"')
task["bid"] = 1
task["description"] = "Once."
task["status"] = status
task["bid"] = 2
task["description"] = None
session.commit()

step("collection")
project = known(session, 'Project where name is "wire"')
sequence = session.create("Sequence", {"name": "appended"})
project["children"].append(sequence)
session.commit()

step("delete")
task = known(
    session,
    'Task where name is "animation" and parent.name is "020" and project.name is "wire"',
)
session.delete(task)
session.commit()

step("rollback")
project = known(session, 'Project where name is "wire"')
project["full_name"] = "Never sent"
session.create("Sequence", {"name": "never", "parent": project})
session.rollback()
session.commit()

step("create and delete")
project = known(session, 'Project where name is "wire"')
sequence = session.create("Sequence", {"name": "gone", "parent": project})
session.delete(sequence)
session.commit()
session.rollback()

step("refused commit")
first = known(session, 'User where username is "jane"')
first["username"] = "john"
expect_refusal(session.commit)
first["username"] = "jane_of_the_wire"
session.commit()

step("update and delete")
sequence = known(session, 'Sequence where name is "appended"')
sequence["description"] = "Nobody will read this."
session.delete(sequence)
session.commit()

step("end")
session.close()
