"""Commits with very many creates: each is whole or not there."""

from _support import new_task
from _support import session as start

COUNT = 300

session = start()
task = new_task(session, "beside_a_large_batch")
for number in range(COUNT):
    session.create("Task", {"name": "one_of_many_{0:03}".format(number), "parent": task["parent"]})
session.commit()
with start() as other:
    found = other.query('select name, parent_id from Task where name like "one_of_many_%"').all()
    assert len(found) == COUNT
    assert {entity["parent_id"] for entity in found} == {task["parent_id"]}

# The last one has a name that there is already.
for number in range(COUNT):
    session.create("Task", {"name": "one_of_none_{0:03}".format(number), "parent": task["parent"]})
session.create("Task", {"name": "one_of_many_000", "parent": task["parent"]})
try:
    session.commit()
except Exception as error:
    assert "already" in str(error)
else:
    raise AssertionError("a name was given twice")
with start() as other:
    assert not other.query('Task where name like "one_of_none_%"').all()
    # What is deleted with its parent goes with it, however many there are.
    other.delete(other.get("Shot", task["parent_id"]))
    other.commit()
with start() as last:
    assert not last.query('Task where name like "one_of_many_%"').all()
