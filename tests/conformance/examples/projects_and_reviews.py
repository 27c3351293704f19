"""Usage examples: working with projects, working with components, using review sessions."""

from _support import file, new_version

# [projects 1]
import ftrack_api

session = ftrack_api.Session()

# [projects 2]
import uuid

# Create a unique name for the project.
name = 'projectname_{0}'.format(uuid.uuid1().hex)
# Naively pick the first project schema. For this example to work the
# schema must contain `Shot` and `Sequence` object types.
project_schema = session.query('ProjectSchema').first()
# Create the project with the chosen schema.
project = session.create('Project', {
    'name': name,
    'full_name': name + '_full',
    'project_schema': project_schema
})
# Retrieve default types.
default_shot_status = project_schema.get_statuses('Shot')[0]
default_task_type = project_schema.get_types('Task')[0]
default_task_status = project_schema.get_statuses(
    'Task', default_task_type['id']
)[0]
# Create sequences, shots and tasks.
for sequence_number in range(1, 5):
    sequence = session.create('Sequence', {
        'name': 'seq_{0}'.format(sequence_number),
        'parent': project
    })
    for shot_number in range(1, 5):
        shot = session.create('Shot', {
            'name': '{0}0'.format(shot_number).zfill(3),
            'parent': sequence,
            'status': default_shot_status
        })
        for task_number in range(1, 5):
            session.create('Task', {
                'name': 'task_{0}'.format(task_number),
                'parent': shot,
                'status': default_task_status,
                'type': default_task_type
            })
# Commit all changes to the server.
session.commit()
print(len(session.query('Task where project.id is "{0}"'.format(project['id']))))

# [components 1]
version = new_version(session)
component = version.create_component(file('file_or_sequence.jpg'))
session.commit()
print(component['name'], component['file_type'], component['size'])

# [review sessions 1]
project = session.query('Project where name is "last_lantern"').one()
review_sessions = session.query(
    'ReviewSession where name is "Weekly review"'
)
project_review_sessions = project['review_sessions']

# [review sessions 2]
review_session = session.create('ReviewSession', {
    'name': 'Weekly review',
    'description': 'See updates from last week.',
    'project': project
})

# [review sessions 3]
asset_version = version
review_session_object = session.create('ReviewSessionObject', {
    'name': 'Compositing',
    'description': 'Fixed shadows.',
    'version': 'Version 3',
    'review_session': review_session,
    'asset_version': asset_version
})
session.commit()

# [review sessions 4]
session.reset()
review_session = session.get('ReviewSession', review_session['id'])
review_session_objects = review_session['review_session_objects']
print(review_session_objects[0]['name'])

# [review sessions 5]
invitee = session.create('ReviewSessionInvitee', {
    'name': 'John Doe',
    'email': 'john.doe@example.com',
    'review_session': review_session
})
session.commit()
invitees = review_session['review_session_invitees']

# [review sessions 6]
another = session.create('ReviewSessionInvitee', {
    'name': 'Jane Doe',
    'email': 'jane.doe@example.com',
    'review_session': review_session
})
session.commit()
session.delete(another)
session.commit()
print(session.query('ReviewSessionInvitee where name is "Jane Doe"').all())

# [review sessions 7]
session.send_review_session_invite(invitee)

# [review sessions 8]
a_list_of_invitees = [invitee]
session.send_review_session_invites(a_list_of_invitees)
