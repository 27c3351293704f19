"""Files: accessors, structures, locations, components."""

from __future__ import annotations

import os

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust import exception
from ftrack_rust.accessor.base import Accessor
from ftrack_rust.accessor.disk import DiskAccessor
from ftrack_rust.structure.base import Structure
from ftrack_rust.structure.id import IdStructure
from ftrack_rust.structure.standard import StandardStructure


@pytest.fixture
def location(session, tmp_path):
    made = session.ensure("Location", {"name": "test.disk"})
    made.accessor = DiskAccessor(str(tmp_path / "store"))
    made.structure = IdStructure()
    made.priority = 1
    (tmp_path / "store").mkdir()
    return made


@pytest.fixture
def plate(tmp_path):
    path = tmp_path / "plate.exr"
    path.write_bytes(b"pixels" * 1000)
    return str(path)


def test_built_in_locations_are_there(session):
    for name, identifier in {
        "ftrack.origin": ftrack_api.symbol.ORIGIN_LOCATION_ID,
        "ftrack.server": ftrack_api.symbol.SERVER_LOCATION_ID,
    }.items():
        found = session.get("Location", identifier)
        assert found["name"] == name and found.accessor and found.structure
        assert str(found) == '<{0}("{1}", {2})>'.format(type(found).__name__, name, identifier)
    assert session.pick_location()["name"] == "ftrack.unmanaged"


def test_components_are_added_found_and_removed(session, location, plate):
    added, removed = [], []
    session.event_hub.connect()
    session.event_hub.subscribe("topic=ftrack.location.component-added", added.append)
    session.event_hub.subscribe("topic=ftrack.location.component-removed", removed.append)
    component = session.create_component(plate, {"name": "plate"}, location=location)
    path = location.get_filesystem_path(component)
    with open(path, "rb") as stored:
        assert stored.read() == b"pixels" * 1000
    assert component["size"] == 6000 and component["file_type"] == ".exr"
    assert location.get_component_availability(component) == 100.0
    assert session.pick_location(component) is location
    with pytest.raises(exception.ComponentInLocationError):
        location.add_component(component, session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID))
    location.remove_component(component)
    assert not os.path.exists(path)
    with pytest.raises(exception.ComponentNotInLocationError) as raised:
        location.get_resource_identifier(component)
    assert raised.value.details["components"] == [component]
    session.event_hub.wait(1)
    origin = ftrack_api.symbol.ORIGIN_LOCATION_ID
    told = [(event["data"]["component_id"], event["data"]["location_id"]) for event in added]
    assert told == [(component["id"], origin), (component["id"], location["id"])]
    told = [(event["data"]["component_id"], event["data"]["location_id"]) for event in removed]
    assert told == [(component["id"], location["id"])]


def test_sequences_are_components_with_members(session, location, tmp_path):
    for frame in (1001, 1002, 1004):
        (tmp_path / "bunny.{0}.exr".format(frame)).write_bytes(b"x" * frame)
    path = "{0}/bunny.%04d.exr [1001-1002, 1004]".format(tmp_path)
    sequence = session.create_component(path, {"name": "bunny"}, location=location)
    assert sequence.entity_type == "SequenceComponent" and sequence["padding"] == 4
    assert [member["name"] for member in sequence["members"]] == ["1001", "1002", "1004"]
    assert sequence["size"] == 1001 + 1002 + 1004
    folder = os.path.dirname(location.get_filesystem_path(sequence["members"][0]))
    assert sorted(os.listdir(folder)) == ["file.1001.exr", "file.1002.exr", "file.1004.exr"]
    assert session.get_component_availability(sequence)[location["id"]] == 100.0


def test_existing_files_are_never_overwritten(session, location, plate):
    component = session.create_component(plate, location=None)
    identifier = location.structure.get_resource_identifier(component)
    target = location.accessor.get_filesystem_path(identifier)
    os.makedirs(os.path.dirname(target))
    with open(target, "wb") as other:
        other.write(b"other")
    with pytest.raises(exception.LocationError, match="data already exists") as raised:
        location.add_component(component, session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID))
    assert raised.value.details["transferred"] == []
    with open(target, "rb") as kept:
        assert kept.read() == b"other"


