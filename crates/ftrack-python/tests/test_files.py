"""Many files: verifying locations, bringing to one what another has, publishing anew, downloading."""

from __future__ import annotations

import os
import shutil
import threading

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust import exception
from ftrack_rust.accessor.disk import DiskAccessor
from ftrack_rust.files import CancellationToken, UploadControl, UploadStatus
from ftrack_rust.structure.base import Structure
from ftrack_rust.structure.id import IdStructure

from test_locations import MemoryAccessor, Named


@pytest.fixture
def make_location(session, tmp_path):
    def make(name):
        location = session.ensure_location("test." + name)
        location.accessor = DiskAccessor(str(tmp_path / name))
        location.structure = IdStructure()
        location.priority = 1
        return location

    return make


@pytest.fixture
def render(tmp_path):
    """Writes frames, and returns the path of the sequence."""

    def write(folder, *frames, content=b"pixels"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for frame in frames:
            (tmp_path / folder / "plate.{0:04d}.exr".format(frame)).write_bytes(content + b"%d" % frame)
        ranges = ", ".join(map(str, frames))
        return "{0}/{1}/plate.%04d.exr [{2}]".format(tmp_path, folder, ranges)

    return write


def contents(location, sequence):
    """Return what the frames of *sequence* have in *location*, by their names."""
    found = {}
    for member in sequence["members"]:
        with open(location.get_filesystem_path(member), "rb") as stored:
            found[member["name"]] = stored.read()
    return found


def test_locations_are_made_where_there_are_none(session):
    made = session.ensure_location("test.ensured")
    assert made["name"] == "test.ensured" and made is session.ensure_location("test.ensured")
    pending = session.create("Note", {"content": "not committed"})
    session.ensure_location("test.ensured-beside")
    assert session.created == [pending]
    session.rollback()
    origin = session.ensure_location("ftrack.origin")
    assert origin["id"] == ftrack_api.symbol.ORIGIN_LOCATION_ID and origin.accessor


def test_what_is_missing_or_differs_is_found_and_brought(session, make_location, render, tmp_path):
    london, archive = make_location("london"), make_location("archive")
    sequence = session.create_component(render("a", 1001, 1002, 1003), {"name": "plate"}, location=london)
    session.commit()
    found = london.verify()
    assert found.is_clean and found.checked == 3 and found.unregistered == []
    told = []
    planned = archive.sync_from(london, components=[sequence], dry_run=True)
    assert [item.reason for item in planned.wanted] == ["not-registered"] * 4 and planned.files == 0
    report = archive.sync_from(london, components=[sequence], progress=told.append)
    assert report.is_complete and (report.files, report.bytes) == (3, 30) and told[-1].files == 3
    assert contents(archive, sequence) == contents(london, sequence)
    assert archive.sync_from(london, components=[sequence]).wanted == []
    # Something happens to the files.
    one, two, three = (archive.get_filesystem_path(member) for member in sequence["members"])
    os.remove(one)
    with open(two, "wb") as file:
        file.write(b"another size")
    with open(three, "wb") as file:
        file.write(b"PIXELS1003")
    (tmp_path / "archive" / "unknown.exr").write_bytes(b"whose?")
    found = archive.verify()
    assert not found.is_clean and [file.name for file in found.missing] == ["1001"]
    assert [(file.name, file.registered_size, file.found_size) for file in found.differing] == [("1002", 10, 12)]
    assert found.unregistered == ["unknown.exr"] and found.left_over == []
    report = archive.sync_from(london, components=[sequence], checksum=True)
    assert sorted(item.reason for item in report.wanted) == ["missing", "other-content", "other-size"]
    assert contents(archive, sequence) == contents(london, sequence)
    # What the other one does not have either is told.
    for location in (archive, london):
        os.remove(location.get_filesystem_path(sequence["members"][0]))
    report = archive.sync_from(london, components=[sequence])
    (failure,) = report.failed
    assert not report.is_complete and failure.item.name == "1001"
    assert isinstance(failure.error, exception.AccessorResourceNotFoundError)


def test_what_cannot_be_brought_anywhere_is_an_error(session, make_location):
    london = make_location("london-alone")
    with pytest.raises(ValueError, match="cannot be brought to itself"):
        london.sync_from(london)
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    with pytest.raises(ValueError, match="does not know what is in"):
        london.sync_from(origin)
    with pytest.raises(ValueError, match="does not know what is in"):
        origin.verify()
    bare = session.ensure_location("test.bare-location")
    for call in (bare.verify, lambda: bare.sync_from(london), lambda: london.sync_from(bare)):
        with pytest.raises(exception.LocationError, match="No accessor|no accessor"):
            call()
    with pytest.raises(exception.NotFoundError, match="no project"):
        london.sync_from(make_location("other"), project="no such project")


def test_projects_are_brought_by_their_names(session, make_location, new_task, render):
    london, archive = make_location("london-projects"), make_location("archive-projects")
    task = new_task("synced")
    asset = session.create("Asset", {"name": "plates", "parent": task["parent"], "type": session.query("AssetType").first()})
    version = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    inside = version.create_component(render("inside", 1, 2), {"name": "inside"}, location=london)
    session.create_component(render("outside", 7), {"name": "outside"}, location=london)
    session.commit()
    report = archive.sync_from(london, project="last_lantern")
    assert report.files == 2 and archive.get_component_availability(inside) == 100.0


def test_components_are_published_anew(session, make_location, render, tmp_path):
    london, archive = make_location("london-mended"), make_location("archive-mended")
    sequence = session.create_component(render("before", 1001, 1002), {"name": "plate"}, location=london)
    session.commit()
    archive.sync_from(london, components=[sequence])
    told = []
    mended = session.mend_component(
        sequence, render("again", 1002, 1003, content=b"new pixels"), london, progress=told.append
    )
    by_name = {member["name"]: member for member in sequence["members"]}
    assert mended.replaced == [by_name["1002"]] and mended.added == [by_name["1003"]]
    assert told[-1].files == 2 and told[-1].total_files == 2
    assert contents(london, sequence) == {"1001": b"pixels1001", "1002": b"new pixels1002", "1003": b"new pixels1003"}
    assert by_name["1002"]["size"] == 14 and sequence["size"] == 10 + 14 + 14
    archive.sync_from(london, components=[sequence])
    assert contents(archive, sequence) == contents(london, sequence)
    paths = [location.get_filesystem_path(by_name["1003"]) for location in (london, archive)]
    session.drop_frames(sequence, [1003])
    assert not any(map(os.path.exists, paths)) and sequence["size"] == 24
    assert sorted(member["name"] for member in session.query(
        'FileComponent where container_id is "{0}"'.format(sequence["id"]))) == ["1001", "1002"]
    with pytest.raises(ValueError, match="has no frame 7"):
        session.drop_frames(sequence, [7])
    kept = london.get_filesystem_path(by_name["1002"])
    session.drop_frames(sequence, range(1002, 1003), forget=True)
    assert os.path.exists(kept)
    (tmp_path / "scene.ma").write_bytes(b"// one")
    scene = session.create_component(str(tmp_path / "scene.ma"), {"name": "scene"}, location=london)
    session.commit()
    (tmp_path / "later.ma").write_bytes(b"// the second one")
    assert session.mend_component(scene, tmp_path / "later.ma", london).replaced == [scene]
    assert scene["size"] == 17
    with open(london.get_filesystem_path(scene), "rb") as stored:
        assert stored.read() == b"// the second one"
    with pytest.raises(exception.ComponentNotInLocationError):
        session.mend_component(scene, tmp_path / "later.ma", archive)
    with pytest.raises(ValueError, match="nothing|cannot|is there"):
        session.mend_component(scene, tmp_path / "none.ma", london)


def test_files_are_replaced_if_that_is_wanted(session, make_location, tmp_path):
    london = make_location("london-replaced")
    path = tmp_path / "scene.ma"
    path.write_bytes(b"// one")
    scene = session.create_component(str(path), {"name": "scene"}, location=london)
    session.commit()
    path.write_bytes(b"// two")
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    with pytest.raises(exception.ComponentInLocationError):
        london.add_component(scene, origin)
    london.add_component(scene, origin, replace=True)
    with open(london.get_filesystem_path(scene), "rb") as stored:
        assert stored.read() == b"// two"
    # The file is gone: only the registration is taken back.
    os.remove(london.get_filesystem_path(scene))
    with pytest.raises(exception.AccessorResourceNotFoundError):
        london.remove_component(scene)
    london.remove_component(scene, forget=True)
    assert london.get_component_availability(scene) == 0.0

    class Linking:
        def _add_data(self, component, resource_identifier, source):
            os.link(source.get_filesystem_path(component), self.accessor.get_filesystem_path(resource_identifier))

    linked = make_location("linked")
    ftrack_api.mixin(linked, Linking)
    with pytest.raises(exception.LocationError, match="a way of its own"):
        linked.add_component(scene, origin, replace=True)


def test_components_are_copied_to_a_folder(session, make_location, render, tmp_path):
    london = make_location("london-downloaded")
    sequence = session.create_component(render("there", 1001, 1002), {"name": "plate"}, location=london)
    session.commit()
    told, folder = [], tmp_path / "here" / "deep"
    downloaded = session.download(sequence, folder, progress=told.append)
    assert downloaded.location is london and (downloaded.files, downloaded.bytes) == (2, 20)
    assert sorted(os.listdir(folder)) == ["plate.1001.exr", "plate.1002.exr"]
    assert downloaded.path == str(folder / "plate.%04d.exr [1001-1002]") and told[-1].bytes == 20
    with pytest.raises(exception.LocationError):
        # Nothing is replaced.
        session.download(sequence, folder, location=london)
    with pytest.raises(exception.ComponentNotInLocationError):
        session.download(sequence, tmp_path / "other", location=make_location("nothing-there"))
    loose = session.create_component(str(folder / "plate.1001.exr"), {"name": "loose"}, location=None)
    session.commit()
    loose_elsewhere = session.begin()
    with pytest.raises(exception.ComponentNotInAnyLocationError):
        elsewhere = loose_elsewhere.attach(loose)
        for location in loose_elsewhere.query("Location"):
            location.accessor = None
        loose_elsewhere.download(elsewhere, tmp_path / "third")
    assert not os.path.exists(tmp_path / "other") and not os.path.exists(tmp_path / "third")


def test_what_is_raised_while_files_are_copied_comes_out(session, make_location, render, tmp_path):
    london, archive = make_location("london-told"), make_location("archive-told")
    sequence = session.create_component(render("told", 1, 2), {"name": "plate"}, location=london)
    session.commit()

    def fail(progress):
        raise LookupError("nobody wants to know")

    for call in (
        lambda: archive.add_component(sequence, london, progress=fail),
        lambda: archive.sync_from(london, components=[sequence], progress=fail),
        lambda: session.download(sequence, tmp_path / "told-folder", progress=fail),
    ):
        with pytest.raises(LookupError, match="nobody wants to know"):
            call()
    assert archive.get_component_availability(sequence) in (0.0, 100.0)


def test_copying_is_cancelled_from_another_thread(session, make_location, render, tmp_path):
    london, archive = make_location("london-cancelled"), make_location("archive-cancelled")
    sequence = session.create_component(render("cancelled", 1, 2), {"name": "plate"}, location=london)
    session.commit()
    token = CancellationToken()
    assert not token.is_cancelled
    thread = threading.Thread(target=token.cancel)
    thread.start()
    thread.join()
    assert token.is_cancelled
    for call in (
        lambda: archive.add_component(sequence, london, cancellation=token),
        lambda: archive.sync_from(london, components=[sequence], cancellation=token),
        lambda: session.download(sequence, tmp_path / "cancelled-folder", cancellation=token),
        lambda: session.mend_component(
            sequence, render("cancelled-again", 1, content=b"other"), london, cancellation=token
        ),
    ):
        with pytest.raises(exception.CancelledError):
            call()
    assert archive.get_component_availability(sequence) == 0.0
    assert contents(london, sequence) == {"0001": b"pixels1", "0002": b"pixels2"}


def test_uploads_are_paused_and_go_on(session, tmp_path):
    server = session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)
    control = UploadControl()
    assert control.status == UploadStatus(0, 0, 0, None, None, False)
    control.pause()
    control.pause()
    assert control.is_paused and control.status.is_paused
    content = bytes(range(256)) * 4096
    (tmp_path / "review.mov").write_bytes(content)
    made = []

    def publish():
        path = str(tmp_path / "review.mov")
        made.append(session.create_component(path, {"name": "review"}, location=server, upload_control=control))

    uploading = threading.Thread(target=publish)
    uploading.start()
    while not control.status.total_bytes:
        assert uploading.is_alive()
    # It has begun, and nothing is sent.
    uploading.join(0.3)
    assert uploading.is_alive() and control.status == UploadStatus(0, 0, len(content), None, None, True)
    control.resume()
    uploading.join()
    (component,) = made
    assert control.status.sent_bytes == len(content) and not control.is_paused
    data = server.accessor.open(server.get_resource_identifier(component))
    assert data.read() == content
    data.close()


