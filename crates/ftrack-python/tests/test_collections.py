"""Lists and mappings of entities."""

from __future__ import annotations

import collections.abc
import copy

import pytest

import ftrack_rust as ftrack_api


@pytest.fixture
def sequence(session):
    made = session.create("Sequence", {"name": "list_of_shots", "parent": session.query("Project").first()})
    for name in ("010", "020", "030"):
        made["children"].append(session.create("Shot", {"name": name}))
    session.commit()
    yield made
    session.rollback()
    session.delete(made)
    session.commit()


def test_lists_are_sequences(session, sequence):
    children = sequence["children"]
    assert isinstance(children, collections.abc.MutableSequence)
    assert isinstance(children, ftrack_api.collection.Collection)
    assert sequence["children"] is children
    assert len(children) == 3 and [shot["name"] for shot in children] == ["010", "020", "030"]
    assert children[0] in children and children[-1]["name"] == "030"
    assert children[1:] == list(children)[1:] and children.index(children[1]) == 1
    assert children.entity is sequence and children.attribute.name == "children" and children.mutable
    assert session.query("Project").first() not in children and "010" not in children
    with pytest.raises(IndexError):
        children[3]


def test_lists_change_their_entity(session, sequence):
    children = sequence["children"]
    new = session.create("Shot", {"name": "040"})
    children.insert(0, new)
    assert children[0] is new and ftrack_api.inspection.state(sequence) is ftrack_api.symbol.MODIFIED
    with pytest.raises(ftrack_api.exception.DuplicateItemInCollectionError) as raised:
        children.append(new)
    assert raised.value.details["item"] is new
    with pytest.raises(ftrack_api.exception.DuplicateItemInCollectionError):
        children[1] = new
    children[0] = new
    children.remove(new)
    assert new not in children and len(children) == 3
    del children[0]
    assert [shot["name"] for shot in children] == ["020", "030"]
    session.rollback()
    assert len(sequence["children"]) == 3


def test_lists_compare_without_order_and_copies_stand_alone(session, sequence):
    children = sequence["children"]
    apart = copy.copy(children)
    assert apart == children and apart is not children
    apart.reverse()
    assert apart == children and [shot["name"] for shot in apart] == ["030", "020", "010"]
    apart.pop()
    assert apart != children and len(children) == 3
    assert children != list(children)


def test_a_list_is_set_as_a_whole(session, sequence):
    first = sequence["children"][0]
    sequence["children"] = [first]
    assert list(sequence["children"]) == [first]
    session.rollback()
    with pytest.raises(TypeError):
        sequence["children"] = ["no entity"]


def test_what_cannot_be_changed_says_so(session):
    version = session.query("AssetVersion").first()
    attribute = next(
        attribute
        for attribute in session.types["AssetVersion"].attributes
        if isinstance(attribute, ftrack_api.attribute.CollectionAttribute)
    )
    members = ftrack_api.collection.Collection(version, attribute, mutable=False)
    with pytest.raises(ftrack_api.exception.ImmutableCollectionError):
        members.append(version)


def test_metadata_is_a_mapping(session, new_task):
    task = new_task("with_metadata")
    metadata = task["metadata"]
    assert isinstance(metadata, collections.abc.MutableMapping) and len(metadata) == 0
    metadata["key"] = "value"
    metadata.update({"other": "1"})
    assert task["metadata"] is metadata and dict(metadata) == {"key": "value", "other": "1"}
    assert sorted(metadata.keys()) == ["key", "other"] and metadata.get("missing", 7) == 7
    session.commit()
    del metadata["key"]
    assert "key" not in metadata and metadata.pop("other") == "1"
    with pytest.raises(KeyError):
        metadata["key"]
    with pytest.raises(KeyError):
        del metadata["key"]
    session.rollback()
    assert dict(metadata) == {"key": "value", "other": "1"}
    task["metadata"] = {"only": "this"}
    session.commit()
    assert dict(task["metadata"]) == {"only": "this"}
    assert [row["key"] for row in task["metadata"].collection] == ["only"]


def test_metadata_can_be_given_at_creation(session, new_task):
    task = new_task("created_with_metadata", metadata={"a": "b"})
    assert dict(task["metadata"]) == {"a": "b"}


def test_custom_attributes_are_a_mapping(session, new_task):
    task = new_task("with_custom_attributes")
    attributes = task["custom_attributes"]
    assert "my_text_field" in attributes
    attributes["my_text_field"] = "changed"
    session.commit()
    assert task["custom_attributes"]["my_text_field"] == "changed"
    with pytest.raises(KeyError):
        attributes["no_such_attribute"]
    with pytest.raises(KeyError):
        attributes["no_such_attribute"] = 1
