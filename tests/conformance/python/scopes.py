"""Chapter "Using scopes"."""

from _support import session as start

session = start()
tasks = session.query('Task where scopes.name is "London"').all()
assert tasks
task = tasks[0]
scope = session.query('Scope where name is "London"')[0]
assert scope in task["scopes"]
task["scopes"].remove(scope)
session.commit()
with start() as other:
    assert task["id"] not in [found["id"] for found in other.query('Task where scopes.name is "London"')]
task["scopes"].append(scope)
session.commit()
with start() as other:
    read = other.get("Task", task["id"])
    assert [scope["name"] for scope in read["scopes"]] == ["London"]
    assert task["id"] in [found["id"] for found in other.query('Task where scopes.name is "London"')]
session.close()
