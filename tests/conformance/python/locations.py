"""Chapters "Locations" and "Using components with locations": a location of one's own on disk."""

import os
import tempfile

import ftrack_api
import ftrack_api.accessor.disk
import ftrack_api.structure.id
import ftrack_api.structure.standard

from _support import file, new_version, raises, session as start

session = start()

# The built-in locations are there.
for name in ("ftrack.origin", "ftrack.unmanaged", "ftrack.review", "ftrack.server"):
    assert session.query('Location where name is "{0}"'.format(name)).one()["id"]

# A location of one's own.
location = session.ensure("Location", {"name": "my.location"})
folder = tempfile.mkdtemp()
location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=folder)
location.structure = ftrack_api.structure.id.IdStructure()
location.priority = 30
assert session.pick_location() is location

component = session.create_component(file("plate.exr"), data={"name": "plate"}, location=location)
path = location.get_filesystem_path(component)
assert path.startswith(folder) and open(path, "rb").read() == b"content of a file"
assert location.get_component_availability(component) == 100.0
with raises(ftrack_api.exception.ComponentInLocationError):
    location.add_component(component, session.query('Location where name is "ftrack.origin"').one())
with start() as other:
    read = other.query('ComponentLocation where component_id is "{0}"'.format(component["id"])).all()
    assert location["id"] in [found["location_id"] for found in read]

# The standard structure needs versions with a link.
standard = session.ensure("Location", {"name": "standard.location"})
standard.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=tempfile.mkdtemp())
standard.structure = ftrack_api.structure.standard.StandardStructure()
standard.priority = 20
version = new_version(session, "hero")
published = version.create_component(file("hero.ma"), data={"name": "scene"}, location=standard)
session.commit()
identifier = standard.get_resource_identifier(published)
assert identifier == "last_lantern/dawn/shot_for_task_for_hero/hero/v001/scene.ma", identifier

# From one location to another, and out of both.
standard.remove_component(published)
assert standard.get_component_availability(published) == 0.0
location.remove_component(component)
assert not os.path.exists(path)
session.close()