def test_the_frame_that_is_not_there_is_named(session, location, tmp_path):
    (tmp_path / "hole.0001.exr").write_bytes(b"x")
    with pytest.raises(exception.LocationError, match="Failed to transfer component <FileComponent") as raised:
        session.create_component("{0}/hole.%04d.exr [1-2]".format(tmp_path), {"name": "hole"}, location=location)
    assert raised.value.details["component"]["name"] == "0002"
    session.rollback()


class MemoryAccessor(Accessor):
    """An accessor as studios write them."""

    def __init__(self):
        super().__init__()
        self.files = {}

    def list(self, resource_identifier):
        return [name for name in self.files if name.startswith(resource_identifier)]

    def exists(self, resource_identifier):
        return resource_identifier in self.files

    is_file = exists

    def is_container(self, resource_identifier):
        return False

    is_sequence = is_container

    def open(self, resource_identifier, mode="rb"):
        accessor = self

        class Stored(ftrack_api.data.String):
            def close(self):
                if "w" in mode:
                    self.seek(0)
                    accessor.files[resource_identifier] = self.read()
                super().close()

        return Stored(self.files[resource_identifier] if "r" in mode else None)

    def remove(self, resource_identifier):
        del self.files[resource_identifier]

    def make_container(self, resource_identifier, recursive=True):
        pass

    def get_container(self, resource_identifier):
        raise exception.AccessorParentResourceNotFoundError(resource_identifier=resource_identifier)


class Named(Structure):
    """A structure as studios write them."""

    def get_resource_identifier(self, entity, context=None):
        assert isinstance(entity, ftrack_api.entity.base.Entity)
        return "{0}{1}".format(entity["name"], entity["file_type"])


class Reversed(ftrack_api.resource_identifier_transformer.base.ResourceIdentifierTransformer):
    def encode(self, resource_identifier, context=None):
        assert context["component"]["name"]
        return resource_identifier[::-1]

    decode = encode


def test_accessors_structures_and_transformers_of_studios_are_used(session, plate):
    studio = session.ensure("Location", {"name": "test.memory"})
    studio.accessor, studio.structure = MemoryAccessor(), Named()
    studio.resource_identifier_transformer = Reversed(session)
    component = session.create_component(plate, {"name": "main"}, location=studio)
    assert studio.accessor.files == {"main.exr": b"pixels" * 1000}
    entry = session.query('ComponentLocation where component_id is "{0}"'.format(component["id"])).one()
    assert entry["resource_identifier"] == "rxe.niam"
    assert studio.get_resource_identifier(component) == "main.exr"
    with pytest.raises(exception.AccessorUnsupportedOperationError):
        studio.get_url(component)


def test_files_go_to_the_server_and_back(session, location, plate):
    server = session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)
    component = session.create_component(plate, {"name": "there"}, location=server)
    session.commit()
    url = server.get_url(component)
    assert url.startswith(session.server_url) and component["id"] in url
    data = server.accessor.open(server.get_resource_identifier(component))
    assert data.read(6) == b"pixels" and len(data.read()) == 5994
    data.close()
    location.add_component(component, server)
    with open(location.get_filesystem_path(component), "rb") as stored:
        assert stored.read() == b"pixels" * 1000
    assert server.get_thumbnail_url(component, size=100).endswith("size=100")


def test_mixins_change_what_a_location_does(session, plate):
    unmanaged = session.ensure("Location", {"name": "test.unmanaged"})
    ftrack_api.mixin(unmanaged, ftrack_api.entity.location.UnmanagedLocationMixin)
    unmanaged.accessor, unmanaged.structure = DiskAccessor(""), ftrack_api.structure.origin.OriginStructure()
    component = session.create_component(plate, location=unmanaged)
    assert unmanaged.get_filesystem_path(component) == plate
    unmanaged.remove_component(component)
    assert os.path.exists(plate)


