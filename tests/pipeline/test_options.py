"""Options: one field is one option, everywhere."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeEngine
from tests.helpers import speech_wav
from tests.videos import moved_portrait, write_film

import lipwright
from lipwright import Portrait, RenderOptions, Video
from lipwright.cli.derived_options import SOURCES, known_options, render_options
from lipwright.cli.sync import sync as sync_command
from lipwright.core.errors import UsageError
from lipwright.core.option import option_info
from lipwright.media.video.output_spec import OutputSpec
from lipwright.pipeline.captions import Captions
from lipwright.pipeline.options import PER_FILE

README = Path(__file__).parents[2] / "README.md"
NOT_BY_ITSELF = {"engine_options", "captions", "provenance"}
"""Fields that hold options of their own."""
OTHER = {
    "engine": "wav2lip", "quality": "low", "fps": "30000/1001", "encoder": "x265",
    "device": "cuda:1", "gpu": "false", "motion": "still", "mouth": "drawn",
    "length": "loop", "keep_audio": -20.0, "audio_track": "hi", "fix_sync": True,
    "seed": 3, "workers": 2, "resume": True, "no_clobber": True,
    "captions": Path("c.srt"), "burn_captions": True, "subtitles": True,
    "caption_font": Path("f.ttf"), "label": "AI", "label_position": "bottom-right",
    "label_size": 0.05, "consent": "of Anna", "c2pa_certificate": Path("c.pem"),
    "c2pa_key": Path("k.pem"), "batch_size": 4, "paste": "official", "timing": "official",
}  # fmt: skip
"""For each option another value than its default."""
NEEDED: dict[str, dict[str, Any]] = {
    "fix_sync": {"keep_audio": -20.0},
    "c2pa_certificate": {"c2pa_key": Path("k.pem")},
    "c2pa_key": {"c2pa_certificate": Path("c.pem")},
}
"""Options without which another one is refused."""


def test_every_field_is_an_option_of_the_command_line():
    import inspect

    offered = set(inspect.signature(sync_command).parameters)
    for field in fields(RenderOptions):
        assert field.name in offered or field.name in NOT_BY_ITSELF, field.name
    assert set(known_options()) | {"speaker"} <= offered
    assert set(known_options()) == set(OTHER), "give every option another value here"


@pytest.mark.parametrize("name", sorted(OTHER))
def test_what_the_command_line_is_given_reaches_the_options(name):
    needed = NEEDED.get(name, {})
    wanted = render_options({name: OTHER[name], **needed})
    assert wanted != RenderOptions()
    found = [
        getattr(holder, field.name)
        for holder in (wanted, wanted.captions, wanted.provenance)
        if holder is not None
        for field in fields(holder)
        if ((info := option_info(field)) and (info.name or field.name) == name)
    ]
    of_engine = (wanted.engine_options or {}).get(name)
    expected = {"fps": Fraction(30000, 1001), "gpu": False}.get(name, OTHER[name])
    assert [*found, *([] if of_engine is None else [of_engine])] == [expected]


def test_the_readme_has_a_row_for_every_option_of_the_command_line():
    import inspect

    table = README.read_text(encoding="utf-8")
    told = set(re.findall(r"`--([a-z0-9-]+)`", "".join(re.findall(r"^\| `--.*$", table, re.M))))
    names = {"set" if n == "values" else n for n in inspect.signature(sync_command).parameters}
    flags = {"no-cache" if name == "cache" else name.replace("_", "-") for name in names}
    assert told >= flags, sorted(flags - told)


def test_options_and_their_values_are_documented():
    for source in SOURCES:
        for field in fields(source):
            info = option_info(field)
            assert info is None or (info.help.endswith(".") and "--" not in info.help), field.name


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quality": "best"}, 'There is no quality "best"'),
        ({"motion": "wild"}, 'There is no motion "wild"'),
        ({"workers": 0}, "0 workers are impossible"),
        ({"mouth": "wide"}, 'There is no mouth "wide"'),
        ({"length": "long"}, 'There is no length "long"'),
        ({"encoder": "x999"}, 'There is no encoder "x999"'),
        ({"device": "tpu"}, 'There is no device "tpu"'),
        ({"fps": 1000}, "frames per second cannot be made"),
        ({"seed": -1}, "A seed of -1 is impossible"),
        ({"fix_sync": True}, "there is none to move: keep it as well"),
        ({"gpu": True, "device": "cpu"}, "contradict each other"),
        ({"gpu": False, "device": "cuda:1"}, "contradict each other"),
    ],
)
def test_values_that_do_not_exist_are_told(wrong, said):
    with pytest.raises(UsageError, match=said):
        RenderOptions(**wrong)


def test_the_gpu_chooses_a_device():
    chosen = [RenderOptions(gpu=gpu).chosen_device for gpu in (None, True, False)]
    assert chosen == ["auto", "cuda", "cpu"]
    assert RenderOptions(device="cuda:1", gpu=None).wants_gpu_encoder
    assert RenderOptions(device="mps").wants_gpu_encoder
    assert not RenderOptions().wants_gpu_encoder


def test_options_are_frozen_and_exact():
    options = RenderOptions(fps=23.976)
    assert options.rate == Fraction("23.976") and RenderOptions().rate is None
    with pytest.raises(FrozenInstanceError):
        options.quality = "low"  # type: ignore[misc]
    assert replace(options, seed=4).rate == options.rate


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("v") / "v.mp4", [moved_portrait(i) for i in range(4)])


@pytest.mark.usefixtures("fake_engines")
def test_all_doors_take_the_same_options(hopper, video, tmp_path):
    speech = speech_wav(tmp_path / "s.wav", 0.2)
    options = RenderOptions(quality="low", engine="film", fps=10)
    made = [
        lipwright.sync(hopper, speech, tmp_path / "a.mp4", options),
        lipwright.sync(hopper, speech, tmp_path / "b.mp4", quality="low", engine="film", fps=10),
        Portrait(hopper, options).save(speech, tmp_path / "c.mp4"),
        Portrait(hopper, options, fps=25).save(speech, tmp_path / "d.mp4", fps=10),
    ]
    assert {(m.frames, m.height, m.fps, m.engine) for m in made} == {(2, 480, 10, "film")}
    dubbed = Video(video, options, fps=None).save(speech, tmp_path / "e.mp4")
    assert dubbed.fps == 25 and dubbed.engine == "film"
    assert len(list(lipwright.render_frames(hopper, speech, options))) == 2


@pytest.mark.usefixtures("fake_engines")
def test_names_that_do_not_exist_are_told(hopper, video, tmp_path):
    with pytest.raises(UsageError, match='no option "qualty" here: did you mean "quality"'):
        Portrait(hopper, qualty="low")
    with pytest.raises(
        UsageError, match='no option "zzz" here: choose one of audio_track, captions, device'
    ):
        lipwright.sync(hopper, tmp_path / "s.wav", tmp_path / "o.mp4", zzz=1)
    portrait = Portrait(hopper, engine="fake", quality="low")
    speech = speech_wav(tmp_path / "s.wav", 0.2)
    with pytest.raises(UsageError, match='no option "quality" here: choose one of captions, f'):
        portrait.save(speech, tmp_path / "o.mp4", quality="high")
    assert {"fps", "captions", "no_clobber", "resume"} == PER_FILE


def test_a_video_is_refused_before_its_source_is_looked_at(tmp_path):
    """Nothing is there: whatever looked at the picture or the speech first would say so."""
    missing, speech = tmp_path / "missing.png", speech_wav(tmp_path / "s.wav", 0.2)
    for wrong, said in (
        ({"encoder": "prores"}, "cannot hold"),
        ({"captions": Captions(file=tmp_path / "c.txt")}, r"\.srt"),
    ):
        with pytest.raises(UsageError, match=said):
            lipwright.sync(missing, speech, tmp_path / "o.mp4", **wrong)


@pytest.mark.usefixtures("fake_engines")
def test_a_voice_is_asked_once_the_source_is_ready(hopper, tmp_path):
    asked = []

    def speak() -> lipwright.Speech:
        asked.append(True)
        return lipwright.Speech.from_file(speech_wav(tmp_path / "s.wav", 0.2))

    with pytest.raises(lipwright.LipwrightError):
        lipwright.sync(tmp_path / "missing.png", speak, tmp_path / "o.mp4")
    assert not asked
    made = lipwright.sync(hopper, speak, tmp_path / "o.mp4", engine="fake", quality="low")
    assert asked == [True] and made.frames == 5


def test_an_engine_is_closed_by_whoever_made_it(hopper, tmp_path, fake_engines, monkeypatch):
    closed = []
    monkeypatch.setattr(FakeEngine, "close", lambda self: closed.append(self))
    speech = speech_wav(tmp_path / "s.wav", 0.2)
    lipwright.sync(hopper, speech, tmp_path / "o.mp4", engine="fake", quality="low")
    assert len(closed) == 1
    lipwright.sync(hopper, speech, tmp_path / "o.mp4", engine=FakeEngine(), quality="low")
    assert len(closed) == 1


@pytest.mark.parametrize("size", [(15, 16), (16, 17), (8, 8)])
def test_sizes_that_no_video_has(size):
    with pytest.raises(ValueError, match="must be even"):
        OutputSpec(size, Fraction(25))
