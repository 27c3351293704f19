"""What the scripts share."""

import contextlib
import os
import tempfile

import ftrack_api


def session(**arguments):
    """A session with the server of the environment, without plugins."""
    arguments.setdefault("plugin_paths", [])
    return ftrack_api.Session(**arguments)


@contextlib.contextmanager
def raises(kind, text=""):
    """Fails unless an error of this kind, with this text in its message, is raised."""
    try:
        yield
    except kind as error:
        assert text in str(error), "{0!r} is not in {1!r}".format(text, str(error))
    else:
        raise AssertionError("nothing was raised, expected {0}".format(kind.__name__))


def names(entities):
    """The names of entities, sorted."""
    return sorted(entity["name"] for entity in entities)


def new_task(session, name="task"):
    """A new task, committed, on a shot of its own in the demo production."""
    project = session.query('Project where name is "last_lantern"').one()
    sequence = session.query('Sequence where name is "dawn"').one()
    shot = session.create("Shot", {"name": "shot_for_" + name, "parent": sequence})
    schema = project["project_schema"]
    kind = schema.get_types("Task")[0]
    status = schema.get_statuses("Task", kind["id"])[0]
    task = session.create(
        "Task", {"name": name, "parent": shot, "type": kind, "status": status}
    )
    session.commit()
    return task


def new_version(session, name="asset"):
    """A new version, committed, of a new asset, for a new task."""
    task = new_task(session, "task_for_" + name)
    kind = session.query('AssetType where name is "Geometry"').one()
    asset = session.create("Asset", {"name": name, "type": kind, "parent": task["parent"]})
    version = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    return version


def file(name, content=b"content of a file"):
    """The path of a new file in a folder of its own."""
    path = os.path.join(tempfile.mkdtemp(), name)
    with open(path, "wb") as handle:
        handle.write(content)
    return path


def picture(name="picture.png", width=8, height=6):
    """The path of a new picture, a grey PNG."""
    import struct
    import zlib

    def chunk(kind, data):
        checksum = struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
        return struct.pack(">I", len(data)) + kind + data + checksum

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    content = b"\x89PNG\r\n\x1a\n"
    content += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    content += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return file(name, content)
