"""Measures once the reference's lips are moved to fit its sound."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.evaluation.films import make_film, spoken_sentence
from tests.evaluation.test_metrics import wobble

import lipwright
from lipwright.evaluation.metrics import Closures
from lipwright.evaluation.own_offset import EVENTS, compare_at_offset, count_events, shares
from lipwright.evaluation.results import OURS, REAL
from lipwright.pipeline.av_offset import AvOffset
from lipwright.speech.speech import Speech

FPS = 25.0


def mouth(first: int, count: int = 100) -> np.ndarray:
    """Gap, width and chin from a frame on, of movement that never repeats."""
    curves = [wobble(160, seed)[first : first + count] for seed in (1, 2, 3)]
    return np.stack(curves, axis=1)


def reference(lips: np.ndarray, span: tuple[int, int] = (10, 89)) -> Any:
    return SimpleNamespace(video=SimpleNamespace(mouth=lips), span=span, fps=FPS)


@pytest.mark.parametrize("late", [-8, -3, 0, 2, 8])
def test_lips_that_are_late_agree_at_their_own_offset(late):
    """The sound, and a mouth that is right, are at frame 30 when the film begins."""
    real, ours = reference(mouth(30 - late)), mouth(30)
    offset = AvOffset(late / FPS + 0.01, late + 0.25, 0.99)
    found = compare_at_offset(real, ours, offset, follows_sound=True)
    assert found == pytest.approx({"gap_correlation_offset": 1, "width_correlation_offset": 1})
    events = count_events(real, ours, offset, follows_sound=True)
    assert tuple(events) == EVENTS and events["1_offset"].real > 3
    assert shares(events)["closures_recall_1_offset"] == 1
    assert shares(events)["closures_precision_1_offset"] == 1
    if abs(late) > 2:
        at_zero = compare_at_offset(real, ours, AvOffset(0.0, 0.0, 0.99), follows_sound=True)
        assert at_zero["gap_correlation_offset"] < 0.8
        assert shares(events)["closures_recall_1"] < 1


@pytest.mark.parametrize(("confidence", "follows_sound"), [(0.5, True), (0.99, False)])
def test_nothing_is_moved_where_it_is_unknown_or_keeps_the_pictures_time(confidence, follows_sound):
    real = reference(mouth(30))
    offset = AvOffset(0.12, 3.0, confidence)
    found = compare_at_offset(real, mouth(30), offset, follows_sound)
    assert found["gap_correlation_offset"] == pytest.approx(1)
    events = count_events(real, mouth(30), offset, follows_sound)
    assert events["1"] == events["1_offset"] and events["2"] == events["2_offset"]


def test_shares_without_any_closures_are_unknown():
    assert np.isnan(shares({"1": Closures(0, 0, 0, 0)})["closures_recall_1"])


def test_a_reference_whose_sound_came_early(tmp_path):
    said = spoken_sentence()
    cut = said.samples[round(0.12 * said.rate) :]
    path = tmp_path / "early.mkv"
    make_film(tmp_path / "whole.mkv", said)
    remux(tmp_path / "whole.mkv", Speech.from_samples(cut, said.rate), path)
    evaluation = lipwright.evaluate(path, baselines=False)
    (clip,) = evaluation.clips
    assert clip.own_offset is not None and clip.own_offset.is_trusted
    assert clip.own_offset.frames == pytest.approx(3, abs=0.75)
    ours, real = clip.measures[OURS], clip.measures[REAL]
    assert ours["gap_correlation_offset"] > ours["gap_correlation"] + 0.2
    assert ours["offset"] == pytest.approx(-3, abs=1)
    assert real["gap_correlation_offset"] == real["closures_recall_1_offset"] == 1


def remux(source, sound, output) -> None:
    """The pictures of a video with another sound."""
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.media.video.source import open_video_source
    from lipwright.media.video.writer import VideoWriter

    film = open_video_source(source)
    with VideoWriter(output, OutputSpec(film.size, film.fps), sound) as video:
        for picture in film.pictures(range(film.count)):
            video.write(picture)
