"""Article "Aggregate results with group by": rows of values, sent with call in strict mode."""

import ftrack_api

from _support import raises, session as start

session = start(strict_api=True)


def rows(expression, using=session):
    return using.call([{"action": "query", "expression": expression}])[0]["data"]


# The example of the documentation: how many tasks have which status in which project.
status_lookup = {status["id"]: status["name"] for status in session.query("select id, name from Status")}
project_lookup = {project["id"]: project["name"] for project in session.query("select id, name from Project")}
tasks = session.query("select status_id, project_id, bid from Task").all()
groups = rows("select count(id) from Task group by project_id, status_id")
for row in groups:
    assert row["status_id"] in status_lookup and row["project_id"] in project_lookup, row
    same = [
        task
        for task in tasks
        if task["status_id"] == row["status_id"] and task["project_id"] == row["project_id"]
    ]
    assert row["count_id"] == len(same), row
assert sum(row["count_id"] for row in groups) == len(tasks)

# Every function, with a filter, an order and a page.
lantern = session.query('Project where name is "last_lantern"').one()
expression = (
    "select count(id), sum(bid), avg(bid), min(bid), max(bid) from Task "
    'where project_id is "{0}" group by status_id order by count_id descending'.format(lantern["id"])
)
groups = rows(expression)
assert groups == sorted(groups, key=lambda row: -row["count_id"])
for row in groups:
    bids = [
        task["bid"]
        for task in tasks
        if task["project_id"] == lantern["id"] and task["status_id"] == row["status_id"]
    ]
    assert row["count_id"] == len(bids)
    assert abs(row["sum_bid"] - sum(bids)) < 1e-6
    assert abs(row["avg_bid"] - sum(bids) / len(bids)) < 1e-6
    assert row["min_bid"] == min(bids) and row["max_bid"] == max(bids)
assert rows(expression + " offset 1 limit 1") == groups[1:2]

# It takes a group, numbers, and strict mode.
for wrong in [
    "select count(id) from Task",
    "select count(id), name from Task group by status_id",
    "select sum(name) from Task group by status_id",
    "select count(id) from Task group by status.name",
]:
    with raises(ftrack_api.exception.ServerError):
        rows(wrong)
with raises(ftrack_api.exception.ServerError, "strict"):
    rows("select count(id) from Task group by status_id", start())
