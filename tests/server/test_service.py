"""What there is to choose, spoken sentences, numbers, documentation, the page."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from tests.server.conftest import ended, opened, until
from tests.server.served import environment

from lipwright.server.metrics import Metrics
from lipwright.server.routes.docs import STYLE
from lipwright.server.studio_files import StudioFiles
from lipwright.server.worker.options import WITHHELD, offered, read_options

HEAVY = ("numpy", "cv2", "av", "onnxruntime", "PIL", "soxr")


def test_the_process_that_listens_imports_nothing_heavy():
    """Not at the start, and not while it waits."""
    code = (
        "import sys, tempfile; from pathlib import Path\n"
        "from fastapi.testclient import TestClient\n"
        "from lipwright.server import Settings, create_app\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    app = create_app(Settings(data=Path(folder)))\n"
        "    with TestClient(app, base_url='http://127.0.0.1') as client:\n"
        "        for path in ('/healthz', '/readyz', '/v1/info', '/v1/videos', '/metrics', '/docs',"
        " '/v1/options', '/v1/voices'):\n"
        "            assert client.get(path).status_code == 200, path\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_worker_needs_no_web_framework():
    code = "import sys, lipwright.server.worker.loop; print('fastapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_options_are_those_of_a_video_without_files(client):
    found = {one["name"]: one for one in client.get("/v1/options").json()["options"]}
    assert found["quality"]["choices"] == ["low", "medium", "high"]
    assert (found["quality"]["kind"], found["quality"]["default"]) == ("choice", "high")
    assert found["burn_captions"]["kind"] == "flag"
    assert found["seed"]["kind"] == found["label_size"]["kind"] == "number"
    assert found["label"]["kind"] == "text"
    assert {"engine", "motion", "encoder", "container", "speaker", "keep_audio"} <= set(found)
    assert not WITHHELD & set(found)
    assert all(one["help"].endswith(".") for one in found.values())


@pytest.mark.parametrize("name", sorted(offered()))
def test_an_option_s_default_can_be_given(name):
    options, extension = read_options({name: offered()[name].default})
    assert options == read_options({})[0] and extension == ".mp4"
    assert options.resume


def test_options_reach_the_video():
    given = {"quality": "low", "label": "AI", "burn_captions": True, "speaker": [3, 4.5],
             "container": "webm", "batch_size": 4, "fps": 30, "audio_track": 2}  # fmt: skip
    options, extension = read_options(given)
    assert (options.quality, options.provenance.label, extension) == ("low", "AI", ".webm")
    assert options.captions and options.captions.burn and options.speaker == (3.0, 4.5)
    assert options.engine_options == {"batch_size": 4}
    assert options.rate == 30 and options.audio_track == 2


def test_voices_are_those_that_can_speak(client):
    found = client.get("/v1/voices").json()["voices"]
    assert found[0]["name"] == "kokoro:anika"
    assert {"name", "language", "accent", "gender", "online", "description"} == set(found[0])


def test_a_sentence_is_spoken(client):
    answer = client.post("/v1/speech", json={"text": "Hi."})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.content[:4] == b"RIFF" and len(answer.content) > 10_000


@pytest.mark.parametrize(
    "order, part",
    [({"text": "x" * 1001}, "at most 1000"), ({"text": "  "}, "empty"), ({}, "text"),
     ({"text": "Hi.", "voice": "nobody"}, "nobody"), ({"text": "Hi.", "rate": 0}, "rate"),
     ({"text": "Hi.", "language": "fr"}, "fr")],
)  # fmt: skip
def test_what_cannot_be_spoken(client, order, part):
    answer = client.post("/v1/speech", json=order)
    assert answer.status_code == 422
    assert part in answer.json()["detail"]


def test_numbers_for_prometheus(client, picture):
    order = {"source": picture, "text": "Hello", "options": {"seed": 60}}
    ended(client, client.post("/v1/videos", json=order).json()["id"])
    text = client.get("/metrics").text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \S+', line)
               for line in lines)  # fmt: skip
    found = dict(line.rsplit(" ", 1) for line in lines)
    assert float(found["lipwright_queue_depth"]) == 0
    assert float(found['lipwright_videos{state="done"}']) >= 1
    assert float(found['lipwright_videos_ended_total{state="done"}']) >= 1
    assert float(found["lipwright_render_frames_per_second"]) > 1
    assert (
        found['lipwright_render_first_frame_seconds_bucket{le="+Inf"}']
        == (found["lipwright_render_first_frame_seconds_count"])
    )


def test_a_part_can_add_numbers():
    metrics = Metrics()
    sessions = metrics.gauge("live_sessions", "Now.")
    metrics.before(lambda: sessions.set(2, kind='a"b\n'))
    spread = metrics.histogram("seconds", "Spread.", (1.0, 2.0))
    for value in (0.5, 1.5, 9.0):
        spread.observe(value)
    text = metrics.text()
    assert r'lipwright_live_sessions{kind="a\"b\n"} 2' in text
    assert 'lipwright_seconds_bucket{le="2"} 2\nlipwright_seconds_bucket{le="+Inf"} 3' in text
    assert "lipwright_seconds_sum 11" in text


def test_the_documentation_needs_nothing_from_elsewhere(client):
    page = client.get("/docs").text
    assert "/v1/videos/{id}/events" in page and "Idempotency-Key" in page
    assert "script" not in page and "//" not in page.replace("://127.0.0.1", "")
    assert client.get("/docs/style.css").text == STYLE
    spec = client.get("/openapi.json").json()
    assert spec["info"]["title"] == "lipwright"
    assert "multipart/form-data" in spec["paths"]["/v1/assets"]["post"]["requestBody"]["content"]


def test_what_is_not_there(client):
    answer = client.get("/v1/nothing")
    assert (answer.status_code, "/docs" in answer.json()["detail"]) == (404, True)
    answer = client.put("/v1/videos")
    assert (answer.status_code, "POST" in answer.headers["allow"]) == (405, True)
    assert client.post("/nothing").status_code in (404, 405)


def test_a_full_disk_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(type(client.app.state.services.folder), "free", lambda self: 0)
    answer = client.get("/readyz")
    assert (answer.status_code, "disk" in answer.json()["detail"]) == (503, True)


def test_the_page_is_kept_by_browsers_until_it_changes(client, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<p>studio")
    (tmp_path / "app.js").write_text("1")
    (tmp_path / "site.webmanifest").write_text("{}")
    (tmp_path / ".secret").write_text("x")
    studio = StudioFiles(tmp_path)
    monkeypatch.setattr(client.app.state, "studio", studio)
    monkeypatch.setattr(client.app.router, "default", studio)
    page = client.get("/")
    assert (page.text, page.headers["cache-control"]) == ("<p>studio", "no-cache")
    again = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/app.js").headers["content-type"].startswith("text/javascript")
    kind = client.get("/site.webmanifest").headers["content-type"]
    assert kind.startswith("application/manifest+json")
    assert client.get("/.secret").status_code == 404
    assert client.get("/missing.js").status_code == 404


def test_idle_workers_end(tmp_path):
    with opened(tmp_path, idle_seconds=0.0) as client:
        assert client.get("/v1/options").status_code == 200
        services = client.app.state.services
        assert services.looks._worker is not None
        client.portal.call(services.looks.sweep)
        assert services.looks._worker is None
        assert client.get("/v1/options").status_code == 200


def test_a_task_whose_worker_dies_is_done_again(client):
    services = client.app.state.services
    assert client.get("/v1/options").status_code == 200
    client.portal.call(services.looks._worker.kill)
    assert client.get("/v1/options").status_code == 200
    until(lambda: services.looks._worker.alive)
