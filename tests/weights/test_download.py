"""Downloads from a hub that breaks off, lies, refuses and is not there."""

from __future__ import annotations

import errno
import hashlib
import logging
import threading
import time
from pathlib import Path

import pytest

from lipwright.core.errors import MissingExtraError, ModelError, UsageError
from lipwright.weights import Store, download_models, find_model
from tests.weights.conftest import CONTENT, SUM, entry
from tests.weights.hub import Fault

OTHER = bytes(len(CONTENT))
pytestmark = pytest.mark.usefixtures("catalogue", "store")


def folder_of(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "test").iterdir())


def test_a_download_is_whole_verified_and_tidy(hub, store):
    seen = []
    paths = download_models(["test"], progress=lambda *what: seen.append(what))
    assert paths == [store.folder / "test" / "weights.bin"]
    assert paths[0].read_bytes() == CONTENT
    assert folder_of(store) == ["weights.bin"]
    assert ("download weights.bin", len(CONTENT), len(CONTENT)) in seen
    assert seen[-1] == ("verify weights.bin", len(CONTENT), len(CONTENT))
    assert all(request.agent.startswith("lipwright/") for request in hub.requests)
    assert all("/resolve/" in request.path for request in hub.requests if request.server == "hub")


def test_what_is_there_is_not_fetched_again_and_needs_no_network(hub, store, monkeypatch):
    download_models(["test"])
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = len(hub.requests)
    assert download_models(["test"]) == [find_model("test")]
    assert len(hub.requests) == asked


def test_a_break_in_the_middle_is_gone_on_from(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=100_000), Fault(cut=100_000))
    download_models(["test"])
    assert find_model("test").read_bytes() == CONTENT
    ranges = [request.range for request in hub.gets()]
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]
    assert no_pauses == [1.0, 1.0], "new bytes came: no reason to wait longer"


def test_another_run_goes_on_where_the_first_was_cut(hub, store):
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=120_000), *[Fault(cut=0)] * 4)
    with pytest.raises(ModelError, match=r"the connection to a/b broke .*the part that came is"):
        download_models(["test"])
    assert (store.folder / "test" / "weights.bin.part").stat().st_size == 120_000
    hub.requests.clear()
    download_models(["test"])
    assert [request.range for request in hub.gets()] == ["bytes=120000-"]
    assert find_model("test").read_bytes() == CONTENT
    assert folder_of(store) == ["weights.bin"]


def test_a_part_of_another_content_is_thrown_away(hub, store):
    part = store.folder / "test" / "weights.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(50_000))
    part.with_name("weights.bin.part.etag").write_text("of an older file")
    download_models(["test"])
    assert [request.range for request in hub.gets()] == [None]


def test_a_part_that_rotted_is_started_anew(hub, store):
    part = store.folder / "test" / "weights.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(50_000))
    part.with_name("weights.bin.part.etag").write_text(SUM)
    download_models(["test"])
    assert [request.range for request in hub.gets()] == ["bytes=50000-", None]
    assert find_model("test").read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(hub, store):
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=100_000), Fault(no_range=True))
    download_models(["test"])
    assert [request.range for request in hub.gets()] == [None, "bytes=100000-"]
    assert find_model("test").read_bytes() == CONTENT


def test_a_truncated_answer_is_not_taken_for_the_file(hub, store):
    hub.add("a/b/weights.bin", CONTENT, Fault(content=CONTENT[:90_000]))
    download_models(["test"])
    assert [request.range for request in hub.gets()] == [None, "bytes=90000-"]
    assert find_model("test").read_bytes() == CONTENT


def test_wrong_bytes_are_deleted_and_explained(hub, store):
    hub.add("a/b/weights.bin", CONTENT, Fault(content=OTHER))
    wrong = hashlib.sha256(OTHER).hexdigest()
    with pytest.raises(ModelError, match=f"its sha256 is {wrong} instead of {SUM}") as caught:
        download_models(["test"])
    assert "--from FOLDER" in str(caught.value)
    assert folder_of(store) == []


def test_too_many_bytes_are_not_taken(hub, store):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(content=CONTENT + b"more")] * 5)
    with pytest.raises(ModelError, match="instead of 300000"):
        download_models(["test"])
    assert folder_of(store) == []


def test_another_file_under_the_same_name_is_not_even_begun(hub, store):
    hub.add("a/b/weights.bin", OTHER)
    with pytest.raises(ModelError, match="has another file under this name"):
        download_models(["test"])
    assert hub.gets() == []


def test_another_size_is_not_even_begun(hub, store, catalogue):
    catalogue(entry(bytes=len(CONTENT) + 1))
    with pytest.raises(ModelError, match="300000 bytes, expected 300001"):
        download_models(["test"])
    assert hub.gets() == []