def test_the_standard_structure_follows_the_hierarchy(session, new_task, plate):
    task = new_task("structured")
    asset = session.create(
        "Asset", {"name": "My Ässet", "parent": task["parent"], "type": session.query("AssetType").first()}
    )
    version = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    component = version.create_component(plate, {"name": "ma in"}, location=None)
    session.commit()
    identifier = StandardStructure().get_resource_identifier(component)
    assert identifier == "last_lantern/dawn/shot_for_structured/my_asset/v001/ma_in.exr"
    loose = session.create_component(plate, location=None)
    with pytest.raises(exception.StructureError):
        StandardStructure().get_resource_identifier(loose)


def test_disk_accessors_stay_below_their_prefix(tmp_path):
    accessor = DiskAccessor(str(tmp_path / "store"))
    accessor.make_container("a/b")
    data = accessor.open("a/b/file.txt", "wb")
    data.write(b"text")
    data.close()
    assert accessor.list("a") == ["a/b"] and accessor.is_container("a") and accessor.is_file("a/b/file.txt")
    assert accessor.get_container("a/b/file.txt") == "a/b"
    for outside in ("../other", "/etc/passwd", str(tmp_path / "store-of-others" / "x")):
        with pytest.raises(exception.AccessorFilesystemPathError):
            accessor.get_filesystem_path(outside)
    with pytest.raises(exception.AccessorContainerNotEmptyError):
        accessor.remove("a/b")
    with pytest.raises(exception.AccessorResourceNotFoundError):
        accessor.remove("missing")
    with pytest.raises(exception.AccessorResourceNotFoundError):
        accessor.open("missing")
    with pytest.raises(exception.AccessorParentResourceNotFoundError):
        accessor.make_container("x/y/z", recursive=False)
    accessor.remove("a/b/file.txt")
    accessor.remove("a/b")
    assert not accessor.exists("a/b")


class Failing(MemoryAccessor):
    """Fails at the second file."""

    def open(self, resource_identifier, mode="rb"):
        if "w" in mode and self.files:
            raise exception.AccessorPermissionDeniedError("open", resource_identifier)
        return super().open(resource_identifier, mode)


def test_either_all_components_are_added_or_none(session, tmp_path):
    paths = []
    for number in range(3):
        (tmp_path / "{0}.exr".format(number)).write_bytes(b"x")
        paths.append(str(tmp_path / "{0}.exr".format(number)))
    studio = session.ensure("Location", {"name": "test.failing"})
    studio.accessor, studio.structure = Failing(), Named()
    components = [session.create_component(path, {"name": str(n)}, location=None) for n, path in enumerate(paths)]
    session.commit()
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    with pytest.raises(exception.LocationError, match="Failed to transfer component") as raised:
        studio.add_components(components, origin)
    assert isinstance(raised.value.__cause__, exception.AccessorPermissionDeniedError)
    assert raised.value.details["error"] is raised.value.__cause__
    assert raised.value.details["component"] in components and raised.value.details["transferred"] == []
    assert studio.accessor.files == {}
    assert session.get_component_availabilities(components, [studio]) == [{studio["id"]: 0.0}] * 3


def test_components_of_a_call_are_registered_in_one_commit(session, location, tmp_path):
    frames = 20
    for frame in range(frames):
        (tmp_path / "frame.{0:02d}.exr".format(frame)).write_bytes(b"x")
    sequence = session.create_component("{0}/frame.%02d.exr [0-{1}]".format(tmp_path, frames - 1), location=None)
    session.commit()
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    trace = session.trace()
    location.add_component(sequence, origin)
    assert trace.request_count <= 6
    assert location.get_component_availability(sequence) == 100.0
    trace = session.trace()
    location.remove_component(sequence)
    assert trace.request_count <= 6


