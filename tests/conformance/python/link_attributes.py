"""Chapter "Using link attributes"."""

from _support import new_task, new_version, session as start

session = start()
new_task(session, "myTask")
task = session.query('select link from Task where name is "myTask"').first()
assert [item["name"] for item in task["link"]] == ["last_lantern", "dawn", "shot_for_myTask", "myTask"]
assert all(set(item) == {"id", "name", "type"} for item in task["link"])
entities = [session.get(item["type"], item["id"]) for item in task["link"]]
assert [entity["name"] for entity in entities] == ["last_lantern", "dawn", "shot_for_myTask", "myTask"]
assert entities[-1]["id"] == task["id"]

timelogs = session.query(
    'select context.link, start, duration from Timelog where user.username is "john.doe"'
).all()
assert timelogs
for timelog in timelogs:
    assert timelog["context"]["link"][0]["name"] == "last_lantern"
    assert timelog["duration"] > 0 and timelog["start"]

version = new_version(session, "linked")
version = session.query('select link from AssetVersion where id is "{0}"'.format(version["id"])).one()
assert [item["name"] for item in version["link"]][:2] == ["last_lantern", "dawn"]
assert version["link"][-1]["id"] == version["id"]

# A link follows when an entity gets another name.
shot = session.query('Shot where name is "shot_for_myTask"').one()
shot["name"] = "renamed"
session.commit()
with start() as other:
    read = other.query('select link from Task where name is "myTask"').first()
    assert [item["name"] for item in read["link"]][2] == "renamed"
session.close()
