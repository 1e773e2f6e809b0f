"""Films with several people: who gets new words, in one track or in several."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from tests.helpers import astronaut_path, hopper_path, speech_wav, tone_wav
from tests.pairs import both, other_portrait
from tests.videos import moved_portrait, write_film

import lipwright
from lipwright.articulation import articulate
from lipwright.cli import run
from lipwright.core.errors import FaceError, UsageError
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.face import FaceFinder
from lipwright.media.video.source import open_video_source
from lipwright.speech.speech import Phone, Speech

COUNT = 24
HALF = 480  # px


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pair") / "pair.mp4"
    return write_film(path, [both(i) for i in range(COUNT)])


@pytest.fixture(scope="module")
def left(pair) -> list[bool]:
    """Whether each person of the pair is in the left half, which hopper is."""
    return [person.place[0] < HALF for person in lipwright.Video(pair).people]


@pytest.fixture(scope="module")
def turns(tmp_path_factory) -> Path:
    """Hopper, the astronaut, hopper, each alone in the picture."""
    frames = [moved_portrait(i) for i in range(10)] + [other_portrait(i) for i in range(8)]
    frames += [moved_portrait(i) for i in range(10, 18)]
    return write_film(tmp_path_factory.mktemp("turns") / "turns.mp4", frames)


def silence(seconds: float = COUNT / 25) -> Speech:
    return Speech.from_samples(np.zeros(round(seconds * 16_000), np.float32), 16_000, [])


def marks(frames) -> np.ndarray:
    """bool (frames, 2): whether the left and the right half have a green mark."""
    found = []
    for frame in frames:
        green = (frame[..., 1] > 180) & (frame[..., 0] < 90) & (frame[..., 2] < 90)
        found.append((green[:, :HALF].any(), green[:, HALF:].any()))
    return np.array(found)


@pytest.mark.usefixtures("fake_engines")
@pytest.mark.parametrize("speaker", [0, 1, "place", "reference"])
def test_whoever_was_chosen_is_marked_and_nobody_else(pair, left, speaker):
    number = speaker if isinstance(speaker, int) else 1
    asked: object = speaker
    if speaker == "place":
        asked = lipwright.Video(pair, engine="film").people[1].place
    if speaker == "reference":
        asked = f"her={hopper_path() if left[1] else astronaut_path()}"
    chosen = lipwright.Video(pair, engine="film", speaker=asked)  # type: ignore[arg-type]
    seen = marks(chosen.frames(silence()))
    assert seen[:, 0 if left[number] else 1].all()
    assert not seen[:, 1 if left[number] else 0].any()


@pytest.mark.usefixtures("fake_engines")
def test_a_person_stays_the_same_across_cuts(turns):
    film = lipwright.Video(turns, engine="film")
    hopper = [True] * 10 + [False] * 8 + [True] * 8
    assert [p.place[0] > 0 for p in film.people] == [True, True]
    for number, expected in enumerate((hopper, [not here for here in hopper])):
        chosen = lipwright.Video(turns, engine="film", speaker=number)
        assert marks(chosen.frames(silence(26 / 25)))[:, 0].tolist() == expected


@pytest.mark.usefixtures("fake_engines")
def test_several_speakers_are_dubbed_in_one_run(pair, tmp_path):
    said = {0: tone_wav(tmp_path / "a.wav", 0.4), 1: speech_wav(tmp_path / "b.wav", 0.8)}
    result = lipwright.sync(pair, said, tmp_path / "out.mp4", engine="film")
    assert result.frames == 20 and result.speakers == (0, 1) and not any(result.left_alone.values())
    with av.open(str(result.output)) as video:
        frames = [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]
    assert marks(frames).all()
    with av.open(str(result.output)) as video:
        sound = np.concatenate([f.to_ndarray() for f in video.decode(audio=0)], axis=1)
    assert sound.shape[1] == pytest.approx(0.8 * 16_000, abs=2048)
    assert np.abs(sound[:, :4000]).max() > 0.2


@pytest.mark.usefixtures("fake_engines")
def test_who_is_seen_at_no_time_is_counted(turns):
    """A frame has nobody to dub only where nobody who speaks is in it."""
    film = lipwright.Video(turns, engine="film")
    both_speak = {0: silence(26 / 25), 1: silence(26 / 25)}
    assert marks(film.frames(both_speak))[:, 0].all()


def gaps(finder: FaceFinder, frames, left: bool) -> np.ndarray:
    found = []
    for frame in frames:
        half = frame[:, :HALF] if left else frame[:, HALF:]
        (face,) = finder.find(np.ascontiguousarray(half))
        found.append(FaceFrame.of(face.landmarks).gap)
    return np.array(found)


def test_each_says_the_own_words(pair, left):
    symbols = "mɑɑmmɑɑmm"
    times = np.linspace(0, COUNT / 25, len(symbols) + 1)
    phones = [Phone(a, b, s) for a, b, s in zip(times, times[1:], symbols, strict=False)]
    samples = np.zeros(round(COUNT / 25 * 16_000), np.float32)
    speech = Speech.from_samples(samples, 16_000, phones)
    hopper = left.index(True)
    frames = list(lipwright.Video(pair).frames({hopper: speech, 1 - hopper: silence()}))
    finder = FaceFinder()
    asked = articulate(speech).at(np.arange(COUNT) / 25)
    speaking, silent = gaps(finder, frames, True), gaps(finder, frames, False)
    assert np.corrcoef(speaking, asked[:, 1] + asked[:, 5])[0, 1] > 0.9
    assert speaking.max() > 0.1 and silent.max() < 0.05


@pytest.mark.usefixtures("fake_engines")
def test_a_later_stretch_of_several_speakers_is_the_same(pair, monkeypatch):
    monkeypatch.setattr("lipwright.media.video.chunks.SECONDS", Fraction(10, 25))
    said = {0: silence(), 1: silence()}
    whole = list(lipwright.Video(pair, engine="film").frames(said))
    late = list(lipwright.Video(pair, engine="film").frames(said, first=10))
    np.testing.assert_array_equal(whole[10:], late)


@pytest.mark.usefixtures("fake_engines")
@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ({0: silence(), 5: silence()}, FaceError, "Speaker 5 was asked for but .* has 2 faces"),
        ({0: silence(), "0": silence()}, UsageError, "are one person, number 0"),
        ({(3, 3): silence()}, FaceError, "There is no face at 3,3"),
    ],
)
def test_what_cannot_be_said(pair, tmp_path, said, kind, message):
    with pytest.raises(kind, match=message):
        lipwright.Video(pair, engine="film").save(said, tmp_path / "out.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("fake_engines")
def test_the_command_line_takes_several_speeches(pair, left, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    speech_wav(Path("anna.wav"), 0.4)
    speech_wav(Path("ravi=2.wav"), 0.6)
    given = ["sync", "--video", str(pair), "--output", "o.mp4", "--engine", "film", "--json"]
    named = ["--speaker", f"anna={hopper_path()}", "--speech", "anna=anna.wav"]
    hopper = left.index(True)
    assert run([*given, *named, "--speech", f"{1 - hopper}=ravi=2.wav"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["speakers"] == [hopper, 1 - hopper] and facts["frames"] == 15


@pytest.mark.usefixtures("fake_engines")
@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--speech", "0"], 2, '"0" is not WHO=FILE'),
        (["--speech", "=a.wav"], 2, "is not WHO=FILE"),
        (["--speech", "anna=a.wav"], 2, "It is not known who anna is: give --speaker anna="),
        (["--speech", "0=a.wav", "--speech", "0=a.wav"], 2, "0 was given two speeches"),
        (["--speech", "0=none.wav"], 1, "none.wav"),
        (["--speech", "0=a.wav", "--audio", "a.wav"], 2, "--audio and --speech were given"),
        (["--speech", "0=a.wav", "--speaker", "1"], 2, "--speaker 1 says nothing about --speech"),
        (["--speech", "0=a.wav", "--speaker", "b=b.jpg"], 2, "b has nothing to say"),
        (
            ["--speaker", "0", "--speaker", "1", "--audio", "a.wav"],
            2,
            "--speaker was given 2 times",
        ),
        (["--speech", "0=a.wav", "--captions", "c.srt"], 2, "instead of --speech"),
        (["--audio", "a.wav", "--speaker", "2"], 1, "choose a number from 0"),
        (["--audio", "a.wav", "--speaker", "b=none.jpg"], 1, "none.jpg"),
    ],
)
def test_every_error_is_one_line(pair, tmp_path, monkeypatch, capsys, more, status, message):
    monkeypatch.chdir(tmp_path)
    speech_wav(Path("a.wav"), 0.2)
    given = ["sync", "--video", str(pair), "--output", "o.mp4", "--engine", "film"]
    assert run([*given, *more]) == status
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and message in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_faces_shows_who_is_there(turns, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["faces", str(turns)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["speaker", "x,y", "height", "seen", "first"]
    assert [line.split()[0] for line in out[1:3]] == ["0", "1"]
    assert out[-1] == "turns-faces.png shows them."
    with Image.open("turns-faces.png") as sheet:
        assert sheet.width > 1.8 * 256 and sheet.height > 256
    film = lipwright.Video(turns)
    assert [line.split()[1] for line in out[1:3]] == [
        f"{person.place[0]},{person.place[1]}" for person in film.people
    ]


def test_faces_of_a_picture_as_json(tmp_path, capsys):
    picture, sheet = tmp_path / "both.png", tmp_path / "sheet.jpg"
    cv2.imwrite(str(picture), both())
    assert run(["faces", str(picture), "--output", str(sheet), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [person["number"] for person in facts["people"]] == [0, 1]
    assert facts["sheet"] == str(sheet) and sheet.stat().st_size > 1000
    assert set(facts["people"][0]) == {"number", "x", "y", "height"}
    assert run(["faces", str(picture), "--output", str(sheet), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        (["none.mp4"], 1, "none.mp4"),
        (["grey.png"], 1, "No human face was found in grey.png: use a picture"),
        (["grey.mp4"], 1, "No human face was found in grey.mp4: use a film"),
        (["grey.png", "-o", "sheet.gif"], 2, "sheet.gif is no kind of picture"),
        (["grey.png", "-o", "no/where.png"], 1, "there is no folder no"),
        (["grey.png", "-o", "grey.png"], 2, "grey.png is also an input"),
        ([], 2, "FILE"),
    ],
)
def test_errors_of_faces_are_one_line(given, status, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    grey = np.full((200, 200, 3), 128, np.uint8)
    cv2.imwrite("grey.png", grey)
    write_film(Path("grey.mp4"), [grey] * 3)
    assert run(["faces", *given]) == status
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and message in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grey.mp4", "grey.png"]


def test_reading_twice_gives_the_same_numbers(pair):
    first, second = (lipwright.Video(pair).people for _ in range(2))
    assert [p.place for p in first] == [p.place for p in second]
    assert open_video_source(pair).count == COUNT
