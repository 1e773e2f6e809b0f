"""A speech that is begun while the face is still looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lipwright.core.call_ahead import Begun

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech


class SpeechAhead:
    """What `sync` may begin, in a thread, before the source is ready: an offline voice's speech.

    Such a voice costs no money, and has a model to open.
    """

    def __init__(self, speak: Callable[[], Speech]) -> None:
        """Prepare to speak. speak: returns the speech, or what goes on with it."""
        self._speak = speak
        self._begun: Begun[Speech] | None = None

    def begin(self) -> None:
        """Call `speak` in a thread."""
        self._begun = Begun(self._speak)

    def __call__(self) -> Speech:
        """Return what `speak` returns, or raise what it raises; called now if it was not begun."""
        return self._speak() if self._begun is None else self._begun.result()

    def wait(self) -> None:
        """Wait until `speak` has returned, if it was begun."""
        if self._begun is not None:
            self._begun.wait()
