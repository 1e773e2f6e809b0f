"""The process that speaks: voices stay loaded in it, and several sessions share it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from lipwright.core.cancellation import CancelToken, cancellable
from lipwright.core.child_process import Parent
from lipwright.core.errors import Cancelled

if TYPE_CHECKING:
    from lipwright.core.messages import Message
    from lipwright.speech.speech import Speech
    from lipwright.speech.voice import Voice

WARMING = "Hello."
"""Spoken to nobody when a voice is loaded: what it needs is there then."""


class _Utterance:
    """A text that is being spoken, in a thread of its own."""

    def __init__(self, parent: Parent, message: Message) -> None:
        self._parent, self._number = parent, message.fields["number"]
        self._rate: int = message.fields["rate"]
        self._voice: dict[str, Any] = message.fields["voice"]
        self._pieces: SimpleQueue[str | None] = SimpleQueue()
        self._token = CancelToken()
        self._speech: Speech | None = None
        threading.Thread(target=self._work, name="lipwright-utterance", daemon=True).start()

    def add(self, text: str) -> None:
        self._pieces.put(text)

    def end(self) -> None:
        self._pieces.put(None)

    def stop(self) -> None:
        self._token.cancel()
        self._pieces.put(None)
        cancel = getattr(self._speech, "cancel", None)
        if cancel is not None:
            threading.Thread(target=cancel, name="lipwright-stop", daemon=True).start()

    def _work(self) -> None:
        try:
            with suppress(Cancelled), cancellable(self._token):
                self._speak()
        except Exception as error:
            if not self._token.cancelled:
                self._parent.fail(error, self._number)
        self._parent.send("spoken", number=self._number)

    def _speak(self) -> None:
        from lipwright.pipeline.live.spoken import spoken_pieces

        voice = make_voice(self._voice)
        self._speech = self._begin(voice)
        self._token.check()
        for piece in spoken_pieces(self._speech, self._rate):
            self._token.check()
            self._parent.send(
                "piece",
                piece.samples.tobytes() + piece.rows.tobytes(),
                number=self._number,
                samples=len(piece.samples),
                first=piece.first,
                rate=piece.rate,
            )

    def _begin(self, voice: Voice) -> Speech:
        if voice.is_offline:
            return voice.speak_pieces(self._until_end(), early=True)
        return voice.begin("".join(self._until_end()))

    def _until_end(self) -> Iterator[str]:
        while (piece := self._pieces.get()) is not None:
            yield piece
        self._token.check()


def make_voice(chosen: dict[str, Any]) -> Voice:
    """Return the voice of these choices: the fields of `Voice`."""
    from lipwright.speech.voice import Voice

    return Voice(chosen["name"], rate=chosen["rate"], language=chosen["language"], cache=False)


def check_voice(chosen: dict[str, Any]) -> None:
    """Raise VoiceError where there is no such voice or language, UsageError for a wrong speed."""
    from lipwright.speech.kokoro.voices import find_voice

    voice = make_voice(chosen)
    if voice.is_offline:
        find_voice(voice.name)


def load_voice(chosen: dict[str, Any]) -> None:
    """Load all that an offline voice needs; of an online one only check the name."""
    voice = make_voice(chosen)
    if voice.is_offline:
        for _ in voice.speak_pieces(iter([WARMING])).prefixes():
            pass


def main() -> None:
    """Speak what is asked for, until the parent ends."""
    parent = Parent()
    utterances: dict[int, _Utterance] = {}
    while (message := parent.inbox.get()) is not None:
        number = message.fields.get("number", -1)
        if message.kind in ("check", "load"):
            threading.Thread(target=_load, args=(parent, message), daemon=True).start()
        elif message.kind == "speak":
            utterances[number] = _Utterance(parent, message)
        elif number in utterances:
            _direct(utterances, number, message)


def _load(parent: Parent, message: Message) -> None:
    number = message.fields["number"]
    try:
        check_voice(message.fields["voice"])
        if message.kind == "load":
            load_voice(message.fields["voice"])
    except Exception as error:
        parent.fail(error, number)
    parent.send("spoken", number=number)


def _direct(utterances: dict[int, _Utterance], number: int, message: Message) -> None:
    if message.kind == "text":
        utterances[number].add(message.payload.decode())
    elif message.kind == "end":
        utterances[number].end()
    elif message.kind == "stop":
        utterances.pop(number).stop()
    elif message.kind == "forget":
        utterances.pop(number)


if __name__ == "__main__":
    main()
