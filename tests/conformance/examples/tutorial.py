"""Chapter "Tutorial"."""

import os

from _support import raises

# [tutorial 1]
import ftrack_api

session = ftrack_api.Session(
    server_url=os.environ["FTRACK_SERVER"],
    api_key=os.environ["FTRACK_API_KEY"],
    api_user=os.environ["FTRACK_API_USER"],
)

# [tutorial 2]
print(session.types.keys())

# [tutorial 3]
projects = session.query('Project')

# [tutorial 4]
print(projects[0].keys())

# [tutorial 5]
for project in projects:
    print(project['name'])

# [tutorial 6]
active_projects = session.query('Project where status is active')

# [tutorial 7]
import arrow

active_projects_ending_before_next_week = session.query(
    'Project where status is active and end_date before "{0}"'
    .format(arrow.now().shift(weeks=+1))
)

# [tutorial 8]
project = session.query('Project').first()
print(project['children'])

# [tutorial 9]
child = project['children'][0]
print(child['parent'] is project)

# [tutorial 10]
results = session.query(
    'Context where parent.name like "la%"'
)

# [tutorial 11]
new_sequence = session.create('Sequence', {
    'name': 'Starlord Reveal'
})

# [tutorial 12]
new_sequence['description'] = 'First hero character reveal.'
print(new_sequence['description'])

# [tutorial 13]
new_sequence['parent'] = project
print(new_sequence['parent'])

# [tutorial 14]
project['children'].append(new_sequence)

# [tutorial 15]
session.commit()
print(project['children'])

# [tutorial 16]
with ftrack_api.Session() as session:
    print(session.query('User').first())
print(session.closed)

# [tutorial 17]
with raises(ftrack_api.exception.ConnectionClosedError):
    session.query('Project').first()
