"""Listeners that miss nothing."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust import exception
from ftrack_rust.follow import DeadLetters

UPDATES = "topic=ftrack.update"


class Live:
    """Told of the health of a listener: whether it has read what was before, and hears what happens."""

    def __init__(self):
        self.event = threading.Event()
        self.told = []

    def __call__(self, health):
        self.told.append(health)
        if health["state"] == "live":
            self.event.set()

    def wait(self):
        assert self.event.wait(60), self.told[-1:]


class Listening(threading.Thread):
    """Runs a listener on a thread of its own."""

    def __init__(self, follow, handler):
        super().__init__(daemon=True)
        self.follow, self.handler, self.result = follow, handler, None

    def run(self):
        try:
            self.result = self.follow.run(self.handler)
        except BaseException as error:
            self.result = error

    def end(self):
        """Stop it, and return what came of it."""
        self.follow.stop()
        self.join(60)
        assert not self.is_alive()
        return self.result


class Heard:
    """A handler that keeps the descriptions that a task was given, until there are so many."""

    def __init__(self, task, count=1):
        self.task, self.count, self.all, self.enough = task["id"], count, [], threading.Event()

    def __call__(self, followed):
        text = described(followed, self.task)
        if text is not None:
            self.all.append((text, followed.origin, followed.is_caught_up, followed.attempt))
        if len(self.all) >= self.count:
            self.enough.set()

    def wait(self):
        assert self.enough.wait(60), self.all


def described(followed, task_id):
    """Return the description that *followed* tells of, if it is of the task."""
    if followed.entity is None or followed.entity["entityId"] != task_id:
        return None
    return ((followed.entity.get("changes") or {}).get("description") or {}).get("new")


def describe(session, task, text):
    task["description"] = text
    session.commit()


def test_events_come_as_they_happen_and_after_a_gap_what_was_missed(start, session, new_task, tmp_path):
    task, live = new_task("followed"), Live()
    position = tmp_path / "position"
    heard = Heard(task)
    follow = start().follow(UPDATES, position_file=position, on_health=live, concurrency=2)
    listening = Listening(follow, heard)
    listening.start()
    live.wait()
    describe(session, task, "as it happens")
    heard.wait()
    assert listening.end() == "stopped"
    assert heard.all == [("as it happens", "live", False, 1)]
    assert live.told[0]["expression"] == UPDATES and live.told[-1]["state"] == "stopped"
    # Nobody listens.
    describe(session, task, "missed")
    heard = Heard(task)
    listening = Listening(start().follow(UPDATES, position_file=str(position)), heard)
    listening.start()
    heard.wait()
    assert listening.end() == "stopped"
    assert heard.all == [("missed", "remembered", True, 1)]


class Store:
    """Keeps a position as programs with a database do."""

    def __init__(self):
        self.text = None

    def load(self):
        return self.text

    def store(self, position):
        assert isinstance(position, str)
        self.text = position


def test_a_loop_acknowledges_an_event_when_it_asks_for_the_next(start, session, new_task):
    task, store, live = new_task("looped"), Store(), Live()

    def change():
        live.wait()
        for text in ("one", "two", "three"):
            describe(session, task, text)

    changing = threading.Thread(target=change)
    changing.start()
    heard = []
    for followed in start().follow(UPDATES, position_store=store, on_health=live):
        text = described(followed, task["id"])
        if text is not None:
            heard.append(text)
        if text == "two":
            # It is left before it is done with.
            break
    changing.join(60)
    assert heard == ["one", "two"] and store.text is not None
    follow = start().follow(UPDATES, position_store=store)
    for followed in follow:
        text = described(followed, task["id"])
        if text is not None:
            heard.append(text)
        if text == "three":
            follow.stop()
    assert heard == ["one", "two", "two", "three"]
    # What was before the end of the second loop is done with.
    describe(session, task, "four")
    follow = start().follow(UPDATES, position_store=store)
    for followed in follow:
        heard.append(described(followed, task["id"]))
        follow.stop()
    assert heard[4:] == ["four"]


def test_an_exception_in_a_loop_ends_the_listener(start, session, new_task, tmp_path):
    task = new_task("thrown")
    begin = Store()
    follow = start().follow(UPDATES, position_store=begin, on_health=lambda health: follow.stop())
    assert list(follow) == []
    describe(session, task, "thrown")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            for followed in start().follow(UPDATES, position_store=begin):
                if described(followed, task["id"]) == "thrown":
                    raise ZeroDivisionError


def test_what_a_handler_cannot_handle_is_a_dead_letter(start, session, new_task, tmp_path, caplog):
    task, live = new_task("dead"), Live()
    path = tmp_path / "letters.jsonl"
    attempts, done = [], threading.Event()

    def handler(followed):
        if described(followed, task["id"]) == "broken":
            attempts.append(followed.attempt)
            raise ValueError("it is broken")
        if described(followed, task["id"]) == "sound":
            done.set()

    follow = start().follow(
        UPDATES, on_health=live, retries=2, backoff=(0.001, 0.01), dead_letter_file=path, health_file=tmp_path / "health"
    )
    listening = Listening(follow, handler)
    listening.start()
    live.wait()
    describe(session, task, "broken")
    describe(session, task, "sound")
    assert done.wait(60)
    assert listening.end() == "stopped" and attempts == [1, 2, 3]
    assert "Error calling" in caplog.text and "it is broken" in caplog.text
    letters = DeadLetters(path)
    (letter,) = letters
    assert len(letters) == 1 and (letter.attempts, letter.origin) == (3, "live")
    assert letter.error == "ValueError: it is broken" and letter.failed_at.year >= 2024
    assert letter.event["data"]["entities"][0]["entityId"] == task["id"] and letter.key == task["id"]
    assert letters.replay(handler) == (0, 1) and letters.all()[0].attempts == 4
    # What ends the program leaves the letter as it is, and the rest.
    with pytest.raises(KeyboardInterrupt):
        letters.replay(interrupt)
    seen = []
    assert letters.replay(seen.append) == (1, 0) and len(letters) == 0
    assert described(seen[0], task["id"]) == "broken" and seen[0].attempt == 5
    assert letters.remove([letter.id]) == 0
    with pytest.raises(exception.FollowError, match="position of a listener|letters"):
        (tmp_path / "other").write_text("{}\n")
        DeadLetters(tmp_path / "other")


def interrupt(followed):
    raise KeyboardInterrupt


def test_what_ends_the_program_ends_the_listener(start, session, new_task):
    task, live = new_task("ended"), Live()

    def handler(followed):
        if described(followed, task["id"]) == "end":
            raise SystemExit(7)

    listening = Listening(start().follow(UPDATES, on_health=live), handler)
    listening.start()
    live.wait()
    describe(session, task, "end")
    listening.join(60)
    assert isinstance(listening.result, SystemExit) and listening.result.code == 7


@pytest.mark.parametrize("way", ["run", "loop"])
def test_control_c_ends_a_listener(start, way):
    told = []

    def interrupt_once(health):
        if health["state"] == "live" and not told:
            told.append(health)
            os.kill(os.getpid(), signal.SIGINT)

    follow = start().follow(UPDATES, on_health=interrupt_once)
    with pytest.raises(KeyboardInterrupt):
        if way == "run":
            follow.run(print)
        else:
            for followed in follow:
                print(followed)
    assert told


def test_a_second_control_c_does_not_wait_for_handlers(start, session, new_task):
    task, live = new_task("stuck"), Live()
    released, returned = threading.Event(), threading.Event()

    def handler(followed):
        if described(followed, task["id"]) == "stuck":
            os.kill(os.getpid(), signal.SIGINT)
            released.wait(60)
            returned.set()

    def tell(health):
        live(health)
        if health["state"] == "stopping":
            os.kill(os.getpid(), signal.SIGINT)

    def change():
        live.wait()
        describe(session, task, "stuck")

    changing = threading.Thread(target=change)
    changing.start()
    with pytest.raises(KeyboardInterrupt):
        start().follow(UPDATES, on_health=tell, stop_within=120).run(handler)
    assert not returned.is_set()
    released.set()
    assert returned.wait(60)
    changing.join(60)


@pytest.mark.skipif(sys.platform != "linux", reason="what a process uses is read from /proc")
def test_listeners_leave_nothing_behind(server):
    def used():
        gc.collect()
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    def listen(number):
        session = ftrack_api.Session(plugin_paths=[], **server.arguments)
        follow = session.follow(UPDATES, on_health=lambda health: health["state"] == "live" and follow.stop())
        if number % 2:
            assert follow.run(print) == "stopped"
        else:
            assert list(follow) == []
        session.close()

    listen(0)
    listen(1)
    before = used()
    for number in range(6):
        listen(number)
    after = used()
    # Threads of a session that was closed end by themselves a little later.
    assert after[0] <= before[0] + 4 and after[1] <= before[1] + 4, (before, after)


def test_what_cannot_be_followed_is_said(start, session, tmp_path):
    with pytest.raises(exception.ParseError, match="not an event expression"):
        session.follow("topic=").run(print)
    with pytest.raises(ValueError, match="where a listener begins"):
        session.follow(UPDATES, start_at="yesterday").run(print)
    with pytest.raises(ValueError, match="seconds"):
        session.follow(UPDATES, stop_within=-1).run(print)

    class Broken(Store):
        def load(self):
            raise LookupError("the database is away")

    with pytest.raises(exception.FollowError, match="the database is away") as raised:
        session.follow(UPDATES, position_store=Broken()).run(print)
    assert isinstance(raised.value.__cause__, LookupError)
    store = Store()
    store.text = "no position"
    with pytest.raises(exception.FollowError, match="cannot be read"):
        session.follow(UPDATES, position_store=store).run(print)
    with pytest.raises(exception.FollowError, match="cannot be used|cannot"):
        session.follow(UPDATES, position_file=tmp_path / "none" / "position").run(print)


def test_a_listener_runs_once_and_has_its_position_for_itself(start, tmp_path):
    live = Live()
    follow = start().follow(UPDATES, position_file=tmp_path / "position", on_health=live)
    listening = Listening(follow, print)
    listening.start()
    live.wait()
    with pytest.raises(exception.FollowError, match="in use by another listener"):
        start().follow(UPDATES, position_file=tmp_path / "position").run(print)
    assert listening.end() == "stopped"
    with pytest.raises(RuntimeError, match="runs once"):
        follow.run(print)
    early = start().follow(UPDATES)
    early.stop()
    assert early.run(print) == "stopped"


def test_a_listener_may_begin_with_all_that_the_server_remembers(start, session, new_task):
    import arrow

    begin = arrow.utcnow().shift(days=-1)
    task = new_task("remembered")
    describe(session, task, "long ago")
    for start_at in ("oldest", begin, begin.datetime):
        follow = start().follow(UPDATES, start_at=start_at)
        for followed in follow:
            if described(followed, task["id"]) == "long ago":
                assert followed.is_caught_up and followed.event["data"]["remembered"]
                follow.stop()


def run(server, text):
    """Run a program of its own, which has to succeed, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)],
        env={**server.environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_interpreter_ends_with_listeners_at_work(server):
    run(
        server,
        """
        import threading
        import ftrack_rust
        live = threading.Event()
        def tell(health):
            if health['state'] == 'live':
                live.set()
        first = ftrack_rust.Session(plugin_paths=[]).follow('topic=ftrack.update', on_health=tell)
        threading.Thread(target=first.run, args=(print,), daemon=True).start()
        assert live.wait(60)
        session = ftrack_rust.Session(plugin_paths=[])
        loop = iter(ftrack_rust.Session(plugin_paths=[]).follow('topic=ftrack.update', start_at='oldest'))
        task = session.query('Task').first()
        task['description'] = 'somebody asks for this'
        session.commit()
        assert next(loop).event['topic'] == 'ftrack.update'
        """,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_has_no_listener(server):
    printed = run(
        server,
        """
        import os
        import ftrack_rust
        session = ftrack_rust.Session(plugin_paths=[])
        follow = ftrack_rust.Session(plugin_paths=[]).follow('topic=ftrack.update', start_at='oldest')
        task = session.query('Task').first()
        task['description'] = 'for the parent'
        session.commit()
        loop = iter(follow)
        next(loop)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                next(loop)
                said = 'an event'
            except ftrack_rust.exception.ForkedError:
                said = 'forked'
            os.write(writer, said.encode())
            os._exit(0)
        os.waitpid(child, 0)
        print(os.read(reader, 100).decode())
        follow.stop()
        assert list(loop) == []
        """,
    )
    assert printed.strip() == "forked"