def test_a_paused_upload_can_be_cancelled(session, tmp_path):
    server = session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)
    (tmp_path / "never.mov").write_bytes(b"never" * 1000)
    component = session.create_component(str(tmp_path / "never.mov"), {"name": "never"}, location=None)
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    control, token, raised = UploadControl(), CancellationToken(), []
    control.pause()

    def publish():
        try:
            server.add_component(component, origin, cancellation=token, upload_control=control)
        except exception.CancelledError as error:
            raised.append(error)

    uploading = threading.Thread(target=publish)
    uploading.start()
    while not control.status.total_bytes:
        assert uploading.is_alive()
    token.cancel()
    uploading.join()
    assert len(raised) == 1 and control.status.sent_bytes == 0
    assert server.get_component_availability(component) == 0.0
    session.rollback()


def test_making_a_component_tells_how_far_it_is(session, make_location, new_task, render):
    london, told = make_location("london-made"), []
    task = new_task("made")
    asset = session.create("Asset", {"name": "made", "parent": task["parent"], "type": session.query("AssetType").first()})
    version = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    version.create_component(render("made", 1, 2), {"name": "plate"}, location=london, progress=told.append)
    assert told[-1].files == told[-1].total_files == 2 and told[-1].bytes == 14
    token = CancellationToken()
    token.cancel()
    with pytest.raises(exception.CancelledError):
        session.create_component(render("made", 3), {"name": "other"}, location=london, cancellation=token)
    session.rollback()


