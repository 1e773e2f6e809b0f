"""Speech that was spoken before, kept so that the same line is made, and paid for, once.

One file for each speech, named by a sha256 of all that decides how it sounds. It holds the sound,
16 bits a sample, and the times of its phones and words; no key, and nothing of the service but the
name of its provider. Only the user of this computer may read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lipwright.core.atomic_file import commit, create_partial
from lipwright.core.errors import LipwrightError, UsageError
from lipwright.core.paths import cache_folder
from lipwright.speech.speech import Phone, Speech, Word

log = logging.getLogger("lipwright")

FORMAT = 1
"""Goes up whenever a speech is kept in another way, or made otherwise after it was spoken."""
LIMIT_MB = 1000
"""Megabytes kept at most, about three hours of speech; LIPWRIGHT_CACHE_MB overrides it."""
_ABANDONED_SECONDS = 3600.0
_FULL_SCALE = 32767.0
_BLOCK = 1 << 20

Timed = TypeVar("Timed", Phone, Word)


@dataclass(frozen=True)
class Usage:
    """What a provider's speech takes up."""

    provider: str
    speeches: int
    bytes: int


def read_limit() -> int:
    """Return how many bytes are kept, 0: no cache. Raises UsageError for what is no number."""
    text = os.environ.get("LIPWRIGHT_CACHE_MB", "").strip()
    if not text:
        return LIMIT_MB * 1_000_000
    try:
        return max(0, int(float(text) * 1_000_000))
    except (ValueError, OverflowError):
        raise UsageError(
            f'LIPWRIGHT_CACHE_MB is "{text}": give a number of megabytes, 0 for no cache.'
        ) from None


def make_key(provider: str, parts: Mapping[str, Any]) -> str:
    """Return the name to keep a speech under: its provider, a hash of all that decides its sound.

    parts: what JSON can hold: the text, the voice, the rate, the provider's version.
    """
    content = json.dumps([FORMAT, provider, dict(parts)], sort_keys=True, ensure_ascii=False)
    return f"{provider}-{hashlib.sha256(content.encode()).hexdigest()}"


@dataclass(frozen=True)
class SpeechCache:
    """Speeches in a folder; several processes may use it at once."""

    folder: Path = field(default_factory=lambda: cache_folder() / "speech")
    limit: int = field(default_factory=read_limit)
    """Bytes: when there are more, what was not used for the longest time goes first."""

    def get(self, key: str) -> Speech | None:
        """Return the speech kept under this key, or None; one with damaged content is deleted."""
        if self.limit == 0:
            return None
        path = self._path(key)
        try:
            speech = _read(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except MemoryError:
            raise
        except OSError as error:
            log.warning("%s in the cache cannot be read (%s).", path.name, error.strerror or error)
            return None
        except Exception as error:  # zipfile, zlib, numpy and json each have their own
            log.warning("%s in the cache is damaged and is made again (%s).", path.name, error)
            _delete(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return speech

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Make whoever else would speak the same line wait here while the block runs.

        So look for the line again inside: of many processes with one line only one pays for it.
        """
        from filelock import FileLock  # it takes long to import

        with contextlib.ExitStack() as stack:
            if self.limit:
                with contextlib.suppress(OSError):  # without a folder there is nothing to share
                    self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                    lock = self.folder / f".{key.rpartition('-')[2][:2]}.lock"
                    stack.enter_context(FileLock(lock))
            yield

    def put(self, key: str, speech: Speech) -> None:
        """Keep a speech; where that fails, a notice says so and nothing else happens."""
        if self.limit == 0:
            return
        partial = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = create_partial(self._path(key))
            partial.chmod(0o600)
            _write(partial, speech)
            commit(partial, self._path(key))
            self._shrink()
        except (OSError, LipwrightError) as error:
            log.warning("The speech cannot be kept for the next time (%s).", error)
        finally:
            if partial is not None:
                _delete(partial)

    def usage(self) -> list[Usage]:
        """Return what there is, by provider."""
        speeches: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        for path, status in self._entries():
            provider = path.stem.rpartition("-")[0]
            speeches[provider] += 1
            sizes[provider] += status.st_size
        return [Usage(name, speeches[name], sizes[name]) for name in sorted(speeches)]

    def clear(self) -> Usage:
        """Delete all of it; returns what that was, and tells of what could not be deleted."""
        entries = self._entries()
        sizes = [status.st_size for path, status in entries if _delete(path)]
        self._delete_abandoned(0.0)
        if kept := len(entries) - len(sizes):
            log.warning(
                "%d speeches in %s cannot be deleted: check its permissions.", kept, self.folder
            )
        return Usage("", len(sizes), sum(sizes))

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _entries(self) -> list[tuple[Path, os.stat_result]]:
        """The files and what is known of them, those used longest ago first."""
        found = []
        for path in self.folder.glob("[!.]*.npz"):
            with contextlib.suppress(OSError):  # another process was faster
                found.append((path, path.stat()))
        return sorted(found, key=lambda entry: entry[1].st_mtime)

    def _shrink(self) -> None:
        entries = self._entries()
        total = sum(status.st_size for _, status in entries)
        for path, status in entries:
            if total <= self.limit:
                break
            if _delete(path):
                total -= status.st_size
        self._delete_abandoned(_ABANDONED_SECONDS)

    def _delete_abandoned(self, seconds: float) -> None:
        """Deletes what a process that was killed left half written."""
        for path in self.folder.glob(".*.part.npz"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime >= seconds:
                    _delete(path)


def round_samples(samples: np.ndarray) -> np.ndarray:
    """Round samples, float32 (n,), to those of the cache: the first time sounds like the second."""
    return _from_16_bits(_to_16_bits(samples))


def _to_16_bits(samples: np.ndarray) -> np.ndarray:
    result = np.empty(samples.size, np.int16)
    for part in _blocks(samples.size):
        result[part] = np.rint(np.clip(samples[part], -1.0, 1.0) * _FULL_SCALE)
    return result


def _from_16_bits(kept: np.ndarray) -> np.ndarray:
    result = np.empty(kept.size, np.float32)
    for part in _blocks(kept.size):
        np.divide(kept[part], np.float32(_FULL_SCALE), out=result[part], dtype=np.float32)
    return result


def _blocks(size: int) -> Iterator[slice]:
    """Yield parts of so many samples: what is computed of a long speech shall not fill memory."""
    for start in range(0, size, _BLOCK):
        yield slice(start, start + _BLOCK)


def _write(path: Path, speech: Speech) -> None:
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            samples=_to_16_bits(speech.samples),
            facts=np.array(
                json.dumps(
                    {
                        "rate": speech.rate,
                        "transcript": speech.transcript,
                        "phones": _rows(speech.phones),
                        "words": _rows(speech.words),
                    }
                )
            ),
        )


def _read(path: Path) -> Speech:
    with np.load(path, allow_pickle=False) as content:
        samples = _from_16_bits(content["samples"])
        facts = json.loads(str(content["facts"]))
    return Speech.from_samples(
        samples,
        facts["rate"],
        _timed(Phone, facts["phones"]),
        facts["transcript"],
        _timed(Word, facts["words"]),
    )


def _rows(timed: Sequence[Phone] | Sequence[Word] | None) -> list[tuple[float, float, str]] | None:
    return None if timed is None else [(float(t[0]), float(t[1]), t[2]) for t in timed]


def _timed(kind: type[Timed], rows: list[tuple[float, float, str]] | None) -> list[Timed] | None:
    return None if rows is None else [kind(*row) for row in rows]


def _delete(path: Path) -> bool:
    """Whether the file is gone: another process may be faster, or forbid it."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