def test_mirrors_are_tried_in_their_order(hub, store, catalogue):
    catalogue(entry(repository="gone/gone", mirrors=["c/d@main:x.bin", "e/f@main:y/ä z.bin"]))
    hub.add("c/d/x.bin", OTHER)
    hub.add("e/f/y/ä z.bin", CONTENT)
    download_models(["test"])
    assert find_model("test").read_bytes() == CONTENT
    heads = [request.path for request in hub.requests if request.method == "HEAD"]
    assert [path.split("/")[1] for path in heads] == ["gone", "c", "e"]
    assert store.origin(*_only("test")) == "e/f@main:y/ä z.bin"


def test_a_mirror_goes_on_with_the_part_of_another(hub, store, catalogue):
    catalogue(entry(mirrors=["c/d@main:x.bin"]))
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=100_000), *[Fault(status=404)])
    hub.add("c/d/x.bin", CONTENT)
    download_models(["test"])
    assert [request.range for request in hub.gets()] == [None, "bytes=100000-", "bytes=100000-"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"repository": "gone/gone"}, "gone/gone does not exist, or is private"),
        ({"path": "other.bin"}, "a/b has no file other.bin"),
        ({"revision": "gone"}, "a/b has no revision gone"),
    ],
)
def test_what_is_not_there_is_said_once_and_at_once(
    hub, store, catalogue, no_pauses, changes, sentence
):
    catalogue(entry(**changes))
    with pytest.raises(ModelError, match=f"could not be downloaded, {sentence}: check"):
        download_models(["test"])
    assert no_pauses == []


def test_a_gate_and_a_refusal_are_explained(hub, store):
    gate = Fault(status=403, headers={"X-Error-Code": "GatedRepo"}, head=True)
    hub.add("a/b/weights.bin", CONTENT, gate, Fault(status=403, head=True))
    for sentence in ("only for those its owner let in", "does not allow it"):
        with pytest.raises(ModelError, match=sentence):
            download_models(["test"])


@pytest.mark.parametrize("head", [True, False], ids=["facts", "bytes"])
def test_too_many_requests_are_waited_for_as_asked(hub, store, no_pauses, head):
    busy = Fault(status=429, headers={"Retry-After": "7"}, head=head)
    hub.add("a/b/weights.bin", CONTENT, busy)
    download_models(["test"])
    assert no_pauses == [7.0]


def test_a_rate_limit_as_the_hub_says_it_is_understood(hub, store, no_pauses):
    headers = {"RateLimit": '"resolvers";r=0;t=9', "RateLimit-Policy": '"fixed window";"q"=1;w=9'}
    hub.add("a/b/weights.bin", CONTENT, Fault(status=429, headers=headers, head=True))
    download_models(["test"])
    assert no_pauses == [9.0]


def test_a_wait_of_an_hour_is_not_waited_for(hub, store, no_pauses):
    busy = Fault(status=429, headers={"Retry-After": "3600"}, head=True)
    hub.add("a/b/weights.bin", CONTENT, busy)
    with pytest.raises(ModelError, match="fewer requests .429., and to wait 3600 s"):
        download_models(["test"])
    assert no_pauses == []


@pytest.mark.parametrize("head", [True, False], ids=["facts", "bytes"])
def test_a_dropped_connection_is_tried_again(hub, store, no_pauses, head):
    hub.add("a/b/weights.bin", CONTENT, Fault(drop=True, head=head), Fault(drop=True, head=head))
    download_models(["test"])
    assert no_pauses == [1.0, 2.0]
    assert find_model("test").read_bytes() == CONTENT


def test_a_server_that_falls_asleep_is_left(hub, store, monkeypatch):
    monkeypatch.setattr("lipwright.weights.hf_hub.READ_SECONDS", 0.2)
    gate = threading.Event()
    hub.add("a/b/weights.bin", CONTENT, Fault(gate=gate))
    started = time.monotonic()
    download_models(["test"])
    assert time.monotonic() - started < 5
    gate.set()
    assert [bool(request.range) for request in hub.gets()] == [False, True]
    assert find_model("test").read_bytes() == CONTENT


def test_an_overloaded_hub_is_asked_again_more_and_more_rarely(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(status=503, head=True)] * 3)
    download_models(["test"])
    assert no_pauses == [1.0, 2.0, 4.0]
    assert find_model("test").read_bytes() == CONTENT


def test_a_hub_that_stays_broken_is_given_up(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(status=500)] * 9)
    with pytest.raises(ModelError, match="overloaded or broken .500."):
        download_models(["test"])
    assert len(no_pauses) == 4


def test_a_dead_endpoint_is_said_soon_and_once(store, catalogue, monkeypatch, no_pauses):
    catalogue(entry(mirrors=["c/d@main:x.bin"]))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="http://127.0.0.1:9 cannot be reached: check") as caught:
        download_models(["test"])
    assert str(caught.value).count("reached") == 1
    assert no_pauses == [1.0, 2.0]


