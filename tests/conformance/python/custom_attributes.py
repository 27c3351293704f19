"""Chapter "Using custom attributes"."""

import ftrack_api

from _support import raises, session as start

session = start()
shot = session.query('Shot where name is "010" and parent.name is "harbour"').one()
assert "fstart" in shot["custom_attributes"].keys()
assert dict(shot["custom_attributes"].items())["fstart"] == 1001
assert shot["custom_attributes"]["fstart"] == 1001
shot["custom_attributes"]["fstart"] = 1010
session.commit()
with start() as other:
    assert other.get("Shot", shot["id"])["custom_attributes"]["fstart"] == 1010

found = session.query('Shot where custom_attributes any (key is "fstart" and value is "1010")').all()
assert [entity["id"] for entity in found] == [shot["id"]]

# On a new entity, in one commit.
made = session.create("Shot", {"name": "with_attributes", "parent": shot["parent"]})
made["custom_attributes"]["fstart"] = 7
session.commit()
with start() as other:
    assert other.get("Shot", made["id"])["custom_attributes"]["fstart"] == 7

# Values are checked by the server.
shot["custom_attributes"]["fstart"] = "test"
with raises(ftrack_api.exception.ServerError, 'Custom attribute value for "fstart" must be of type number'):
    session.commit()
session.rollback()
with raises(KeyError):
    shot["custom_attributes"]["no_such_key"] = "a"
session.close()
