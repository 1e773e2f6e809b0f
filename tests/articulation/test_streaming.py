"""A speech that is still being spoken moves the lips as it will when it is whole."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.drawing import speaking
from tests.helpers import hopper_path

from lipwright.articulation import articulate
from lipwright.articulation.streaming import articulate_prefixes
from lipwright.engines.warp import WarpEngine
from lipwright.engines.warp.motion.plan import FORESIGHT, plan_motion
from lipwright.face import choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.speech.speech import Phone, Speech

SENTENCES = (
    "nəmˈɑsteː, mʌðˈʌŋɡiː ðɪs ɪz ɐ vˈɛri fˈɹɛndli ɹɪmˈaɪndə fɹəm jɔː kˈɑːd tˈiːm.",
    "pliːz pˈeɪ jɔː bˈɪl bɪfˈɔː ðə ˈɛnd ɒv ðə mˈʌnθ, ɔː ɐz sˈuːn ɐz juː kˈæn",
    "fɪfti θɹˈiː ɹˈuːpiːz wɪl biː ˈædɪd ɐftə ðæt, wˈɪtʃ wiː wʊd bˈəʊθ ɹˈɑːðə nˈɒt hˈæv.",
    "θˈæŋk juː, bˈaɪ!",
)
PAUSES = (0.42, 0.02, 0.9, 0.25)


class Growing(Speech):
    """Becomes known a sentence at a time."""

    ends: tuple[tuple[int, float], ...] = ()

    def prefixes(self):
        for phones, duration in self.ends:
            whole = duration == self.duration
            yield replace(self, phones=(self.phones or ())[:phones], duration=duration), whole


def spoken(seed: int = 0) -> tuple[Speech, Growing]:
    """The same speech, whole and growing."""
    random, time, phones, ends = np.random.default_rng(seed), 0.0, [], []
    for sentence, pause in zip(SENTENCES, PAUSES, strict=True):
        time += 0.08
        for symbol in sentence:
            length = 0.01 if symbol in "ˈˌ" else float(random.uniform(0.03, 0.13))
            phones.append(Phone(time, time + length, symbol))
            time += length
        time += 0.04 + pause
        ends.append((len(phones), time))
    whole = Speech(rate=16000, duration=time, phones=tuple(phones))
    prefixes = Growing(rate=16000, duration=time, phones=tuple(phones))
    object.__setattr__(prefixes, "ends", tuple(ends))
    return whole, prefixes


@pytest.mark.parametrize("seed", range(4))
def test_every_row_is_that_of_the_whole_and_never_changes(seed):
    whole, prefixes = spoken(seed)
    expected = articulate(whole).curves
    stages = list(articulate_prefixes(prefixes))
    assert len(stages) == len(SENTENCES)
    for stage, (_, end) in zip(stages, prefixes.ends, strict=True):
        curves = stage.articulation.curves
        np.testing.assert_allclose(curves, expected[: len(curves)], atol=2e-4)
        if stage is not stages[-1]:
            assert end - 3.0 < stage.stable_until <= end - 1.0
    assert len(stages[-1].articulation.curves) == len(expected)
    assert stages[-1].stable_until == float("inf")


def test_a_speech_that_is_whole_comes_once():
    whole, _ = spoken()
    (stage,) = articulate_prefixes(whole)
    np.testing.assert_array_equal(stage.articulation.curves, articulate(whole).curves)


def test_a_beginning_decides_what_the_head_does_in_it():
    random = np.random.default_rng(5)
    activity = np.abs(np.cumsum(random.normal(0, 0.03, 9000))) % 0.5
    activity[np.arange(9000) % 700 < 60] = 0
    whole = plan_motion(activity, 100, 3, "lively")
    for seconds in (7.0, 21.3, 44.0, 80.0):
        part = plan_motion(activity[: int(100 * seconds)], 100, 3, "lively")
        for time in np.arange(0, seconds - FORESIGHT, 0.04):
            assert part.at(time) == whole.at(time)


def test_frames_are_made_before_the_end_is_known():
    whole, prefixes = spoken()
    image = resize(read_image(hopper_path()), (256, 300))
    engine = WarpEngine()
    face = choose_face(image, None, "hopper")
    expected = [frame.copy() for frame in speaking(engine, image, face, whole, Fraction(10))]

    asked = []

    class Asked(Growing):
        def prefixes(self):
            for stage in super().prefixes():
                asked.append(stage)
                yield stage

    prefixes.__class__ = Asked
    frames = speaking(engine, image, face, prefixes, Fraction(10))
    first = next(frames).copy()
    durations = {known.duration for known, _ in asked}
    assert len(durations) == 1, "the first frame needs the first sentence alone"
    found = [first, *(frame.copy() for frame in frames)]
    assert len(found) == len(expected)
    worst = max(np.abs(a.astype(int) - b).max() for a, b in zip(found, expected, strict=True))
    assert worst <= 3
