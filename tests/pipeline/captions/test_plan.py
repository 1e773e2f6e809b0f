"""Captions of a whole video: what is wanted, what is said to be wrong, and what is made."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.helpers import speech_like

import lipwright
from lipwright.core.errors import MediaError, UsageError
from lipwright.pipeline.captions import Captions, plan_captions
from lipwright.pipeline.captions.plan import words_of
from lipwright.pipeline.captions.word_timing_estimate import estimate_words
from lipwright.speech.speech import Speech, Word
from lipwright.speech.streaming import SpeechChunk, StreamingSpeech

WORDS = [Word(0.1, 0.5, "Your"), Word(0.5, 0.9, "rent"), Word(0.9, 1.4, "is ₹500.")]
pytestmark = pytest.mark.usefixtures("fake_engines")


def speech(**known) -> Speech:
    return Speech.from_samples(speech_like(1.5, 16000), 16000, **known)


def test_all_three_at_once(hopper, tmp_path: Path) -> None:
    wanted = Captions(tmp_path / "talk.srt", burn=True, subtitles=True)
    plain, shown = tmp_path / "plain.mp4", tmp_path / "talk.mp4"
    spoken = speech(words=WORDS)
    for output, captions in ((plain, None), (shown, wanted)):
        lipwright.sync(
            hopper, spoken, output, engine="fake", quality="low", fps=10, captions=captions
        )
    assert "Your rent is ₹500." in (tmp_path / "talk.srt").read_text(encoding="utf-8")
    with av.open(str(shown)) as video:
        assert len(video.streams.subtitles) == 1
    difference = np.abs(frame_of(shown, 5) - frame_of(plain, 5)).max(axis=2)
    rows, columns = np.nonzero(difference > 60)
    height = difference.shape[0]
    assert rows.size and rows.min() > 0.8 * height and rows.max() < 0.95 * height
    assert np.abs(frame_of(shown, 0) - frame_of(plain, 0)).max() < 40


def frame_of(path: Path, number: int) -> np.ndarray:
    with av.open(str(path)) as video:
        frames = [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]
    return frames[number].astype(int)


def test_a_recording_has_no_words(hopper, voice, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give a text or a script"):
        lipwright.sync(
            hopper, voice, tmp_path / "o.mp4", engine="fake", captions=Captions(burn=True)
        )
    assert not (tmp_path / "o.mp4").exists()


@pytest.mark.parametrize(
    ("wanted", "output", "error", "message"),
    [
        (Captions("talk.txt"), "o.mp4", UsageError, ".srt or .vtt"),
        (Captions("no/talk.srt"), "o.mp4", MediaError, "no folder"),
        (Captions(subtitles=True), "o.gif", UsageError, "GIF holds no subtitles"),
        (Captions(burn=True, font="missing.ttf"), "o.mp4", MediaError, "font"),
    ],
)
def test_what_is_wrong_is_told_before_the_picture_is_read(wanted, output, error, message):
    with pytest.raises(error, match=message):
        lipwright.sync("missing.jpg", speech(words=WORDS), output, captions=wanted)


def test_a_speech_that_goes_on_is_not_waited_for_without_need(tmp_path: Path) -> None:
    """A caption file alone: frames are made before the words are known."""
    asked: list[str] = []

    class Going(StreamingSpeech):
        @property
        def words(self) -> tuple[Word, ...]:
            asked.append("words")
            return tuple(WORDS)

    chunk = SpeechChunk(speech_like(1.5, 16000), 16000, 0.0, (), 1.0)
    spoken = Going([chunk], 16000, lambda whole: whole)
    plan = plan_captions(
        Captions(tmp_path / "o.srt"), spoken, tmp_path / "o.mp4", (64, 64), Fraction(10), None
    )
    assert list(plan.paint(iter(()), None)) == [] and not plan.track and asked == []
    plan.write()
    assert asked and "Your rent" in (tmp_path / "o.srt").read_text()


def test_known_words_are_taken_as_they_are() -> None:
    assert words_of(speech(words=WORDS)) == WORDS


def test_times_that_a_voice_does_not_tell_are_estimated(caplog) -> None:
    with caplog.at_level(logging.WARNING):
        words = words_of(speech(transcript="Dear Priya, your rent is due. Please pay it."))
    assert "estimate" in caplog.text
    assert [word.text for word in words[:2]] == ["Dear", "Priya,"]
    assert 0 <= words[0].start < 0.01 and words[-1].end <= 1.5
    assert all(a.end <= b.start + 1e-9 for a, b in zip(words, words[1:], strict=False))


def test_estimated_words_wait_where_nobody_speaks() -> None:
    rate = 16000
    loud = np.sin(np.arange(rate) * 0.3).astype(np.float32)
    sound = np.concatenate([np.zeros(rate // 2), loud, np.zeros(2 * rate), loud, np.zeros(rate)])
    said = Speech.from_samples(sound.astype(np.float32), rate, transcript="One two. Six ten.")
    starts = [word.start for word in estimate_words(said)]
    assert starts[1:] == pytest.approx([1.0, 3.5, 4.0], abs=0.05)


def test_numbers_take_longer_than_they_look() -> None:
    said = speech(transcript="Pay 5,053 now to RBI on time")
    words = estimate_words(said)
    lengths = {word.text: word.end - word.start for word in words}
    assert lengths["5,053"] > 3 * lengths["time"] and lengths["RBI"] > 1.5 * lengths["now"]


def test_a_silent_speech_has_words_too() -> None:
    said = Speech.from_samples(np.zeros(1600, np.float32), 16000, transcript="One two")
    assert [word.text for word in estimate_words(said)] == ["One", "two"]
