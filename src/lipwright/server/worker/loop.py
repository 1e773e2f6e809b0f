"""A worker's loop: a task at a time, while a thread listens for its cancellation and its end."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TextIO

from lipwright.core.cancellation import CancelToken
from lipwright.core.errors import Cancelled, LipwrightError
from lipwright.core.secrets import hide_credentials

BEAT_SECONDS = 1.0
"""How often a worker that makes a video says that it is alive."""
RENDERER = "lipwright.server.worker.render:render"


class Channel:
    """The pipes to the server, and the task that can be cancelled."""

    def __init__(self, into: TextIO, out: TextIO) -> None:
        self._in, self._out = into, out
        self._lock = threading.Lock()
        self.tasks: queue.Queue[dict[str, Any]] = queue.Queue()
        self.token = CancelToken()
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, message: dict[str, Any]) -> None:
        """Tell the server something; ends the process where it is gone."""
        with self._lock:
            try:
                self._out.write(json.dumps(message) + "\n")
                self._out.flush()
            except OSError:
                os._exit(0)

    def _listen(self) -> None:
        for line in self._in:
            message = json.loads(line)
            if message["do"] == "cancel":
                self.token.cancel()
            else:
                self.tasks.put(message)
        os._exit(0)  # the server is gone: what is unfinished goes on in the next worker


def main(arguments: Sequence[str]) -> int:
    """Work until the server is gone. arguments: the function that makes videos, if not the usual.

    Returns the exit status; the usual end is that of standard input, which ends the process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to answer
    channel = Channel(sys.stdin, _own_output())
    logging.getLogger("lipwright").addHandler(logging.StreamHandler())
    renderer = arguments[0] if arguments else RENDERER
    channel.say({"ready": True})
    while True:
        message = channel.tasks.get()
        channel.say(_answer(lambda: _run(message, channel, renderer), message))  # noqa: B023


def _run(message: dict[str, Any], channel: Channel, renderer: str) -> dict[str, Any]:
    if message["do"] != "render":
        from lipwright.server.worker import tasks

        return tasks.run(message)
    module, _, name = renderer.partition(":")
    make: Callable[..., dict[str, Any]] = getattr(import_module(module), name)
    channel.token = CancelToken()
    ended = threading.Event()
    beats = threading.Thread(target=_beat, args=(channel, ended), daemon=True)
    beats.start()
    try:
        facts = make(message, channel.say, channel.token)
    finally:
        ended.set()
        beats.join()
    return {"facts": facts}


def _beat(channel: Channel, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        channel.say({"beat": True})


def _answer(work: Callable[[], dict[str, Any]], message: dict[str, Any]) -> dict[str, Any]:
    """What comes of a task, or what went wrong, without the names of the server's files."""
    try:
        return work()
    except Cancelled:
        return {"error": "Cancelled", "detail": "The work was cancelled."}
    except LipwrightError as error:
        told = plain(str(error), message.get("labels") or {})
        option = error.option and error.option.replace("-", "_")
        return {"error": type(error).__name__, "detail": told, "option": option}
    except MemoryError:
        return {"error": "MediaError", "detail": "There is not enough memory: choose less."}
    except OSError as error:
        traceback.print_exc()
        reason = error.strerror or type(error).__name__
        return {"error": "MediaError", "detail": f"The server cannot do this now: {reason}."}
    except Exception:
        print(hide_credentials(traceback.format_exc()), file=sys.stderr)
        return {"error": "unexpected"}


def plain(text: str, labels: dict[str, str]) -> str:
    """Return a sentence in which files have the names that the client gave them.

    labels: those names, by the files' paths on the server.
    """
    for path, label in labels.items():
        text = text.replace(path, label)
    return text


def _own_output() -> TextIO:
    """Keep standard output for messages: what libraries print goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return open(kept, "w", encoding="utf-8")
