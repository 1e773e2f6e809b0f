"""Converted generators on ONNX Runtime: batches, and what to do when memory is short."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.core.errors import EngineError
from lipwright.core.onnx import open_session

log = logging.getLogger("lipwright")

PARTS = ("face", "speech")
SHORT_OF_MEMORY = ("alloc", "out of memory", "not enough memory", "out_of_memory")


CutRows = Callable[[Sequence[np.ndarray], int], Sequence[np.ndarray]]
"""What a face adds, as far as the rows from some one on need it."""


class Networks(Protocol):
    """The two halves of a generator that redraws faces."""

    def see(self, face: np.ndarray) -> list[np.ndarray]:
        """Return what a face, float32 (n, 6, 96, 96) in [0, 1], adds to the drawing."""
        ...

    def draw(self, sound: np.ndarray, added: Sequence[np.ndarray]) -> np.ndarray:
        """Return faces, float32 (n, 3, rows, 96) in [0, 1], for sound (n, 1, bands, columns).

        added: the face's part, n of it or 1.

        rows: 96, or as many of the lowest ones as the face's part has.
        """
        ...


class OnnxNetworks:
    """The converted networks."""

    def __init__(self, paths: Sequence[Path], device: Device = CPU, threads: int = 0) -> None:
        """paths: of PARTS, in order. device: runs them. threads: 0 takes one for each core."""
        self._face, self._speech = (open_network(path, device, threads) for path in paths)
        self._inputs = [entry.name for entry in self._speech.get_inputs()]

    def see(self, face: np.ndarray) -> list[np.ndarray]:
        """Return what a face, float32 (n, 6, 96, 96), adds to the drawing: see `Networks`."""
        result: list[np.ndarray] = self._face.run(None, {"face": face})
        return result

    def draw(self, sound: np.ndarray, added: Sequence[np.ndarray]) -> np.ndarray:
        """Return faces, float32 (n, 3, rows, 96): see `Networks`."""
        given = dict(zip(self._inputs, [sound, *added], strict=True))
        result: np.ndarray = self._speech.run(None, given)[0]
        return result


def open_network(path: Path, device: Device = CPU, threads: int = 0) -> Any:
    """Return an ONNX Runtime session of a converted network, on all cores (0 threads), or on a GPU.

    Raises EngineError for a file that is damaged.
    """
    try:
        return open_session(str(path), threads, device)
    except Exception as error:  # ONNX Runtime has no common base for its errors
        if is_memory_error(error):
            raise
        raise EngineError(
            f"{path} is damaged: delete it, it is made again from the checkpoint."
        ) from error


class Drawer:
    """Draws faces in batches, smaller ones once memory was short."""

    def __init__(self, networks: Networks, batch_size: int, cut_rows: CutRows) -> None:
        self.networks, self.batch_size, self._cut_rows = networks, batch_size, cut_rows

    def draw(self, sounds: np.ndarray, added: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """Draw n faces, float32 (rows, 96, 3), BGR 0 to 255.

        sounds: (n, bands, columns). added: a face's part.

        Raises EngineError when memory does not even suffice for one.
        """
        return self._batches(
            len(sounds), lambda part: self.networks.draw(sounds[part, None], added)
        )

    def redraw(self, sounds: np.ndarray, faces: np.ndarray, first: int) -> Iterator[np.ndarray]:
        """Yield the same with a face, float32 (n, 6, 96, 96), for each, in rows from `first` on."""

        def draw(part: slice) -> np.ndarray:
            added = self._cut_rows(self.networks.see(faces[part]), first)
            return self.networks.draw(sounds[part, None], added)

        return self._batches(len(sounds), draw)

    def _batches(self, count: int, draw: Callable[[slice], np.ndarray]) -> Iterator[np.ndarray]:
        first = 0
        while first < count:
            part = slice(first, min(count, first + self.batch_size))
            try:
                drawn = draw(part)
            except Exception as error:  # ONNX Runtime has no common base for its errors
                if not is_memory_error(error):
                    raise
                self._halve(part.stop - part.start, error)
                continue
            first = part.stop
            for face in drawn:
                yield face.transpose(1, 2, 0) * np.float32(255)

    def _halve(self, size: int, error: Exception) -> None:
        if size == 1:
            raise EngineError(
                "There is not enough memory for a single frame: close other programs, or run on "
                "the CPU."
            ) from error
        self.batch_size = size // 2
        log.warning("Memory is short: going on with batches of %d frames.", self.batch_size)


def is_memory_error(error: Exception) -> bool:
    """Return whether ONNX Runtime, or Python, ran out of memory."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    return type(error).__module__.startswith("onnxruntime") and any(
        words in text for words in SHORT_OF_MEMORY
    )
