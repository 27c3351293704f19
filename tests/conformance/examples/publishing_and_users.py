"""Usage examples: publishing versions, security roles, task templates, LDAP, inviting users."""

import json
import tempfile

import ftrack_api
import ftrack_api.accessor.disk
import ftrack_api.structure.id

from _support import file, new_task

session = ftrack_api.Session()
task_id = new_task(session, 'published')['id']
location = session.ensure('Location', {'name': 'my-location'})
location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=tempfile.mkdtemp())
location.structure = ftrack_api.structure.id.IdStructure()
location.priority = 3

# [publishing 1]
# Get a task from a given id.
task = session.get('Task', task_id)

# [publishing 2]
asset_parent = task['parent']

# [publishing 3]
asset_type = session.query('AssetType where name is "Geometry"').one()
asset = session.create('Asset', {
    'name': 'My asset',
    'type': asset_type,
    'parent': asset_parent
})
asset_version = session.create('AssetVersion', {
    'asset': asset,
    'task': task
})
session.commit()
print(asset_version['version'])

# [publishing 4]
asset_version.create_component(
    file('file.mov'), location='auto'
)
asset_version.create_component(
    file('another-file.mov'), location='auto'
)
session.commit()
print(len(session.query('Component where version_id is "{0}"'.format(asset_version['id']))))

# [publishing 5]
location = session.query('Location where name is "my-location"').one()
component = asset_version.create_component(
    file('file.mov'),
    data={
        'name': 'foobar'
    },
    location=location
)
print(location.get_component_availability(component))

# [security roles 1]
security_roles = session.query(
    'select name from SecurityRole where type is "PROJECT"'
)

# [security roles 2]
user = session.query('User where username is "{0}"'.format(session.api_user)).one()
for user_security_role in user['user_security_roles']:
    if user_security_role['is_all_projects']:
        result_string = 'all projects'
    else:
        result_string = ', '.join(
            [project['full_name'] for project in user_security_role['projects']]
        )
    print('User has security role "{0}" which is valid on {1}.'.format(
        user_security_role['security_role']['name'],
        result_string
    ))

# [security roles 3]
user_security_roles = session.query(
    'UserSecurityRole where user.username is "{0}"'.format(session.api_user)
).all()

# [security roles 4]
user = session.create('User', {'username': 'with_roles'})
session.commit()
project_manager_role = session.query(
    'SecurityRole where name is "Project Manager"'
).one()
session.create('UserSecurityRole', {
    'is_all_projects': True,
    'user': user,
    'security_role': project_manager_role
})
session.commit()

# [security roles 5]
user = session.create('User', {'username': 'with_some_roles'})
session.commit()
projects = session.query(
    'Project where full_name is "The Last Lantern" or full_name is "Developer tutorial"'
).all()[:]
session.create('UserSecurityRole', {
    'user': user,
    'security_role': project_manager_role,
    'projects': projects
})
session.commit()
print(len(ftrack_api.Session().get('User', user['id'])['user_security_roles']))

# [task templates 1]
project = session.query('Project where name is "last_lantern"').first()
for task_template in project['project_schema']['task_templates']:
    print('\ntask template: {0}'.format(
        task_template['name']
    ))
    for task_type in [t['task_type'] for t in task_template['items']]:
        print('\ttask type: {0}'.format(
            task_type['name']
        ))

# [task templates 2]
task_template = sorted(
    project['project_schema']['task_templates'], key=lambda template: template['name']
)[0]
for task_type in [t['task_type'] for t in task_template['items']]:
    session.create(
        'Task', {
            'name': task_type['name'],
            'type': task_type,
            'parent': project
        }
    )
session.commit()
print(len(session.query('Task where parent_id is "{0}"'.format(project['id']))))

# [ldap 1]
result = session.call([
    dict(
        action='delayed_job',
        job_type='SYNC_USERS_LDAP'
    )
])
job = result[0]['data']

# [ldap 2]
if job.get('status') == 'failed':
    # The job failed get the error.
    print(job.get('data'))

# [invitations 1]
user_email = 'artist@mail.vfx-company.com'
new_user = session.create(
    'User', {
        'username': user_email,
        'email': user_email,
        'is_active': True
    }
)
session.commit()

# [invitations 2]
new_user.send_invite()
