"""From speech to what the lips do: `articulate` is the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lipwright.articulation.curves import CHANNELS, Articulation

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech

__all__ = ["CHANNELS", "Articulation", "articulate"]


def articulate(speech: Speech, *, progress: Callable[[float], None] | None = None) -> Articulation:
    """Return the articulator curves for the whole of `speech`.

    From its phones when they are known, and otherwise from its sound, which is streamed. `progress`
    is called with the share done, 0 to 1.
    """
    if speech.phones is not None:
        from lipwright.articulation.from_phones import articulate_phones

        result = articulate_phones(speech.phones, speech.duration)
        if progress is not None:
            progress(1.0)
        return result
    from lipwright.articulation.from_audio import articulate_audio

    return articulate_audio(speech.blocks(16_000), speech.duration, progress=progress)
