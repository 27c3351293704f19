"""Chapter "Querying"."""

import ftrack_api

session = ftrack_api.Session()

# [querying 1]
projects = session.query('Project')

# [querying 2]
for project in projects:
    print(project['name'])

# [querying 3]
projects = session.query('Project').all()

# [querying 4]
projects = session.query('Project where status is active')

# [querying 5]
projects = session.query(
    'Project where status is active and name like "%lantern"'
)

# [querying 6]
projects = session.query(
    'Project where status is active and '
    '(name like "%lantern" or full_name like "%tutorial")'
)

# [querying 7]
project = session.query('Project where name is "last_lantern"').one()
tasks_in_project = session.query(
    'Task where project.id is "{0}"'.format(project['id'])
)
print(len(tasks_in_project))

# [querying 8]
tasks_completed_in_project = session.query(
    'Task where project.id is "{0}" and '
    'status.state.name is "Done"'
    .format(project['id'])
)

# [querying 9]
import arrow

tasks_with_time_logged_today = session.query(
    'Task where timelogs.start >= "{0}"'.format(arrow.now().floor('day'))
)

# [querying 10]
notes_written_by_jane_doe = session.query(
    'Note where author has (first_name is "Jane" and last_name is "Doe")'
)

# [querying 11]
notes_written_by_jane_doe = session.query(
    'Note where author.first_name is "Jane" and author.last_name is "Doe"'
)

# [querying 12]
project['metadata']['some_key'] = 'some_value'
session.commit()
projects_where_some_key_is_some_value = session.query(
    'Project where metadata any (key=some_key and value=some_value)'
)

# [querying 13]
users_without_timelogs = session.query(
    'User where not timelogs any ()'
)

# [querying 14]
print(session.query('User where username is "jane"').all())
print(session.query('User where username = "jane"').all())
print(len(session.query('User where username is_not "jane"')))
print(len(session.query('User where username != "jane"')))
print(len(session.query('Task where start_date > "2015-06-01"')))
print(len(session.query('Task where start_date after "2015-06-01"')))
print(len(session.query('Task where bid greater_than 10')))
print(len(session.query('Task where end_date < "2015-06-01"')))
print(len(session.query('Task where end_date before "2015-06-01"')))
print(len(session.query('Task where bid less_than 10')))
print(len(session.query('Task where bid >= 10')))
print(len(session.query('Task where bid <= 10')))
print(len(session.query('Task where status.name in ("In progress", "Completed")')))
print(len(session.query('Task where status.name not_in ("Omitted", "On hold")')))
print(session.query('Project where name like "%lantern"').all())
print(len(session.query('Project where name not_like "%lantern"')))
print(len(session.query('Note where author has (first_name is "Jane" and last_name is "Doe")')))
print(session.query('Project where metadata any (key=some_key and value=some_value)').all())

# [querying 15]
projects = session.query('Project')
for project in projects:
    print(
        '{project[full_name]} - {project[project_schema][name]})'
        .format(project=project)
    )

# [querying 16]
projects = session.query(
    'select full_name, project_schema.name from Project'
)
for project in projects:
    print(
        '{project[full_name]} - {project[project_schema][name]})'
        .format(project=project)
    )
