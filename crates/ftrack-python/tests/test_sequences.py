"""Sequences of files on disk."""

from __future__ import annotations

import os

import pytest

from ftrack_rust import sequence


@pytest.fixture
def plates(tmp_path):
    for frame in (1001, 1002, 1004):
        (tmp_path / "plate.{0}.exr".format(frame)).write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("none of them")
    return tmp_path


def test_the_notation_is_read_and_written():
    plate = sequence.parse("/plates/bunny.%04d.exr [1001-1003, 1010]")
    assert plate.paths == ["/plates/bunny.{0}.exr".format(index) for index in (1001, 1002, 1003, 1010)]
    assert plate.missing == [1004, 1005, 1006, 1007, 1008, 1009]
    assert str(plate) == "/plates/bunny.%04d.exr [1001-1003, 1010]"
    assert str(sequence.parse("a.%d.exr [1-3]")) == "a.%d.exr [1-3]"
    assert sequence.parse("/plates/bunny.exr") is None


def test_a_gap_of_any_size_is_a_range():
    plate = sequence.parse("plate.%d.exr [1-3, 5, 2000000000]")
    assert plate.gaps == [range(4, 5), range(6, 2_000_000_000)]
    with pytest.raises(ValueError, match="1999999995 numbers are missing in .*more than 1000000"):
        plate.missing
    extreme = plate._replace(indexes=[-(2**63), 2**63 - 1])
    assert extreme.gaps == [range(1 - 2**63, 2**63 - 1)]
    with pytest.raises(ValueError, match="are missing"):
        extreme.missing
    assert plate._replace(indexes=[]).gaps == plate._replace(indexes=[7]).missing == []


def test_sequences_are_written_in_each_notation_and_read_again():
    plate = sequence.parse("plate.%04d.exr [1001, 1003, 1005]")
    written = {
        "printf": "plate.%04d.exr [1001-1005x2]",
        "hash": "plate.####.exr 1001-1005x2",
        "at": "plate.@@@@.exr 1001-1005x2",
        "houdini": "plate.$F4.exr 1001-1005x2",
        "udim": "plate.<UDIM>.exr 1001-1005x2",
    }
    for notation, text in written.items():
        assert plate.write(notation) == text and sequence.parse(text) == plate
    assert plate.write() == written["printf"]
    with pytest.raises(ValueError, match="no notation .nuke., only printf, hash"):
        plate.write("nuke")
    with pytest.raises(ValueError, match="tail"):
        plate._replace(tail=".%d").write("hash")
    assert sequence.parse("plate.####.exr") is None


def _cases():
    root = os.path.join(os.path.dirname(__file__), "..", "..", "ftrack-location", "test_data", "sequences")
    with open(os.path.join(root, "notations.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    return [line.split(" => ") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("text", "meant"), _cases())
def test_the_table_of_cases_is_read_as_everywhere_else(text, meant):
    try:
        found = sequence.parse(text)
    except ValueError:
        assert meant == "!"
        return
    pattern, frames, _ = (meant.split(" | ") + ["-", "-"])[:3]
    assert (found is None) == (frames == "-")
    if found is not None:
        assert str(found) == "{0} [{1}]".format(pattern, frames)


def test_files_of_a_sequence_are_found_by_its_pattern(plates):
    (plate,) = sequence.find(str(plates / "plate.####.exr"))
    assert plate.indexes == [1001, 1002, 1004] and plate.missing == [1003]
    assert sequence.find(str(plates / "plate.1002.exr")) == [str(plates / "plate.1002.exr")]
    assert sequence.find(str(plates / "plate.1002.exr"), whole=True) == [plate]
    assert sequence.find(str(plates)) == [plate]
    (part,) = sequence.find(str(plates / "plate.%04d.exr"), frames="1001-1002")
    assert part.indexes == [1001, 1002]


def test_every_notation_is_taken_where_a_path_is(session, plates):
    for name, expected in {
        "plate.####.exr": [1001, 1002, 1004],
        "plate.@@@@.exr 1001,1002": [1001, 1002],
        "plate.$F4.exr": [1001, 1002, 1004],
        "plate.<UDIM>.exr 1001-1004x3": [1001, 1004],
        "": [1001, 1002, 1004],
    }.items():
        (found,) = sequence.find(str(plates / name))
        assert found.indexes == expected, name
        if not name:
            # A component of a folder is one of the folder, as it has always been.
            continue
        component = session.create_component(str(plates / name), {"name": "plate"}, location=None)
        assert [int(member["name"]) for member in component["members"]] == expected, name
    session.rollback()


def test_frames_of_another_padding_are_both_shown(session, plates):
    (plates / "plate.00003.exr").write_bytes(b"x")
    for name in ("plate.####.exr", ""):
        with pytest.raises(ValueError, match=r"plate\.%(04)?d\.exr \[1001-1002, 1004\].*plate\.00003\.exr"):
            sequence.find(str(plates / name))
    with pytest.raises(ValueError, match=r"plate\.00003\.exr"):
        session.create_component(str(plates / "plate.####.exr"), {"name": "plate"}, location=None)
    (plates / "take #2 1").write_bytes(b"x")
    component = session.create_component(str(plates / "take #2 1"), {"name": "take"}, location=None)
    assert component.entity_type == "FileComponent"
    session.rollback()


def test_what_is_not_there_is_said(plates):
    with pytest.raises(FileNotFoundError, match="1003"):
        sequence.find(str(plates / "plate.####.exr"), frames="1001-1004")
    with pytest.raises(FileNotFoundError):
        sequence.find(str(plates / "missing.exr"))
    with pytest.raises(ValueError, match="not frames"):
        sequence.find(str(plates / "plate.####.exr"), frames="not frames")
    with pytest.raises(ValueError, match="90000000"):
        sequence.parse("a.%d.exr [1-90000000]")


def test_names_are_put_together():
    found = sequence.assemble(["b.2.exr", "a.01.exr", "a.02.exr", "b.1.exr", "alone.txt"])
    assert [str(one) for one in found] == ["a.%02d.exr [1-2]", "b.%d.exr [1-2]", "alone.txt"]


def test_what_is_found_becomes_a_component(session, plates):
    (plate,) = sequence.find(str(plates / "plate.####.exr"))
    component = session.create_component(str(plate), {"name": "plate"}, location=None)
    assert [member["name"] for member in component["members"]] == ["1001", "1002", "1004"]
    session.rollback()