def test_components_that_are_there_are_named_and_nothing_is_done(session, location, plate, tmp_path):
    there = session.create_component(plate, {"name": "there"}, location=location)
    (tmp_path / "other.exr").write_bytes(b"x")
    absent = session.create_component(str(tmp_path / "other.exr"), {"name": "absent"}, location=None)
    session.commit()
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    with pytest.raises(exception.ComponentInLocationError) as raised:
        location.add_components([absent, there], origin)
    assert raised.value.details["components"] == [there] and raised.value.details["location"] is location
    assert location.get_component_availability(absent) == 0.0
    with pytest.raises(exception.ComponentNotInLocationError) as raised:
        location.remove_components([there, absent])
    assert raised.value.details["components"] == [absent]
    assert location.get_component_availability(there) == 100.0


class Refusing(Named):
    def get_resource_identifier(self, entity, context=None):
        assert context == {"source_resource_identifier": context["source_resource_identifier"]}
        raise exception.StructureError("No place for {0}.".format(entity["name"]))


def test_what_a_structure_raises_is_the_cause(session, location, plate):
    location.structure = Refusing()
    component = session.create_component(plate, {"name": "homeless"}, location=None)
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    with pytest.raises(exception.LocationError, match="No place for homeless") as raised:
        location.add_component(component, origin)
    assert type(raised.value.__cause__) is exception.StructureError
    session.rollback()


def test_classes_may_change_how_a_location_copies(session, plate, tmp_path):
    copied = []

    class Linking:
        def _add_data(self, component, resource_identifier, source):
            copied.append((component["name"], resource_identifier))

    linked = session.ensure("Location", {"name": "test.linking"})
    ftrack_api.mixin(linked, Linking)
    linked.accessor, linked.structure = DiskAccessor(str(tmp_path / "linked")), Named()
    component = session.create_component(plate, {"name": "linked"}, location=linked)
    assert copied == [("linked", "linked.exr")]
    assert linked.get_resource_identifier(component) == "linked.exr"
    assert not os.path.exists(linked.get_filesystem_path(component))


def test_locations_in_memory_tell_nobody(session, plate, tmp_path):
    cache = session.ensure("Location", {"name": "test.in-memory"})
    ftrack_api.mixin(cache, ftrack_api.entity.location.MemoryLocationMixin)
    cache.accessor, cache.structure = DiskAccessor(str(tmp_path / "cache")), ftrack_api.structure.id.IdStructure()
    component = session.create_component(plate, {"name": "cached"}, location=cache)
    session.commit()
    assert os.path.exists(cache.get_filesystem_path(component))
    assert session.query('ComponentLocation where component_id is "{0}"'.format(component["id"])).all() == []
    cache.remove_component(component)
    with pytest.raises(exception.ComponentNotInLocationError):
        cache.get_resource_identifier(component)


def test_accessors_of_subclasses_are_asked(session, plate, tmp_path):
    asked = []

    class Counting(DiskAccessor):
        def get_filesystem_path(self, resource_identifier):
            asked.append(resource_identifier)
            return super().get_filesystem_path(resource_identifier)

    counted = session.ensure("Location", {"name": "test.counting"})
    counted.accessor, counted.structure = Counting(str(tmp_path / "counted")), Named()
    session.create_component(plate, {"name": "counted"}, location=counted)
    assert "counted.exr" in asked
    with open(str(tmp_path / "counted" / "counted.exr"), "rb") as stored:
        assert stored.read() == b"pixels" * 1000


def test_structures_that_cannot_be_held_weakly_work_as_well(session, plate, tmp_path):
    class Bare:
        __slots__ = ()

        def get_resource_identifier(self, entity, context=None):
            return "{0}{1}".format(entity["name"], entity["file_type"])

    bare = session.ensure("Location", {"name": "test.bare"})
    bare.accessor, bare.structure = DiskAccessor(str(tmp_path / "bare")), Bare()
    component = session.create_component(plate, {"name": "bare"}, location=bare)
    assert bare.get_filesystem_path(component) == str(tmp_path / "bare" / "bare.exr")
