"""Chapter "Managing jobs"."""

import json

from _support import file, raises, session as start

session = start()
user = session.query('User where username is "{0}"'.format(session.api_user)).one()
job = session.create("Job", {"user": user, "status": "running"})
described = session.create(
    "Job",
    {
        "user": user,
        "status": "running",
        "data": json.dumps({"description": "My custom job description."}),
    },
)
session.commit()
described["status"] = "done"
session.commit()
with start() as other:
    assert other.get("Job", job["id"])["status"] == "running"
    read = other.get("Job", described["id"])
    assert read["status"] == "done"
    assert read["type"] == "api_job"
    assert json.loads(read["data"])["description"] == "My custom job description."
    assert read["user"]["id"] == user["id"]
with raises(ValueError):
    session.create("Job", {"user": user, "status": "running", "type": "another"})

# Attachments.
server_location = session.query('Location where name is "ftrack.server"').one()
component = session.create_component(file("notes.txt"), data={"name": "My file"}, location=server_location)
session.create("JobComponent", {"component_id": component["id"], "job_id": job["id"]})
session.commit()
with start() as other:
    location = other.query('Location where name is "ftrack.server"').one()
    attached = other.get("Job", job["id"])["job_components"]
    assert [found["component"]["name"] for found in attached] == ["My file"]
    url = location.get_url(attached[0]["component"])
    assert component["id"] in url
session.close()
