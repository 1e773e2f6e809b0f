"""Networks of the package are open once in a process."""

from __future__ import annotations

import os

import pytest

from lipwright.core import vendored_networks
from lipwright.core.errors import LipwrightError
from lipwright.core.vendored_networks import vendored_session
from lipwright.face.networks import SHA256

NAME = "face_detector.onnx"


def opened(threads: int = 1, sha256: str = SHA256[NAME]):
    return vendored_session("lipwright.face", NAME, sha256, threads)


def test_a_session_is_shared():
    assert opened() is opened()
    assert opened(threads=2) is not opened()


def test_a_forked_process_opens_its_own(monkeypatch):
    before = opened()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    try:
        assert opened() is not before
    finally:
        for key in [key for key in vendored_networks._open if key.process == -1]:
            del vendored_networks._open[key]


def test_what_cannot_be_opened_is_told_again(monkeypatch):
    monkeypatch.setattr(vendored_networks, "_open", {})
    for _ in range(2):
        with pytest.raises(LipwrightError, match="damaged"):
            opened(sha256="0" * 64)
    assert opened() is opened()
