"""Usage examples: managing jobs, using notes, using lists, using timers."""

import json

import ftrack_api

from _support import file, new_task, new_version, raises

session = ftrack_api.Session()

# [jobs 1]
user = session.query('User where username is "{0}"'.format(session.api_user)).one()
job = session.create('Job', {
    'user': user,
    'status': 'running'
})

# [jobs 2]
job = session.create('Job', {
    'user': user,
    'status': 'running',
    'data': json.dumps({
        'description': 'My custom job description.'
    })
})
session.commit()

# [jobs 3]
job['status'] = 'done'
session.commit()
print(ftrack_api.Session().get('Job', job['id'])['status'])

# [jobs 4]
server_location = session.query(
    'Location where name is "ftrack.server"'
).one()
for job_component in job['job_components']:
    print('Download URL: {0}'.format(
        server_location.get_url(job_component['component'])
    ))

# [jobs 5]
server_location = session.query(
    'Location where name is "ftrack.server"'
).one()
# Create component and name it "My file".
component = session.create_component(
    file('file'),
    data={'name': 'My file'},
    location=server_location
)
# Attach the component to the job.
session.create(
    'JobComponent',
    {'component_id': component['id'], 'job_id': job['id']}
)
session.commit()
again = ftrack_api.Session()
server_location = again.query('Location where name is "ftrack.server"').one()
for job_component in again.get('Job', job['id'])['job_components']:
    print('Download URL: {0}'.format(
        server_location.get_url(job_component['component'])
    ))

# [notes 1]
new_task(session, 'with_notes')
task = session.query('Task where name is "with_notes"').first()
# Retrieve notes using notes property.
notes_on_task = task['notes']
# Or query them.
notes_on_task = session.query('Note where parent_id is "{}"'.format(
    task['id']
))

# [notes 2]
# This won't work in the current version of the API.
with raises(ftrack_api.exception.ServerError):
    session.query('Note where parent.id is "{}"'.format(
        task['id']
    )).all()

# [notes 3]
user = session.query('User').first()
# Create note using the helper method.
note = task.create_note('My new note', author=user)
# Manually create a note
note = session.create('Note', {
    'content': 'My new note',
    'author': user
})
task['notes'].append(note)
session.commit()

# [notes 4]
# Create using helper method.
first_note_on_task = task['notes'][0]
first_note_on_task.create_reply('My new reply on note', author=user)
# Create manually
reply = session.create('Note', {
    'content': 'My new note',
    'author': user
})
first_note_on_task['replies'].append(reply)
session.commit()
print(sorted(reply['content'] for reply in first_note_on_task['replies']))

# [notes 5]
label = session.query(
    'NoteLabel where name is "External Note"'
).first()
note = task.create_note(
    'New note with external category', author=user, labels=[label]
)

# [notes 6]
label = session.query(
    'NoteLabel where name is "External Note"'
).first()
note = session.create('Note', {
    'content': 'New note with external category',
    'author': user
})
session.create('NoteLabelLink', {
    'note_id': note['id'],
    'label_id': label['id']
})
task['notes'].append(note)

# [notes 7]
category = session.query(
    'NoteCategory where name is "External Note"'
).first()
note = task.create_note(
    'New note with external category', author=user, category=category
)
session.commit()
print(len(session.query('Note where note_label_links.label.name is "External Note"').all()))

# [notes 8]
john = session.query('User where username is "john"').one()
animation_group = session.query('Group where name is "Animation"').first()
note = task.create_note(
    'Note with recipients', author=user, recipients=[john, animation_group]
)
session.commit()
print(len(note['recipients']))

# [notes 9]
server_location = session.query(
    'Location where name is "ftrack.server"'
).one()
for note_component in note['note_components']:
    print('Download URL: {0}'.format(
        server_location.get_url(note_component['component'])
    ))

# [notes 10]
server_location = session.query(
    'Location where name is "ftrack.server"'
).one()
# Create component and name it "My file".
component = session.create_component(
    file('file'),
    data={'name': 'My file'},
    location=server_location
)
# Attach the component to the note.
session.create(
    'NoteComponent',
    {'component_id': component['id'], 'note_id': note['id']}
)
session.commit()
again = ftrack_api.Session()
server_location = again.query('Location where name is "ftrack.server"').one()
for note_component in again.get('Note', note['id'])['note_components']:
    print('Download URL: {0}'.format(
        server_location.get_url(note_component['component'])
    ))

# [lists 1]
asset_version = new_version(session, 'listed')
project = session.query('Project where name is "last_lantern"').one()
list_category = session.query('ListCategory').first()
asset_version_list = session.create('AssetVersionList', {
    'owner': user,
    'project': project,
    'category': list_category
})
task_list = session.create('TypedContextList', {
    'owner': user,
    'project': project,
    'category': list_category
})
session.commit()

# [lists 2]
asset_version_list['items'].append(asset_version)
task_list['items'].append(task)
session.commit()
print(len(ftrack_api.Session().get('TypedContextList', task_list['id'])['items']))

# [lists 3]
asset_version_list['items'].remove(asset_version)
task_list['items'].remove(task)
session.commit()
print(len(ftrack_api.Session().get('TypedContextList', task_list['id'])['items']))

# [timers 1]
user = session.query('User where username is "john"').one()
user.start_timer(task)

# [timers 2]
timelog = user.stop_timer()
print(timelog['context_id'] == task['id'], timelog['duration'] < 60)

# [timers 3]
user.start_timer(task)
with raises(ftrack_api.exception.NotUniqueError):
    user.start_timer(task)
session.rollback()
user.start_timer(task, force=True)
print(len(session.query('Timer where user_id is "{0}"'.format(user['id'])).all()))
