"""The store: what is there, what is verified, what is brought from a folder, what is deleted."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from lipwright.core.errors import ModelError, UsageError
from lipwright.weights import Store, download_models, find_entry, find_model, remind
from lipwright.weights.store import sum_of
from tests.weights.conftest import CONTENT, SUM, entry

pytestmark = pytest.mark.usefixtures("catalogue")

NON_COMMERCIAL = {
    "licence": "for research",
    "licence_url": "https://r.test",
    "commercial": False,
}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub at all, nor its library."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read for their sum."""
    from lipwright.weights import store

    read: list[Path] = []
    real = store.hash_file

    def note(path: Path, *rest: Any) -> str:
        read.append(path)
        return real(path, *rest)

    monkeypatch.setattr(store, "hash_file", note)
    return read


def test_a_missing_model_names_command_and_licence(store, catalogue):
    catalogue(entry(**NON_COMMERCIAL))
    with pytest.raises(ModelError) as caught:
        find_model("test")
    assert str(caught.value) == (
        'Engine "test" needs weights.bin (300 kB, licence: for research, no commercial use): '
        "run lipwright models download test."
    )


def test_a_file_is_read_again_only_when_it_changed(store, shelf, offline, reads):
    download_models(["test"], folder=shelf)
    path = find_model("test")
    assert find_model("test") == path and reads == []
    os.utime(path, ns=(1, 1))
    assert find_model("test") == path and reads == [path]
    assert find_model("test") == path and reads == [path]


def test_a_sum_is_known_without_reading_until_the_file_changes(store, shelf, offline, reads):
    download_models(["test"], folder=shelf)
    path = find_model("test")
    reads.clear()
    assert sum_of(path) == SUM and not reads
    path.write_bytes(b"other")
    assert sum_of(path) == hashlib.sha256(b"other").hexdigest() and reads == [path]
    with pytest.raises(ModelError, match="cannot be read"):
        sum_of(path.with_name("missing.bin"))


def test_damage_is_found_and_mended(store, shelf, offline):
    download_models(["test"], folder=shelf)
    path = find_model("test")
    path.unlink()
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelError, match=f"is damaged.*should be {SUM}: run lipwright models"):
        find_model("test")
    download_models(["test"], folder=shelf)
    assert find_model("test").read_bytes() == CONTENT


