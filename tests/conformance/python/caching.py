"""Chapter "Caching": one entity per identity, and a cache on disk between sessions."""

import os
import tempfile

import ftrack_api.cache

from _support import session as start

session = start()
user = session.query('User where username is "jane"').one()
assert session.get("User", user["id"]) is user
assert session.query('User where id is "{0}"'.format(user["id"])).one() is user

path = os.path.join(tempfile.mkdtemp(), "cache.dbm")


def cache_maker(session):
    return ftrack_api.cache.SerialisedCache(
        ftrack_api.cache.FileCache(path), encode=session.encode, decode=session.decode
    )


with start(cache=cache_maker) as writer:
    cached = writer.query('select email, username from User where username is "jane"').one()
    assert cached["email"] == "jane@studio.example"

with start(cache=cache_maker) as reader:
    reader.auto_populate = False
    read = reader.get("User", user["id"])
    assert read["email"] == "jane@studio.example"
    assert read["username"] == "jane"
session.close()
