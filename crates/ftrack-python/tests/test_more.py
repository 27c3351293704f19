"""What there is beyond the original."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ftrack_rust as ftrack_api


def test_units_of_work_commit_for_themselves(session, start, new_task):
    task = new_task("unit")
    task["description"] = "half done"
    with session.begin() as unit:
        own = unit.attach(task)
        assert own is not task and own == task and isinstance(own, unit.types["Task"])
        own["bid"] = 5
        assert unit.event_hub is session.event_hub and not unit.closed
    assert len(session.recorded_operations) == 1
    read = start().get("Task", task["id"])
    assert read["bid"] == 5 and read["description"] in ("", None)
    session.rollback()


def test_units_of_work_roll_back_what_raises(session, new_task):
    task = new_task("unit_that_raises")
    with pytest.raises(ZeroDivisionError):
        with session.begin() as unit:
            unit.attach(task)["bid"] = 1 / 0
    with pytest.raises(RuntimeError):
        with session.begin() as unit:
            own = unit.attach(task)
            own["bid"] = 9
            raise RuntimeError("no")
    assert not unit.recorded_operations and session.get("Task", task["id"])["bid"] != 9


def test_units_of_work_know_configured_locations(session, tmp_path):
    location = session.ensure("Location", {"name": "test.unit"})
    location.accessor = ftrack_api.accessor.disk.DiskAccessor(str(tmp_path))
    with session.begin() as unit:
        assert unit.get("Location", location["id"]).accessor is location.accessor


def test_columns_are_lists_of_equal_length(session):
    columns = session.query("select name, bid, status.name from Task limit 4").columns()
    assert {"name", "bid", "status.name"} <= set(columns)
    assert all(isinstance(column, list) and len(column) == 4 for column in columns.values())
    tasks = session.query("select name, status.name from Task limit 4")
    assert columns["name"] == [task["name"] for task in tasks]
    assert columns["status.name"] == [task["status"]["name"] for task in tasks]
    assert session.query('select name from Task where name is "none such"').columns() == {}


def test_records_are_plain_mappings(session):
    records = session.query("select username from User").records()
    assert [record["username"] for record in records] == [user["username"] for user in session.query("User")]


def test_traces_count_requests(start):
    trace = ftrack_api._engine.TraceCore()
    session = start(trace=trace)
    assert 1 <= trace.request_count <= 2
    session.query("User").all()
    purpose, actions, sent, received, seconds = trace.requests[-1]
    assert (purpose, actions) == ("query", 1) and sent > 0 and received > 0 and seconds > 0


PROGRAM = """
import sys
import ftrack_api
import ftrack_api.event.hub
from ftrack_api.entity.factory import StandardFactory
import ftrack_rust

