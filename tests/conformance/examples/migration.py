"""Chapters "Migration notes" and "Migrating from old API": what is shown of the new interface."""

import os
import tempfile

from _support import file, new_version, picture, raises

# [migration 3]
import ftrack_api
import ftrack_api.formatter

# [migration 4]
session = ftrack_api.Session()

location = session.ensure('Location', {'name': 'my-location'})
import ftrack_api.accessor.disk
import ftrack_api.structure.id

location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=tempfile.mkdtemp())
location.structure = ftrack_api.structure.id.IdStructure()
location.priority = 3

# [migration 2]
task = session.query('Shot where name is "010" and parent.name is "harbour"').one()
# This works better.
task['custom_attributes']['fstart'] = 1002
task['custom_attributes']['fend'] = 1100
session.commit()
print(task['custom_attributes']['fstart'], task['custom_attributes']['fend'])

# [migration 5]
user = session.query('User where username is "jane"').one()
print(user.keys())
print(user['email'])
user['email'] = 'new@example.com'
print(user['email'])
session.rollback()

# [migration 6]
task = session.query('Task where name is "lighting"').first()
new_timelog = session.create('Timelog', {'user': user, 'duration': 60.0, 'name': 'migrated'})
task['timelogs'].append(new_timelog)
session.commit()
print(new_timelog in task['timelogs'])

# [migration 7]
session = ftrack_api.Session(
    server_url=os.environ["FTRACK_SERVER"],
    api_key=os.environ["FTRACK_API_KEY"],
    api_user=os.environ["FTRACK_API_USER"],
)
location = session.query('Location where name is "my-location"').one()
location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=tempfile.mkdtemp())
location.structure = ftrack_api.structure.id.IdStructure()
location.priority = 3

# [migration 8]
project = session.query('Project where name is "dev_tutorial"').one()
task = session.get('Task', task['id'])
user = session.query('User where username is "jane"').one()

# [migration 9]
tasks = session.query(
    'select name, parent.name from Task '
    'where project.full_name is "The Last Lantern" '
    'and status.state.short is "DONE" '
    'and not timelogs any ()'
).all()

# [migration 10]
project = session.query('Project where name is "dev_tutorial"').one()
# Get default task type and status from project schema
project_schema = project['project_schema']
default_shot_status = project_schema.get_statuses('Shot')[0]
default_task_type = project_schema.get_types('Task')[0]
default_task_status = project_schema.get_statuses(
    'Task', default_task_type['id']
)[0]
# Create sequence
sequence = session.create('Sequence', {
    'name': '101',
    'parent': project
})
# Create five shots with one task each
for shot_number in range(10, 60, 10):
    shot = session.create('Shot', {
        'name': '{0:03d}'.format(shot_number),
        'parent': sequence,
        'status': default_shot_status
    })
    session.create('Task', {
        'name': 'Task name',
        'parent': shot,
        'status': default_task_status,
        'type': default_task_type
    })
# Commit all changes to the server.
session.commit()
print(len(session.query('Task where parent.parent.id is "{0}"'.format(sequence['id']))))

# [migration 11]
user = session.query('User where username is "john"').one()
user['email'] = 'john@example.com'
session.commit()

# [migration 12]
import arrow

task_id = session.query('Task where name is "Task name"').first()['id']
task_new_api = session.get('Task', task_id)
print(task_new_api['start_date'])
# In the new API, utilize the arrow library when updating a datetime.
task_new_api['start_date'] = arrow.utcnow().floor('day')
session.commit()
print(task_new_api['start_date'])

# [migration 13]
task_new_api = session.query('Shot where name is "010" and parent.name is "harbour"').one()
print(task_new_api['custom_attributes']['fstart'])
task_new_api['custom_attributes']['fstart'] = 1003
session.commit()

# [migration 14]
# Query a shot and a task to create the asset against.
shot = session.query(
    'Shot where project.name is "dev_tutorial" '
    'and parent.name is "001" and name is "010"'
).one()
task = shot['children'][0]
# Create new asset.
asset_type = session.query('AssetType where short is "geo"').first()
asset = session.create('Asset', {
    'parent': shot,
    'name': 'forest',
    'type': asset_type
})
# Create a new version for the asset.
status = session.query('Status where name is "Pending Review"').one()
version = session.create('AssetVersion', {
    'asset': asset,
    'status': status,
    'comment': 'Added more leaves.',
    'task': task
})
# In the new API, the version number is not set until we persist the changes
print('Version number before commit: {0}'.format(version['version']))
session.commit()
print('Version number after commit: {0}'.format(version['version']))
# Add some components.
preview_path = file('forest_preview.mov')
preview_component = version.create_component(preview_path, location='auto')
model_path = file('forest_mode.ma')
model_component = version.create_component(model_path, {
    'name': 'model'
}, location='auto')
# Publish. Newly created version defaults to being published in the new api,
# but if set to false you can update it by setting the key on the version.
version['is_published'] = True
# Persist the changes
session.commit()
# Add thumbnail to version.
thumbnail = version.create_thumbnail(
    picture('forest_thumbnail.png')
)
# Set thumbnail on other objects without duplicating it.
task['thumbnail'] = thumbnail
session.commit()

# [migration 15]
shot = session.query(
    'Shot where project.name is "dev_tutorial" '
    'and parent.name is "001" and name is "010"'
).one()

# [migration 16]
parents = []
for item in task['link'][:-1]:
    parents.append(session.get(item['type'], item['id']))
print([parent['name'] for parent in parents])

# [migration 1]
# This will result in an error.
task = session.query('Shot where name is "010" and parent.name is "harbour"').one()
with raises(Exception):
    task['custom_attributes'] = dict(foo='baz', bar=2)
    session.commit()
