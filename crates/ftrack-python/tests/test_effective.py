"""What custom attributes come to in the end."""

from __future__ import annotations

import pytest

from ftrack_rust import effective


@pytest.fixture
def shot(session):
    return session.query('Shot where name is "010" and parent.name is "harbour"').one()


def test_a_value_says_where_it_comes_from(session, shot):
    found = shot.effective("fstart")
    assert found.entity is shot and found.key == "fstart" and found.value == 1001
    assert found.origin == effective.EXPLICIT and found.inherited_from is None
    assert found.kind == "number" and session.get("CustomAttributeConfiguration", found.configuration_id)


def test_many_entities_take_a_handful_of_requests(session):
    shots = session.query("Shot").all()
    trace = session.trace()
    found = session.effective_custom_attributes(shots, ["fstart"])
    assert len(found) == len(shots) > 10 and trace.request_count <= 6
    assert all(set(of_shot) <= {"fstart"} for of_shot in found)
    with_all = session.effective_custom_attributes(shots[:2])
    assert set(with_all[0]) >= {"fstart", "fend"}


def test_what_is_inherited_names_from_whom(session, shot):
    role = session.query('SecurityRole where name is "Administrator"').one()
    session.create(
        "CustomAttributeConfiguration",
        {
            "entity_type": "show", "is_hierarchical": True, "key": "of_tests", "label": "Of tests", "default": "none",
            "type": session.query('CustomAttributeType where name is "text"').one(), "config": '{"markdown": false}',
            "read_security_roles": [role], "write_security_roles": [role],
        },
    )
    session.commit()
    session.reset()
    shot = session.query('Shot where name is "010" and parent.name is "harbour"').one()
    assert shot.effective("of_tests").origin == effective.DEFAULT and shot.effective("of_tests").value == "none"
    shot["parent"]["custom_attributes"]["of_tests"] = "harbour's"
    session.commit()
    found = shot.effective("of_tests")
    assert (found.value, found.origin) == ("harbour's", effective.INHERITED)
    assert found.inherited_from is shot["parent"]


def test_what_is_not_configured_is_an_error(session, shot):
    with pytest.raises(KeyError, match="no_such_key"):
        shot.effective("no_such_key")
    with pytest.raises(KeyError):
        session.effective_custom_attributes([session.query("Status").first()])
    assert session.effective_custom_attributes([]) == []
    assert session.effective_custom_attributes([shot], []) == [{}]
