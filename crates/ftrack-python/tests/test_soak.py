"""Eight threads that share a session, and do all that there is to do, for as long as ``--soak`` says."""

from __future__ import annotations

import os
import threading
import time

import ftrack_rust as ftrack_api
from ftrack_rust.event.base import Event

THREADS = 8


class Worker:
    """One of the threads."""

    def __init__(self, session, number, folder, end):
        self.session, self.number, self.folder, self.end = session, number, folder, end
        self.turns, self.error = 0, None

    def run(self):
        """Go on until the time is over or something is wrong."""
        try:
            while time.monotonic() < self.end:
                self.query()
                self.change()
                self.publish()
                self.add()
                self.turns += 1
        except BaseException as error:
            self.error = error

    def query(self):
        """One entity is one object, in every thread."""
        tasks = self.session.query("select name, status.name from Task limit 30").all()
        parents = [task["parent"] for task in tasks]
        assert len({id(parent) for parent in parents}) == len({parent["id"] for parent in parents})
        assert tasks[0] is self.session.get("Task", tasks[0]["id"])
        columns = self.session.query("select username from User").columns()
        assert len(columns["username"]) == len(columns["id"])

    def change(self):
        """A unit of work sends its own changes, and no others."""
        name = "soak_{0}_{1}".format(self.number, self.turns)
        with self.session.begin() as unit:
            project = unit.query('Project where name is "last_lantern"').one()
            made = unit.create("Sequence", {"name": name, "parent": project})
            made["description"] = name
        assert self.session.query('Sequence where name is "{0}"'.format(name)).one()["description"] == name

    def publish(self):
        """Handlers of this thread answer this thread."""
        hub, heard = self.session.event_hub, []
        identifier = hub.subscribe("topic=soak.{0}".format(self.number), heard.append)
        hub.publish(Event("soak.{0}".format(self.number)), synchronous=True)
        hub.unsubscribe(identifier)
        assert len(heard) == 1

    def add(self):
        """Files arrive, and are found."""
        path = os.path.join(self.folder, "{0}.{1}.txt".format(self.number, self.turns))
        with open(path, "w") as file:
            file.write(path)
        with self.session.begin() as unit:
            location = unit.query('Location where name is "test.soak"').one()
            component = unit.create_component(path, {"name": "soak"}, location=location)
            with open(location.get_filesystem_path(component)) as stored:
                assert stored.read() == path
            location.remove_component(component)


def test_eight_threads_share_a_session(server, pytestconfig, tmp_path):
    session = ftrack_api.Session(plugin_paths=[], **server.arguments)
    location = session.ensure("Location", {"name": "test.soak"})
    location.accessor = ftrack_api.accessor.disk.DiskAccessor(str(tmp_path / "storage"))
    location.structure = ftrack_api.structure.id.IdStructure()
    end = time.monotonic() + pytestconfig.getoption("--soak")
    workers = [Worker(session, number, str(tmp_path), end) for number in range(THREADS)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
        assert not thread.is_alive(), "a thread waits for another for ever"
    errors = [worker.error for worker in workers if worker.error is not None]
    if errors:
        raise errors[0]
    assert all(worker.turns for worker in workers)
    print("turns {0}".format([worker.turns for worker in workers]))
    session.close()
