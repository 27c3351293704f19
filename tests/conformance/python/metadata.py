"""Chapter "Using metadata"."""

from _support import raises, session as start

session = start()
project = session.query('Project where name is "last_lantern"').one()
new_sequence = session.create("Sequence", {"name": "with_metadata", "parent": project})
new_sequence["metadata"]["frame_padding"] = "4"
new_sequence["metadata"]["focal_length"] = "70"
session.commit()


def read():
    with start() as other:
        return dict(other.get("Sequence", new_sequence["id"])["metadata"].items())


assert read() == {"frame_padding": "4", "focal_length": "70"}
assert sorted(new_sequence["metadata"].keys()) == ["focal_length", "frame_padding"]
assert new_sequence["metadata"]["frame_padding"] == "4"

new_sequence["metadata"]["frame_padding"] = "5"
session.commit()
assert read() == {"frame_padding": "5", "focal_length": "70"}

new_sequence["metadata"] = {"frame_padding": "4"}
session.commit()
assert read() == {"frame_padding": "4"}

found = session.query('Sequence where metadata any (key is "frame_padding" and value is "4")').all()
assert new_sequence in found
assert not session.query('Sequence where metadata any (key is "frame_padding" and value is "99")').all()

del new_sequence["metadata"]["frame_padding"]
session.commit()
assert read() == {}
with raises(KeyError):
    new_sequence["metadata"]["frame_padding"]

# Metadata given on creation.
made = session.create(
    "Sequence", {"name": "created_with_metadata", "parent": project, "metadata": {"a": "1", "b": "2"}}
)
session.commit()
with start() as other:
    assert dict(other.get("Sequence", made["id"])["metadata"].items()) == {"a": "1", "b": "2"}
session.close()
