"""The cache of speech: what is kept comes back as it was, bounded, whole, and private."""

from __future__ import annotations

import logging
import multiprocessing
import os
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import UsageError
from lipwright.core.paths import cache_folder
from lipwright.speech.cache import LIMIT_MB, SpeechCache, make_key, read_limit, round_samples
from lipwright.speech.speech import Phone, Speech, Word

RATE = 16000


def hum(seconds: float = 0.5, seed: int = 0) -> Speech:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * RATE))
    return Speech.from_samples(
        round_samples(noise.astype(np.float32)),
        RATE,
        [Phone(0.0, np.float64(0.2), "ɑ"), Phone(0.2, 0.4, "ː")],
        "₹50, please.",
        [Word(0.0, 0.2, "₹50,"), Word(0.2, 0.4, "please.")],
    )


@pytest.fixture
def cache(tmp_path: Path) -> SpeechCache:
    return SpeechCache(tmp_path / "speech", 10_000_000)


def test_a_speech_comes_back_as_it_was(cache: SpeechCache) -> None:
    speech, key = hum(), make_key("google", {"text": "hello"})
    assert cache.get(key) is None
    cache.put(key, speech)
    found = cache.get(key)
    assert found is not None
    assert np.array_equal(found.samples, speech.samples) and found.rate == speech.rate
    assert (found.phones, found.words) == (speech.phones, speech.words)
    assert found.transcript == speech.transcript


def test_a_speech_without_times_has_none_afterwards(cache: SpeechCache) -> None:
    cache.put("a-1", Speech.from_samples(np.zeros(10, np.float32), RATE))
    found = cache.get("a-1")
    assert found is not None and found.phones is None and found.words is None


def test_rounding_is_done_once() -> None:
    samples = np.linspace(-1.2, 1.2, 1001, dtype=np.float32)
    rounded = round_samples(samples)
    assert np.array_equal(round_samples(rounded), rounded)
    assert np.abs(rounded - np.clip(samples, -1, 1)).max() < 1e-4


def test_everything_that_changes_the_sound_changes_the_key() -> None:
    parts = {"text": "Hello", "voice": "a", "rate": 1.0, "version": "1", "language": "en-IN"}
    keys = {make_key("google", parts), make_key("azure", parts)}
    for name in parts:
        keys.add(make_key("google", parts | {name: "other"}))
    assert len(keys) == 2 + len(parts)
    assert make_key("google", dict(reversed(parts.items()))) == make_key("google", parts)
    assert "Hello" not in make_key("google", parts)


def test_only_the_user_may_read_it(cache: SpeechCache) -> None:
    if sys.platform == "win32":
        pytest.skip("permissions are another matter there")
    cache.put("a-1", hum())
    (path,) = cache.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) & 0o077 == 0


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path, 10_000_000)
    for number in range(3):
        cache.put(f"a-{number}", hum(seed=number))
        os.utime(tmp_path / f"a-{number}.npz", (1000 + number, 1000 + number))
    size = (tmp_path / "a-0.npz").stat().st_size
    assert cache.get("a-0") is not None  # used again: now the newest
    SpeechCache(tmp_path, int(3.2 * size)).put("a-3", hum(seed=3))
    left = sorted(path.stem for path in tmp_path.iterdir())
    assert left == ["a-0", "a-2", "a-3"]


def test_a_speech_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    SpeechCache(tmp_path, 100).put("a-1", hum())
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_deleted_still_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = SpeechCache(tmp_path, 10_000_000)
    for number in range(3):
        cache.put(f"a-{number}", hum(seed=number))
        os.utime(tmp_path / f"a-{number}.npz", (1000 + number, 1000 + number))
    size, unlink = (tmp_path / "a-0.npz").stat().st_size, Path.unlink

    def forbid_the_oldest(path: Path, missing_ok: bool = False) -> None:
        if path.name == "a-0.npz":
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", forbid_the_oldest)
    SpeechCache(tmp_path, int(2.2 * size)).put("a-3", hum(seed=3))
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a-0", "a-3"]


def test_what_another_process_is_writing_stays(cache: SpeechCache) -> None:
    cache.put("a-1", hum())
    new, old = (cache.folder / f".a-2.{name}.part.npz" for name in ("new", "old"))
    new.touch()
    old.touch()
    os.utime(old, (1000, 1000))
    cache.put("a-3", hum(seed=3))
    assert new.exists() and not old.exists()


