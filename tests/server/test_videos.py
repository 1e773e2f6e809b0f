"""Videos over HTTP: asked for, watched, ended, tried again, fetched, deleted."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from tests.helpers import hopper_path
from tests.server.conftest import ended, opened, send, until
from tests.server.fake_render import JPEG
from tests.server.served import children

from lipwright.server.folder import new_id


def make(client, source, text="Hello", headers=None, **more):
    order = {"source": source, "text": text, **more}
    return client.post("/v1/videos", json=order, headers=headers)


def events(client, name, last=None):
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with client.stream("GET", f"/v1/videos/{name}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text()).replace("\r\n", "\n")
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    found = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(int(one["id"]), one["event"], json.loads(one["data"])) for one in found]


def test_a_video_from_order_to_file(client, picture):
    answer = make(client, picture, options={"seed": 40}, name="My ../ film.mov")
    video = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/videos/{video['id']}"
    assert (video["state"], video["name"], video["links"]["content"]) == (
        "queued",
        "film.mov",
        None,
    )
    done = ended(client, video["id"])
    assert (done["state"], done["progress"], done["frames_done"], done["frames"]) == (
        "done", 1.0, 40, 40,
    )  # fmt: skip
    assert (done["attempts"], done["error"], done["fps"]) == (1, None, "25")
    assert done["created"] <= done["started"] <= done["finished"]
    content = client.get(done["links"]["content"])
    assert content.headers["content-type"] == "video/mp4"
    assert len(content.content) == done["bytes"]
    assert "content-disposition" not in content.headers
    part = client.get(done["links"]["content"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, content.content[5:10])
    saved = client.get(f"{done['links']['content']}?download=1")
    assert saved.headers["content-disposition"] == 'attachment; filename="film.mp4"'
    poster = client.get(done["links"]["poster"])
    assert (poster.headers["content-type"], poster.content) == ("image/jpeg", JPEG)


def test_its_events_tell_all_and_go_on_where_they_broke_off(client, picture):
    name = make(client, picture, options={"seed": 60}).json()["id"]
    found = events(client, name)
    states = [video["state"] for _, kind, video in found if kind == "state"]
    assert states == ["queued", "running", "done"]
    progress = [video["progress"] for _, kind, video in found if kind == "progress"]
    assert progress == sorted(progress) and progress
    ids = [number for number, _, _ in found]
    assert ids == sorted(set(ids))
    after = events(client, name, ids[1])
    assert [number for number, _, _ in after] == [ids[-1]]
    assert events(client, name, "nonsense")[0][0] == ids[0]
    assert (
        client.get(f"/v1/videos/{name}/events", headers={"Last-Event-ID": str(ids[-1])}).status_code
        == 204
    )


def test_a_recording_can_be_said(client, picture, sound):
    video = client.post("/v1/videos", json={"source": picture, "audio": sound}).json()
    assert (video["audio"], video["text"], video["voice"]) == (sound, None, None)
    assert ended(client, video["id"])["state"] == "done"


def test_a_key_makes_one_video(client, picture):
    key = {"Idempotency-Key": "once"}
    first, second = (make(client, picture, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    other = make(client, picture, text="Something else", headers=key)
    assert (other.status_code, "Idempotency-Key" in other.json()["detail"]) == (409, True)


def test_what_the_library_says_is_told(client, picture):
    video = ended(client, make(client, picture, text="fail").json()["id"])
    assert (video["state"], video["attempts"]) == ("failed", 1)
    assert video["error"] == "No face was found in grace.jpg: give another picture."
    assert client.get(f"/v1/videos/{video['id']}/content").status_code == 409
    again = client.post(f"/v1/videos/{video['id']}/retry").json()
    assert (again["state"], again["error"]) == ("queued", None)
    assert ended(client, video["id"])["state"] == "failed"


def test_a_video_that_crashes_its_worker_is_given_up_after_three_times(client, picture):
    video = ended(client, make(client, picture, text="crash").json()["id"])
    assert (video["state"], video["attempts"]) == ("failed", 3)
    assert "broke off 3 times" in video["error"]
    after = make(client, picture)
    assert ended(client, after.json()["id"])["state"] == "done", "the others go on"


def test_a_killed_worker_goes_on_where_it_broke_off(client, picture):
    name = make(client, picture, options={"seed": 150}).json()["id"]
    until(lambda: client.get(f"/v1/videos/{name}").json()["frames_done"] > 20)
    run = client.app.state.services.scheduler._running[name]
    os.kill(run.worker.pid, signal.SIGKILL)
    video = ended(client, name)
    assert (video["state"], video["attempts"]) == ("done", 2)
    facts = client.app.state.services.videos.get(name).facts
    assert 0 < facts["made"] < 150 == facts["frames"]
    lines = client.get(f"/v1/videos/{name}/content").text.split()
    assert lines == [name, *map(str, range(150))]


def test_one_that_is_being_made_can_be_cancelled_and_tried_again(client, picture):
    name = make(client, picture, text="wait").json()["id"]
    until(lambda: client.get(f"/v1/videos/{name}").json()["frames_done"] > 0)
    cancelled = client.post(f"/v1/videos/{name}/cancel").json()
    assert cancelled["state"] == "cancelled"
    services = client.app.state.services
    until(lambda: not services.scheduler.is_running(name))
    assert (
        client.post(f"/v1/videos/{name}/cancel").json() == client.get(f"/v1/videos/{name}").json()
    )
    assert client.post(f"/v1/videos/{name}/retry").json()["state"] == "queued"
    until(lambda: client.get(f"/v1/videos/{name}").json()["state"] == "running")
    assert client.delete(f"/v1/videos/{name}").status_code == 204
    assert client.get(f"/v1/videos/{name}").status_code == 404
    until(lambda: not services.folder.video(name).exists())


def test_one_that_waits_can_be_cancelled(client, picture):
    blocking = make(client, picture, text="wait").json()["id"]
    waiting = make(client, picture).json()["id"]
    assert client.post(f"/v1/videos/{waiting}/cancel").json()["state"] == "cancelled"
    assert client.delete(f"/v1/assets/{picture}").status_code == 409
    client.delete(f"/v1/videos/{blocking}")
    assert client.post(f"/v1/videos/{waiting}/retry").json()["state"] == "queued"
    assert ended(client, waiting)["state"] == "done"
    assert client.post(f"/v1/videos/{waiting}/retry").status_code == 409


def test_a_list_comes_in_pages(client, picture):
    names = [make(client, picture).json()["id"] for _ in range(3)]
    page = client.get("/v1/videos", params={"limit": 2}).json()
    assert [video["id"] for video in page["videos"]] == names[:0:-1]
    rest = client.get("/v1/videos", params={"limit": 200, "after": page["next"]}).json()
    assert rest["videos"][0]["id"] == names[0]
    assert rest["next"] is None


def test_a_full_queue_is_told_with_the_time_to_wait(tmp_path):
    before = set(children(os.getpid()))
    with opened(tmp_path, queue=1) as client:
        source = send(client, "a.jpg", hopper_path().read_bytes()).json()["id"]
        first = make(client, source, text="wait").json()["id"]
        until(lambda: client.get(f"/v1/videos/{first}").json()["state"] == "running")
        assert make(client, source, text="wait").status_code == 202
        answer = make(client, source)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        until(lambda: client.get(f"/v1/videos/{first}").json()["frames_done"] > 0)
        assert set(children(os.getpid())) - before
    assert not set(children(os.getpid())) - before, "workers end with the server"
    with opened(tmp_path) as client:  # leases were given back, and nothing was counted
        video = client.get(f"/v1/videos/{first}").json()
        assert video["attempts"] <= 1


@pytest.mark.parametrize("change, option", [
    ({"options": {"quality": "best"}}, None),
    ({"options": {"qualty": "low"}}, "qualty"),
    ({"options": {"burn_captions": "yes"}}, "burn_captions"),
    ({"options": {"seed": 1.5}}, "seed"),
    ({"options": {"seed": 10**30}}, "seed"),
    ({"options": {"seed": -1}}, "seed"),
    ({"options": {"workers": 1000}}, "workers"),
    ({"options": {"fps": "0"}}, None),
    ({"options": {"encoder": "nonsense"}}, None),
    ({"options": {"container": "exe"}}, "container"),
    ({"options": {"container": "gif", "subtitles": True}}, None),
    ({"options": {"speaker": "x=/etc/passwd"}}, "speaker"),
    ({"options": {"speaker": [1, "a"]}}, "speaker"),
    ({"options": {"captions": "/tmp/x.srt"}}, "captions"),
    ({"options": {"caption_font": "/etc/passwd"}}, "caption_font"),
    ({"options": {"c2pa_key": "/etc/passwd"}}, "c2pa_key"),
    ({"options": {"checkpoint": "/etc/passwd"}}, "checkpoint"),
    ({"options": {"resume": False}}, "resume"),
    ({"options": {"engine": "nobody"}}, None),
    ({"options": {"label": " "}}, "label"),
    ({"options": 5}, "options"),
    ({"text": " \n "}, "text"),
    ({"text": "x" * 20_001}, "text"),
    ({"text": ""}, "text"),
    ({"text": None}, None),
    ({"voice": "nobody"}, None),
    ({"rate": 9}, "rate"),
    ({"language": "klingon"}, None),
    ({"nonsense": 1}, "nonsense"),
    ({"source": "../ledger.sqlite"}, "source"),
    ({"source": "http://example.com/a.jpg"}, "source"),
    ({"audio": "/etc/passwd", "text": None}, "audio"),
    ({"webhook": {"url": "file:///etc/passwd", "secret": "s" * 16}}, "webhook.url"),
    ({"webhook": {"url": "http://u:p@example.com/", "secret": "s" * 16}}, "webhook.url"),
    ({"webhook": {"url": "http://example.com/", "secret": "short"}}, "webhook.secret"),
])  # fmt: skip
def test_a_wrong_order_is_refused_in_a_sentence(client, picture, change, option):
    order = {"source": picture, "text": "Hello", **change}
    answer = client.post("/v1/videos", json={k: v for k, v in order.items() if v is not None})
    found = answer.json()
    assert answer.status_code == 422, found
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["status"] == 422 and found["detail"].endswith(".")
    assert option is None or found["option"] == option
    assert "--" not in found["detail"] and str(Path.home()) not in found["detail"]


def test_a_source_has_to_be_one(client, picture, sound):
    assert "is a sound" in make(client, sound).json()["detail"]
    answer = client.post("/v1/videos", json={"source": picture, "audio": picture})
    assert "is a picture" in answer.json()["detail"]
    assert make(client, new_id()).status_code == 404


@pytest.mark.parametrize("path", ["", "/events", "/content", "/poster"])
def test_nobody_s_video(client, path):
    answer = client.get(f"/v1/videos/{new_id()}{path}")
    assert (answer.status_code, "no such video" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("method, path", [("post", "/cancel"), ("post", "/retry"), ("delete", "")])
def test_nothing_can_be_done_with_nobody_s_video(client, method, path):
    assert getattr(client, method)(f"/v1/videos/{new_id()}{path}").status_code == 404


@pytest.mark.parametrize(
    "body, status",
    [(b"{", 400), (b"[]", 422), (b"5", 422), (b"\xff\xfe", 400), (b'{"source": NaN}', 422),
     (b"[" * 100_000, 400), (b'{"text": "\\ud800", "source": "' + b"a" * 22 + b'"}', 422)],
)  # fmt: skip
def test_a_body_that_is_no_order(client, body, status):
    answer = client.post("/v1/videos", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_fifty_megabytes_of_text_are_not_read(client, picture):
    taken = []

    def pieces():
        yield b'{"source": "%s", "text": "' % picture.encode()
        for number in range(50):
            taken.append(number)
            yield b"x" * (1 << 20)

    answer = client.post("/v1/videos", content=pieces(), headers={"content-type": "text/plain"})
    assert answer.status_code == 413
    answer = client.post("/v1/videos", content=b"x" * (2 << 20))
    assert (answer.status_code, "1024 kB" in answer.json()["detail"]) == (413, True)
