"""Chapter "Querying": criteria, operators, relations, projections, paging."""

import ftrack_api

from _support import names, raises, session as start

session = start()


def count(query):
    return len(session.query(query).all())


# Comparisons, in words and in symbols.
assert count('Project where name is "last_lantern"') == 1
assert count('Project where name = "last_lantern"') == 1
assert count('Project where name is_not "last_lantern"') == count("Project") - 1
assert count('Project where name != "last_lantern"') == count("Project") - 1
assert count('Shot where name like "01%"') == count('Shot where name is "010"')
assert count('Shot where name not_like "01%"') == count('Shot where name != "010"')
assert count("Task where bid > 0") + count("Task where bid <= 0") == count("Task")
assert count("Task where bid greater_than 0") == count("Task where bid > 0")
assert count("Task where bid less_than 100000000") == count("Task where bid < 100000000")
assert count('Task where start_date after "2000-01-01"') == count("Task where start_date is_not None")
assert count('Task where start_date before "2000-01-01"') == 0
assert count('Status where name in ("In progress", "Completed")') == 2
assert count('Status where name not_in ("In progress", "Completed")') == count("Status") - 2

# Logic.
assert count('Shot where (name is "010" or name is "020") and not parent.name is "storm"') == 4 + count(
    'Shot where name in ("010", "020") and project.name is_not "last_lantern"'
)
assert count('Task where not timelogs any ()') + count("Task where timelogs any ()") == count("Task")

# Relations: scalar ones, collections, and both along a path.
assert count('Task where status.name is "Completed"') == count('Task where status has (name is "Completed")')
assert count('Task where parent has (name is "010" and parent.name is "harbour")') == 4
assert count('User where assignments any (context.project.name is "last_lantern")') > 3
assert count('Task where assignments any (resource.username = "john")') > 0
assert count('Shot where descendants any (name is "lighting")') == 12
assert count('Task where ancestors any (name is "harbour")') == 16

# Projections bring what they name, along references and collections.
session.auto_populate = False
shots = session.query(
    'select name, parent.name, children.name, children.status.name from Shot where parent.name is "harbour"'
).all()
assert names(shots) == ["010", "020", "030", "040"]
for shot in shots:
    assert shot["parent"]["name"] == "harbour"
    assert len(shot["children"]) == 4
    assert all(task["status"]["name"] for task in shot["children"])
session.auto_populate = True

# Populating.
tasks = session.query('Task where parent.parent.name is "harbour"').all()
session.populate(tasks, "bid, status.name, type.name")
session.auto_populate = False
assert all(task["status"]["name"] and task["type"]["name"] for task in tasks)
session.auto_populate = True

# Order, offset and limit; one and first.
ordered = session.query("select name from Shot where parent.name is \"storm\" order by name descending").all()
assert [shot["name"] for shot in ordered] == ["050", "040", "030", "020", "010"]
part = session.query("Shot where parent.name is \"storm\" order by name offset 1 limit 2").all()
assert [shot["name"] for shot in part] == ["020", "030"]
assert session.query('User where username is "jane"').one()["username"] == "jane"
assert session.query('User where username is "no one"').first() is None
with raises(ftrack_api.exception.NoResultFoundError):
    session.query('User where username is "no one"').one()
with raises(ftrack_api.exception.MultipleResultsFoundError):
    session.query("User").one()

# What cannot be answered is refused, and the session goes on.
for query in ("Task where nothing_like_it is 1", "select nothing_like_it from Task", "Task where name is"):
    with raises(ftrack_api.exception.ServerError):
        session.query(query).all()
assert count("Project") > 2
session.close()
