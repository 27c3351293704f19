"""What the tests share: a local server, and sessions with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any, Callable, Iterator

import pytest

import ftrack_rust

# What a shell starts in the background ignores Ctrl-C, and so would the tests of it: they would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: Any) -> None:
    """Add the options of the tests."""
    parser.addoption("--sessions", type=int, help="how many sessions the leak test makes; by default what takes 12 s")
    parser.addoption("--soak", type=float, default=3, help="for how many seconds eight threads share a session")
    parser.addoption("--entities", type=int, default=100_000, help="how many entities the leak tests load")


def _program() -> str:
    """The command line program, which has the local server."""
    named = os.environ.get("FTRACK_TEST_PROGRAM")
    if named:
        return named
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    return os.path.join(root, "target", "debug", "ftrack")


class Server:
    """A local server with a small production in it."""

    def __init__(self) -> None:
        command = [_program(), "serve", "--demo", "--testing", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.arguments = {
            "server_url": said["url"],
            "api_user": said["user"],
            "api_key": said["api_key"],
        }

    def environment(self) -> dict[str, str]:
        """The environment of programs that use the server."""
        return {
            **os.environ,
            "FTRACK_SERVER": self.arguments["server_url"],
            "FTRACK_API_USER": self.arguments["api_user"],
            "FTRACK_API_KEY": self.arguments["api_key"],
        }

    def stop(self) -> None:
        """Stop the server."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="session")
def server(tmp_path_factory: Any) -> Iterator[Server]:
    """A server for all tests."""
    os.environ["FTRACK_API_SCHEMA_CACHE_PATH"] = str(tmp_path_factory.mktemp("schemas"))
    os.environ.pop("FTRACK_EVENT_PLUGIN_PATH", None)
    started = Server()
    yield started
    started.stop()


@pytest.fixture
def start(server: Server) -> Iterator[Callable[..., ftrack_rust.Session]]:
    """Starts sessions, which are closed at the end of the test."""
    sessions = []

    def start_session(**options: Any) -> ftrack_rust.Session:
        made = ftrack_rust.Session(**{"plugin_paths": [], **server.arguments, **options})
        sessions.append(made)
        return made

    yield start_session
    for made in sessions:
        if not made.closed:
            made.rollback()
            made.close()


@pytest.fixture
def session(start: Callable[..., ftrack_rust.Session]) -> ftrack_rust.Session:
    """A session."""
    return start()


@pytest.fixture
def new_task(session: ftrack_rust.Session) -> Callable[..., Any]:
    """Makes committed tasks on a shot of their own."""

    def make(name: str = "task", **values: Any) -> Any:
        sequence = session.query('Sequence where name is "dawn"').one()
        shot = session.create("Shot", {"name": "shot_for_" + name, "parent": sequence})
        task = session.create("Task", {"name": name, "parent": shot, **values})
        session.commit()
        return task

    return make
