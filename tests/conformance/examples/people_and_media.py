"""Usage examples: assignments and allocations, thumbnails, encoding media, entity links, web review."""

import json
import time

import ftrack_api

from _support import file, new_task, new_version, picture

session = ftrack_api.Session()

# [assignments 1]
# Retrieve a project
project = session.query('Project where name is "last_lantern"').first()
# Set to hold all users part of the project team
project_team = set()
# Add all allocated groups and users
for allocation in project['allocations']:
    # Resource may be either a group or a user
    resource = allocation['resource']
    # If the resource is a group, add its members
    if isinstance(resource, session.types['Group']):
        for membership in resource['memberships']:
            user = membership['user']
            project_team.add(user)
    # The resource is a user, add it.
    else:
        user = resource
        project_team.add(user)
print(sorted(user['username'] for user in project_team))

# [assignments 2]
# Retrieve a task and the current user
new_task(session, 'assigned')
task = session.query('Task where name is "assigned"').first()
current_user = session.query(
    u'User where username is {0}'.format(session.api_user)
).one()
# Create a new Appointment of type assignment.
session.create('Appointment', {
    'context': task,
    'resource': current_user,
    'type': 'assignment'
})
# Finally, persist the new assignment
session.commit()

# [assignments 3]
users = session.query(
    'select first_name, last_name from User '
    'where assignments any (context_id = "{0}")'.format(task['id'])
)
for user in users:
    print(user['first_name'], user['last_name'])

# [assignments 4]
assigned_tasks = session.query(
    'select link from Task '
    'where assignments any (resource.username = "{0}")'.format(session.api_user)
)
paths = [u' / '.join(item['name'] for item in task['link']) for task in assigned_tasks]
print(sorted(paths))

# [thumbnails 1]
my_task_id = task['id']
task = session.get('Task', my_task_id)
thumbnail_component = task.create_thumbnail(picture())
print(task['thumbnail_id'] == thumbnail_component['id'])

# [thumbnails 2]
task = session.get('Task', my_task_id)
server_location = session.query(
    'Location where name is "ftrack.server"'
).one()
thumbnail_component = session.create_component(
    picture(),
    dict(name='thumbnail'),
    location=server_location
)
task['thumbnail'] = thumbnail_component
session.commit()
print(ftrack_api.Session().get('Task', my_task_id)['thumbnail']['id'] == thumbnail_component['id'])

# [thumbnails 3]
version = new_version(session, 'pictured')
version.create_thumbnail(picture())
my_asset_version_id = version['id']
asset_version = session.get('AssetVersion', my_asset_version_id)
asset_parent = asset_version['asset']['parent']
asset_parent['thumbnail_id'] = asset_version['thumbnail_id']
session.commit()
print(asset_parent['thumbnail_id'] == asset_version['thumbnail_id'])

# [thumbnails 4]
import ftrack_api.symbol

server_location = session.get('Location', ftrack_api.symbol.SERVER_LOCATION_ID)
thumbnail_url = server_location.get_thumbnail_url(thumbnail_component)
thumbnail_url_tiny = server_location.get_thumbnail_url(
    thumbnail_component, size=100
)
thumbnail_url_large = server_location.get_thumbnail_url(
    thumbnail_component, size=500
)


def finished(job):
    """Wait for job to finish, and return it in a session of its own."""
    end = time.time() + 30
    while time.time() < end:
        found = ftrack_api.Session().get('Job', job['id'])
        if found['status'] in ('done', 'failed'):
            return found
        time.sleep(0.1)
    raise AssertionError('the job did not end')


# [encoding 1]
job = session.encode_media(picture())
job_data = json.loads(job['data'])
print('Source component id', job_data['source_component_id'])
print('Keeping original component', job_data['keep_original'])
for output in job_data['output']:
    print(u'Output component - id: {0}, format: {1}'.format(
        output['component_id'], output['format']
    ))
status = finished(job)['status']

# [encoding 2]
job = asset_version.encode_media(picture())
status = finished(job)['status']
print(sorted(
    component['name']
    for component in ftrack_api.Session().get('AssetVersion', my_asset_version_id)['components']
))

# [encoding 3]
job = session.encode_media(picture())
# Wait for job to finish.
job = finished(job)
location = job.session.query('Location where name is "ftrack.server"').one()
for component in job['job_components']:
    print(location.get_url(component['component']))

# [encoding 4]
component = session.create_component(picture(), location=None)
session.commit()
origin = session.query('Location where name is "ftrack.origin"').one()
location = session.query('Location where name is "ftrack.server"').one()
location.add_component(component, origin)
session.commit()
job = session.encode_media(component)
status = finished(job)['status']

# [entity links 1]
shot = session.query('Shot where name is "010" and parent.name is "harbour"').one()
for link in shot['incoming_links']:
    print(link['from'], link['to'])

# [entity links 2]
from_asset_version, to_asset_version = new_version(session, 'model'), new_version(session, 'rig')
session.create('AssetVersionLink', {
    'from': from_asset_version,
    'to': to_asset_version
})
session.commit()

# [entity links 3]
model_version, rig_version = new_version(session, 'other_model'), new_version(session, 'other_rig')
rig_version['uses_versions'].append(model_version)
session.commit()

# [entity links 4]
model_version = ftrack_api.Session().get('AssetVersion', model_version['id'])
for version in model_version['used_in_versions']:
    print('{0} is using {1}'.format(version, model_version))

# [web review 1]
# Retrieve or create version.
version = session.query('AssetVersion where id is "{0}"'.format(my_asset_version_id)).one()
server_location = session.query('Location where name is "ftrack.server"').one()
filepath = file('file.mp4')
component = version.create_component(
    path=filepath,
    data={
        'name': 'ftrackreview-mp4'
    },
    location=server_location
)
# Meta data needs to contain *frameIn*, *frameOut* and *frameRate*.
component['metadata']['ftr_meta'] = json.dumps({
    'frameIn': 0,
    'frameOut': 150,
    'frameRate': 25
})
component.session.commit()

# [web review 2]
# Retrieve or create version.
version = new_version(session, 'of_an_image')
server_location = session.query('Location where name is "ftrack.server"').one()
filepath = picture()
component = version.create_component(
    path=filepath,
    data={
        'name': 'ftrackreview-image'
    },
    location=server_location
)
# Meta data needs to contain *format*.
component['metadata']['ftr_meta'] = json.dumps({
    'format': 'image'
})
component.session.commit()
print(dict(ftrack_api.Session().get('FileComponent', component['id'])['metadata']))
