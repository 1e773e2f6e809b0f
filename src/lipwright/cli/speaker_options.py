"""What --speaker and --speech ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    from lipwright.face.speaker_selection import SpeakerLike
    from lipwright.pipeline.render_job import SpeechLike


def speaker_alone(speakers: Sequence[str]) -> str:
    """Return the only one who speaks. Raises UsageError for several."""
    if len(speakers) > 1:
        raise UsageError(
            f"Only one person can say --audio, --text or --script, but --speaker was given "
            f"{len(speakers)} times: give each person a --speech."
        )
    return speakers[0] if speakers else "auto"


def read_speeches(
    speeches: Sequence[str], speakers: Sequence[str]
) -> dict[SpeakerLike, SpeechLike]:
    """Return who says which file.

    speeches: "0=anna.wav", "320,200=anna.wav" or "anna=anna.wav"; the last of them where speakers
    has "anna=anna.jpg". Raises UsageError for anything else, and for somebody who is given twice.
    """
    from lipwright.face.speaker_selection import Speaker

    names = _names(speakers)
    said: dict[SpeakerLike, SpeechLike] = {}
    for given in speeches:
        who, _, file = given.partition("=")
        if not who or not file:
            raise UsageError(f'"{given}" is not WHO=FILE: give --speech 0=anna.wav, for example.')
        speaker = str(Speaker.of(names[who])) if who in names else _known(who)
        if speaker in said:
            raise UsageError(f"{who} was given two speeches: give each person one.")
        said[speaker] = Path(file)
    unheard = [name for name, speaker in names.items() if speaker not in said]
    if unheard:
        raise UsageError(
            f"{unheard[0]} has nothing to say: give --speech {unheard[0]}=FILE as well."
        )
    return said


def _names(speakers: Sequence[str]) -> dict[str, str]:
    """By name: what --speaker said of who is called so."""
    from lipwright.face.speaker_selection import Speaker

    found = [Speaker.of(speaker) for speaker in speakers]
    for speaker in found:
        if not speaker.name:
            raise UsageError(
                f"--speaker {speaker} says nothing about --speech: name its speaker there."
            )
    return {speaker.name: str(speaker) for speaker in found}


def _known(who: str) -> str:
    """Somebody as a library understands it."""
    from lipwright.face.speaker_selection import Speaker

    try:
        return str(Speaker.of(who))
    except UsageError:
        raise UsageError(
            f"It is not known who {who} is: give --speaker {who}=reference.jpg as well, or a "
            'number that "lipwright faces" shows.'
        ) from None
