"""What the interpreter demands: threads, its lock, signals, fork, the garbage collector, its end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust.event.base import Event

from relay import Relay, listening


class _Slow(Relay):
    """Answers queries only when it is told to."""

    reached = threading.Event()
    released = threading.Event()

    def answer(self, body):
        if b'"query"' in body:
            type(self).reached.set()
            type(self).released.wait(60)
        return super().answer(body)


@pytest.fixture
def slow(server):
    """The address of a server that does not answer queries until it is told to."""
    _Slow.reached.clear()
    _Slow.released.clear()
    with listening(_Slow, server.arguments["server_url"]) as address:
        yield address
        _Slow.released.set()


def run(server, text, *arguments):
    """Run a program of its own, which has to succeed, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text), *arguments],
        env={**server.environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_lock_is_released_while_a_query_waits(start, slow):
    session = start(server_url=slow)
    results = []
    thread = threading.Thread(target=lambda: results.append(session.query("User").first()))
    thread.start()
    # If the waiting thread kept the lock, this one could not go on.
    assert _Slow.reached.wait(30)
    assert not results
    _Slow.released.set()
    thread.join(60)
    assert results[0]["username"]


def test_the_lock_is_released_while_another_thread_fetches_the_same_results(start, slow):
    session = start(server_url=slow)
    results = session.query("User")
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(len(results))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert _Slow.reached.wait(30)
    _Slow.released.set()
    for thread in threads:
        thread.join(60)
    assert len(counts) == 4 and len(set(counts)) == 1
    assert len({id(user) for user in results}) == counts[0]


def test_control_c_ends_a_query(start, slow):
    session = start(server_url=slow)

    def interrupt():
        _Slow.reached.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        session.query("User").all()
    _Slow.released.set()
    assert session.query("User").first()


def test_control_c_ends_waiting_for_events(session):
    session.event_hub.connect()
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        session.event_hub.wait()
    assert session.event_hub.connected


def test_a_handler_that_ends_the_program_ends_waiting(session):
    hub = session.event_hub
    hub.connect()

    def leave(event):
        raise SystemExit(7)

    hub.subscribe("topic=test.leave-program", leave)
    hub.wait(0.3)
    hub.publish(Event("test.leave-program"))
    with pytest.raises(SystemExit) as raised:
        hub.wait(30)
    assert raised.value.code == 7


def test_handlers_may_use_the_session(session, new_task):
    hub = session.event_hub
    hub.connect()
    task, seen = new_task("handled"), []

    def handle(event):
        task["bid"] = 4
        session.commit()
        hub.publish(Event("test.nested", data={"n": 1}), synchronous=True)
        hub.unsubscribe(identifier)
        seen.append(session.get("Task", task["id"])["bid"])

    identifier = hub.subscribe("topic=test.reenter", handle)
    hub.wait(0.3)
    hub.publish(Event("test.reenter"))
    deadline = time.monotonic() + 30
    while not seen and time.monotonic() < deadline:
        hub.wait(0.1)
    assert seen == [4]


def test_threads_share_a_session(session, new_task):
    task = new_task("shared")
    errors, objects = [], set()

    def work(number):
        try:
            for turn in range(20):
                found = session.query('Task where name is "shared"').first()
                objects.add(id(found))
                assert found is task and found["parent"]["project"]["name"]
                found["description"] = "{0}.{1}".format(number, turn)
                if turn % 5 == 0:
                    session.commit()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not errors and objects == {id(task)}
    session.commit()


def test_sessions_are_collected_with_what_refers_to_them(start, server):
    session = ftrack_api.Session(plugin_paths=[], **server.arguments)
    user = session.query("User").first()
    user.back = session
    session.event_hub.subscribe("topic=x", lambda event: session)
    kept = weakref.ref(session)
    children = session.query("Project").first()["children"]
    assert len(children)
    del user, session, children
    for _ in range(3):
        gc.collect()
    assert kept() is None


def test_sessions_with_caches_are_collected(server, tmp_path):
    cache = ftrack_api.cache
    session = ftrack_api.Session(
        plugin_paths=[],
        cache=lambda session: cache.SerialisedCache(cache.MemoryCache(), session.encode, session.decode),
        **server.arguments,
    )
    session.query("User").all()
    kept = weakref.ref(session)
    del session
    for _ in range(3):
        gc.collect()
    assert kept() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_is_told(server):
    printed = run(
        server,
        """
        import os
        import ftrack_rust
        session = ftrack_rust.Session(plugin_paths=[])
        session.query('User').first()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                session.query('Project').first()
                said = 'nothing'
            except ftrack_rust.exception.ForkedError as error:
                said = 'forked'
            own = ftrack_rust.Session(plugin_paths=[])
            said += ' ' + str(bool(own.query('Project').first()))
            own.close()
            os.write(writer, said.encode())
            os._exit(0)
        os.waitpid(child, 0)
        print(os.read(reader, 100).decode())
        assert session.query('Project').first()
        """,
    )
    assert printed.strip() == "forked True"


def test_the_interpreter_ends_with_sessions_open(server):
    run(
        server,
        """
        import threading
        import ftrack_rust
        session = ftrack_rust.Session(plugin_paths=[], auto_connect_event_hub=True)
        session.event_hub.subscribe('topic=*', print)
        users = session.query('User').all()
        users[0]['email'] = 'pending@example.com'
        threading.Thread(target=session.event_hub.wait, daemon=True).start()
        """,
    )


def test_asyncio_programs_go_on_while_a_query_waits(start, slow):
    session = start(server_url=slow)

    async def main():
        query = asyncio.ensure_future(session.query_async("User"))
        while not _Slow.reached.is_set():
            await asyncio.sleep(0.01)
        assert not query.done()
        _Slow.released.set()
        users = await query
        await session.commit_async()
        return users

    assert asyncio.run(main())[0]["username"]


def test_errors_of_several_threads_are_their_own(session):
    errors = {}

    def ask(name):
        try:
            session.query('User where {0} is "x"'.format(name)).all()
        except ftrack_api.exception.ServerError as error:
            errors[name] = str(error)

    threads = [threading.Thread(target=ask, args=("wrong_{0}".format(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(errors) == 6 and all(name in text for name, text in errors.items())
