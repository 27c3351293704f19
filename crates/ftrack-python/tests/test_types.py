"""Classes of entity types, and plugins that change them."""

from __future__ import annotations

import sys
import textwrap
import threading

import pytest

import ftrack_rust as ftrack_api
import ftrack_rust.entity.base
import ftrack_rust.entity.factory


def test_types_are_a_mapping_of_all_schemas(session):
    assert len(session.types) == len(session.schemas) == len(list(session.types))
    assert set(session.types) == {schema["id"] for schema in session.schemas}
    assert "Task" in session.types and "NoSuchType" not in session.types
    assert session.types.get("NoSuchType") is None
    assert session.types["Task"] is session.types["Task"]
    for name, kind in session.types.items():
        assert kind.entity_type == name and issubclass(kind, ftrack_api.entity.base.Entity)
    with pytest.raises(KeyError):
        session.types["NoSuchType"]


def test_helpers_are_where_the_original_has_them(session):
    for name, helpers in {
        "User": ["start_timer", "stop_timer", "send_invite", "reset_api_key"],
        "Task": ["create_note", "create_thumbnail"],
        "Note": ["create_reply"],
        "AssetVersion": ["create_component", "encode_media", "create_note"],
        "FileComponent": ["get_availability"],
        "ProjectSchema": ["get_statuses", "get_types"],
        "Location": ["add_component", "get_filesystem_path", "get_url"],
    }.items():
        for helper in helpers:
            assert callable(getattr(session.types[name], helper)), (name, helper)


class CustomUser(ftrack_rust.entity.base.Entity):
    """As in the documentation."""

    def __init__(self, session, data=None, reconstructing=False):
        super().__init__(session, data, reconstructing)
        self.made = "reconstructed" if reconstructing else "created"

    def get_full_name(self):
        return "{0} {1}".format(self["first_name"], self["last_name"]).strip()


class Shouting(ftrack_rust.attribute.ScalarAttribute):
    def get_value(self, entity):
        value = super().get_value(entity)
        return value.upper() if isinstance(value, str) else value

    def set_local_value(self, entity, value):
        super().set_local_value(entity, value.lower() if isinstance(value, str) else value)


class Factory(ftrack_rust.entity.factory.StandardFactory):
    def create(self, schema, bases=None):
        if schema["id"] == "User":
            bases = [CustomUser]
        made = super().create(schema, bases=bases)
        if schema["id"] == "User":
            made.default_projections = ["id", "username"]
            made.attributes.get("email").default_value = "nobody@example.com"
            made.attributes.get("last_name").default_value = lambda entity: entity["username"].title()
        return made

    def create_scalar_attribute(self, class_name, name, mutable, computed, default, data_type):
        if (class_name, name) == ("User", "first_name"):
            return Shouting(name, data_type, default_value=default, mutable=mutable, computed=computed)
        return super().create_scalar_attribute(class_name, name, mutable, computed, default, data_type)


PLUGIN = """
import test_types

def register(session, **arguments):
    session.remark = arguments
    factory = test_types.Factory()
    session.event_hub.subscribe(
        "topic=ftrack.api.session.construct-entity-type",
        lambda event: factory.create(event["data"]["schema"]),
    )
"""


@pytest.fixture
def customised(start, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "test_types", sys.modules[__name__])
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "plugin.py").write_text(textwrap.dedent(PLUGIN))
    (tmp_path / "broken.py").write_text("import no_such_module")
    (tmp_path / "bare.py").write_text("value = 1")
    return start(plugin_paths=[str(tmp_path)], plugin_arguments={"studio": "x"})


def test_plugins_change_classes(customised):
    assert customised.remark == {"studio": "x"}
    jane = customised.query('User where username is "jane"').one()
    assert isinstance(jane, CustomUser) and jane.made == "reconstructed"
    assert jane.get_full_name().startswith("JANE ")
    with customised.auto_populating(False):
        other = customised.query('User where username is "jane"').one()
        assert other["username"] == "jane"
    assert not isinstance(customised.query("Task").first(), CustomUser)


def test_default_projections_of_a_class_count(start, customised):
    user = customised.query("User").first()
    with customised.auto_populating(False):
        assert user["username"] and user["email"] is ftrack_api.symbol.NOT_SET


def test_defaults_of_a_class_count(customised):
    user = customised.create("User", {"username": "zoe"})
    assert user.made == "created"
    assert (user["email"], user["last_name"]) == ("nobody@example.com", "Zoe")
    user["first_name"] = "ZOE"
    assert user._local("first_name") == "zoe" and user["first_name"] == "ZOE"


def test_plugins_that_take_less_get_less(start, tmp_path, caplog):
    (tmp_path / "narrow.py").write_text(
        "def register(session, studio='none'):\n    session.narrow = studio\n"
    )
    (tmp_path / "none.py").write_text("def register():\n    register.called = True\n")
    session = start(plugin_paths=[str(tmp_path), " ", ""], plugin_arguments={"studio": "x", "other": 1})
    assert session.narrow == "x"
    assert "Culling passed arguments" in caplog.text


def test_two_classes_for_one_schema_are_refused(start, tmp_path):
    plugin = (
        "import ftrack_rust.entity.factory as f\n"
        "def register(session):\n"
        "    for n in range(2):\n"
        "        session.event_hub.subscribe('topic=ftrack.api.session.construct-entity-type and data.schema.id=User',\n"
        "            lambda event: f.StandardFactory().create(event['data']['schema']))\n"
    )
    (tmp_path / "twice.py").write_text(plugin)
    with pytest.raises(ValueError, match='Expected single entity type to represent schema "User"'):
        start(plugin_paths=[str(tmp_path)])


def test_mixins_change_one_object(session):
    class Louder:
        def shout(self):
            return self["username"].upper()

    user = session.query('User where username is "jane"').one()
    ftrack_api.mixin(user, Louder)
    assert user.shout() == "JANE" and type(user).__name__ == "UserLouder"
    ftrack_api.mixin(user, Louder, name="Again")
    assert type(user).__name__ == "UserLouder"
    assert session.query('User where username is "jane"').one() is user


def test_threads_that_need_a_class_at_once_get_the_same(start):
    session, classes, barrier = start(), [], threading.Barrier(8)

    def need():
        barrier.wait(30)
        classes.append(session.types["AssetVersion"])

    threads = [threading.Thread(target=need) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(classes) == 8 and len(set(classes)) == 1


def test_units_of_work_share_the_classes_of_their_session(session):
    with session.begin() as unit:
        kind = unit.types["Milestone"]
        assert session.types["Milestone"] is kind
