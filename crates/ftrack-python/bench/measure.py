"""One client at work, in a process of its own: ``measure.py official|ours SCENARIO URL``.

Prints a line of JSON for each step: processor and wall time in seconds, the highest memory of the process in KiB, and a
figure that both clients have to agree on. Nothing else of the standard library is imported before the clock starts.
"""

import sys
from time import perf_counter, process_time

SCALARS = [
    "id", "name", "description", "start_date", "end_date", "created_at", "bid", "sort", "time_logged",
    "context_type", "object_type_id", "priority_id", "status_id", "type_id", "parent_id", "project_id",
    "created_by_id", "thumbnail_id",
]
NESTED = [
    "status.name", "status.color", "status.sort", "type.name", "type.color", "priority.name", "priority.value",
    "parent.name", "project.name", "project.full_name",
]
#: What is read of each task: fifteen plain values, three of them times, and five references.
READ = SCALARS[:15] + ["status", "type", "priority", "parent", "project"]


class Clock:
    """Times a step and prints it."""

    def __init__(self, step):
        self.step, self.check = step, None

    def __enter__(self):
        self.wall, self.cpu = perf_counter(), process_time()
        return self

    def __exit__(self, kind, *_):
        wall, cpu = perf_counter() - self.wall, process_time() - self.cpu
        if kind is not None:
            return
        import json

        check = self.check() if callable(self.check) else self.check
        print(json.dumps({"step": self.step, "cpu": cpu, "wall": wall, "memory": memory(), "check": check}), flush=True)


def memory():
    """The highest memory that this process had, in KiB."""
    try:
        with open("/proc/self/status") as status:
            return int(next(line for line in status if line.startswith("VmHWM:")).split()[1])
    except OSError:
        return None


def session(url):
    """A session without plugins, with schemas from disk as in every start but the first."""
    import ftrack_api

    return ftrack_api.Session(
        server_url=url, api_key="key", api_user="user", plugin_paths=[], auto_connect_event_hub=False
    )


def tasks(url):
    """Ten thousand tasks: query, read, read again."""
    connected = session(url)
    query = "select {0} from Task where name like \"bench_%\" order by name".format(", ".join(SCALARS + NESTED))
    with Clock("query") as clock:
        found = connected.query(query, page_size=500).all()
        clock.check = lambda: len(found)
    for step in ("first", "again"):
        with Clock(step) as clock:
            present = 0
            for task in found:
                for name in READ:
                    if task[name] is not None:
                        present += 1
            clock.check = present


def writes(url):
    """A thousand tasks that are created, changed and committed."""
    connected = session(url)
    parent = connected.query("select id, project_id from Shot limit 1").all()[0]
    status = connected.query("select id from Status limit 1").all()[0]["id"]
    kind = connected.query("select id from Type limit 1").all()[0]["id"]
    with Clock("write") as clock:
        for index in range(1000):
            task = connected.create("Task", {
                "name": "new_{0:04d}".format(index), "description": "Created", "bid": 3600.0, "sort": float(index),
                "status_id": status, "type_id": kind, "parent_id": parent["id"], "project_id": parent["project_id"],
            })
            task["description"] = "Changed {0}".format(index)
        connected.commit()
        clock.check = len(connected.recorded_operations)


def statuses(url):
    """The names of the statuses of five hundred tasks, which the query did not ask for."""
    import urllib.request

    def requests():
        with urllib.request.urlopen(url + "/requests") as answer:
            return int(answer.read())

    connected = session(url)
    before = requests()
    with Clock("statuses") as clock:
        letters = 0
        for task in connected.query("select id, name from Task where name like \"bench_%\" order by name limit 500"):
            letters += len(task["status"]["name"])
        clock.check = letters
    # Asking how many there were is none of them.
    print('{{"step": "requests", "check": {0}}}'.format(requests() - before))


def start(url):
    """Nothing but a session."""
    session(url)


SCENARIOS = {"tasks": tasks, "writes": writes, "statuses": statuses, "start": start}

client, scenario = sys.argv[1:3]
if scenario == "nothing":
    pass
elif scenario == "import":
    if client == "ours":
        import ftrack_rust
    else:
        import ftrack_api
else:
    if client == "ours":
        import ftrack_rust

        sys.modules["ftrack_api"] = ftrack_rust
    SCENARIOS[scenario](sys.argv[3])