@pytest.mark.parametrize("address", ["hub.test", "ftp://hub.test", "https://:x"])
def test_an_endpoint_that_is_no_address_is_told(store, monkeypatch, no_pauses, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(ModelError, match="HF_ENDPOINT is .*, which is no address of a hub"):
        download_models(["test"])
    assert no_pauses == []


def test_an_endpoint_that_is_no_hub_is_told(hub, store):
    hub.small.add("a/b/weights.bin")
    hub.lies["a/b/weights.bin"] = {"X-Repo-Commit": None}
    with pytest.raises(ModelError, match="does not answer like a Hugging Face hub"):
        download_models(["test"])


def test_offline_mode_asks_nothing(hub, store, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        download_models(["test"])
    assert hub.requests == []


def test_without_the_extra_it_is_named(store, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[models\]"'):
        download_models(["test"])


def test_the_token_goes_to_the_hub_only_and_into_no_message(hub, store, monkeypatch, caplog):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    caplog.set_level(logging.DEBUG, "lipwright")
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=9), *[Fault(status=500)] * 9)
    with pytest.raises(ModelError) as caught:
        download_models(["test"])
    assert {request.authorised for request in hub.requests if request.server == "hub"} == {True}
    assert {request.authorised for request in hub.requests if request.server == "store"} == {False}
    for text in (str(caught.value), caplog.text):
        assert "hf_secret" not in text and "signature" not in text


def test_a_small_file_of_the_hub_itself_comes_too(hub, store, catalogue):
    text = b'{"small": true}'
    hub.add("a/b/config.json", text)
    hub.small.add("a/b/config.json")
    catalogue(entry(file="config.json", bytes=None, sha256=None, sha256_from=None))
    assert download_models(["test"])[0].read_bytes() == text


def test_a_sum_nobody_knows_is_remembered_from_the_first_time(hub, store, catalogue, caplog):
    catalogue(entry(bytes=None, sha256=None, sha256_from=None))
    download_models(["test"])
    assert "is remembered from now on" in caplog.text
    store.remove(_only("test")[0])
    hub.add("a/b/weights.bin", OTHER)
    with pytest.raises(ModelError, match=f"expected {SUM}"):
        download_models(["test"])


def test_the_sum_the_hub_promises_counts_where_no_other_is_known(hub, store, catalogue):
    catalogue(entry(bytes=None, sha256=None, sha256_from=None))
    hub.add("a/b/weights.bin", CONTENT, Fault(content=OTHER))
    with pytest.raises(ModelError, match=f"instead of {SUM}"):
        download_models(["test"])


def test_what_a_model_needs_comes_with_it(hub, store, catalogue):
    catalogue(entry(needs=["other"]), entry(name="other"))
    assert [path.parent.name for path in download_models(["test"])] == ["test", "other"]


def test_an_unknown_name_is_told_with_the_nearest(store):
    with pytest.raises(UsageError, match='no model "tset": did you mean test'):
        download_models(["tset"])


def test_two_at_once_fetch_it_once(hub, store, caplog):
    caplog.set_level(logging.INFO, "lipwright")
    gate = threading.Event()
    hub.add("a/b/weights.bin", CONTENT, Fault(gate=gate))
    found: list[Path] = []

    def bring() -> None:
        found.extend(download_models(["test"]))

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while "waiting for it" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert len(found) == 3 and len(hub.gets()) == 1
    assert found[0].read_bytes() == CONTENT


def test_a_full_disk_is_said_and_what_came_is_kept(hub, store, monkeypatch):
    hub.add("a/b/weights.bin", CONTENT)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lipwright.weights.download.os.fsync", full)
    with pytest.raises(ModelError, match="the disk is full: make room"):
        download_models(["test"])
    assert (store.folder / "test" / "weights.bin.part").stat().st_size == len(CONTENT)


def test_a_disk_with_too_little_room_is_told_beforehand(hub, store, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("lipwright.weights.store.shutil.disk_usage", lambda path: usage)
    with pytest.raises(ModelError, match="needs 300 kB more and .* has 1 kB left"):
        download_models(["test"])
    assert hub.gets() == []


def test_a_folder_that_cannot_be_written_is_told(hub, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file stands where the folder would be")
    monkeypatch.setenv("LIPWRIGHT_HOME", str(blocked))
    with pytest.raises(ModelError, match="cannot be written.*LIPWRIGHT_HOME"):
        download_models(["test"])
    assert hub.requests == []


def test_a_path_of_any_letters_works(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "Modèle ñ 模型 💾"))
    download_models(["test"])
    assert find_model("test").read_bytes() == CONTENT


def test_the_bytes_are_never_opened_as_a_pickle(hub, store, catalogue, tmp_path):
    import os
    import pickle

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "opened"),)

    content = pickle.dumps(Trap())
    hub.add("a/b/trap.pth", content)
    digest = hashlib.sha256(content).hexdigest()
    catalogue(entry(file="trap.pth", bytes=len(content), sha256=digest))
    download_models(["test"])
    assert find_model("test").read_bytes() == content
    assert not (tmp_path / "opened").exists()


def _only(name: str):
    from lipwright.weights import find_entry

    model = find_entry(name)
    return model, model.files[0]
