"""Several people of one picture who speak in one video."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from tests.fakes import FakeEngine
from tests.helpers import silent_wav, speech_like, speech_wav, tone_wav
from tests.pairs import both

import lipwright
from lipwright.core.errors import FaceError, UsageError
from lipwright.engines.base import Patch, Window
from lipwright.engines.warp import WarpEngine
from lipwright.face import Face, FaceFinder
from lipwright.pipeline.dialogue import Dialogue
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.image_frames import ImageFrames, ImageSpeaker, changed_box
from lipwright.pipeline.multi_speaker import share_of
from lipwright.speech.speech import Speech

FPS = Fraction(10)
SILENCE = Speech.from_samples(np.zeros(16_000, np.float32), 16_000)
VOICE = Speech.from_samples(speech_like(1.0), 16_000)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return both()


@pytest.fixture(scope="module")
def portrait(picture) -> lipwright.Portrait:
    return lipwright.Portrait(picture, quality="low", speaker=0)


def face_at(x: float, y: float, height: float) -> Face:
    box = (x - height / 2, y - height / 2, x + height / 2, y + height / 2)
    return Face(np.zeros((478, 3), np.float32), (0, 0, 0), box, 1.0)


def moved(frames) -> tuple[float, float]:
    """How much the left and the right half change over time, in grey levels."""
    levels = np.array([frame.astype(np.int16) for frame in frames])
    change = np.abs(np.diff(levels, axis=0)).mean(axis=(0, 1, 3))
    middle = len(change) // 2
    return float(change[:middle].mean()), float(change[middle:].mean())


def copies(frames) -> list[np.ndarray]:
    return [frame.copy() for frame in frames]


def test_parts_meet_softly_between_the_faces():
    faces = [face_at(100, 100, 100), face_at(300, 100, 100)]
    parts = [share_of(place, faces, (0, 0, 400, 200)) for place in (0, 1)]
    np.testing.assert_allclose(parts[0] + parts[1], 1, atol=1e-6)
    assert (parts[0][:, :170] == 1).all() and (parts[0][:, 230:] == 0).all()
    assert np.abs(np.diff(parts[0], axis=1)).max() < 0.07
    assert parts[0][100, 199] == pytest.approx(0.5, abs=0.04)


def test_smaller_faces_have_smaller_parts():
    faces = [face_at(100, 100, 150), face_at(300, 100, 50)]
    share = share_of(0, faces, (0, 0, 400, 200))
    assert share[100, 230] > 0.9 and share[100, 270] < 0.1


def test_each_moves_while_speaking(picture, portrait):
    """All of the motion of one who is silent is that of somebody who is silent alone."""
    still = lipwright.Portrait(picture, quality="low", motion="still", speaker=0)
    left, right = (0, 1) if still.people[0].place[0] < 480 else (1, 0)
    quiet_right = moved(copies(still.frames({left: VOICE, right: SILENCE}, FPS)))
    quiet_left = moved(copies(still.frames({left: SILENCE, right: VOICE}, FPS)))
    assert quiet_right[0] > 0.05 and quiet_right[1] == 0
    assert quiet_left[1] > 0.05 and quiet_left[0] == 0


def test_together_each_is_as_alone(picture, portrait):
    together = copies(portrait.frames({0: VOICE, 1: VOICE}, FPS))
    for number, person in enumerate(portrait.people):
        alone = copies(
            lipwright.Portrait(picture, quality="low", speaker=number).frames(VOICE, FPS)
        )
        x0, y0, x1, y1 = (int(edge) for edge in person.face.box)
        there = np.s_[y0:y1, x0:x1]
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_array_equal(one[there], other[there])


def test_two_people_do_not_blink_at_once(portrait):
    quiet = Speech.from_samples(np.zeros(round(12 * SILENCE.rate), np.float32), SILENCE.rate)
    features = portrait.engine.spec.audio
    seeds = [portrait.options.seed + person.number for person in portrait.people]
    readers = [features.read(quiet, FPS, 0, seed) for seed in seeds]
    blinks = [[reader.at(n).motion.blink > 0.3 for n in range(120)] for reader in readers]
    assert any(blinks[0]) and any(blinks[1]) and blinks[0] != blinks[1]


def test_what_does_not_move_stays_the_picture_s_own(portrait):
    members = [portrait._member(person) for person in portrait.people]
    box = changed_box(members)
    assert box is not None
    x0, y0, x1, y1 = box
    for frame in portrait.frames({0: VOICE, 1: SILENCE}, FPS):
        changed = (frame != portrait._image).any(axis=2)
        changed[y0:y1, x0:x1] = False
        assert not changed.any()


def test_any_frame_can_be_the_first(portrait):
    said = {0: VOICE, 1: SILENCE}
    whole = copies(portrait.frames(said, FPS))
    late = copies(portrait.frames(said, FPS, first=6))
    assert len(whole) == 10
    np.testing.assert_array_equal(whole[6:], late)


def test_an_engine_that_does_not_say_where_it_moves(picture):
    class Whole(FakeEngine):
        def draw(self, window: Window) -> Patch:
            return Patch(np.full_like(picture, window.avatar.grey))

    faces = [face_at(240, 240, 200), face_at(720, 240, 200)]
    speakers = [
        ImageSpeaker(
            number,
            face,
            SimpleNamespace(dirty_box=None, grey=50 * (number + 1)),
            FaceView(picture, face, None),
        )
        for number, face in enumerate(faces)
    ]
    assert changed_box(speakers) is None
    frame = next(ImageFrames(Whole(), picture, speakers, [SILENCE] * 2, FPS))
    assert (frame[:, :400] == 50).all() and (frame[:, 560:] == 100).all()


@pytest.mark.usefixtures("fake_engines")
def test_the_video_lasts_as_long_as_the_longest(picture, tmp_path):
    import av
    import cv2

    source = tmp_path / "both.png"
    cv2.imwrite(str(source), picture)
    said = {0: tone_wav(tmp_path / "a.wav", 0.4), 1: speech_wav(tmp_path / "b.wav", 1.2)}
    result = lipwright.sync(source, said, tmp_path / "o.mp4", engine="fake", quality="low", fps=10)
    assert result.frames == 12 and result.speakers == (0, 1)
    with av.open(str(result.output)) as video:
        sound = np.concatenate([f.to_ndarray() for f in video.decode(audio=0)], axis=1)
    heard = np.abs(sound).reshape(-1)
    third = len(heard) // 3
    assert heard[:third].max() > 0.2 and heard[third:].max() > 0.2


def test_speeches_are_lengthened_with_silence(tmp_path):
    files = [tone_wav(tmp_path / "a.wav", 0.5), silent_wav(tmp_path / "b.wav", 1.3)]
    talk = Dialogue.of({0: files[0], "1": files[1]})
    first, second = talk.padded
    assert first.duration == second.duration == pytest.approx(1.3)
    assert second.path == files[1] and first.path is None
    samples = first.samples
    assert len(samples) == round(1.3 * 16_000)
    assert np.abs(samples[:8000]).max() > 0.2 and not samples[8000:].any()
    assert sum(len(block) for block in first.blocks(8000, 0.1)) == round(1.3 * 8000)
    assert talk.longest.path == files[1] and talk.paths == tuple(files)


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ({}, UsageError, "Nobody says anything"),
        ({0: VOICE, 7: VOICE}, FaceError, "has 2 faces"),
        ({"zero": VOICE}, UsageError, "is no speaker"),
        ({0: VOICE, "0": VOICE}, UsageError, "0 and 0 are one person"),
    ],
)
def test_what_cannot_be_said(portrait, said, kind, message):
    with pytest.raises(kind, match=message):
        portrait.frames(said)


def test_speakers_are_given_once(picture):
    with pytest.raises(UsageError, match="Speakers were given twice"):
        lipwright.render_frames(picture, {0: VOICE}, speaker=1)


def test_captions_of_several_people_are_refused(portrait, tmp_path):
    captions = lipwright.pipeline.captions.Captions(tmp_path / "c.srt")
    with pytest.raises(UsageError, match="Captions show what one person says"):
        portrait.save({0: VOICE, 1: VOICE}, tmp_path / "o.mp4", captions=captions)


def test_one_of_several_may_be_all_who_speak(portrait):
    alone = copies(portrait.frames(VOICE, FPS))
    named = copies(portrait.frames({0: VOICE}, FPS))
    np.testing.assert_array_equal(alone, named)
    assert isinstance(portrait.engine, WarpEngine)


def test_faces_too_small_to_speak():
    picture = both()[::4, ::4].copy()
    found = FaceFinder().find(picture)
    assert found and found[0].height < 64
    with pytest.raises(FaceError, match=r"only \d+ px high"):
        lipwright.Portrait(picture, speaker=0)
