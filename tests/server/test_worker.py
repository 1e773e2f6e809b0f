"""What workers do, and how they talk: in the test's own process."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture, speech_wav
from tests.server import fake_render
from tests.videos import moved_portrait, write_film

from lipwright.core.cancellation import CancelToken
from lipwright.core.errors import Cancelled, FaceError, MediaError, UsageError
from lipwright.server.worker import loop, tasks
from lipwright.server.worker import render as module
from lipwright.server.worker.options import read_options
from lipwright.server.worker.render import render


@pytest.fixture
def order(tmp_path, hopper):
    sound = speech_wav(tmp_path / "voice.wav", 0.4)
    options = {"quality": "low", "motion": "still"}
    return {"id": "x", "folder": str(tmp_path / "video"), "source": str(hopper),
            "audio": str(sound), "request": {"options": options}}  # fmt: skip


def test_a_video_is_published_whole_and_once(order):
    said: list[dict] = []
    facts = render(order, said.append, CancelToken())
    done = Path(order["folder"]) / "done"
    assert (facts["file"], facts["type"], facts["height"]) == ("video.mp4", "video/mp4", 480)
    assert facts["frames"] == facts["made"] == 10
    assert facts["bytes"] == (done / "video.mp4").stat().st_size
    assert read_picture(done / "poster.jpg").shape[0] == 480
    assert not (done.parent / "work").exists()
    assert {"portrait", "frames"} <= {one["stage"] for one in said}
    progress = [one["progress"] for one in said]
    assert progress == sorted(progress) and progress[-1] < 1
    before = (done / "video.mp4").stat().st_mtime_ns
    assert render(order, said.append, CancelToken()) == facts
    assert (done / "video.mp4").stat().st_mtime_ns == before


def test_what_was_made_but_not_published_is_published(order):
    """A worker that is killed between its last two steps."""
    work = Path(order["folder"]) / "work"
    work.mkdir(parents=True)
    (work / "facts.json").write_text('{"file": "video.mp4"}')
    assert render(order, print, CancelToken(), make=None) == {"file": "video.mp4"}
    assert (work.parent / "done" / "facts.json").exists()


def test_a_text_is_spoken(order, monkeypatch):
    said: list[dict] = []
    monkeypatch.setattr("lipwright.speech.begin_speech", lambda *given, **more: (given, more))
    request = {"text": "Hi.", "voice": "anika", "rate": 1.5, "language": "hi"}
    begin = module._speech(request, said.append)
    assert begin() == (("Hi.", "anika", 1.5), {"language": "hi"})
    assert said[0]["stage"] == "speech"


def test_cancelled_work_publishes_nothing(order):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        render(order, print, token, make=fake_render.make)
    assert not (Path(order["folder"]) / "done").exists()


def test_a_large_poster_is_made_smaller(tmp_path):
    film = write_film(tmp_path / "a.mp4", [np.zeros((720, 1280, 3), np.uint8)] * 2)
    module._write_poster(film, tmp_path / "poster.jpg")
    assert read_picture(tmp_path / "poster.jpg").shape == (360, 640, 3)


def test_what_files_are(tmp_path, hopper):
    assert tasks.run({"do": "probe", "path": str(hopper)})["type"] == "image/jpeg"
    film = write_film(tmp_path / "film.mp4", [np.zeros((64, 96, 3), np.uint8)] * 25)
    found = tasks.probe(str(film))
    assert found == {"kind": "video", "type": "video/mp4", "width": 96, "height": 64,
                     "duration": 1.0}  # fmt: skip
    sound = speech_wav(tmp_path / "voice.wav", 0.5)
    assert tasks.probe(str(sound)) == {"kind": "audio", "type": "audio/wav", "duration": 0.5}
    sound.write_text("text")
    with pytest.raises(MediaError, match="neither a picture nor a video nor a sound"):
        tasks.probe(str(sound))


def test_a_turned_photograph_is_upright(tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (100, 80)).save(tmp_path / "a.jpg", exif=exif)
    found = tasks.probe(str(tmp_path / "a.jpg"))
    assert (found["width"], found["height"]) == (80, 100)


def test_faces_of_a_picture_and_of_a_video(tmp_path, hopper):
    (face,) = tasks.faces(str(hopper), "image")["faces"]
    assert face["usable"]
    film = write_film(tmp_path / "film.mp4", [moved_portrait(frame) for frame in range(3)])
    (face,) = tasks.faces(str(film), "video")["faces"]
    assert face["number"] == 0


def test_a_still(tmp_path, hopper):
    output = tmp_path / "still.jpg"
    tasks.still(str(hopper), "rest", 0, "low", str(output))
    closed = read_picture(output)
    tasks.still(str(hopper), "open", 0, "low", str(output))
    opened = read_picture(output)
    assert closed.shape == opened.shape == (480, 410, 3)
    changed = np.abs(closed.astype(int) - opened).max(axis=2) > 40
    assert changed.sum() > 100 and not changed[:150].any(), "the mouth alone moves"


def test_a_sentence(tmp_path, monkeypatch):
    from lipwright.speech import Speech

    spoken = Speech.from_samples(np.zeros(2400, np.float32), 24000)
    monkeypatch.setattr("lipwright.speech.synthesize", lambda *given, **more: spoken)
    output = tmp_path / "a.wav"
    found = tasks.speak("Hi.", "anika", 1.0, None, str(output))
    assert found == {"duration": 0.1} and output.read_bytes()[:4] == b"RIFF"


def test_an_order_is_looked_at_before_it_is_taken():
    assert tasks.check({}, "image", text="Hi.") == {"extension": ".mp4"}
    assert tasks.check({"container": "webm", "subtitles": True}, "video")["extension"] == ".webm"
    with pytest.raises(FaceError, match="animates no"):
        tasks.check({"engine": "wav2lip"}, "nothing")
    with pytest.raises(UsageError, match="no subtitles"):
        tasks.check({"container": "gif", "subtitles": True}, "image")


def test_lists():
    assert tasks.voices()["voices"][0]["name"] == "kokoro:anika"
    assert {one["name"] for one in tasks.options()["options"]} > {"quality", "container"}


@pytest.mark.parametrize(
    "given",
    [{"workers": 1.5}, {"fix_sync": 1}, {"label": 5}, {"quality": 5}, {"speaker": True},
     {"speaker": -1}, {"speaker": [1, 2, 3]}, {"speaker": [1e99, 2]}, {"container": "exe"},
     {"engine": "nobody"}, {"seed": 2**60}, {"gpu": True}, {"fps": [25]}],
)  # fmt: skip
def test_options_of_the_wrong_kind(given):
    with pytest.raises(UsageError):
        read_options(given)


def test_options_that_are_left_out():
    assert read_options({"label": None, "seed": 0})[0] == read_options({})[0]


class Ended(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def channel(monkeypatch):
    """A worker's channel, what is written to it, and what it says."""
    ends: list[int] = []
    before = set(threading.enumerate())
    monkeypatch.setattr(os, "_exit", ends.append)
    reading, writing = os.pipe()
    into, out = open(reading), io.StringIO()
    found = loop.Channel(into, out)
    yield found, writing, out
    os.close(writing)
    for listener in set(threading.enumerate()) - before:
        listener.join(5)
    assert ends, "it ends with its input"


