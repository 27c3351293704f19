"""Chapter "Understanding sessions"."""

import ftrack_api
import ftrack_api.symbol

from _support import raises, session as start

session = start()

# Unit of work: nothing is sent before the commit, and it is one transaction.
user = session.create("User", {})
user["username"] = "martin"
other_user = session.create("User", {"username": "bjorn"})
other_user["email"] = "bjorn@example.com"
assert len(session.recorded_operations) == 4
query = 'User where username is "martin"'
assert len(session.query(query)) == 0
session.commit()
assert len(session.query(query)) == 1
assert not session.recorded_operations

# Local changes survive queries.
user = session.query("User").first()
user["email"] = "me@example.com"
retrieved = session.query('User where id is "{0}"'.format(user["id"])).one()
assert retrieved["email"] == "me@example.com"
assert retrieved is user
session.rollback()
assert user["email"] != "me@example.com"

# Auto-population.
with start() as other:
    user = other.query('User where username is "jane"').one()
    with other.auto_populating(False):
        assert user["email"] is ftrack_api.symbol.NOT_SET
    assert user["email"] == "jane@studio.example"

# Both halves of a batch, or neither.
session.create("User", {"username": "carla"})
session.create("User", {"username": "john"})
with raises(ftrack_api.exception.ServerError, "DuplicateEntryError"):
    session.commit()
assert len(session.created) == 2
assert not session.query('User where username is "carla"').all()
session.rollback()
assert not session.created

# Credentials.
with raises(ftrack_api.exception.ServerError):
    start(api_key="not-the-key")
with raises(ftrack_api.exception.ServerError):
    start(api_user="nobody")
with raises(ftrack_api.exception.ServerError):
    start(api_key="not-the-key", strict_api=True)

# The version check and the schema cache of a second start.
assert session.server_information["version"]
assert set(start().types) == set(session.types)

# Ensuring, getting and resetting.
made = session.ensure("User", {"username": "ensured", "email": "a@example.com"}, identifying_keys=["username"])
again = session.ensure("User", {"username": "ensured", "email": "b@example.com"}, identifying_keys=["username"])
assert made is again
with start() as other:
    assert other.get("User", made["id"])["email"] == "b@example.com"
    assert other.get("User", "no-such-id") is None
session.reset()
session.close()