def test_damage_that_leaves_size_and_time_is_found_by_verify(store, shelf, offline):
    download_models(["test"], folder=shelf)
    path = find_model("test")
    before = path.stat()
    path.unlink()
    path.write_bytes(CONTENT[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    model = find_entry("test")
    with pytest.raises(ModelError, match="damaged"):
        store.verify(model, model.files[0], again=True)
    with pytest.raises(ModelError, match="damaged"):
        find_model("test")


def test_another_sum_in_a_newer_manifest_counts(store, shelf, offline, catalogue):
    download_models(["test"], folder=shelf)
    catalogue(entry(sha256="0" * 64))
    with pytest.raises(ModelError, match="should be 0000"):
        find_model("test")


def test_a_store_that_cannot_be_written_can_be_used(store, shelf, offline, monkeypatch, reads):
    download_models(["test"], folder=shelf)
    os.utime(store.folder / "test" / "weights.bin", ns=(1, 1))

    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Store, "_write", read_only)
    assert find_model("test") == find_model("test")
    assert len(reads) == 2, "nothing could be noted, so it was read twice"


def test_a_folder_that_may_not_be_written_is_told(store, shelf, offline, monkeypatch):
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("lipwright.weights.store.Path.mkdir", forbidden)
    with pytest.raises(ModelError, match="permission is denied: allow it, or set LIPWRIGHT_HOME"):
        download_models(["test"], folder=shelf)


def test_broken_records_are_no_obstacle(store, shelf, offline):
    download_models(["test"], folder=shelf)
    for text in ("", "[]", '{"files": null}', "\0"):
        (store.folder / "test.json").write_text(text)
        assert find_model("test").read_bytes() == CONTENT


def test_files_at_hand_need_no_network_and_stay_where_they_are(store, shelf, offline):
    download_models(["test"], folder=shelf)
    assert (shelf / "weights.bin").read_bytes() == CONTENT
    model = find_entry("test")
    assert store.origin(model, model.files[0]) == str(shelf / "weights.bin")


def test_a_file_itself_or_under_the_name_of_its_source_is_taken(store, shelf, offline, catalogue):
    catalogue(entry(path="sub/other.bin"))
    (shelf / "weights.bin").rename(shelf / "other.bin")
    download_models(["test"], folder=shelf)
    store.remove(find_entry("test"))
    download_models(["test"], folder=shelf / "other.bin")
    assert find_model("test").read_bytes() == CONTENT


def test_files_are_copied_where_they_cannot_be_linked(store, shelf, offline, monkeypatch):
    def no_links(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("lipwright.weights.download.os.link", no_links)
    download_models(["test"], folder=shelf)
    assert find_model("test").stat().st_nlink == 1


def test_a_copy_that_breaks_off_leaves_nothing(store, shelf, offline, monkeypatch):
    def full(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lipwright.weights.download.os.link", full)
    monkeypatch.setattr("lipwright.weights.download.shutil.copyfile", full)
    with pytest.raises(ModelError, match="the disk is full"):
        download_models(["test"], folder=shelf)
    assert list((store.folder / "test").iterdir()) == []


def test_an_unreadable_file_at_hand_is_told(store, shelf, offline, monkeypatch):
    monkeypatch.setattr("lipwright.weights.download.os.access", lambda *_: False)
    with pytest.raises(ModelError, match="weights.bin cannot be read: check its permissions"):
        download_models(["test"], folder=shelf)


def test_wrong_files_at_hand_are_refused_and_kept(store, shelf, offline):
    (shelf / "weights.bin").write_bytes(b"something else")
    with pytest.raises(ModelError, match="lipwright knows.*not kept: look for another"):
        download_models(["test"], folder=shelf)
    assert (shelf / "weights.bin").read_bytes() == b"something else"
    assert list((store.folder / "test").iterdir()) == []


def test_a_folder_without_the_file_or_no_folder_is_told(store, tmp_path, offline):
    with pytest.raises(ModelError, match="has no weights.bin"):
        download_models(["test"], folder=tmp_path)
    with pytest.raises(ModelError, match="is not there"):
        download_models(["test"], folder=tmp_path / "nowhere")


def test_a_licence_is_required_once(store, shelf, offline, catalogue):
    catalogue(entry(**NON_COMMERCIAL), entry(name="second", **NON_COMMERCIAL))
    with pytest.raises(ModelError, match="for research.*https://r.test.*accept them first") as told:
        download_models(["test"], folder=shelf)
    assert told.value.option == "accept-licence"
    asked: list[str] = []

    def refuse(model) -> bool:
        asked.append(model.name)
        return False

    with pytest.raises(ModelError, match="was not accepted"):
        download_models(["test"], folder=shelf, ask=refuse)
    assert asked == ["test"] and store.accepted() == {}
    download_models(["test"], folder=shelf, ask=lambda model: True)
    assert list(store.accepted()) == ["for research (https://r.test)"]
    download_models(["second"], folder=shelf)  # the same licence: not asked again
    store.remove(find_entry("test"))
    download_models(["test"], folder=shelf)  # nor after it was removed


def test_an_unknown_licence_has_to_be_accepted_too(store, shelf, offline, catalogue):
    catalogue(entry(commercial="unknown"))
    with pytest.raises(ModelError, match="commercial use not known to be allowed"):
        download_models(["test"], folder=shelf)
    download_models(["test"], folder=shelf, accept_licence=True)


def test_a_free_licence_asks_nothing(store, shelf, offline):
    download_models(["test"], folder=shelf)
    assert store.accepted() == {}


def test_the_licence_is_named_at_each_use(store, catalogue, caplog):
    caplog.set_level(logging.INFO, "lipwright")
    catalogue(entry(**NON_COMMERCIAL), entry(name="free"))
    remind("test")
    remind("free")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "test, licence: for research, no commercial use (https://r.test)."),
        ("INFO", "free, licence: MIT, commercial use allowed (https://x.test)."),
    ]


def test_removing_frees_room_and_forgets_only_the_file(store, shelf, offline):
    download_models(["test"], folder=shelf)
    model = find_entry("test")
    assert store.remove(model) == len(CONTENT)
    assert store.remove(model) == 0
    assert store.state(model, model.files[0]) == "missing"
    assert json.loads((store.folder / "test.json").read_text())["sums"] == {"weights.bin": SUM}


def test_an_unknown_model_is_a_wrong_use(store):
    for use in (find_model, remind, find_entry):
        with pytest.raises(UsageError, match='no model "nope": lipwright models list'):
            use("nope")


def test_a_first_sum_is_remembered_without_a_hub(store, shelf, offline, catalogue, caplog):
    catalogue(entry(bytes=None, sha256=None, sha256_from=None))
    download_models(["test"], folder=shelf)
    assert f"{SUM} is remembered" in caplog.text
    (shelf / "weights.bin").unlink()
    (shelf / "weights.bin").write_bytes(b"other")
    store.remove(find_entry("test"))
    with pytest.raises(ModelError, match=hashlib.sha256(b"other").hexdigest()):
        download_models(["test"], folder=shelf)
