"""An engine that moves nothing, for tests of everything around an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np

from lipwright.engines import EngineInfo, frame_count
from lipwright.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.speech.speech import Speech

FAKE = EngineInfo("fake", "Moves nothing.", "nothing", "MIT", "tests.fakes:FakeEngine")
FILM = EngineInfo("film", "Marks faces.", "nothing", "MIT", "tests.fakes:FilmEngine")
BROKEN = EngineInfo("broken", "Fails.", "nothing", "MIT", "tests.fakes:BrokenEngine")


class FakeEngine:
    """Shows the picture itself with a bar along the top that grows with time."""

    name = "fake"

    def __init__(self, motion: str = "subtle", seed: int = 0) -> None:
        self.motion = motion
        self.seed = seed

    def prepare(self, source: np.ndarray, face: Face) -> tuple[np.ndarray, Face]:
        return source, face

    def frames(
        self, avatar: tuple[np.ndarray, Face], speech: Speech, fps: Fraction, first: int = 0
    ) -> Iterator[np.ndarray]:
        source, _ = avatar
        count = frame_count(speech.duration, fps)
        for index in range(first, count):
            frame = source.copy()
            frame[:4, : (index + 1) * source.shape[1] // count] = (0, 255, 0)
            yield frame


class FilmEngine(FakeEngine):
    """Marks the tip of the nose in every frame with a face, in green."""

    name = "film"

    def prepare_film(self, examples: Iterable[TrackedFrame]) -> None:
        pass

    def dub(
        self,
        cast: None,
        film: Iterable[TrackedFrame],
        speech: Speech,
        fps: Fraction,
        first: int = 0,
    ) -> Iterator[np.ndarray]:
        for frame in film:
            if frame.face is not None:
                x, y = frame.face.landmarks[1, :2].astype(int)
                frame.image[y - 4 : y + 4, x - 4 : x + 4] = (0, 255, 0)
            yield frame.image


class BrokenEngine(FakeEngine):
    """Dies after three frames, the way a program error does."""

    name = "broken"

    def frames(
        self, avatar: tuple[np.ndarray, Face], speech: Speech, fps: Fraction, first: int = 0
    ) -> Iterator[np.ndarray]:
        for index, frame in enumerate(super().frames(avatar, speech, fps, first)):
            if index == 3:
                raise RuntimeError("the fake fails, as it should")
            yield frame