def test_too_little_memory_is_no_damage(
    cache: SpeechCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise MemoryError

    cache.put("a-1", hum())
    monkeypatch.setattr("lipwright.speech.cache._read", fail)
    with pytest.raises(MemoryError):
        cache.get("a-1")
    assert (cache.folder / "a-1.npz").exists()


def test_a_limit_of_nothing_switches_it_off(cache: SpeechCache) -> None:
    off = SpeechCache(cache.folder, 0)
    off.put("a-1", hum())
    assert not cache.folder.exists()
    cache.put("a-1", hum())
    assert off.get("a-1") is None


@pytest.mark.parametrize("damage", [b"", b"PK", b"no archive", None])
def test_a_damaged_entry_is_made_again(
    cache: SpeechCache, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put("a-1", hum())
    path = cache.folder / "a-1.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with caplog.at_level(logging.WARNING, "lipwright"):
        assert cache.get("a-1") is None
    assert "made again" in caplog.text and not path.exists()


def test_what_cannot_be_read_or_deleted_stays(
    cache: SpeechCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It was paid for: no memory, or a disk that is gone for a moment, is no damage."""

    def forbid(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    cache.put("a-1", hum())
    with monkeypatch.context() as patch:
        patch.setattr("lipwright.speech.cache._read", forbid)
        assert cache.get("a-1") is None
    assert "a-1.npz in the cache cannot be read (Permission denied)" in caplog.text
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", forbid)
        assert cache.clear().speeches == 0
    assert "cannot be deleted: check its permissions" in caplog.text
    assert cache.get("a-1") is not None


def test_a_pickle_is_never_opened(cache: SpeechCache) -> None:
    cache.folder.mkdir(parents=True)
    evil = np.array([{"a": 1}], object)
    np.savez(cache.folder / "a-1.npz", samples=evil, facts=evil)
    assert cache.get("a-1") is None


def test_a_folder_that_cannot_be_made_costs_a_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING, "lipwright"):
        SpeechCache(tmp_path / "file" / "speech", 1000).put("a-1", hum())
    assert "cannot be kept" in caplog.text


def test_usage_and_clearing(cache: SpeechCache) -> None:
    assert cache.usage() == [] and cache.clear().speeches == 0
    for key in ("google-1", "google-2", "kokoro-1"):
        cache.put(key, hum())
    (cache.folder / ".google-3.abc.part.npz").write_bytes(b"half")
    usage = cache.usage()
    assert [(u.provider, u.speeches) for u in usage] == [("google", 2), ("kokoro", 1)]
    cleared = cache.clear()
    assert cleared.speeches == 3 and cleared.bytes == sum(u.bytes for u in usage)
    assert list(cache.folder.iterdir()) == []


def _keep_many(folder: Path, seed: int) -> None:
    cache = SpeechCache(folder, 120_000)
    for number in range(15):
        key = f"a-{number % 5}"
        cache.put(key, hum(0.3, seed=number % 5))
        found = cache.get(key)
        if found is not None and not np.array_equal(found.samples, hum(0.3, number % 5).samples):
            raise SystemExit(3)


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_keep_many, args=(tmp_path, seed)) for seed in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert not list(tmp_path.glob(".*"))


def _speak_once(folder: Path, paid: Path) -> None:
    cache = SpeechCache(folder, 10_000_000)
    with cache.lock("a-12ab"):
        if cache.get("a-12ab") is None:
            with paid.open("a") as file:
                file.write("paid\n")
            time.sleep(0.5)
            cache.put("a-12ab", hum())


def test_of_many_processes_one_pays(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    given = (tmp_path / "speech", tmp_path / "bill")
    workers = [context.Process(target=_speak_once, args=given) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (tmp_path / "bill").read_text() == "paid\n"


def test_without_a_folder_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for cache in (SpeechCache(tmp_path / "file" / "speech", 1000), SpeechCache(tmp_path, 0)):
        with cache.lock("a-1"), cache.lock("a-1"):
            pass
    with pytest.raises(KeyError), SpeechCache(tmp_path, 1000).lock("a-1"):
        raise KeyError


def test_the_limit_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIPWRIGHT_CACHE_MB", raising=False)
    assert read_limit() == LIMIT_MB * 1_000_000
    monkeypatch.setenv("LIPWRIGHT_CACHE_MB", "2.5")
    assert read_limit() == 2_500_000
    monkeypatch.setenv("LIPWRIGHT_CACHE_MB", "much")
    with pytest.raises(UsageError, match="number of megabytes"):
        read_limit()


def test_the_folder_follows_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    assert SpeechCache().folder == cache_folder() / "speech" == tmp_path / "cache" / "speech"