assert ftrack_api is ftrack_rust and StandardFactory is ftrack_rust.entity.factory.StandardFactory
assert __name__ == '__main__' and sys.argv[1:] == ['one', '--two'], sys.argv
print(ftrack_api.Session(plugin_paths=[]).query('Project').first()['name'])
"""


def test_programs_for_the_official_client_run(server, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    for command in ([str(script)], ["-m", "program"]):
        done = subprocess.run(
            [sys.executable, "-m", "ftrack_rust", *command, "one", "--two"],
            env={**server.environment(), "PYTHONPATH": ":".join(sys.path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_a_program_that_is_not_there_is_told_in_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "ftrack_rust", "no_such.py"],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "no_such.py" in done.stderr


def test_every_documented_module_and_name_is_there():
    import importlib
    import inspect

    names = {
        "session": ["Session", "AutoPopulatingContext", "OperationRecordingContext", "OperationPayload"],
        "entity.base": ["Entity", "DynamicEntityTypeMetaclass"],
        "entity.factory": ["Factory", "StandardFactory"],
        "entity.location": ["Location", "MemoryLocationMixin", "UnmanagedLocationMixin", "OriginLocationMixin"],
        "entity.asset_version": ["AssetVersion"],
        "entity.component": ["Component", "CreateThumbnailMixin"],
        "entity.note": ["Note", "CreateNoteMixin"],
        "entity.job": ["Job"],
        "entity.user": ["User"],
        "entity.project_schema": ["ProjectSchema"],
        "collection": ["Collection", "KeyValueMappedCollectionProxy", "CustomAttributeCollectionProxy"],
        "attribute": ["Attributes", "Attribute", "ScalarAttribute", "ReferenceAttribute", "CollectionAttribute"],
        "inspection": ["identity", "primary_key", "state", "states"],
        "operation": ["Operations", "CreateEntityOperation", "UpdateEntityOperation", "DeleteEntityOperation"],
        "query": ["QueryResult"],
        "cache": [
            "Cache", "ProxyCache", "LayeredCache", "MemoryCache", "FileCache", "SerialisedCache", "KeyMaker",
            "StringKeyMaker", "ObjectKeyMaker", "Memoiser", "memoise_decorator", "memoiser", "memoise",
        ],
        "event.base": ["Event"],
        "event.hub": ["EventHub"],
        "event.expression": ["Parser", "Expression", "All", "Any", "Not", "Condition"],
        "event.subscriber": ["Subscriber"],
        "event.subscription": ["Subscription"],
        "accessor.base": ["Accessor"],
        "accessor.disk": ["DiskAccessor", "error_handler"],
        "accessor.server": ["ServerFile"],
        "structure.base": ["Structure"],
        "structure.standard": ["StandardStructure"],
        "structure.id": ["IdStructure"],
        "structure.origin": ["OriginStructure"],
        "structure.entity_id": ["EntityIdStructure"],
        "resource_identifier_transformer.base": ["ResourceIdentifierTransformer"],
        "data": ["Data", "FileWrapper", "File", "String"],
        "formatter": ["format", "FILTER"],
        "symbol": ["Symbol", "NOT_SET", "CREATED", "MODIFIED", "DELETED", "CHUNK_SIZE"],
        "plugin": ["discover"],
        "logging": ["LazyLogMessage", "deprecation_warning"],
    }
    for module, members in names.items():
        loaded = importlib.import_module("ftrack_rust." + module)
        for member in members:
            found = getattr(loaded, member)
            assert not inspect.isroutine(found) and not inspect.isclass(found) or found.__doc__, (module, member)


def test_everything_public_has_a_docstring():
    import importlib
    import inspect
    import pkgutil

    missing = []
    for found in pkgutil.walk_packages(ftrack_api.__path__, "ftrack_rust."):
        if any(part.startswith("_") for part in found.name.split(".")):
            continue
        module = importlib.import_module(found.name)
        for name, member in vars(module).items():
            if name.startswith("_") or getattr(member, "__module__", None) != found.name:
                continue
            if inspect.isclass(member):
                for inner, method in vars(member).items():
                    if not inner.startswith("_") and inspect.isfunction(method) and not method.__doc__:
                        missing.append("{0}.{1}.{2}".format(found.name, name, inner))
            if (inspect.isclass(member) or inspect.isfunction(member)) and not member.__doc__:
                missing.append("{0}.{1}".format(found.name, name))
    assert not missing


def test_formatting_shows_all_attributes(session):
    user = session.query("select username from User").first()
    plain = {"header": lambda text: text, "label": lambda text: text}
    text = ftrack_api.formatter.format(user, formatters=plain)
    lines = text.split("\n")
    assert lines[0] == "User" and " username: {0}".format(user["username"]) in lines
    with session.auto_populating(False):
        project = session.query("select id, name from Project").first()
        shown = ftrack_api.formatter.format(
            project, formatters=plain, attribute_filter=ftrack_api.formatter.FILTER["ignore_unset"]
        )
    assert " name: {0}".format(project["name"]) in shown and "end_date" not in shown


def test_caches_are_as_documented(tmp_path):
    cache = ftrack_api.cache
    for made in (cache.MemoryCache(), cache.FileCache(str(tmp_path / "cache"))):
        made.set("a", "1")
        made.set("b", "2")
        assert made.get("a") == "1" and sorted(made.keys()) == ["a", "b"] and sorted(made.values()) == ["1", "2"]
        made.clear("^a$")
        assert made.keys() == ["b"]
        made.remove("b")
        for work in (made.get, made.remove):
            with pytest.raises(KeyError):
                work("b")
    upper, lower = cache.MemoryCache(), cache.MemoryCache()
    layered = cache.LayeredCache([upper, lower])
    lower.set("k", "v")
    assert layered.get("k") == "v" and upper.get("k") == "v" and layered.keys() == ["k"]
    calls = []
    memoiser = cache.Memoiser()

    @cache.memoise_decorator(memoiser)
    def add(x, y=1):
        calls.append((x, y))
        return [x + y]

    assert add(1) == add(1, 1) == add(x=1) == [2] and calls == [(1, 1)]
    add(1).append("changed")
    assert add(1) == [2]
    maker = cache.ObjectKeyMaker()
    assert maker.key({"a": 1, "b": 2}) == maker.key({"b": 2, "a": 1}) != maker.key({"a": 1})


def test_key_makers_of_studios_make_the_keys_of_caches(start):
    class Short(ftrack_api.cache.KeyMaker):
        def _key(self, obj):
            return "{0}:{1}".format(obj[0], obj[1][0])

    memory = ftrack_api.cache.MemoryCache()
    session = start(cache=memory, cache_key_maker=Short())
    user = session.query("User").first()
    assert "User:" + user["id"] in memory.keys()
    assert session.cache.get("User:" + user["id"]) is user
    assert session.cache.caches[0].get("User:" + user["id"]) is user
