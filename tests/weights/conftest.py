"""A hub, a store and a manifest of their own for every test; no request leaves this machine."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lipwright.weights import Store, manifest
from lipwright.weights.hf_hub import import_hub
from tests.weights.hub import Hub, manifest_text, serving

import_hub()  # as lipwright imports huggingface_hub, before anybody else does

CONTENT = random.Random(4).randbytes(300_000)
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with weights.bin in a/b, which HF_ENDPOINT names."""
    with serving() as hub:
        hub.add("a/b/weights.bin", CONTENT)
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, the one of this process too."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    return Store()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Makes the manifest: each argument is a model's entry; one named "test" by default."""

    def write(*entries: dict[str, object]) -> Path:
        path = tmp_path / "manifest.toml"
        path.write_text(manifest_text(list(entries)), encoding="utf-8")
        monkeypatch.setattr(manifest, "MANIFEST", path)
        manifest.load_manifest.cache_clear()
        return path

    write(entry())
    yield write
    manifest.load_manifest.cache_clear()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with weights.bin in it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(CONTENT)
    return folder


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between huggingface_hub's tries are noted instead of waited for."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the person who runs the tests set for the hub does not matter."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def entry(**changes: object) -> dict[str, object]:
    """The entry of the model "test": weights.bin of a/b, free to use."""
    base: dict[str, object] = {
        "name": "test",
        "file": "weights.bin",
        "bytes": len(CONTENT),
        "sha256": SUM,
        "sha256_from": "publisher",
    }
    return {key: value for key, value in (base | changes).items() if value is not None}
