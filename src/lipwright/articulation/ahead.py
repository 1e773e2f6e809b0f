"""Sound that is listened to while something else is done, such as looking at a picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lipwright.articulation.curves import Articulation
from lipwright.articulation.from_audio import articulate_audio
from lipwright.core.worker_thread import WorkerThread
from lipwright.speech.streaming import StreamingSpeech

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech


class _Stopped(Exception):
    """Nobody wants the curves any more."""


class _Listening:
    def __init__(self, speech: Speech) -> None:
        self._speech, self._stopped = speech, threading.Event()
        self._found: Articulation | None = None
        self._error: BaseException | None = None
        # no daemon: ONNX Runtime ends the process with an error if it is in work at its end
        self._thread = WorkerThread(self._listen, "lipwright-ear")
        self._thread.start()

    def result(self) -> Articulation:
        self._thread.wait()
        if self._error is not None:
            raise self._error
        assert self._found is not None
        return self._found

    def stop(self) -> None:
        self._stopped.set()
        self._thread.wait()

    def _listen(self) -> None:
        speech = self._speech
        try:
            blocks = speech.blocks(16_000)
            self._found = articulate_audio(blocks, speech.duration, progress=self._look)
        except BaseException as error:  # handed to who asks for the result
            self._error = error

    def _look(self, share: float) -> None:
        if self._stopped.is_set() or not threading.main_thread().is_alive():
            raise _Stopped


_listening: WeakKeyDictionary[Speech, _Listening] = WeakKeyDictionary()


def listen_ahead(speech: Speech) -> Callable[[], None]:
    """Begin to listen to a speech in a thread: `articulate` then only waits for the curves.

    Where its phones are known, or it is still arriving, nothing is begun. Returns what gives up:
    nothing happens where `articulate` has had the curves, or waits for them.
    """
    if isinstance(speech, StreamingSpeech) or speech.phones is not None:
        return lambda: None
    _listening[speech] = _Listening(speech)

    def give_up() -> None:
        begun = _listening.pop(speech, None)
        if begun is not None:
            begun.stop()

    return give_up


def heard_ahead(speech: Speech) -> Articulation | None:
    """Return the curves of a speech that is being listened to; None where nobody listens."""
    begun = _listening.pop(speech, None)
    return None if begun is None else begun.result()
