"""A speech that is used while it is still being spoken."""

from __future__ import annotations

import threading
from fractions import Fraction

import av
import numpy as np
import pytest
from tests.helpers import hopper_path, speech_like

import lipwright
from lipwright.articulation import articulate
from lipwright.articulation.streaming import articulate_prefixes
from lipwright.core.errors import MediaError, VoiceError
from lipwright.pipeline.dialogue import Dialogue
from lipwright.pipeline.image_frames import frame_numbers
from lipwright.speech import Speech, StreamingSpeech
from lipwright.speech.speech import Phone
from lipwright.speech.streaming import SpeechChunk

RATE = 44100
SECONDS = 5.0  # of each sentence
SENTENCES = "pˈapa mˈeɪ bˈaɪ.", "ðə kwˈɪk bɹˈaʊn fˈɒks dʒˈʌmps.", "θˈæŋk juː!"


def chunks(gate: threading.Semaphore | None = None):
    """Three sentences of 5 s; with a gate, each waits until it may be spoken."""
    for number, sentence in enumerate(SENTENCES):
        if gate is not None:
            assert gate.acquire(timeout=20)
        start = SECONDS * number
        times = np.linspace(start + 0.1, start + SECONDS - 0.4, len(sentence) + 1)
        phones = tuple(Phone(a, b, s) for a, b, s in zip(times, times[1:], sentence, strict=False))
        yield SpeechChunk(
            speech_like(SECONDS, RATE, number), RATE, start, phones, (number + 1) / len(SENTENCES)
        )


def live(gate: threading.Semaphore | None = None, **options) -> StreamingSpeech:
    return StreamingSpeech(
        chunks(gate), RATE, options.pop("finish", lambda speech: speech), **options
    )


def whole() -> Speech:
    said = list(chunks())
    sound = np.concatenate([chunk.samples for chunk in said])
    return Speech.from_samples(sound, RATE, [p for chunk in said for p in chunk.phones])


def test_in_the_end_it_is_the_whole_speech():
    spoken, expected = live(), whole()
    assert spoken.duration == expected.duration == spoken.expected_duration
    assert spoken.phones == expected.phones and spoken.rate == RATE and spoken.path is None
    np.testing.assert_array_equal(spoken.samples, expected.samples)


def test_among_several_it_is_spoken_to_its_end_and_alone_it_is_not_waited_for():
    alone = live()
    assert Dialogue.of({0: alone}).speeches == (alone,)
    short = Speech.from_samples(speech_like(1.0, RATE), RATE)
    talk = Dialogue.of({0: live(), 1: short})
    assert not any(isinstance(speech, StreamingSpeech) for speech in talk.speeches)
    assert [speech.duration for speech in talk.padded] == [15.0, 15.0]
    assert talk.padded[0].phones == whole().phones


def test_it_grows_by_a_sentence_at_a_time_as_often_as_asked():
    spoken = live()
    for _ in range(2):
        stages = list(spoken.prefixes())
        assert [round(stage.duration, 3) for stage, _ in stages] == [5.0, 10.0, 15.0, 15.0]
        assert [is_whole for _, is_whole in stages] == [False, False, False, True]
        assert [len(stage.phones or ()) for stage, _ in stages[:3]] == list(
            np.cumsum([len(sentence) for sentence in SENTENCES])
        )


def test_a_long_speech_keeps_each_phone_and_sample_once():
    """A thousand chunks: copies of all phones so far, one a chunk, would take 100 MB and more."""
    import tracemalloc

    def many():
        for number in range(1000):
            phones = tuple(Phone(number, number + 1, "a") for _ in range(30))
            yield SpeechChunk(np.zeros(10, np.float32), RATE, number, phones, (number + 1) / 1000)

    tracemalloc.start()
    try:
        spoken = StreamingSpeech(many(), RATE, lambda speech: speech)
        assert spoken.phones is not None and len(spoken.phones) == 30_000
        assert tracemalloc.get_traced_memory()[0] < 20e6
    finally:
        tracemalloc.stop()
    blocks = list(spoken.blocks(RATE))
    assert len(blocks) == 1000 and all(np.shares_memory(b, spoken.samples) for b in blocks)


def test_a_pause_before_the_first_word_says_nothing_of_the_length():
    gate = threading.Semaphore(1)

    def paused():
        yield SpeechChunk(np.zeros(RATE, np.float32), RATE, 0.0, (), 0.0)
        assert gate.acquire(timeout=20) and gate.acquire(timeout=20)
        yield from chunks()

    spoken = StreamingSpeech(paused(), RATE, lambda speech: speech)
    next(spoken.prefixes())
    assert spoken.expected_duration == 1.0
    gate.release()
    assert spoken.duration == 16.0


