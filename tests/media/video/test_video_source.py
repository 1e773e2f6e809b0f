"""Videos as sources: sizes, rates, orders, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.core.validation import LENGTHS
from lipwright.media.video import reader as reader_module
from lipwright.media.video.frame_sampling import places_of
from lipwright.media.video.frame_schedule import frames_of, picture_order
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.reader import VideoReader
from lipwright.media.video.source import is_video, open_video_source
from lipwright.media.video.writer import VideoWriter
from tests.helpers import astronaut_path, hopper_path
from tests.media.broken import film_of
from tests.videos import write_film, write_uneven_film

COUNT = 40


def level(number: int) -> int:
    return 20 + 5 * number


@pytest.fixture(scope="module", params=["mp4", "mkv", "webm", "mov"])
def film(request, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("films") / f"ein Film ü.{request.param}"
    return write_film(path, [np.full((96, 130, 3), level(i), np.uint8) for i in range(COUNT)])


def shown(path: Path, order) -> list[float]:
    return [float(picture.mean()) for picture in open_video_source(path).pictures(order)]


def test_what_a_film_says_about_itself(film):
    source = open_video_source(film)
    assert (source.size, source.fps, source.count) == ((130, 96), Fraction(25), COUNT)
    assert not source.variable and source.duration == pytest.approx(1.6)


@pytest.mark.parametrize("held", [4, 1000])
def test_pictures_come_in_any_order(film, monkeypatch, held):
    monkeypatch.setattr(reader_module, "HELD_BYTES", held * 3 * 96 * 130 // 2)
    order = [0, 0, 1, 5, 39, 38, 37, 20, 21, 22, 3, 39, 0]
    order += [int(i) for i in np.random.default_rng(1).integers(0, COUNT, 30)]
    assert shown(film, order) == pytest.approx([level(i) for i in order], abs=2.4)


def test_colours_do_not_drift(tmp_path):
    colours = np.random.default_rng(3).integers(20, 235, (6, 8, 3)).astype(np.uint8)
    picture = np.kron(colours, np.ones((16, 16, 1), np.uint8))
    path = write_film(tmp_path / "colours.mkv", [picture] * 3)
    for generation in range(3):
        source = open_video_source(path)
        path = tmp_path / f"{generation}.mkv"
        with VideoWriter(path, OutputSpec(source.size, source.fps, colour=source.colour)) as video:
            for frame in source.frames(range(3)):
                video.write(frame)
    (seen, *_) = open_video_source(path).pictures(range(3))
    difference = seen.astype(int) - picture
    assert abs(difference.mean()) < 0.5 and np.median(np.abs(difference)) <= 2


def test_a_picture_is_the_callers_own(film):
    pictures = open_video_source(film).pictures([3, 3, 4, 3])
    first = next(pictures)
    first[:] = 0
    assert [p.mean() for p in pictures] == pytest.approx([level(3), level(4), level(3)], abs=2.4)


def test_backwards_takes_no_more_memory_than_allowed(film, monkeypatch):
    monkeypatch.setattr(reader_module, "HELD_BYTES", 12 * 96 * 130)
    with reader_module.VideoReader(open_video_source(film)) as reader:
        for number in reversed(range(COUNT)):
            reader.read(number)
            assert len(reader._held) <= 8


def test_uneven_frames_are_shown_at_their_times(tmp_path):
    times = [0.0, 0.03, 0.2, 0.24, 0.5, 0.53, 0.8, 0.9]
    path = write_uneven_film(tmp_path / "phone.mp4", [25 + 25 * i for i in range(8)], times)
    source = open_video_source(path)
    assert source.variable and float(source.fps) == pytest.approx(7 / 0.9, rel=0.01)
    for number, grey in enumerate(shown(path, range(source.count))):
        at = number / float(source.fps)
        expected = max(i for i, time in enumerate(times) if time <= at + 0.25 / float(source.fps))
        assert grey == pytest.approx(25 + 25 * expected, abs=6)


def test_all_pictures_that_show_who_is_in_a_film_are_there(tmp_path):
    """Its clock is a little slower than the rate that it claims: the last picture lies between."""
    times = [round(40.038 * number) for number in range(500)]
    source = open_video_source(film_of(tmp_path / "long.mkv", "rawvideo", times, base=1000))
    assert source.fps == 25 and times[-1] / 40 % 1 == pytest.approx(0.475)
    assert max(*source.sample_frames(), *source.keys) < source.count


def test_films_are_looked_at_all_over():
    short = places_of(20, 25.0, [0])
    assert short == [0, 5, 10, 15]
    usual = places_of(1500, 25.0, list(range(0, 1500, 250)))
    assert usual[:30] == list(range(0, 150, 5)) and {250, 500, 750, 1000, 1250} < set(usual)
    assert np.diff([*usual, 1500]).max() <= 100
    an_hour = places_of(90_000, 25.0, list(range(0, 90_000, 50)))
    assert len(an_hour) <= 61 and np.diff([*an_hour, 90_000]).max() < 90_000 / 15
    one_key = places_of(90_000, 25.0, [0])
    assert max(one_key) <= 60 * 25 + 150 * 25  # all of it would take minutes
    half_a_minute = places_of(750, 25.0, [])
    assert np.diff([*half_a_minute, 750]).max() <= 100


def test_far_ahead_without_a_key_between_nothing_is_sought(tmp_path, monkeypatch):
    path = write_film(tmp_path / "f.mp4", [np.full((64, 64, 3), i, np.uint8) for i in range(200)])
    source = open_video_source(path)
    assert source.keys == [0] and source.count == 200
    sought = []
    seek = VideoReader._seek

    def note(self: VideoReader, frame: int) -> None:
        sought.append(frame)
        seek(self, frame)

    monkeypatch.setattr(VideoReader, "_seek", note)
    with VideoReader(source) as reader:
        for number in (0, 150, 199, 3):
            assert reader.read(number).luma.mean() == pytest.approx(16 + number * 219 / 255, abs=3)
    assert 150 not in sought and 199 not in sought and sought


def test_a_turned_film_stands_upright(tmp_path):
    upright = np.zeros((128, 96, 3), np.uint8)
    upright[:64] = 200
    stored = write_film(tmp_path / "stored.mp4", [np.rot90(upright).copy()] * 12)
    turned = tmp_path / "turned.mp4"
    with av.open(str(stored)) as source, av.open(str(turned), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(-90)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    source = open_video_source(turned)
    picture = next(iter(source.pictures([0])))
    assert source.size == (96, 128) and picture[:60].mean() > 190 > 10 > picture[70:].mean()


def test_what_counts_as_a_film(film, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    damaged, unnamed = tmp_path / "damaged.MOV", tmp_path / "film"
    damaged.write_bytes(film.read_bytes()[:100])
    unnamed.write_bytes(film.read_bytes())
    assert is_video(film) and is_video(damaged) and is_video(unnamed)
    assert not any(is_video(path) for path in (hopper_path(), astronaut_path(), text, tmp_path))


@pytest.mark.parametrize("size", [(48, 200), (30, 30)])
def test_tiny_films_are_refused(tmp_path, size):
    path = write_film(tmp_path / "tiny.mp4", [np.zeros((size[1], size[0], 3), np.uint8)] * 3)
    with pytest.raises(MediaError, match=r"tiny\.mp4 is too small"):
        open_video_source(path)


def test_a_film_that_was_cut_short_plays_as_far_as_it_goes(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (96, 96, 3), np.uint8) for _ in range(60)]
    whole = write_film(tmp_path / "whole.mkv", pictures)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    source = open_video_source(cut)
    assert 10 < source.count < 60
    assert len(list(source.pictures(range(source.count)))) == source.count


def order(length: str, pictures: int, frames: int, rate=25, fps=25) -> list[int]:
    return list(picture_order(length, pictures, Fraction(rate), frames, Fraction(fps)))


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("bounce", [0, 1, 2, 3, 2, 1, 0, 1, 2]),
        ("loop", [0, 1, 2, 3, 0, 1, 2, 3, 0]),
        ("freeze", [0, 1, 2, 3, 3, 3, 3, 3, 3]),
        ("remap", [0, 0, 0, 1, 1, 1, 2, 2, 3]),
    ],
)
def test_orders(length, expected):
    assert order(length, 4, 9) == expected


@pytest.mark.parametrize("length", LENGTHS)
def test_a_film_of_one_picture(length):
    assert order(length, 1, 5) == [0] * 5


def test_other_rates_show_the_picture_of_their_time():
    assert order("loop", 6, 8, rate=30, fps=15) == [0, 2, 4, 0, 2, 4, 0, 2]
    assert order("freeze", 6, 6, rate=15, fps=30) == [0, 0, 1, 1, 2, 2]
    assert order("bounce", 3000, 3000, rate=Fraction(30000, 1001), fps=Fraction(30000, 1001)) == (
        list(range(3000))
    )


@pytest.mark.parametrize("length", LENGTHS)
def test_how_long_it_gets(length):
    assert frames_of(length, 4.0, 2.0, Fraction(25)) == (50 if length == "cut" else 100)
    assert frames_of(length, 2.0, 4.0, Fraction(25)) == 50
