"""Chapter "Working with projects"."""

import uuid

import ftrack_api

from _support import raises, session as start

session = start()
name = "projectname_{0}".format(uuid.uuid1().hex)
project_schema = session.query("ProjectSchema").first()
project = session.create(
    "Project", {"name": name, "full_name": name + "_full", "project_schema": project_schema}
)
default_shot_status = project_schema.get_statuses("Shot")[0]
default_task_type = project_schema.get_types("Task")[0]
default_task_status = project_schema.get_statuses("Task", default_task_type["id"])[0]
for sequence_number in range(1, 5):
    sequence = session.create(
        "Sequence", {"name": "seq_{0}".format(sequence_number), "parent": project}
    )
    for shot_number in range(1, 5):
        shot = session.create(
            "Shot",
            {
                "name": "{0}0".format(shot_number).zfill(3),
                "parent": sequence,
                "status": default_shot_status,
            },
        )
        for task_number in range(1, 5):
            session.create(
                "Task",
                {
                    "name": "task_{0}".format(task_number),
                    "parent": shot,
                    "status": default_task_status,
                    "type": default_task_type,
                },
            )
assert len(session.created) == 1 + 4 + 16 + 64
session.commit()
assert not session.created

with start() as other:
    read = other.query('Project where name is "{0}"'.format(name)).one()
    assert read["full_name"] == name + "_full"
    assert read["status"] == "active"
    assert read["project_schema"]["id"] == project_schema["id"]
    assert sorted(child["name"] for child in read["children"]) == ["seq_1", "seq_2", "seq_3", "seq_4"]
    tasks = other.query(
        'select name, link, status.name, type.name, project.name, parent.parent.name from Task where project_id is "{0}"'.format(
            read["id"]
        )
    ).all()
    assert len(tasks) == 64
    for task in tasks:
        assert [item["type"] for item in task["link"]] == ["Project", "Sequence", "Shot", "Task"]
        assert task["link"][0]["name"] == name
        assert task["link"][-1]["id"] == task["id"]
        assert task["status"]["id"] == default_task_status["id"]
        assert task["type"]["id"] == default_task_type["id"]
        assert task["project"] is read
        assert task["parent"]["parent"]["parent"] is read
    below = other.query('TypedContext where project.name is "{0}"'.format(name)).all()
    assert len(below) == 4 + 16 + 64
    below = other.query(
        'TypedContext where ancestors any (name is "seq_1") and project.name is "{0}"'.format(name)
    ).all()
    assert len(below) == 4 + 16

# Names are unique: those of projects everywhere, those of others below one parent.
session.create("Project", {"name": name, "full_name": "Another", "project_schema": project_schema})
with raises(ftrack_api.exception.ServerError, "DuplicateEntryError"):
    session.commit()
session.rollback()
session.create("Sequence", {"name": "seq_1", "parent": project})
with raises(ftrack_api.exception.ServerError, "DuplicateEntryError"):
    session.commit()
session.rollback()

# A project takes everything below it along.
session.delete(project)
session.commit()
with start() as other:
    assert other.query('Project where name is "{0}"'.format(name)).first() is None
    assert not other.query('Task where project_id is "{0}"'.format(project["id"])).all()
session.close()
