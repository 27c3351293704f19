"""Chapter "Working with entities"."""

import ftrack_api

from _support import new_task, session as start

session = start()
task = new_task(session, "of_examples")
author = session.query('User where username is "jane"').one()
task.create_note("The first note", author=author)
session.create("Timelog", {"user": author, "context": task, "duration": 60.0, "name": "first"})
session.commit()
session = start()

# [entities 1]
note = session.query('Note where content is "The first note"').first()
print(note.keys())
print(note['content'])
note['content'] = 'A different message!'
reply = note.create_reply('A reply', author=session.query('User where username is "jane"').one())
session.commit()
print(note['content'])

# [entities 2]
task = session.query('Task where name is "of_examples"').first()
print(task.keys())

# [entities 3]
for attribute in sorted(type(task).attributes, key=lambda attribute: attribute.name):
    print(attribute)
    print(attribute.name, attribute.mutable, attribute.computed)

# [entities 4]
# Scalar
print(task['name'])
task['name'] = 'comp'
print(task['name'])
# Single reference
print(task['status'])
new_status = session.query('Status').first()
task['status'] = new_status
print(task['status'])
# Collection
print(task['timelogs'])
print(task['timelogs'][:])
new_timelog = session.create('Timelog', {'user': task['timelogs'][0]['user'], 'duration': 120.0, 'name': 'second'})
task['timelogs'].append(new_timelog)
print(task['timelogs'][:])
session.commit()

# [entities 5]
new_user = session.create('User', {'username': 'martin'})

# [entities 6]
print(new_user['id'])

# [entities 7]
print(new_user['first_name'])

# [entities 8]
task = session.query('Task where name is "comp"').first()
task['bid'] = 8
print(task['bid'])
session.commit()

# [entities 9]
with session.auto_populating(False):
    task = session.query('Task').first()
    task['bid'] = 8
    print(task['bid'])
session.commit()

# [entities 10]
session.create('User', {'username': 'other_test_user', 'is_active': True})
session.commit()
answer = session.reset_remote(
    'api_key', entity=session.query('User where username is "other_test_user"').one()
)
print(sorted(answer))

# [entities 11]
task_to_delete = session.query('Task where name is "comp"').first()
session.delete(task_to_delete)
session.commit()
print(task_to_delete['name'])
print(session.query('Task where name is "comp"').all())
print(session.query('Note where content is "A different message!"').all())

# [entities 12]
session = start()
users = session.query('User')
session.populate(users, 'first_name, last_name')
with session.auto_populating(False):
    for user in users:
        print('Name: {0}'.format(user['first_name']))
        print('Email: {0}'.format(user['email']))

# [entities 13]
import ftrack_api.inspection

new_user = session.create('User', {})
print(ftrack_api.inspection.state(new_user))
existing_user = session.query('User').first()
print(ftrack_api.inspection.state(existing_user))
existing_user['email'] = 'martin@example.com'
print(ftrack_api.inspection.state(existing_user))
session.delete(new_user)
print(ftrack_api.inspection.state(new_user))
