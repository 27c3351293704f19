"""Chapter "Managing custom attribute configurations"."""

import json

import arrow
import ftrack_api

from _support import new_version, raises, session as start

session = start()
assert session.query("CustomAttributeConfiguration").all()
role = session.query('SecurityRole where name is "Administrator"').one()
group = session.query("CustomAttributeGroup").first()


def kind(name):
    return session.query('CustomAttributeType where name is "{0}"'.format(name)).first()


def configure(key, type_name, default, config=None, **more):
    data = {
        "entity_type": "assetversion",
        "type": kind(type_name),
        "label": key,
        "key": key,
        "default": default,
        "write_security_roles": [role],
        "read_security_roles": [role],
    }
    if config is not None:
        data["config"] = json.dumps(config)
    data.update(more)
    made = session.create("CustomAttributeConfiguration", data)
    session.commit()
    return made


choices = json.dumps([{"menu": "Foo", "value": "foo"}, {"menu": "Bar", "value": "bar"}])
text = configure("a_text", "text", "bar", {"markdown": False})
configure("a_number", "number", 42, {"isdecimal": True})
configure("a_choice", "enumerator", ["bar"], {"multiSelect": True, "data": choices}, group=group)
configure("a_date", "date", arrow.Arrow(2017, 2, 8))
configure("a_flag", "boolean", False)

version = new_version(session, "configured")
with start() as other:
    values = other.get("AssetVersion", version["id"])["custom_attributes"]
    assert values["a_text"] == "bar"
    assert values["a_number"] == 42
    assert values["a_choice"] == ["bar"]
    assert values["a_flag"] is False

# Changing the default affects new entities only.
text["default"] = "other"
session.commit()
later = new_version(session, "configured_later")
with start() as other:
    assert other.get("AssetVersion", version["id"])["custom_attributes"]["a_text"] == "bar"
    assert other.get("AssetVersion", later["id"])["custom_attributes"]["a_text"] == "other"

# Project specific, then global; never the other way round.
project = session.query('Project where name is "last_lantern"').one()
local = configure("local", "text", "", {"markdown": False}, project_id=project["id"])
local["project_id"] = None
session.commit()
local["project_id"] = project["id"]
with raises(ftrack_api.exception.ServerError):
    session.commit()
session.rollback()

# For folders.
object_type = session.query('ObjectType where name is "Folder"').one()
configure("foo", "text", "bar", entity_type="task", object_type_id=object_type["id"])

# Without a role nobody sees it.
session.create(
    "CustomAttributeConfiguration",
    {
        "entity_type": "assetversion",
        "type": kind("text"),
        "label": "hidden",
        "key": "hidden",
        "default": "bar",
        "config": json.dumps({"markdown": False}),
    },
)
session.commit()
with start() as other:
    assert "hidden" not in other.get("AssetVersion", version["id"])["custom_attributes"].keys()
session.close()
