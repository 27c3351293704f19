"""Chapter "Using timers"."""

import ftrack_api

from _support import new_task, raises, session as start

session = start()
user = session.query('User where username is "john"').one()
task = new_task(session, "timed")
timer = user.start_timer(task, comment="at work")
assert timer["start"]
with raises(ftrack_api.exception.NotUniqueError):
    user.start_timer(task)
session.rollback()
timelog = user.stop_timer()
with start() as other:
    read = other.get("Timelog", timelog["id"])
    assert read["context_id"] == task["id"]
    assert read["user_id"] == user["id"]
    assert read["comment"] == "at work"
    assert 0 <= read["duration"] < 60
    assert not other.query('Timer where user_id is "{0}"'.format(user["id"])).all()
with raises(ftrack_api.exception.NoResultFoundError):
    user.stop_timer()
user.start_timer(task)
second = user.start_timer(task, force=True)
with start() as other:
    running = other.query('Timer where user_id is "{0}"'.format(user["id"])).all()
    assert [timer["id"] for timer in running] == [second["id"]]
    assert len(other.query('Timelog where context_id is "{0}"'.format(task["id"])).all()) == 2
session.close()
