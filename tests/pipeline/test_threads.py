"""One prepared source serves any number of runs at once: in threads, and in turns."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import av
import cv2
import numpy as np
import pytest
from tests.engines.wav2lip.fakes import FakeNetworks
from tests.fakes import FakeEngine
from tests.helpers import hopper_path, speech_like
from tests.pairs import both
from tests.videos import moved_portrait, write_film

from lipwright import Portrait, Video
from lipwright.core.once import Once
from lipwright.core.readonly import freeze, read_only
from lipwright.engines.base import PersonInImage
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import find_faces
from lipwright.media.image.read import read_image
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.speech.speech import Speech

T = TypeVar("T")
FPS = Fraction(10)
SECONDS, FILM_FRAMES = 1.0, 12
PATIENCE = 60.0  # s
Draw = Callable[..., Iterator[np.ndarray]]
"""(speech, first) to the frames from number `first` on."""


def voice(seed: int, seconds: float = SECONDS) -> Speech:
    """Other syllables for each seed."""
    samples = np.roll(speech_like(seconds, seed=seed), 2500 * seed)
    return Speech.from_samples(samples, 16_000)


ONE, OTHER = voice(0), voice(1)


def at_once(*tasks: Callable[[], T]) -> list[T]:
    """What the tasks give, each done in a thread of its own."""
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def copies(frames: Iterator[np.ndarray]) -> list[np.ndarray]:
    return [frame.copy() for frame in frames]


def in_step(frames: Iterator[np.ndarray], barrier: threading.Barrier) -> list[np.ndarray]:
    """Copies, each made only after every thread has drawn a frame of its own."""
    kept = []
    for frame in frames:
        barrier.wait(PATIENCE)
        kept.append(frame.copy())
    return kept


class ListeningNetworks(FakeNetworks):
    """Draws a face the brighter, the louder the sound is."""

    def draw(self, mel: np.ndarray, added: Sequence[np.ndarray]) -> np.ndarray:
        loudness = mel.mean(axis=(1, 2, 3)) / 20
        return np.clip(super().draw(mel, added) + loudness[:, None, None, None], 0, 1)


def wav2lip() -> dict[str, Any]:
    return {"engine": "wav2lip", "engine_options": {"networks": ListeningNetworks()}}


def cut_out() -> np.ndarray:
    """BGRA: hopper in an oval of nothing."""
    image = read_image(hopper_path())
    alpha = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(alpha, (256, 300), (190, 280), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return np.dstack([image, alpha])


def of_picture(*source: Any, **options: Any) -> Draw:
    portrait = Portrait(*source, quality="low", **options)
    return lambda speech, first=0: portrait.frames(speech, FPS, first)


def of_two_people() -> Draw:
    """One says the speech, the other something else."""
    portrait = Portrait(both(), quality="low", speaker=0)
    return lambda speech, first=0: portrait.frames({0: speech, 1: voice(5)}, FPS, first)


def of_transparent_picture() -> Draw:
    """Frames with the transparency that is moved along."""
    picture = cut_out()
    image, alpha = (np.ascontiguousarray(part) for part in (picture[..., :3], picture[..., 3]))
    engine = WarpEngine(WarpOptions("lively"))
    speaker = prepare_speaker(engine, image, find_faces(image)[0], alpha=alpha)

    def draw(speech: Speech, first: int = 0) -> Iterator[np.ndarray]:
        frames = ImageFrames(engine, image, [speaker], [speech], FPS, first)
        return (np.dstack([frame, frames.warp_plane(alpha)]) for frame in frames)

    return draw


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, [moved_portrait(3 * i) for i in range(FILM_FRAMES)])


def of_film(film: Path, **options: Any) -> Draw:
    dubbed = Video(film, **options)
    return lambda speech, first=0: dubbed.frames(speech, FPS, first)


SOURCES: dict[str, Callable[[Path], Draw]] = {
    "still": lambda film: of_picture(hopper_path(), motion="still"),
    "lively": lambda film: of_picture(hopper_path(), motion="lively"),
    "transparent": lambda film: of_transparent_picture(),
    "two people": lambda film: of_two_people(),
    "film": of_film,
    "wav2lip": lambda film: of_picture(hopper_path(), **wav2lip()),
    "wav2lip film": lambda film: of_film(film, **wav2lip()),
}


@pytest.fixture(scope="module", params=SOURCES)
def draw(request, film) -> Draw:
    return SOURCES[request.param](film)


@pytest.fixture(scope="module")
def alone(draw) -> list[list[np.ndarray]]:
    """The frames of either speech, made while nothing else is."""
    made = [copies(draw(speech)) for speech in (ONE, OTHER)]
    changed = [(a != b).any() for a, b in zip(*made, strict=True)]
    assert len(changed) == SECONDS * FPS and any(changed), "two speeches have to differ"
    return made


def test_two_threads_draw_what_each_draws_alone(draw, alone):
    barrier = threading.Barrier(2)
    drawn = at_once(
        lambda: in_step(draw(ONE), barrier),
        lambda: in_step(draw(OTHER), barrier),
    )
    np.testing.assert_array_equal(drawn, alone)


def test_two_iterators_in_turns(draw, alone):
    pairs = zip(draw(ONE), draw(OTHER), strict=True)
    drawn = [(one.copy(), other.copy()) for one, other in pairs]
    for pair, expected in zip(drawn, zip(*alone, strict=True), strict=True):
        np.testing.assert_array_equal(pair, expected)


def test_a_frame_is_overwritten_by_none_of_another_iterator(draw, alone):
    first, other = draw(ONE), draw(OTHER)
    frame = next(first)
    for _ in other:
        pass
    np.testing.assert_array_equal(frame, alone[0][0])


@pytest.mark.parametrize("kind", ["lively", "transparent", "two people", "wav2lip"])
def test_two_iterators_at_different_places(film, kind):
    draw = SOURCES[kind](film)
    whole = copies(draw(ONE)), copies(draw(OTHER))
    pairs = zip(draw(ONE, 3), draw(OTHER, 6), strict=False)
    drawn = [(one.copy(), other.copy()) for one, other in pairs]
    assert len(drawn) == 4
    for number, (one, other) in enumerate(drawn):
        np.testing.assert_array_equal(one, whole[0][3 + number])
        np.testing.assert_array_equal(other, whole[1][6 + number])


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux()]


@pytest.mark.parametrize("kind", ["picture", "transparent", "film"])
def test_two_files_written_at_once(kind, film, tmp_path):
    if kind == "film":
        source: Portrait | Video = Video(film)
    elif kind == "transparent":
        source = Portrait(cut_out(), quality="low", motion="lively", encoder="prores")
    else:
        source = Portrait(hopper_path(), quality="low", motion="lively")
    ending = ".mov" if kind == "transparent" else ".mp4"

    def save(speech: Speech, name: str) -> list[bytes]:
        path = tmp_path / f"{name}{ending}"
        source.save(speech, path, fps=FPS)
        return packets(path)

    wanted = [save(ONE, "one alone"), save(OTHER, "other alone")]
    assert wanted[0] != wanted[1]
    assert at_once(lambda: save(ONE, "one"), lambda: save(OTHER, "other")) == wanted


def arrays(thing: Any) -> Iterator[np.ndarray]:
    """All arrays that an object of the package holds, however deep."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from arrays(part)
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from arrays(part)
    elif type(thing).__module__.startswith("lipwright.") and hasattr(thing, "__dict__"):
        yield from arrays(vars(thing))


