"""Chapter "Using lists"."""

from _support import new_task, new_version, session as start

session = start()
user = session.query("User").first()
project = session.query('Project where name is "last_lantern"').one()
list_category = session.query("ListCategory").first()
task = new_task(session, "listed")
asset_version = new_version(session, "listed_asset")
asset_version_list = session.create(
    "AssetVersionList",
    {"name": "versions", "owner": user, "project": project, "category": list_category},
)
task_list = session.create(
    "TypedContextList", {"name": "tasks", "owner": user, "project": project, "category": list_category}
)
session.commit()
asset_version_list["items"].append(asset_version)
task_list["items"].append(task)
session.commit()

with start() as other:
    versions = other.get("AssetVersionList", asset_version_list["id"])
    assert [item["id"] for item in versions["items"]] == [asset_version["id"]]
    tasks = other.get("TypedContextList", task_list["id"])
    assert [item["id"] for item in tasks["items"]] == [task["id"]]
    assert tasks["owner"]["id"] == user["id"]
    assert tasks["category"]["id"] == list_category["id"]
    found = other.query('TypedContextList where items any (id is "{0}")'.format(task["id"])).all()
    assert [item["id"] for item in found] == [task_list["id"]]

asset_version_list["items"].remove(asset_version)
task_list["items"].remove(task)
session.commit()
with start() as other:
    assert len(other.get("AssetVersionList", asset_version_list["id"])["items"]) == 0
    assert len(other.get("TypedContextList", task_list["id"])["items"]) == 0
    assert other.get("Task", task["id"]) is not None
session.close()
