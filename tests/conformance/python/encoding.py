"""Chapter "Encoding media"."""

import json
import time

from _support import file, new_version, picture, session as start


def finished(session, job):
    """The state that the job ends in."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = session.query("select status from Job where id is {0}".format(job["id"])).one()["status"]
        if status in ("done", "failed"):
            return status
        time.sleep(0.05)
    raise AssertionError("the job did not end")


session = start()

# A file: it is uploaded, and removed again when it has been encoded.
job = session.encode_media(picture())
data = json.loads(job["data"])
assert data["source_component_id"]
with start() as other:
    assert finished(other, job) == "done"
    outputs = json.loads(other.get("Job", job["id"])["data"])["output"]
    assert len(outputs) >= 1
    for output in outputs:
        component = other.get("FileComponent", output["component_id"])
        assert component["size"] > 0
        location = component["component_locations"][0]["location"]
        assert location.get_url(component).startswith(session.server_url)

# A version: what comes out belongs to it, and an image is its thumbnail.
version = new_version(session, "encoded")
job = version.encode_media(picture())
with start() as other:
    assert finished(other, job) == "done"
    found = other.get("AssetVersion", version["id"])
    assert "ftrackreview-image" in [component["name"] for component in found["components"]]
    assert found["thumbnail_id"]

# Something that nobody can encode ends as a failed job, not as an error.
job = session.encode_media(file("notes.txt", b"neither an image nor a video"))
with start() as other:
    assert finished(other, job) == "failed"
session.close()
