"""The engine with networks that draw something one can measure."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest
from tests.drawing import dubbed, speaking
from tests.helpers import speech_like
from tests.pairs import both
from tests.pipeline.resume.runs import Stop, frames_of
from tests.videos import moved_portrait, tracked, write_film

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[latentsync]")

from tests.engines.latentsync.fakes import FakeNetworks  # noqa: E402

import lipwright  # noqa: E402
from lipwright.core.device import CPU, Device  # noqa: E402
from lipwright.core.errors import UsageError  # noqa: E402
from lipwright.engines.latentsync import LatentSyncEngine, LatentSyncOptions  # noqa: E402
from lipwright.engines.latentsync.alignment import soft_crop  # noqa: E402
from lipwright.face import FaceFinder  # noqa: E402
from lipwright.face.face import Face  # noqa: E402
from lipwright.face.tracker import TrackedFrame  # noqa: E402
from lipwright.media.video import chunks  # noqa: E402
from lipwright.pipeline.checkpoint import CheckpointStore  # noqa: E402
from lipwright.pipeline.face_crops import crop_face  # noqa: E402
from lipwright.speech.speech import Speech  # noqa: E402

FPS = Fraction(25)
COUNT = 20
SIZE = 256
VOICE = Speech.from_samples(speech_like(COUNT / 25), 16_000)


def engine(networks: FakeNetworks | None = None, **options: Any) -> LatentSyncEngine:
    given = {"size": SIZE, "steps": 2, "networks": networks or FakeNetworks(), **options}
    return LatentSyncEngine(LatentSyncOptions(**given))


@pytest.fixture(scope="module")
def film() -> list[TrackedFrame]:
    finder = FaceFinder()
    pictures = [(moved_portrait(2 * i) * 0.8).astype(np.uint8) for i in range(COUNT)]
    frames = [tracked(picture, finder.find(picture)[0]) for picture in pictures]
    frames[4] = tracked(frames[4].image, None)
    return frames


def test_each_frame_shows_its_own_face_and_hears_its_own_moment(film):
    networks = FakeNetworks()
    frames = list(dubbed(engine(networks), film, VOICE, FPS))
    assert len(frames) == COUNT
    first, last = networks.drawn
    assert [drawn["noise"].shape for drawn in networks.drawn] == [
        (1, 4, 16, SIZE // 8, SIZE // 8),
        (1, 4, 4, SIZE // 8, SIZE // 8),
    ], "the last window is short and not filled up"
    assert networks.encoded == [30, 1, 8], "but the unseen face, and one for the estimate"
    heard = np.concatenate([first["audio"], last["audio"]])[:, ::5, 0]
    steps = COUNT * 2
    for number, states in enumerate(heard):
        wanted = np.clip(np.arange(2 * number - 4, 2 * number + 6), 0, steps - 1)
        np.testing.assert_array_equal(states, wanted)
    reference = np.concatenate([first["reference"], last["reference"]], axis=2)[0]
    for number, frame in enumerate(film):
        if frame.face is None:
            np.testing.assert_array_equal(reference[:, number], reference[:, number - 1])
            continue
        crop = crop_face(frame.image, frame.face, soft_crop(SIZE)).pixels[..., ::-1]
        shown = reference[:3, number].mean() * 127.5 + 127.5
        assert abs(shown - crop.mean()) < 0.5


@pytest.mark.parametrize("paste", ["soft", "official"])
def test_lower_faces_change_and_nothing_else(film, paste):
    plain, lit = (
        list(dubbed(engine(FakeNetworks(more), paste=paste), film, VOICE, FPS)) for more in (0, 0.4)
    )
    for frame, same, other in zip(film, plain, lit, strict=True):
        if frame.face is None:
            np.testing.assert_array_equal(other, frame.image)
            continue
        changed = np.abs(other.astype(int) - same).mean(axis=2)
        x, y = frame.face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
        eyes = frame.face.landmarks[[33, 263], 1].max()
        if paste == "official":  # soft matches the colours along the seam
            assert changed[y - 5 : y + 5, x - 5 : x + 5].mean() > 30
        rows = np.flatnonzero((other != frame.image).any(axis=(1, 2)))
        assert rows[0] > eyes or paste == "official"
        assert (
            np.abs(other[: int(eyes) - 20].astype(int) - frame.image[: int(eyes) - 20]).mean() < 2
        )
        away = np.abs(other.astype(int) - frame.image)
        height = frame.face.box[3] - frame.face.box[1]
        assert away[:, : max(1, int(frame.face.box[0] - height / 2))].max(initial=0) == 0


def test_frames_whose_face_is_outside_stay_as_they_are(film):
    away = film[0].face
    outside = Face(away.landmarks + 5000, away.pose, (5000.0, 5000.0, 5200.0, 5200.0), 1.0)
    for paste in ("soft", "official"):
        given = [*film[:6], tracked(film[6].image, outside), *film[7:]]
        made = list(dubbed(engine(FakeNetworks(0.4), paste=paste), given, VOICE, FPS))
        same = [(a == b.image).all() for a, b in zip(made, given, strict=True)]
        assert same == [number in (4, 6) for number in range(COUNT)]


def test_where_nobody_is_seen_the_networks_do_not_run(film):
    networks = FakeNetworks()
    unseen = [tracked(frame.image, None) for frame in film]
    frames = list(dubbed(engine(networks), unseen, VOICE, FPS))
    assert not networks.drawn and not networks.encoded
    np.testing.assert_array_equal(frames[0], film[0].image)


def test_shots_are_drawn_apart(film):
    networks = FakeNetworks()
    cut = [tracked(f.image, f.face, shot=int(number >= 10)) for number, f in enumerate(film)]
    assert len(list(dubbed(engine(networks), cut, VOICE, FPS))) == COUNT
    assert [drawn["noise"].shape[2] for drawn in networks.drawn] == [10, 6, 4]


def test_the_noise_of_a_person_is_one_for_all_frames():
    said = {0: VOICE, 1: VOICE}

    def noises(seed: int) -> list[np.ndarray]:
        networks = FakeNetworks()
        portrait = lipwright.Portrait(both(), quality="low", seed=seed, engine=engine(networks))
        assert len(list(portrait.frames(said, FPS))) == COUNT
        assert networks.encoded == [2, 2], "a picture is encoded once"
        return [drawn["noise"] for drawn in networks.drawn]

    first, other, *later = noises(5)
    for noise in (first, other):
        np.testing.assert_array_equal(noise[:, :, 1:], noise[:, :, :-1])
        assert abs(noise.mean()) < 0.1 and abs(noise.std() - 1) < 0.1
    np.testing.assert_array_equal(later[0][:, :, 0], first[:, :, 0])
    np.testing.assert_array_equal(later[1][:, :, 0], other[:, :, 0])
    assert (first != other).any() and (noises(6)[0] != first).any()


@pytest.mark.parametrize("paste", ["soft", "official"])
def test_later_frames_of_a_picture_are_those_of_the_whole(paste):
    portrait: Any = lipwright.Portrait(
        both(), quality="low", engine=engine(FakeNetworks(0.2, 0.2), paste=paste)
    )
    rate = Fraction(30000, 1001)
    whole = [frame.copy() for frame in portrait.frames({0: VOICE, 1: VOICE}, rate)]
    late = [frame.copy() for frame in portrait.frames({0: VOICE, 1: VOICE}, rate, first=9)]
    np.testing.assert_array_equal(whole[9:], late)
    for number, person in enumerate(portrait.people):
        x, y = person.face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
        spot = np.s_[y - 4 : y + 4, x - 6 : x + 6]
        assert np.abs(whole[12][spot].astype(int) - both()[spot]).mean() > 5, number


@pytest.mark.parametrize(("low_memory", "runs"), [(False, [2]), (True, [1, 1])])
def test_on_a_gpu_people_are_drawn_at_once_where_there_is_memory(low_memory, runs):
    def frames(device: Device) -> tuple[list[int], list[np.ndarray]]:
        fakes = FakeNetworks(0.2, 0.2)
        options = LatentSyncOptions(size=SIZE, steps=2, networks=fakes, low_memory=low_memory)
        portrait: Any = lipwright.Portrait(
            both(), quality="low", engine=LatentSyncEngine(options, device)
        )
        said = Speech.from_samples(speech_like(0.4), 16_000)
        made = [frame.copy() for frame in portrait.frames({0: said, 1: said}, FPS)]
        return [len(drawn["noise"]) for drawn in fakes.drawn], made

    one_by_one, wanted = frames(CPU)
    batches, found = frames(Device("cuda"))
    assert one_by_one == [1, 1] and batches == runs
    np.testing.assert_array_equal(found, wanted)


def test_a_film_of_two_at_2997_is_the_same_after_it_broke_off(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", 0.4)
    rate = Fraction(30000, 1001)
    source = write_film(tmp_path / "pair.mp4", [_half(both(2 * i)) for i in range(24)], rate)
    voice = Speech.from_samples(speech_like(0.8), 16_000)
    said = {0: voice, 1: voice}
    whole, broken = tmp_path / "whole.mp4", tmp_path / "broken.mp4"
    given: dict[str, Any] = {"quality": "low", "engine": engine(FakeNetworks(0.3, 0.3))}
    result = lipwright.sync(source, said, whole, **given)
    assert result.fps == rate and result.frames == 24
    with pytest.raises(KeyboardInterrupt):
        lipwright.sync(source, said, broken, progress=Stop(14), **given)
    assert CheckpointStore(broken).folder.exists()
    lipwright.sync(source, said, broken, resume=True, **given)
    np.testing.assert_array_equal(frames_of(whole), frames_of(broken))
    for number, (frame, shown) in enumerate(zip(frames_of(whole), frames_of(source), strict=True)):
        changed = np.abs(frame.astype(int) - shown).mean(axis=2)
        assert all(changed[:, half].max() > 25 for half in (np.s_[:240], np.s_[240:])), number
        assert changed[:90].mean() < 4  # the codec


def _half(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def test_the_estimate_is_told_once(film, caplog):
    networks = FakeNetworks()
    with caplog.at_level(logging.INFO, "lipwright"):
        list(dubbed(engine(networks, steps=20, deep_cache=True), film, VOICE, FPS))
    told = [record for record in caplog.records if "each second of video" in record.message]
    assert len(told) == 1 and told[0].levelno == logging.WARNING
    assert "about 16 s" in told[0].message  # 20 steps of 0.5 s for 16 of 25 frames
    assert networks.drawn[0]["options"] == (20, 1.5, True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"size": 128}, "choose 256 or 512"),
        ({"steps": 0}, "give 1 to 500"),
        ({"guidance": 0.5}, "give 1 to 10"),
        ({"paste": "hard"}, "official"),
        ({"timing": "late"}, "exact"),
    ],
    ids=str,
)
def test_options_out_of_range(wrong, says):
    with pytest.raises(UsageError, match=says):
        LatentSyncOptions(**wrong)


def test_a_still_face_outside_the_picture(film):
    face = film[0].face
    outside = Face(face.landmarks + 5000, face.pose, (5000.0, 5000.0, 5200.0, 5200.0), 1.0)
    for paste in ("soft", "official"):
        with pytest.raises(lipwright.LipwrightError, match="outside the picture"):
            speaking(engine(paste=paste), film[0].image, outside, VOICE, FPS)
