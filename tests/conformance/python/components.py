"""Chapters "Working with components" and "Publishing versions"."""

import urllib.request

from _support import file, new_task, session as start

session = start()
task = new_task(session, "published")
asset_parent = task["parent"]
asset_type = session.query('AssetType where name is "Geometry"').one()
asset = session.create("Asset", {"name": "My asset", "type": asset_type, "parent": asset_parent})
asset_version = session.create("AssetVersion", {"asset": asset, "task": task})
session.commit()
assert asset_version["version"] == 1
second = session.create("AssetVersion", {"asset": asset, "task": task})
session.commit()
assert second["version"] == 2
with start() as other:
    assert other.get("AssetVersion", second["id"])["is_latest_version"]
    assert not other.get("AssetVersion", asset_version["id"])["is_latest_version"]
    assert other.get("Asset", asset["id"])["latest_version"]["id"] == second["id"]

# A component without a location.
bare = asset_version.create_component(file("scene.abc"), data={"name": "scene"}, location=None)
session.commit()
assert bare["file_type"] == ".abc"
assert bare["size"] == len(b"content of a file")

# In the location of the server: uploaded, read back, removed.
server_location = session.query('Location where name is "ftrack.server"').one()
content = bytes(range(256)) * 4096
component = asset_version.create_component(
    file("plate.bin", content), data={"name": "plate"}, location=server_location
)
session.commit()
assert server_location.get_component_availability(component) == 100.0
with urllib.request.urlopen(server_location.get_url(component)) as answer:
    assert answer.read() == content
accessor = server_location.accessor
data = accessor.open(server_location.get_resource_identifier(component))
assert data.read() == content
data.close()
with start() as other:
    names = sorted(found["name"] for found in other.get("AssetVersion", asset_version["id"])["components"])
    assert names == ["plate", "scene"]
server_location.remove_component(component)
assert server_location.get_component_availability(component) == 0.0

# A sequence has a member for each frame.
sequence = session.create_component(
    "/somewhere/frame.%04d.exr [1001-1004]", data={"name": "frames"}, location=None
)
session.commit()
with start() as other:
    read = other.get("SequenceComponent", sequence["id"])
    assert read["padding"] == 4
    assert sorted(member["name"] for member in read["members"]) == ["1001", "1002", "1003", "1004"]
session.close()
