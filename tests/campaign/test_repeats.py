"""What is said to one person and kept for the next who hears the same."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.helpers import speech_like

from lipwright.campaign.ledger import Task
from lipwright.campaign.maker import VideoMaker
from lipwright.campaign.repeats import Repeats
from lipwright.campaign.segments import SegmentMaker
from lipwright.speech.speech import Speech
from lipwright.speech.voice import Voice


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_file_is_taken_by_its_key_and_its_fields(tmp_path):
    repeats, place = Repeats(tmp_path / "kept"), tmp_path / "taken.mkv"
    assert not repeats.take(("name",), "Asha", place)
    repeats.keep(("name",), "Asha", file(tmp_path, "1.mkv", b"asha"))
    repeats.keep(("name",), "Asha", file(tmp_path, "2.mkv", b"another"))
    assert not repeats.take(("name",), "Ravi", place)
    assert not repeats.take(("amount",), "Asha", place)
    assert not repeats.take(("name",), "Asha", tmp_path / "taken.npz")
    assert repeats.take(("name",), "Asha", place) and place.read_bytes() == b"asha"
    names = [path.name for path in (tmp_path / "kept").rglob("*")]
    assert names and not any("Asha" in name or "name" in name for name in names)


def test_the_oldest_goes_and_other_fields_stay(tmp_path):
    repeats = Repeats(tmp_path / "kept", most_bytes=25)
    repeats.keep(("name",), "Asha", file(tmp_path, "name.mkv", bytes(10)))
    for number in range(3):
        made = file(tmp_path, f"{number}.mkv", bytes(10))
        os.utime(made, (number, number))
        repeats.keep(("amount",), str(number), made)
    found = [repeats.take(("amount",), str(n), tmp_path / f"t{n}.mkv") for n in range(3)]
    assert found == [False, True, True]
    assert repeats.take(("name",), "Asha", tmp_path / "taken.mkv")


def test_file_systems_without_second_names(tmp_path, monkeypatch):
    def refuse(source: object, target: object) -> None:
        if not Path(str(source)).exists():
            raise FileNotFoundError(str(source))
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse)
    repeats, place = Repeats(tmp_path / "kept"), tmp_path / "taken.mkv"
    assert not repeats.take((), "a", place)
    repeats.keep((), "a", file(tmp_path, "1.mkv", b"abc"))
    assert repeats.take((), "a", place) and place.read_bytes() == b"abc"
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("reuse", "spoken", "drawn"), [("segments", 4, 4), ("speech", 4, 2), ("nothing", 2, 2)]
)
def test_what_two_people_hear_is_made_once(plan, tmp_path, monkeypatch, reuse, spoken, drawn):
    """Both are called Asha: her greeting is one, the amounts are two."""
    said, made = [], []
    make = SegmentMaker.make

    def counted_speech(self: Voice, text: str, **more: object) -> Speech:
        said.append(text)
        return Speech.from_samples(speech_like(0.5, seed=len(text)), 16_000, transcript=text)

    def counted_segment(self: SegmentMaker, text: str, *more: Any) -> object:
        made.append(text)
        return make(self, text, *more)

    monkeypatch.setattr(Voice, "synthesize", counted_speech)
    monkeypatch.setattr(SegmentMaker, "make", counted_segment)
    state = tmp_path / "state"
    script = "Hi {name}! It is due. You owe {amount}."
    maker = VideoMaker(replace(plan, script=script, reuse=reuse), str(tmp_path / "out"), state)
    for number, amount in enumerate(("4", "5"), 1):
        maker.make(Task(number, 1, {"name": "Asha", "amount": amount}, f"{number}.mp4"))
    assert (len(said), len(made)) == (spoken, drawn)
