"""What programs in production send: spellings, values and names that the documentation does not show."""

import ftrack_api

from _support import names, new_version, raises, session as start

session = start()

# Equality of text ignores case; that of keys and ids does not.
assert session.query('ObjectType where name is "task"').one()["name"] == "Task"
assert names(session.query('ObjectType where name in ("shot", "SEQUENCE")')) == ["Sequence", "Shot"]
project = session.query('Project where name is "LAST_LANTERN"').one()
assert not session.query('Project where id is "{0}"'.format(project["id"].upper())).all()

# `not in` and `not like` in two words, and patterns with escapes.
assert len(session.query('Status where name not in ("In progress")').all()) == len(session.query("Status").all()) - 1
assert len(session.query('Shot where name not like "01%"').all()) == len(
    session.query('Shot where name not_like "01%"').all()
)
assert session.query('Project where name like "last\\_lantern"').one() == project
assert not session.query('Project where name like "last\\%"').all()

# An empty list is an error; an empty text among numbers is not.
with raises(ftrack_api.exception.ServerError, "ParseError(Failed to parse: "):
    session.query("Task where id in ()").all()
assert not session.query('AssetVersion where version in ("")').all()

# ftrack Connect asks for the id of settings, which have none.
session.create("Setting", {"name": "practice", "group": "TEST", "value": "1"})
session.commit()
setting = session.query('select id from Setting where name is "practice" and group is "TEST"').one()
assert setting["name"] == "practice"

# Numbers as metadata, and text where a number belongs.
project["metadata"]["fps"] = 24
session.commit()
session.reset()
project = session.query('Project where name is "last_lantern"').one()
assert project["metadata"]["fps"] == "24"
version = new_version(session, "practice")
version["version"] = "7"
session.commit()
session.reset()
assert session.get("AssetVersion", version["id"])["version"] == 7

# A project without a schema gets the first one.
bare = session.create("Project", {"name": "bare", "full_name": "Bare"})
session.commit()
session.reset()
assert session.get("Project", bare["id"])["project_schema"] is not None

# A thumbnail's address is an object, also where there is no thumbnail.
assert session.get("Project", bare["id"])["thumbnail_url"]["value"].startswith("http")

# Names outside ASCII log in as the client sends them.
user = session.create("User", {"username": "Jürgen", "is_active": True})
session.commit()
key = user.reset_api_key() if hasattr(user, "reset_api_key") else session.reset_remote("api_key", entity=user)["api_key"]
other = start(api_user="Jürgen", api_key=key)
assert other.query('User where username is "Jürgen"').one()["id"] == user["id"]
