"""Values of a process, such as the networks of the package, are computed once."""

from __future__ import annotations

import os

import pytest

from lipwright.core.errors import LipwrightError
from lipwright.core.process_wide import ProcessWide
from lipwright.face import networks
from lipwright.face.networks import SHA256, open_session

NAME = "face_detector.onnx"


def test_a_session_is_shared():
    assert open_session(NAME, 1) is open_session(NAME, 1)
    assert open_session(NAME, 2) is not open_session(NAME, 1)


def test_a_forked_process_opens_its_own(monkeypatch):
    monkeypatch.setattr(networks, "_sessions", ProcessWide())
    before = open_session(NAME, 1)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert open_session(NAME, 1) is not before


def test_what_cannot_be_opened_is_told_again(monkeypatch):
    monkeypatch.setattr(networks, "_sessions", ProcessWide())
    with monkeypatch.context() as damaged:
        damaged.setitem(SHA256, NAME, "0" * 64)
        for _ in range(2):
            with pytest.raises(LipwrightError, match="damaged"):
                open_session(NAME, 1)
    assert open_session(NAME, 1) is open_session(NAME, 1)


def test_the_latest_values_of_this_process_alone_are_kept(monkeypatch):
    kept = ProcessWide[object](most=1)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    other = kept.get("a", object)
    monkeypatch.undo()
    first, second = kept.get("a", object), kept.get("b", object)
    assert len({id(value) for value in (other, first, second)}) == 3
    assert kept.get("b", object) is second
    assert kept.get("a", object) is not first
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert kept.get("a", object) is other
