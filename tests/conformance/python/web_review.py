"""Chapter "Publishing for web review"."""

import json

from _support import file, new_version, picture, session as start

session = start()
version = new_version(session, "reviewed")
server_location = session.query('Location where name is "ftrack.server"').one()
component = version.create_component(
    path=file("clip.mp4"), data={"name": "ftrackreview-mp4"}, location=server_location
)
component["metadata"]["ftr_meta"] = json.dumps({"frameIn": 0, "frameOut": 150, "frameRate": 25})
component.session.commit()
image = version.create_component(
    path=picture(), data={"name": "ftrackreview-image"}, location=server_location
)
image["metadata"]["ftr_meta"] = json.dumps({"format": "image"})
image.session.commit()
with start() as other:
    components = {found["name"]: found for found in other.get("AssetVersion", version["id"])["components"]}
    assert set(components) == {"ftrackreview-mp4", "ftrackreview-image"}
    assert json.loads(components["ftrackreview-mp4"]["metadata"]["ftr_meta"])["frameOut"] == 150
    location = other.query('Location where name is "ftrack.server"').one()
    assert location.get_component_availability(components["ftrackreview-mp4"]) == 100.0
session.close()