@pytest.mark.parametrize("rate", [RATE, 16_000])
def test_its_sound_comes_as_it_is_spoken(rate):
    gate = threading.Semaphore(1)
    spoken = live(gate)
    blocks = spoken.blocks(rate)
    first = next(blocks)
    assert 0.9 * SECONDS * rate < len(first) <= SECONDS * rate
    for _ in SENTENCES[1:]:
        gate.release()
    sound = np.concatenate([first, *blocks])
    expected = np.concatenate(list(whole().blocks(rate)))
    assert abs(len(sound) - len(expected)) <= 1
    np.testing.assert_allclose(sound[: len(expected)], expected[: len(sound)], atol=1e-3)


def test_frames_are_counted_as_far_as_it_is_known():
    gate = threading.Semaphore(1)
    numbers = frame_numbers(live(gate), Fraction(25))
    assert [next(numbers) for _ in range(125)] == list(range(125))
    for _ in SENTENCES[1:]:
        gate.release()
    assert len(list(numbers)) == 250


def test_frames_are_made_while_the_rest_is_not_yet_spoken(tmp_path):
    """The first sentence is enough for the first frames, and the file is that of the whole."""
    gate = threading.Semaphore(1)
    portrait = lipwright.Portrait(hopper_path(), quality="low")
    seen = []

    def progress(stage, done, total):
        if stage == "frames":
            seen.append((done, total))
            if done == 5:
                assert gate._value == 0, "nothing but the first sentence was allowed so far"
                for _ in SENTENCES[1:]:
                    gate.release()

    result = portrait.save(live(gate), tmp_path / "live.mp4", fps=10, progress=progress)
    assert result.frames == 150 and seen[-1] == (150, 150)
    portrait.save(whole(), tmp_path / "whole.mp4", fps=10)
    frames, sounds = zip(
        *(read(tmp_path / name) for name in ("live.mp4", "whole.mp4")), strict=True
    )
    assert len(frames[0]) == len(frames[1])
    worst = max(np.abs(a.astype(int) - b).mean() for a, b in zip(*frames, strict=True))
    assert worst < 0.5
    np.testing.assert_allclose(sounds[0], sounds[1], atol=2e-3)


def read(path) -> tuple[list[np.ndarray], np.ndarray]:
    with av.open(str(path)) as video:
        frames = [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]
    with av.open(str(path)) as video:
        sound = np.concatenate([f.to_ndarray()[0] for f in video.decode(audio=0)])
    return frames, sound


def test_what_goes_wrong_is_raised_where_somebody_waits(tmp_path):
    def failing():
        yield next(chunks())
        raise VoiceError("The voice lost its voice: try again.")

    spoken = StreamingSpeech(failing(), RATE, lambda speech: speech)
    with pytest.raises(VoiceError, match="lost its voice"):
        list(spoken.prefixes())
    with pytest.raises(VoiceError, match="lost its voice"):
        _ = spoken.duration
    portrait = lipwright.Portrait(hopper_path(), quality="low")
    with pytest.raises(VoiceError, match="lost its voice"):
        portrait.save(spoken, tmp_path / "out.mp4", fps=10)
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_cancelled():
    gate = threading.Semaphore(1)
    spoken = live(gate)
    next(spoken.prefixes())
    stopper = threading.Thread(target=spoken.cancel)
    stopper.start()
    gate.release()
    stopper.join(timeout=20)
    with pytest.raises(RuntimeError, match="cancelled"):
        _ = spoken.samples


def test_progress_and_what_is_added_at_the_end():
    told: list[float] = []

    def finish(speech):
        return Speech.from_samples(speech.samples, speech.rate, speech.phones, "papa may buy")

    spoken = live(finish=finish, progress=told.append)
    assert spoken.transcript == "papa may buy"
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


def pieces(seconds: float = 2.0, size: int = 1000) -> list[np.ndarray]:
    sound = speech_like(seconds, 16_000)
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def test_sound_alone_has_no_phones_while_it_arrives_and_in_the_end():
    spoken = StreamingSpeech.from_pieces(pieces(), 16_000)
    assert all(known.phones is None for known, _ in spoken.prefixes())
    assert spoken.phones is None and spoken.duration == 2.0 and spoken.rate == 16_000
    np.testing.assert_array_equal(spoken.samples, speech_like(2.0, 16_000))


def test_phones_that_are_known_to_be_none_are_an_empty_tuple():
    rest = [SpeechChunk(np.zeros(100, np.float32), RATE, 0.0, (), 1.0)]
    spoken = StreamingSpeech(rest, RATE)
    assert spoken.phones == () and next(spoken.prefixes())[0].phones == ()


def test_sound_without_a_single_phone_is_listened_to():
    sound = speech_like(2.0, 16_000)
    heard = [
        SpeechChunk(part, 16_000, number * 0.5, (), 0.0)
        for number, part in enumerate(np.split(sound, 4))
    ]
    spoken = StreamingSpeech(heard, 16_000)
    assert spoken.phones is None
    *_, found = articulate_prefixes(spoken)
    expected = articulate(Speech.from_samples(sound, 16_000))
    np.testing.assert_allclose(found.articulation.curves, expected.curves, atol=1e-4)
    assert found.articulation.channel("gap").max() > 0.15