def test_a_worker_is_told_to_stop(channel):
    found, writing, out = channel
    os.write(writing, b'{"do": "render"}\n{"do": "cancel"}\n')
    assert found.tasks.get(timeout=5) == {"do": "render"}
    end = time.monotonic() + 5
    while not found.token.cancelled:
        assert time.monotonic() < end
        time.sleep(0.01)
    found.say({"ready": True})
    assert json.loads(out.getvalue()) == {"ready": True}


def test_a_worker_says_that_it_lives_while_it_draws(channel, monkeypatch, tmp_path):
    found, _, out = channel
    monkeypatch.setattr(loop, "BEAT_SECONDS", 0.02)
    message = {"do": "render", "id": "x", "folder": str(tmp_path / "x"), "source": "a",
               "request": {"options": {"seed": 8}}}  # fmt: skip
    answer = loop._run(message, found, "tests.server.fake_render:render")
    assert answer["facts"]["frames"] == 8
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {"beat": True} in said and said[-1].get("done", 8) == 8
    assert loop._run({"do": "options"}, found, "") == tasks.options()


def test_a_worker_whose_server_is_gone_ends(channel, monkeypatch):
    found, _, _ = channel
    monkeypatch.setattr(found._out, "write", lambda text: (_ for _ in ()).throw(BrokenPipeError()))
    found.say({"beat": True})  # the process would end here


@pytest.mark.parametrize(
    "error, kind, detail",
    [(Cancelled("x"), "Cancelled", "The work was cancelled."),
     (FaceError("No face in /data/x: why."), "FaceError", "No face in me.jpg: why."),
     (UsageError("No.", option="fix-sync"), "UsageError", "No."),
     (MemoryError(), "MediaError", "There is not enough memory: choose less."),
     (OSError(28, "No space left"), "MediaError", "The server cannot do this now: No space left."),
     (ZeroDivisionError("secret"), "unexpected", None)],
)  # fmt: skip
def test_what_goes_wrong_is_told_without_the_server_s_names(error, kind, detail):
    def work():
        raise error

    answer = loop._answer(work, {"labels": {"/data/x": "me.jpg"}})
    assert (answer["error"], answer.get("detail")) == (kind, detail)
    assert answer.get("option") in (None, "fix_sync")
    assert "secret" not in json.dumps(answer)


def test_main_answers_until_its_input_ends(monkeypatch):
    said: list[dict] = []
    given = [{"do": "options"}, {"do": "probe", "path": str(hopper_path())}]

    class Told:
        token = CancelToken()

        class tasks:  # noqa: N801
            @staticmethod
            def get():
                if not given:
                    raise Ended
                return given.pop(0)

        def __init__(self, *_):
            pass

        say = staticmethod(said.append)

    monkeypatch.setattr(loop, "Channel", Told)
    monkeypatch.setattr(loop, "_own_output", io.StringIO)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(Ended):
        loop.main([])
    assert said[0] == {"ready": True}
    assert "options" in said[1] and said[2]["kind"] == "image"
