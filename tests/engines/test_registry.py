"""The registry of engines."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, get_type_hints

import pytest
from tests.fakes import FakeEngine, register

from lipwright.core.errors import EngineError, UsageError
from lipwright.core.option import option_info
from lipwright.engines import ENGINES, create_engine, frame_count
from lipwright.engines.option_table import CLASSES, engine_options
from lipwright.engines.warp import WarpEngine


def test_every_registered_engine_can_be_imported_and_says_what_it_is():
    for name, info in ENGINES.items():
        assert info.name == name == info.spec.name
        assert info.spec.summary.endswith(".") and info.spec.licence
        assert is_dataclass(info.spec.options)
        for method in ("prepare", "render", "close"):
            assert callable(getattr(info.factory(), method))


def test_an_unknown_engine_is_told_with_those_there_are():
    with pytest.raises(UsageError, match='no engine called "warp9": choose one of warp'):
        create_engine("warp9")


def test_the_former_name_of_an_engine_is_accepted_with_a_notice(caplog):
    assert create_engine("portrait", motion="still").spec.name == "warp"
    assert caplog.messages == ['The engine "portrait" is now called "warp".']


def test_motion_reaches_engines_that_have_it(fake_engines):
    for options, motion in ({}, "still"), ({"motion": "lively"}, "lively"):
        engine = create_engine("fake", options, motion="still")
        assert isinstance(engine, FakeEngine) and engine.options.motion == motion


def test_mouth_reaches_engines_that_have_it(fake_engines):
    for options, mouth in ({}, "own"), ({"mouth": "drawn"}, "drawn"):
        engine = create_engine("warp", options, mouth="own")
        assert isinstance(engine, WarpEngine) and engine.options.mouth == mouth
    assert isinstance(create_engine("fake", mouth="own"), FakeEngine)


def test_an_option_the_engine_does_not_have_is_told():
    with pytest.raises(UsageError, match='engine "warp" has no option batch-size'):
        create_engine("warp", {"batch_size": 3})


def test_an_engine_can_be_an_object():
    made = create_engine("warp")
    assert create_engine(made, motion="still") is made
    with pytest.raises(UsageError, match="has its options already"):
        create_engine(made, {"motion": "still"})


def test_an_engine_of_another_package_that_cannot_be_loaded_is_told(monkeypatch):
    register(monkeypatch, {"gone": "package_that_is_not_here:Engine"})
    with pytest.raises(EngineError, match='"gone" cannot be loaded .* install package_that'):
        create_engine("gone")


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


def test_options_that_engines_share_mean_the_same():
    told: dict[str, Any] = {}
    for engine, source in CLASSES.items():
        hints = get_type_hints(source, localns={"Networks": Any})
        for field in fields(source):
            if info := option_info(field):
                one = (hints[field.name], info.help, info.metavar)
                assert told.setdefault(field.name, one) == one, f"{engine}: {field.name}"


def test_every_option_of_an_engine_is_in_the_table():
    for name, info in ENGINES.items():
        own = {f.name for f in fields(info.spec.options) if option_info(f)}
        assert own <= {*engine_options(), "motion", "mouth", "workers"}, name
