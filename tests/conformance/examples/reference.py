"""The reference of the interface, and the notes of releases."""

import os
import tempfile

import ftrack_api
import ftrack_api.accessor.disk
import ftrack_api.inspection

session = ftrack_api.Session()

# [reference 1]
accessor = ftrack_api.accessor.disk.DiskAccessor('/mountpoint')
print(accessor.get_filesystem_path('test.txt'))
print(accessor.get_filesystem_path('/mountpoint/test.txt'))

# [reference 2]
from ftrack_api.cache import MemoryCache, Memoiser, ObjectKeyMaker

called = []
memoiser = Memoiser(MemoryCache(), ObjectKeyMaker())


def add(x, y):
    "Return sum of *x* and *y*."
    called.append('Called')
    return x + y


print(memoiser.call(add, (1, 2), {}))
print(memoiser.call(add, (1, 2), {}))
print(memoiser.call(add, (1, 3), {}))
print(called)

# [reference 3]
project = session.query('Project where name is "last_lantern"').one()
project['metadata']['foo'] = 'bar'
session.commit()
mapped = project['metadata']
print(mapped['foo'])
mapped['bam'] = 'biz'
print(sorted(row['value'] for row in mapped.collection))
print(mapped.collection[-1]['key'], mapped.collection[-1]['value'])
session.commit()

# [reference 4]
entity = session.query('select id from User').first()
with session.auto_populating(False):
    print(entity['email'])
print(session.auto_populate)

# [reference 5]
entity = session.query('Sequence where name is "harbour"').one()
with session.operation_recording(False):
    entity['description'] = 'change_not_recorded'
print(len(session.recorded_operations))

# [reference 6]
# First time, a new entity with `username=martin` is created.
entity = session.ensure('User', {'username': 'martin'})
# After that, the existing entity is retrieved.
entity = session.ensure('User', {'username': 'martin'})
# When existing entity retrieved, entity may also be updated to
# match supplied data.
entity = session.ensure(
    'User', {'username': 'martin', 'email': 'martin@example.com'}, identifying_keys=['username']
)
print(entity['email'])

# [reference 7]
user = session.ensure('User', {'username': 'martin'})
print(user['username'])
with session.auto_populating(False):
    created = session.create('User', {'username': 'deleted'})
    del created['username']
    print(created['username'])
session.rollback()

# [reference 8]
print(ftrack_api.inspection.state(user))

# [reference 9]
print(list(ftrack_api.inspection.primary_key(user).keys()))
print(tuple(ftrack_api.inspection.primary_key(user).values()) == (user['id'],))