def test_a_sound_before_the_first_phone_leaves_the_phones_known():
    breath = SpeechChunk(speech_like(0.5, RATE), RATE, 0.0, (), 0.0)
    spoken = StreamingSpeech([breath, next(chunks())], RATE)
    assert spoken.phones == next(chunks()).phones


def test_some_chunks_with_phones_and_some_without_are_refused():
    mixed = [next(chunks()), SpeechChunk(np.zeros(100, np.float32), RATE, 5.0, None, 1.0)]
    with pytest.raises(ValueError, match="only some chunks have phones"):
        StreamingSpeech(mixed, RATE).result()


def test_sound_is_heard_as_soon_as_it_arrives():
    gate = threading.Semaphore(0)

    def arriving():
        for piece in pieces():
            assert gate.acquire(timeout=20)
            yield piece

    spoken = StreamingSpeech.from_pieces(arriving(), 16_000)
    stages, blocks = spoken.prefixes(), spoken.blocks(16_000)
    gate.release()
    known, is_whole = next(stages)
    assert known.duration == 0.02 and not is_whole and len(next(blocks)) == 320
    gate.release(100)
    assert spoken.duration == 2.0 == spoken.expected_duration


def test_a_stream_that_breaks_off_says_so_where_somebody_waits():
    def breaking():
        yield from pieces(0.5)
        raise OSError("the microphone was unplugged")

    spoken = StreamingSpeech.from_pieces(breaking(), 16_000)
    for wait in (lambda: list(spoken.blocks(8000)), lambda: spoken.samples, spoken.result):
        with pytest.raises(OSError, match="unplugged"):
            wait()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "empty"),
        ([np.zeros(0, np.float32)] * 3, "empty"),
        ([np.zeros((400, 2), np.float32)], "mono"),
        ([np.zeros(400, np.float32), np.array([0.0, np.inf], np.float32)], "NaN"),
    ],
)
def test_a_stream_without_usable_sound_says_what_is_wrong(given, said):
    spoken = StreamingSpeech.from_pieces(given, 16_000)
    with pytest.raises(MediaError, match=said):
        list(spoken.prefixes())


def test_an_impossible_rate_is_refused_at_once():
    with pytest.raises(MediaError, match="rate of 0"):
        StreamingSpeech.from_pieces([], 0)


def mouth(frame: np.ndarray, portrait: lipwright.Portrait) -> np.ndarray:
    x0, y0, x1, y1 = (int(edge) for edge in portrait.face.box)
    return frame[(y0 + y1) // 2 : y1, x0:x1].astype(int)


def test_sound_alone_moves_the_mouth_of_a_portrait():
    """As far as the same sound does from memory, wherever it is cut, and from the middle on."""
    portrait = lipwright.Portrait(hopper_path(), quality="low", motion="still")

    def frames(speech: Speech, first: int = 0) -> list[np.ndarray]:
        return [mouth(frame, portrait) for frame in portrait.frames(speech, 10, first)]

    streamed = frames(StreamingSpeech.from_pieces(pieces(), 16_000))
    again = frames(StreamingSpeech.from_pieces(pieces(size=7777), 16_000))
    late = frames(StreamingSpeech.from_pieces(pieces(), 16_000), 7)
    known = frames(Speech.from_samples(speech_like(2.0, 16_000), 16_000))
    assert len(streamed) == len(known) == 20
    np.testing.assert_array_equal(streamed, again)
    np.testing.assert_array_equal(streamed[7:], late)
    opened = [max(np.abs(f - run[0]).mean() for f in run) for run in (streamed, known)]
    assert opened[1] > 1.0 and opened[0] > 0.8 * opened[1]


def test_frames_of_live_sound_come_while_it_arrives():
    gate = threading.Semaphore(0)

    def arriving():
        for piece in pieces(4.0, 1600):
            assert gate.acquire(timeout=20)
            yield piece

    portrait = lipwright.Portrait(hopper_path(), quality="low", motion="still")
    frames = portrait.frames(StreamingSpeech.from_pieces(arriving(), 16_000), 25)
    gate.release(24)
    for _ in range(25):
        next(frames)  # one second of frames out of 2.4 s of sound
    gate.release(100)
    assert 25 + len(list(frames)) == 100


def test_a_video_of_live_sound_holds_that_sound(tmp_path):
    portrait = lipwright.Portrait(hopper_path(), quality="low")
    result = portrait.save(
        StreamingSpeech.from_pieces(pieces(), 16_000), tmp_path / "live.mp4", fps=10
    )
    assert result.frames == 20
    frames, sound = read(tmp_path / "live.mp4")
    assert len(frames) == 20 and len(sound) == pytest.approx(32_000, abs=2048)
    assert np.corrcoef(sound[:31_000], speech_like(2.0, 16_000)[:31_000])[0, 1] > 0.9
