"""Names of videos, and the places they go to, whole or not at all."""

from __future__ import annotations

import pytest

from lipwright.campaign.outputs import OutputNames, OutputStore, is_address
from lipwright.core.errors import MediaError, MissingExtraError, UsageError


def test_names_say_nothing_of_a_person_and_stand_in_folders():
    names = OutputNames(None, ("name",), 5000)
    assert names.name(1, {"name": "Asha"}) == "0000/000001.mp4"
    assert names.name(1001, {}) == "0001/001001.mp4"


def test_a_pattern_takes_columns_and_folders():
    names = OutputNames("{city}/{id}.mov", ("id", "city"), None)
    assert names.name(3, {"id": "A 7é", "city": "Köln"}) == "Köln/A 7é.mov"


@pytest.mark.parametrize(
    "value", ["", "..", "a/b", "a\\b", "con", "x\ny", "a?", "x.", "‮gpj", "NUL.txt", "x" * 300]
)
def test_values_that_make_no_safe_name_are_told_of(value):
    with pytest.raises(ValueError, match=r"safe|reserve|empty|bytes|invisible"):
        OutputNames("{id}.mp4", ("id",), None).name(1, {"id": value})


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("{x}.mp4", "no column"), ("same.mp4", "alike"), ("/{row}.mp4", "leaves"),
     ("../{row}.mp4", "leaves"), ("{row}.exe", "end in")],
)  # fmt: skip
def test_a_pattern_that_cannot_be_is_told_in_a_sentence(pattern, says):
    with pytest.raises(UsageError, match=says):
        OutputNames(pattern, ("id",), None)


def test_a_video_appears_whole(tmp_path):
    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")
    store = OutputStore(str(tmp_path / "o ut"))
    assert store.put(made, "0000/1.mp4") == 5 and not made.exists()
    assert store.exists("0000/1.mp4")
    assert [path.name for path in (tmp_path / "o ut/0000").iterdir()] == ["1.mp4"]
    store.remove("0000/1.mp4")
    store.remove("0000/1.mp4")
    assert not store.exists("0000/1.mp4")


def test_an_address_is_written_by_fsspec(tmp_path):
    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")
    store = OutputStore("memory://videos/may")
    store.put(made, "0000/1.mp4")
    assert store.exists("0000/1.mp4") and not store.exists("0000/1.mp4.partial")
    store.remove("0000/1.mp4")
    assert not store.exists("0000/1.mp4")


def test_addresses_that_nobody_knows_are_told_of(monkeypatch):
    assert is_address("s3://bucket/x") and not is_address("out/x") and not is_address("C:\\out")
    with pytest.raises(MediaError, match="fsspec"):
        OutputStore("nonsense://x")
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match="storage"):
        OutputStore("s3://bucket/x")


def test_a_full_disk_is_told_of_and_nothing_half_written_is_left(tmp_path, monkeypatch):
    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lipwright.campaign.outputs.shutil.move", full)
    store = OutputStore(str(tmp_path / "out"))
    with pytest.raises(MediaError, match="No space left"):
        store.put(made, "1.mp4")
    assert list((tmp_path / "out").iterdir()) == []
