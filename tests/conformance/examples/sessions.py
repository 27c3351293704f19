"""Chapter "Understanding sessions"."""

import os

import ftrack_api

# [sessions 1]
session = ftrack_api.Session(
    server_url=os.environ["FTRACK_SERVER"],
    api_key=os.environ["FTRACK_API_KEY"],
    api_user=os.environ["FTRACK_API_USER"],
)
print(session.server_url, session.api_user)

# [sessions 2]
session = ftrack_api.Session()
print(session.server_url, session.api_user)

# [sessions 3]
user = session.create('User', {})
user['username'] = 'martin'
other_user = session.create('User', {'username': 'bjorn'})
other_user['email'] = 'bjorn@example.com'

# [sessions 4]
for operation in session.recorded_operations:
    print(operation)

# [sessions 5]
session.commit()
print(len(session.recorded_operations))

# [sessions 6]
user = session.create('User', {'username': 'some_unique_username'})
query = 'User where username is "{0}"'.format(user['username'])
print(len(session.query(query)))
session.commit()
print(len(session.query(query)))

# [sessions 7]
user = session.query('User').first()
user['email'] = 'me@example.com'
retrieved = session.query(
    'User where id is "{0}"'.format(user['id'])
).one()
print(retrieved['email'])
print(retrieved is user)

# [sessions 8]
session = ftrack_api.Session()
user = session.query('User').first()
print(user['username'])

# [sessions 9]
print(user['username'])

# [sessions 10]
with session.auto_populating(False):
    print(user['email'])

# [sessions 11]
print(session.types.keys())

# [sessions 12]
entity = session.query('Project').first()
print(isinstance(entity, session.types['Project']), isinstance(entity, session.types['Task']))
