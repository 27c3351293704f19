"""Chapter "Caching"."""

import functools
import os
import tempfile

import ftrack_api
import ftrack_api.cache
import ftrack_api.inspection
import ftrack_api.symbol

session = ftrack_api.Session()
user_id = session.query('User where timelogs any ()').first()['id']
session = ftrack_api.Session()

# [caching 1]
user = session.get('User', user_id)
same = session.get('User', user_id)
print(same is user)

# [caching 2]
timelog = user['timelogs'][0]
with session.auto_populating(False):
    print(timelog['comment'])
session.query(
    'select comment from Timelog where id is "{0}"'
    .format(timelog['id'])
).all()
with session.auto_populating(False):
    print(timelog['comment'])

# [caching 3]
# Specify where the file based cache should be stored.
cache_path = os.path.join(tempfile.mkdtemp(), 'ftrack_session_cache.dbm')


def cache_maker(session):
    """Return cache to use for *session*."""
    return ftrack_api.cache.SerialisedCache(
        ftrack_api.cache.FileCache(cache_path),
        encode=session.encode,
        decode=session.decode
    )


# Create the session using the cache maker.
session = ftrack_api.Session(cache=cache_maker)
print(session.query('select username, email from User where id is "{0}"'.format(user_id)).one()['email'])
session = ftrack_api.Session(cache=cache_maker)
with session.auto_populating(False):
    print(session.get('User', user_id)['email'])

# [caching 4]
print(session.cache)
print([type(cache).__name__ for cache in session.cache.caches[1:]])

# [caching 5]
class SelectiveCache(ftrack_api.cache.ProxyCache):
    """Proxy cache that won't cache newly created entities."""

    def set(self, key, value):
        """Set *value* for *key*."""
        if isinstance(value, ftrack_api.entity.base.Entity):
            if (
                ftrack_api.inspection.state(value)
                is ftrack_api.symbol.CREATED
            ):
                return

        super(SelectiveCache, self).set(key, value)


# [caching 6]
cache_path = os.path.join(tempfile.mkdtemp(), 'second.dbm')


def cache_maker(session):
    """Return cache to use for *session*."""
    return SelectiveCache(
        ftrack_api.cache.SerialisedCache(
            ftrack_api.cache.FileCache(cache_path),
            encode=session.encode,
            decode=session.decode
        )
    )


session = ftrack_api.Session(cache=cache_maker)
created = session.create('User', {'username': 'not_cached'})
print([key for key in session.cache.caches[1].keys() if created['id'] in key])

# [caching 7]
def cache_maker(session):
    """Return cache to use for *session*."""
    return SelectiveCache(
        ftrack_api.cache.SerialisedCache(
            ftrack_api.cache.FileCache(cache_path),
            encode=functools.partial(
                session.encode,
                entity_attribute_strategy='persisted_only'
            ),
            decode=session.decode
        )
    )


# [caching 8]
session = ftrack_api.Session(cache=cache_maker)
user = session.get('User', user_id)
user['email'] = 'changed@example.com'
other = ftrack_api.Session(cache=cache_maker)
print(other.get('User', user_id)['email'])
