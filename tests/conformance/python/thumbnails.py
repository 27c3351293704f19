"""Chapter "Working with thumbnails"."""

import urllib.request

import ftrack_api.symbol

from _support import new_version, picture, session as start

session = start()
version = new_version(session, "pictured")
task = version["task"]
thumbnail_component = task.create_thumbnail(picture())
with start() as other:
    assert other.get("Task", task["id"])["thumbnail_id"] == thumbnail_component["id"]

# By hand.
server_location = session.query('Location where name is "ftrack.server"').one()
by_hand = session.create_component(picture(), dict(name="thumbnail"), location=server_location)
task["thumbnail"] = by_hand
session.commit()
with start() as other:
    assert other.get("Task", task["id"])["thumbnail"]["id"] == by_hand["id"]

# That of a version for the parent of the asset.
version.create_thumbnail(picture())
asset_parent = version["asset"]["parent"]
asset_parent["thumbnail_id"] = version["thumbnail_id"]
session.commit()
with start() as other:
    assert other.get("Shot", asset_parent["id"])["thumbnail_id"] == version["thumbnail_id"]

# Addresses.
server_location = session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)
for arguments in ({}, {"size": 100}, {"size": 500}):
    url = server_location.get_thumbnail_url(by_hand, **arguments)
    with urllib.request.urlopen(url) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("image/"), answer.headers["content-type"]
        assert answer.read()
session.close()