@pytest.mark.parametrize("options", [{"motion": "lively"}, wav2lip()], ids=["portrait", "wav2lip"])
def test_nothing_that_was_prepared_can_be_written_to(options):
    portrait = Portrait(hopper_path(), quality="low", **options)
    avatar = portrait._member(portrait.people[0]).avatar
    before = [array.copy() for array in arrays(avatar)]
    assert len(before) > 5
    for frame in portrait.frames(ONE, FPS):
        assert frame.flags.writeable
    after = list(arrays(avatar))
    assert not any(array.flags.writeable for array in after)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_callers_array_stays_the_callers():
    picture = read_image(hopper_path())[:480, 16:496].copy()
    portrait = Portrait(picture, quality="low", motion="still")
    assert (portrait.width, portrait.height) == (480, 480)
    frames = copies(portrait.frames(ONE, FPS))
    picture[:] = 0
    np.testing.assert_array_equal(copies(portrait.frames(ONE, FPS)), frames)


@pytest.mark.usefixtures("fake_engines")
def test_somebody_is_made_ready_once_whoever_asks_first(monkeypatch):
    prepared = []

    def prepare(self: FakeEngine, source: PersonInImage) -> Any:
        prepared.append(source.face.box[0] > source.image.shape[1] / 2)
        time.sleep(0.1)
        return SimpleNamespace(dirty_box=None)

    monkeypatch.setattr(FakeEngine, "prepare", prepare)
    portrait = Portrait(both(), quality="low", engine="fake", speaker=0)
    at_once(*[lambda: copies(portrait.frames({1: ONE}, FPS))] * 3)
    assert sorted(prepared) == [False, True]


@pytest.mark.usefixtures("fake_engines")
def test_people_of_a_film_are_looked_for_once(film, monkeypatch):
    looked = []
    from lipwright.face import identities

    find = identities.people_in_video

    def look(*arguments: Any) -> Any:
        looked.append(1)
        return find(*arguments)

    monkeypatch.setattr(identities, "people_in_video", look)
    source = Video(film, engine="film")
    drawn = at_once(*[lambda: copies(source.frames(ONE, FPS))] * 3)
    assert len(looked) == 1
    np.testing.assert_array_equal(drawn[1:], [drawn[0]] * 2)


def test_what_failed_is_tried_again():
    once: Once[int] = Once()
    with pytest.raises(ZeroDivisionError):
        once.get(lambda: 1 // 0)
    assert once.get(lambda: 3) == 3 and once.get(lambda: 4) == 3


def test_a_portrait_can_be_sent_to_another_process():
    portrait = Portrait(hopper_path(), quality="low", motion="still")
    copy = pickle.loads(pickle.dumps(portrait))
    np.testing.assert_array_equal(copies(copy.frames(ONE, FPS)), copies(portrait.frames(ONE, FPS)))


def test_a_view_is_read_only_and_its_source_is_not():
    mine = np.zeros(3)
    view = read_only(mine)
    freeze([view, {"not": "ours"}, "nor this"])
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    mine[0] = 1
    assert view[0] == 1
