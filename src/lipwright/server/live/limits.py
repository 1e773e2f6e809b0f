"""How much one viewer may send, and how long a viewer may be silent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class LiveLimits:
    """What a viewer may do before the session is ended, for the sake of all others."""

    text_characters: int = 20_000
    """Of one text, also where it comes in pieces."""
    texts_waiting: int = 8
    """Texts that are not all spoken yet."""
    messages_per_second: float = 100.0
    """Text messages, on average; a language model's tokens come this fast."""
    messages_at_once: int = 300
    """Text messages without a pause."""
    blocks_per_second: float = 120.0
    """Binary messages with sound, on average."""
    sound_seconds_at_once: float = 2.0
    """Sound that may come faster than it is spoken, s."""
    block_bytes: int = 64 << 10
    """The largest binary message."""
    errors: int = 20
    """Messages that could not be used."""
    silence_seconds: float = 6.0
    """After so long without a word the viewer counts as gone."""
    opening_seconds: float = 60.0
    """How long a session may take to begin."""
    connecting_seconds: float = 15.0
    """How long a browser may take to connect over WebRTC."""
    stall_seconds: float = 10.0
    """How long a viewer may read nothing."""
    ticket_seconds: float = 60.0
    """How long a ticket is good."""
    tickets: int = 256
    """Tickets that nobody has used yet."""


class Allowance:
    """Something that is used up, and grows again at a steady rate."""

    def __init__(
        self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """per_second: how much comes back. at_once: how much there is at most."""
        self._rate, self._most, self._clock = per_second, at_once, clock
        self._left, self._since = at_once, clock()

    def take(self, amount: float = 1.0) -> bool:
        """Use some of it; False, and nothing is used, where there is too little."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._since) * self._rate)
        self._since = now
        if amount > self._left:
            return False
        self._left -= amount
        return True
