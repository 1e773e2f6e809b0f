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
    assert all(request.agent.startswith("lipwright/") for request in hub.requests)
    assert all("/resolve/" in request.path for request in hub.requests if request.server == "hub")


def test_what_is_there_is_not_fetched_again_and_needs_no_network(hub, store, monkeypatch):
    download_models(["test"])
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    asked = len(hub.requests)
    assert download_models(["test"]) == [find_model("test")]
    assert len(hub.requests) == asked


def test_a_break_in_the_middle_is_gone_on_from(hub, store, no_pauses, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 50_000)
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=100_000), Fault(cut=100_000))
    seen = []
    download_models(["test"], progress=lambda *what: seen.append(what))
    assert find_model("test").read_bytes() == CONTENT
    assert [request.range for request in hub.gets()] == [None, "bytes=100000-", "bytes=200000-"]
    assert no_pauses == [1, 1]
    assert [done for _, done, _ in seen] == list(range(50_000, 300_001, 50_000))


@pytest.mark.parametrize("content", [CONTENT[:90_000], CONTENT + b"more"], ids=["less", "more"])
def test_bytes_of_another_number_are_not_taken_for_the_file(hub, store, content):
    hub.add("a/b/weights.bin", CONTENT, Fault(content=content))
    with pytest.raises(ModelError, match="could not be downloaded, the connection to a/b broke"):
        download_models(["test"])
    assert folder_of(store) == []


def test_wrong_bytes_are_deleted_and_explained(hub, store):
    hub.add("a/b/weights.bin", CONTENT, Fault(content=OTHER))
    wrong = hashlib.sha256(OTHER).hexdigest()
    with pytest.raises(ModelError, match=f"its sha256 is {wrong} instead of {SUM}"):
        download_models(["test"])
    assert folder_of(store) == []


def test_another_file_under_the_same_name_is_not_kept(hub, store):
    hub.add("a/b/weights.bin", OTHER)
    with pytest.raises(ModelError, match="is not the file that lipwright knows"):
        download_models(["test"])
    assert folder_of(store) == []


def test_what_a_killed_process_left_is_deleted(hub, store):
    left = store.folder / "test" / ".incoming" / "weights.bin.incomplete"
    left.parent.mkdir(parents=True)
    left.write_bytes(CONTENT[:9])
    download_models(["test"])
    assert folder_of(store) == ["weights.bin"]


def test_mirrors_are_tried_in_their_order(hub, store, catalogue):
    catalogue(entry(repository="gone/gone", mirrors=["c/d@main:x.bin", "e/f@main:y/ä z.bin"]))
    hub.add("c/d/x.bin", OTHER)
    hub.add("e/f/y/ä z.bin", CONTENT)
    download_models(["test"])
    assert find_model("test").read_bytes() == CONTENT
    heads = [request.path for request in hub.requests if request.method == "HEAD"]
    assert [path.split("/")[1] for path in heads] == ["gone", "c", "e"]
    assert store.origin(*_only("test")) == "e/f@main:y/ä z.bin"


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


def test_too_many_requests_are_waited_for_as_asked(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, Fault(status=429, headers={"Retry-After": "7"}))
    download_models(["test"])
    assert no_pauses == [8], "huggingface_hub adds one"


def test_a_dropped_connection_is_tried_again(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, Fault(drop=True), Fault(drop=True))
    download_models(["test"])
    assert no_pauses == [1, 1]
    assert find_model("test").read_bytes() == CONTENT


def test_an_overloaded_hub_is_asked_again_more_and_more_rarely(hub, store, no_pauses):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(status=503, head=True)] * 3)
    download_models(["test"])
    assert no_pauses == [1, 2]
    assert find_model("test").read_bytes() == CONTENT


@pytest.mark.parametrize("head", [True, False], ids=["facts", "bytes"])
@pytest.mark.parametrize(
    ("status", "sentence"),
    [(500, "overloaded or broken .500."), (418, "a/b answered with the status 418")],
)
def test_a_hub_that_stays_broken_is_given_up(hub, store, head, status, sentence):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(status=status, head=head)] * 9)
    with pytest.raises(ModelError, match=sentence):
        download_models(["test"])


def test_a_hub_that_stays_busy_is_given_up(hub, store):
    hub.add("a/b/weights.bin", CONTENT, *[Fault(status=429)] * 9)
    with pytest.raises(ModelError, match="the hub asks for fewer requests .429."):
        download_models(["test"])


def test_a_dead_endpoint_is_said_once(store, catalogue, monkeypatch):
    catalogue(entry(mirrors=["c/d@main:x.bin"]))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="http://127.0.0.1:9 cannot be reached: check") as caught:
        download_models(["test"])
    assert str(caught.value).count("reached") == 1


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
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        download_models(["test"])
    assert hub.requests == []


def test_without_the_extra_it_is_named(store, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lipwright\[models\]"'):
        download_models(["test"])


def test_the_token_goes_to_the_hub_only_and_into_no_message(hub, store, monkeypatch, caplog, capfd):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    caplog.set_level(logging.DEBUG, "lipwright")
    hub.add("a/b/weights.bin", CONTENT, Fault(cut=9), *[Fault(status=500)] * 9)
    with pytest.raises(ModelError) as caught:
        download_models(["test"])
    assert {request.authorised for request in hub.requests if request.server == "hub"} == {True}
    assert {request.authorised for request in hub.requests if request.server == "store"} == {False}
    assert "hf_secret" not in (text := str(caught.value) + caplog.text + capfd.readouterr().err)
    assert "signature" not in text


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
    with pytest.raises(ModelError, match=f"instead of {SUM}"):
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


def test_a_full_disk_is_said_and_leaves_nothing(hub, store, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    with pytest.raises(ModelError, match="the disk is full: make room"):
        download_models(["test"])
    assert folder_of(store) == []


def test_the_settings_of_the_hub_are_left_as_they_were(hub, store):
    from huggingface_hub import constants

    log = logging.getLogger("huggingface_hub")
    before = log.level, constants.HF_HUB_DISABLE_XET
    download_models(["test"])
    assert (log.level, constants.HF_HUB_DISABLE_XET) == before


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


def test_a_file_on_no_hub_is_got_by_hand_and_taken_from_a_folder(hub, store, catalogue, shelf):
    catalogue(entry(page="https://x.test/weights"))
    with pytest.raises(ModelError, match="on no hub: get it from https://x.test/weights and") as no:
        download_models(["test"])
    assert no.value.option == "from" and not hub.requests
    assert download_models(["test"], folder=shelf) == [find_model("test")]
    assert download_models(["test"]) == [find_model("test")], "it is there"
