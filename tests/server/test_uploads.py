"""Uploads: what is taken, what is refused, and that a client names nothing on this machine."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, speech_wav
from tests.server.conftest import opened, send
from tests.videos import write_film

from lipwright.server.uploads import plain_label

FORM = {"content-type": "multipart/form-data; boundary=xyz"}


def form(content: bytes, name: str = "a.jpg", field: str = "file") -> bytes:
    head = f'--xyz\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--xyz--\r\n"


def files_of(client) -> list[str]:
    folder = client.app.state.services.folder
    return sorted(path.name for place in (folder.incoming, folder.made) for path in place.iterdir())


def test_a_picture(client):
    answer = send(client, "../../etc/grace.jpg", hopper_path().read_bytes())
    found = answer.json()
    assert answer.status_code == 201
    assert (found["kind"], found["type"], found["name"]) == ("image", "image/jpeg", "grace.jpg")
    assert (found["width"], found["height"], found["duration"]) == (512, 600, None)
    assert found["bytes"] == hopper_path().stat().st_size
    assert client.get(f"/v1/assets/{found['id']}").json() == found
    content = client.get(f"/v1/assets/{found['id']}/content")
    assert content.content == hopper_path().read_bytes()
    assert content.headers["content-type"] == "image/jpeg"


def test_a_sound_and_a_video_are_known_by_their_content(client, tmp_path):
    sound = speech_wav(tmp_path / "voice.wav", 1.0)
    found = send(client, "picture.jpg", sound.read_bytes()).json()
    assert (found["kind"], found["type"], found["duration"]) == ("audio", "audio/wav", 1.0)
    pictures = [np.full((64, 64, 3), 50 * n, np.uint8) for n in range(5)]
    film = write_film(tmp_path / "film.mp4", pictures)
    found = send(client, "voice.wav", film.read_bytes()).json()
    assert (found["kind"], found["type"]) == ("video", "video/mp4")
    assert found["width"] > 0 and found["duration"] > 0


@pytest.mark.parametrize("start, length, expected", [(0, 9, 206), (100, 199, 206)])
def test_parts_of_a_file(client, picture, start, length, expected):
    answer = client.get(
        f"/v1/assets/{picture}/content", headers={"Range": f"bytes={start}-{length}"}
    )
    assert answer.status_code == expected
    assert answer.content == hopper_path().read_bytes()[start : length + 1]


def test_a_part_that_is_not_there(client, picture):
    answer = client.get(f"/v1/assets/{picture}/content", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416


@pytest.mark.parametrize(
    "content",
    [b"Hello, I am text", b"<svg onload='alert(1)'/>", b"#EXTM3U\nfile:///etc/passwd\n",
     b"ffconcat version 1.0\nfile /etc/passwd\n", b"\x89PNG\r\n\x1a\n" + b"0" * 100,
     b"\xff\xd8\xff\xe0" + bytes(500), b"RIFF\xff\xff\xff\xffWAVE", b"\0" * 5000],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_a_sentence(client, content):
    answer = send(client, "face.jpg", content)
    found = answer.json()
    assert answer.status_code == 422, found
    assert answer.headers["content-type"] == "application/problem+json"
    assert "face.jpg" in found["detail"] and "incoming" not in found["detail"]
    assert found["type"] == "urn:lipwright:MediaError"
    assert files_of(client) == []


def test_an_empty_file_is_refused(client):
    answer = send(client, "a.jpg", b"")
    assert (answer.status_code, "empty" in answer.json()["detail"]) == (422, True)


def test_too_large_is_told_before_it_is_read(tmp_path):
    with opened(tmp_path, upload_bytes=1 << 20) as client:
        answer = send(client, "a.jpg", bytes(3 << 20))
        assert answer.status_code == 413
        assert "1 MB" in answer.json()["detail"]
        assert files_of(client) == []


def test_too_large_is_told_while_it_comes(tmp_path):
    taken = []

    def pieces():
        yield form(b"")[:-12]
        for number in range(100):
            taken.append(number)
            yield bytes(100_000)

    with opened(tmp_path, upload_bytes=1 << 20) as client:
        answer = client.post("/v1/assets", content=pieces(), headers=FORM)
        assert answer.status_code == 413
        assert files_of(client) == []


def test_no_more_is_taken_than_there_is_room_for(tmp_path):
    with opened(tmp_path, storage_bytes=100_000) as client:
        assert send(client, "a.jpg", hopper_path().read_bytes()).status_code == 201
        assert send(client, "a.jpg", hopper_path().read_bytes()).status_code == 413
        (tmp_path / "assets" / "more").write_bytes(bytes(50_000))
        answer = send(client, "a.jpg", b"x")
        assert answer.status_code == 507
        assert "room" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body, headers",
    [
        (b"", FORM),
        (b"--xyz--\r\n", FORM),
        (b"nothing", FORM),
        (form(b"abc")[:-12], FORM),
        (form(b"abc", field="other"), FORM),
        (form(b"abc"), {"content-type": "multipart/form-data"}),
        (form(b"abc"), {"content-type": "multipart/form-data; boundary=" + "x" * 500}),
        (b"{}", {"content-type": "application/json"}),
        (b"a=b", {"content-type": "application/x-www-form-urlencoded"}),
        (b"--xyz\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", FORM),
    ],
)
def test_what_is_no_form_is_told(client, body, headers):
    answer = client.post("/v1/assets", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"].endswith(".")
    assert files_of(client) == []


def test_broken_forms_never_break_the_server(client):
    """400 forms, each changed at random."""
    chosen, good = random.Random(18), form(b"x" * 40) + form(b"y", field="b")
    for _ in range(400):
        body = bytearray(good)
        for _ in range(chosen.randint(1, 6)):
            place = chosen.randrange(len(body))
            if chosen.random() < 0.5:
                body[place] = chosen.randrange(256)
            else:
                body[place : place + chosen.randint(0, 9)] = chosen.randbytes(chosen.randint(0, 5))
        answer = client.post("/v1/assets", content=bytes(body[:60] if chosen.random() < 0.1 else
                             b"--xyz\r\n" + bytes(body)), headers=FORM)  # fmt: skip
        assert answer.status_code in (400, 422), (answer.text, bytes(body))
        if chosen.random() < 0.97 and answer.status_code == 422:
            assert "incoming" not in answer.text
    assert files_of(client) == []


@pytest.mark.parametrize(
    "path",
    ["../ledger.sqlite", "..%2f..%2fledger.sqlite", "%2e%2e/ledger.sqlite", "a" * 22, "a" * 5000,
     "....//ledger.sqlite", "\u0000", "%00", "%ff%fe", "ledger.sqlite", "lock", "-" * 22, "*",
     "%5c..%5c"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["/v1/assets/{}/content", "/v1/videos/{}/content", "/{}"])
def test_no_address_leads_out_of_the_folder(client, form, path):
    answer = client.get(form.format(path).replace("\u0000", "%00"))
    assert answer.status_code in (404, 405), answer.text
    assert b"SQLite" not in answer.content


def test_delete(client):
    name = send(client, "a.jpg", hopper_path().read_bytes()).json()["id"]
    file = client.app.state.services.folder.asset(name)
    assert file.exists()
    assert client.delete(f"/v1/assets/{name}").status_code == 204
    assert not file.exists()
    for answer in (client.get(f"/v1/assets/{name}"), client.delete(f"/v1/assets/{name}")):
        assert answer.status_code == 404
        assert "no such upload" in answer.json()["detail"]


def test_faces_and_stills(client, picture):
    found = client.get(f"/v1/assets/{picture}/faces").json()
    assert (found["width"], found["height"]) == (512, 600)
    (face,) = found["faces"]
    assert face["number"] == 0 and face["usable"] and abs(face["yaw"]) < 20
    x0, y0, x1, y1 = face["box"]
    assert 0 < x0 < x1 < 512 and 0 < y0 < y1 < 600
    stills = {
        sound: client.get(f"/v1/assets/{picture}/preview", params={"sound": sound})
        for sound in ("rest", "open", "round")
    }
    assert {still.headers["content-type"] for still in stills.values()} == {"image/jpeg"}
    assert len({still.content for still in stills.values()}) == 3
    assert files_of(client) == []


def test_what_has_no_face(client, sound, tmp_path):
    grey = tmp_path / "grey.png"
    cv2.imwrite(str(grey), np.full((200, 200, 3), 128, np.uint8))
    name = send(client, "grey.png", grey.read_bytes()).json()["id"]
    assert client.get(f"/v1/assets/{name}/faces").json()["faces"] == []
    answer = client.get(f"/v1/assets/{name}/preview")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:lipwright:FaceError"
    assert str(tmp_path) not in answer.text and "grey.png" in answer.json()["detail"]
    assert "is a sound" in client.get(f"/v1/assets/{sound}/faces").json()["detail"]


@pytest.mark.parametrize(
    "given, label",
    [("a.png", "a.png"), ("/etc/passwd", "passwd"), ("C:\\x\\b.png", "b.png"), ("", "upload"),
     ("a\r\nb\0.png", "ab.png"), ("..", ".."), ("é" * 300, "é" * 200), ("/", "upload")],
)  # fmt: skip
def test_a_name_is_one_short_line(given, label):
    assert plain_label(given) == label


def test_what_a_killed_server_left_is_swept_away(tmp_path):
    for folder in ("incoming", "made", "assets", "videos"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "left").write_text("x") if folder != "videos" else None
    (tmp_path / "videos" / "left").mkdir()
    with opened(tmp_path):
        left = [path.name for folder in ("incoming", "made", "assets", "videos")
                for path in Path(tmp_path, folder).iterdir()]  # fmt: skip
        assert left == []
