"""Chapter "Working with assignments and allocations"."""

from _support import new_task, session as start

session = start()
project = session.query('Project where name is "last_lantern"').one()
project_team = set()
for allocation in project["allocations"]:
    resource = allocation["resource"]
    if isinstance(resource, session.types["Group"]):
        for membership in resource["memberships"]:
            project_team.add(membership["user"])
    else:
        project_team.add(resource)
assert {"ines", "tove", "mateo"} <= {user["username"] for user in project_team}

task = new_task(session, "assigned")
current_user = session.query("User where username is {0}".format(session.api_user)).one()
session.create("Appointment", {"context": task, "resource": current_user, "type": "assignment"})
session.commit()

users = session.query(
    "select first_name, last_name from User "
    'where assignments any (context_id = "{0}")'.format(task["id"])
).all()
assert [user["id"] for user in users] == [current_user["id"]]
assert users[0]["first_name"] and users[0]["last_name"]

assigned_tasks = session.query(
    'select link from Task where assignments any (resource.username = "{0}")'.format(session.api_user)
).all()
paths = [" / ".join(item["name"] for item in found["link"]) for found in assigned_tasks]
assert "last_lantern / dawn / shot_for_assigned / assigned" in paths

with start() as other:
    read = other.get("Task", task["id"])
    assert [found["resource"]["id"] for found in read["assignments"]] == [current_user["id"]]
    assert len(read["allocations"]) == 0
session.close()
