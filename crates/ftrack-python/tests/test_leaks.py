"""Nothing stays of sessions, entities and rows that nobody holds."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import sys
import threading
import time
from typing import Any, Callable

import pytest

import ftrack_rust as ftrack_api

from relay import Relay, listening

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process uses is read from /proc")

MIB = 1 << 20


def memory() -> int:
    """The memory in bytes that this process uses, after what is free was given back."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def open_files() -> int:
    """How many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))


def use(options: dict[str, Any], number: int) -> None:
    """Do in a session what leaves something behind if anything does; every second one is dropped and not closed."""
    session = ftrack_api.Session(plugin_paths=[], **options)
    tasks = session.query("select name, status.name from Task limit 20").all()
    assert tasks[0]["status"]["name"] and tasks[0]["parent"]["name"]
    tasks[0].mark = session
    session.event_hub.subscribe("topic=test.leak", lambda event: tasks)
    session.fetch_policy = "single"
    session.auto_populate = False
    tasks[0]["name"] = "never committed"
    with session.begin() as unit:
        unit.create("Note", {"content": "never committed"})
        unit.rollback()
    session.rollback()
    if number % 2:
        session.close()


def test_sessions_leave_nothing_behind(server, pytestconfig):
    wanted = pytestconfig.getoption("--sessions")
    for number in range(20):
        use(server.arguments, number)
    before = open_files(), threading.active_count(), len(gc.get_objects())
    sizes, counts = [memory()], []
    for _ in range(4):
        number, end = 0, time.monotonic() + 3
        while number < wanted / 4 if wanted else time.monotonic() < end:
            use(server.arguments, number)
            number += 1
        sizes.append(memory())
        counts.append(number)
    after = open_files(), threading.active_count(), len(gc.get_objects())
    grown = [later - earlier for earlier, later in zip(sizes, sizes[1:])]
    print("sessions {0}, memory {1} KiB".format(counts, [size // 1024 for size in grown]))
    # What stays of sessions is there after each turn; fragments of the heap are not.
    assert min(counts) >= 5 and min(grown) < 256 * 1024 + 512 * max(counts), (counts, grown)
    assert after[0] <= before[0] + 2 and after[1] <= before[1] and after[2] < before[2] + sum(counts), (before, after)


class _Many(Relay):
    """Answers queries for tasks with as many as it is told, whose ids are new in each round."""

    count = 0
    round = 0

    def answer(self, body: bytes) -> bytes:
        asked = json.loads(body)
        expression = asked[0].get("expression", "") if isinstance(asked, list) else ""
        if " from Task" not in expression:
            return super().answer(body)
        offset, limit = (int(re.search(word + r" (\d+)", expression)[1]) for word in ("offset", "limit"))
        end = min(offset + limit, self.count)
        row = '{{"__entity_type__":"Task","id":"{0:08x}-0000-4000-8000-{1:012x}","name":"task_{1}"}}'
        rows = ",".join(row.format(self.round, number) for number in range(offset, end))
        following = end if end < self.count else "null"
        return '[{{"action":"query","data":[{0}],"metadata":{{"next":{{"offset":{1}}}}}}}]'.format(rows, following).encode()


@pytest.mark.parametrize("way", ["entities", "reset", "records", "columns"])
def test_what_a_query_loaded_is_released(server, pytestconfig, way):
    # One way with all, and the others with as many as show it.
    _Many.count = pytestconfig.getoption("--entities") // (1 if way == "entities" else 4)

    def entities(session):
        tasks = session.query("select name from Task", page_size=20_000).all()
        held.append(memory())
        assert len(tasks) == _Many.count and tasks[-1]["name"] == "task_{0}".format(_Many.count - 1)

    def records(session):
        rows = session.query("select name from Task", page_size=20_000).records()
        held.append(memory())
        assert len(rows) == _Many.count and rows[-1]["name"] == "task_{0}".format(_Many.count - 1)

    def columns(session):
        table = session.query("select name from Task", page_size=20_000).columns()
        held.append(memory())
        assert len(table["name"]) == _Many.count

    ways: dict[str, Callable[[Any], None]] = {
        "entities": entities, "reset": entities, "records": records, "columns": columns
    }
    held: list[int] = []
    left: list[int] = []
    with listening(_Many, server.arguments["server_url"]) as address:
        options = {**server.arguments, "plugin_paths": [], "server_url": address}
        kept = ftrack_api.Session(**options)
        kept.types["Task"]
        for _ in range(3):
            _Many.round += 1
            session = ftrack_api.Session(**options) if way == "entities" else kept
            ways[way](session)
            if way == "reset":
                session.reset()
            del session
            left.append(memory())
        kept.close()
    print("{0}: held {1} MiB, left {2} MiB".format(way, [size // MIB for size in held], [size // MIB for size in left]))
    if way == "entities":
        # What is held can be seen, so what stays would be seen as well.
        assert held[-1] - left[-1] > _Many.count * 50, (held, left)
    # A row that stayed would take more in every turn, fragments of the heap do not.
    assert min(later - earlier for earlier, later in zip(left, left[1:])) < _Many.count * 48 + MIB // 2, (held, left)