def test_classes_that_add_in_a_way_of_their_own_need_not_know_of_options(session, make_location, tmp_path):
    added = []

    class Counting:
        def add_components(self, components, sources, recursive=True, _depth=0):
            added.extend(components)
            super().add_components(components, sources, recursive, _depth)

        def remove_components(self, components, recursive=True):
            added.clear()
            super().remove_components(components, recursive)

    counted = make_location("counted-files")
    ftrack_api.mixin(counted, Counting)
    (tmp_path / "one.txt").write_bytes(b"1")
    component = session.create_component(str(tmp_path / "one.txt"), location=counted)
    assert added == [component]
    counted.remove_component(component)
    assert added == []


class InFolders(Structure):
    """A structure as studios write them."""

    def get_resource_identifier(self, entity, context=None):
        container = entity["container"]
        if container:
            return "{0}/{1}{2}".format(container["name"], entity["name"], entity["file_type"])
        return "{0}/{0}{1}".format(entity["name"], entity["file_type"])


def test_accessors_and_structures_of_studios_are_used(session, make_location, render, tmp_path):
    studio = session.ensure_location("test.studio-files")
    studio.accessor, studio.structure = MemoryAccessor(), InFolders()
    london = make_location("london-studio")
    sequence = session.create_component(render("studio", 1, 2), {"name": "plate"}, location=london)
    session.commit()
    assert studio.sync_from(london, components=[sequence]).files == 2
    assert studio.accessor.files == {"plate/0001.exr": b"pixels1", "plate/0002.exr": b"pixels2"}
    downloaded = session.download(sequence, tmp_path / "studio-folder", location=studio)
    assert downloaded.files == 2
    session.drop_frames(sequence, [2])
    assert list(studio.accessor.files) == ["plate/0001.exr"]
    shutil.rmtree(tmp_path / "london-studio")
    assert {file.name for file in london.verify().missing} == {"0001"}
    assert isinstance(Named(), Structure)
