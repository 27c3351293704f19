"""The programs in the documentation run."""

from __future__ import annotations

import os
import re

from conftest import Server

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def programs(path):
    """The programs on a page, in order."""
    with open(os.path.join(ROOT, path)) as page:
        return re.findall(r"^```python\n(.*?)^```$", page.read(), re.MULTILINE | re.DOTALL)


def test_the_tour_runs(server, monkeypatch, capsys):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    blocks = programs("docs/python.md")
    assert len(blocks) >= 5
    names: dict = {}
    for number, block in enumerate(blocks):
        exec(compile(block, "docs/python.md, program {0}".format(number + 1), "exec"), names)
    names["session"].close()
    assert "DuplicateEntryError" in capsys.readouterr().out


def steps(path):
    """The steps of a tutorial, in order: the program of each, and what it prints."""
    with open(os.path.join(ROOT, path)) as page:
        blocks = re.findall(r"^```(python|text)\n(.*?)^```$", page.read(), re.MULTILINE | re.DOTALL)
    found: list = []
    for kind, text in blocks:
        if kind == "python":
            found.append([text, ""])
        else:
            found[-1][1] += text
    return found


def test_the_tutorial_prints_what_it_says(monkeypatch, capsys):
    # A server of its own, for it counts on what is in the production.
    server = Server()
    try:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        names: dict = {}
        found = steps("docs/python-tutorial.md")
        assert len(found) >= 14
        for number, (program, printed) in enumerate(found, 1):
            exec(compile(program, "docs/python-tutorial.md, step {0}".format(number), "exec"), names)
            assert capsys.readouterr().out == printed, "step {0}:\n{1}".format(number, program)
    finally:
        server.stop()


def test_the_program_in_the_readme_runs(server, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    (program,) = programs("crates/ftrack-python/README.md")
    exec(compile(program, "README.md", "exec"), {})


def test_the_program_in_the_readme_of_the_project_runs(server, monkeypatch, capsys):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    (program,) = programs("README.md")
    exec(compile(program, "README.md", "exec"), {})
    assert "In progress" in capsys.readouterr().out


def test_the_fixture_in_the_chapter_on_testing_is_python(monkeypatch):
    (fixture,) = programs("docs/testing-your-pipeline.md")
    names: dict = {}
    exec(compile(fixture, "docs/testing-your-pipeline.md", "exec"), names)
    assert "studio" in names
