"""The registry of engines."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module

import pytest
from tests.fakes import FakeEngine

from lipwright.core.errors import UsageError
from lipwright.engines import ENGINES, create_engine, frame_count


def test_every_registered_engine_can_be_imported_and_keeps_the_protocol():
    for name, info in ENGINES.items():
        module, _, attribute = info.factory.partition(":")
        engine = getattr(import_module(module), attribute)
        assert info.name == name == engine.name
        assert callable(engine.prepare) and callable(engine.frames)
        assert info.summary.endswith(".") and info.licence


def test_an_unknown_engine_is_told_with_those_there_are():
    with pytest.raises(UsageError, match='no engine called "warp9": choose one of warp'):
        create_engine("warp9")


def test_the_former_name_of_an_engine_is_accepted_with_a_notice(caplog):
    assert create_engine("portrait", motion="still").name == "warp"
    assert caplog.messages == ['The engine "portrait" is now called "warp".']


def test_options_reach_the_engine_and_those_it_does_not_know_are_dropped(fake_engines):
    engine = create_engine("fake", motion="still", seed=7, gpu=True)
    assert isinstance(engine, FakeEngine)
    assert (engine.motion, engine.seed) == ("still", 7)


@pytest.mark.parametrize(
    ("duration", "fps", "frames"),
    [
        (1.0, "25", 25),
        (0.001, "25", 1),
        (0.0, "25", 1),
        (1.0001, "25", 26),
        (10.01, "30000/1001", 300),
        (3600.0, "24000/1001", 86314),
    ],
)
def test_frames_cover_the_speech_and_no_more(duration, fps, frames):
    assert frame_count(duration, Fraction(fps)) == frames
