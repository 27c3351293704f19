"""Values of custom attributes that somebody set, and those that are the default of their configuration."""

import json

import ftrack_api

from _support import raises, session as start

TYPED = "ContextCustomAttributeValue"
EXPLICIT = "CustomAttributeValue"

session = start()
shot_type = session.query('ObjectType where name is "Shot"').one()
configuration = session.query(
    'CustomAttributeConfiguration where key is "fstart" and object_type_id is "{0}"'.format(shot_type["id"])
).one()
sequence = session.query('Sequence where name is "dawn"').one()
shot = session.create("Shot", {"name": "explicit", "parent": sequence})
session.commit()
key = [configuration["id"], shot["id"]]


def rows(entity_type):
    """The values of the shot for the configuration, as a new session finds them."""
    with start() as other:
        found = other.query(
            'select value from {0} where configuration_id is "{1}" and entity_id is "{2}"'.format(entity_type, *key)
        ).all()
        return [row["value"] for row in found]


def of_shot():
    with start() as other:
        return other.get("Shot", shot["id"])["custom_attributes"]["fstart"]


# Nobody set it: there is no explicit row, and the typed one holds the default.
default = configuration["default"]
assert default is not None
assert rows(EXPLICIT) == []
assert rows(TYPED) == [default] and of_shot() == default

# There is nothing to update.
operation = {"action": "update", "entity_type": EXPLICIT, "entity_key": key, "entity_data": {"value": 5}}
with raises(ftrack_api.exception.ServerError, "CustomAttributeValue"):
    session.call([operation])
assert rows(EXPLICIT) == []

# It is created once.
data = {"configuration_id": key[0], "entity_id": key[1], "value": 5}
session.create(EXPLICIT, data)
session.commit()
assert rows(EXPLICIT) == [5] and rows(TYPED) == [5] and of_shot() == 5
with start() as other:
    other.create(EXPLICIT, data)
    with raises(ftrack_api.exception.ServerError):
        other.commit()
assert rows(EXPLICIT) == [5]

# Then it is updated, by either row.
session.call([operation | {"entity_data": {"value": 6}}])
assert rows(EXPLICIT) == [6] and of_shot() == 6
with start() as other:
    other.get("Shot", shot["id"])["custom_attributes"]["fstart"] = 7.5
    other.commit()
assert rows(EXPLICIT) == [7.5], "a number takes fractions, whatever its presentation"

# Deleted, it is the default again.
session.call([{"action": "delete", "entity_type": EXPLICIT, "entity_key": key}])
assert rows(EXPLICIT) == []
assert rows(TYPED) == [default] and of_shot() == default

# By the mapping of the client, on a persisted entity, what is set becomes explicit, be it the default.
with start() as other:
    other.get("Shot", shot["id"])["custom_attributes"]["fstart"] = default + 1
    other.commit()
assert rows(EXPLICIT) == [default + 1]
found = session.query(
    'Shot where custom_attributes any (key is "fstart" and value is "{0}") and name is "explicit"'.format(default + 1)
).all()
assert [entity["id"] for entity in found] == [shot["id"]]

# Configurations that are made without a default have that of their type, although the client sends an empty text.
role = session.query('SecurityRole where name is "Administrator"').one()
choices = json.dumps([{"menu": "Foo", "value": "foo"}, {"menu": "Bar", "value": "bar"}])
config = {"enumerator": {"multiSelect": False, "data": choices}}
for name, expected in (("text", ""), ("number", 0), ("boolean", False), ("url", None)):
    made = session.create(
        "CustomAttributeConfiguration",
        {
            "entity_type": "task",
            "object_type_id": shot_type["id"],
            "type": session.query('CustomAttributeType where name is "{0}"'.format(name)).one(),
            "label": name,
            "key": "default_" + name,
            "config": json.dumps(config.get(name, {})),
            "read_security_roles": [role],
            "write_security_roles": [role],
        },
    )
    session.commit()
    with start() as other:
        assert other.get("CustomAttributeConfiguration", made["id"])["default"] == expected, name

# An enumerator takes what it lists, as a list, and one only unless it says otherwise.
session.create(
    "CustomAttributeConfiguration",
    {
        "entity_type": "task",
        "object_type_id": shot_type["id"],
        "type": session.query('CustomAttributeType where name is "enumerator"').one(),
        "label": "choice",
        "key": "choice",
        "default": ["foo"],
        "config": json.dumps(config["enumerator"]),
        "read_security_roles": [role],
        "write_security_roles": [role],
    },
)
session.commit()
with start() as other:
    values = other.get("Shot", shot["id"])["custom_attributes"]
    assert values["choice"] == ["foo"]
    choice = other.query('CustomAttributeConfiguration where key is "choice"').one()
    operation = {"action": "update", "entity_type": TYPED, "entity_key": [choice["id"], shot["id"]]}
    for wrong in (["baz"], "bar", ["foo", "bar"]):
        with raises(ftrack_api.exception.ServerError):
            other.call([operation | {"entity_data": {"value": wrong}}])
    values["choice"] = ["bar"]
    other.commit()
with start() as other:
    assert other.get("Shot", shot["id"])["custom_attributes"]["choice"] == ["bar"]

# A hierarchical attribute is null where nobody set it; its default is not inherited by the interface.
session.create(
    "CustomAttributeConfiguration",
    {
        "entity_type": "show",
        "is_hierarchical": True,
        "type": session.query('CustomAttributeType where name is "text"').one(),
        "label": "camera",
        "key": "hierarchical_camera",
        "default": "A",
        "config": json.dumps({"markdown": False}),
        "read_security_roles": [role],
        "write_security_roles": [role],
    },
)
session.commit()
with start() as other:
    child = other.get("Shot", shot["id"])
    assert child["custom_attributes"]["hierarchical_camera"] is None
    child["parent"]["custom_attributes"]["hierarchical_camera"] = "B"
    other.commit()
with start() as other:
    child = other.get("Shot", shot["id"])
    assert child["parent"]["custom_attributes"]["hierarchical_camera"] == "B"
    assert child["custom_attributes"]["hierarchical_camera"] is None
session.close()
