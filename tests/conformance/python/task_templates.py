"""Chapter "Working with Task Templates"."""

from _support import session as start

session = start()
project = session.query('Project where name is "last_lantern"').one()
templates = project["project_schema"]["task_templates"]
assert len(templates) > 0
for task_template in templates:
    assert task_template["name"]
    kinds = [item["task_type"] for item in task_template["items"]]
    assert kinds and all(kind["name"] for kind in kinds)

task_template = templates[0]
kinds = [item["task_type"] for item in task_template["items"]]
for task_type in kinds:
    session.create("Task", {"name": task_type["name"], "type": task_type, "parent": project})
session.commit()
with start() as other:
    tasks = other.query('select type.name, status.name from Task where parent_id is "{0}"'.format(project["id"])).all()
    assert sorted(task["type"]["name"] for task in tasks) == sorted(kind["name"] for kind in kinds)
    assert all(task["status"]["name"] for task in tasks), "the schema gives a status"
session.close()
