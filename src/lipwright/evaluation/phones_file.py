"""Read phone times from a file, for the measures of bilabials."""

from __future__ import annotations

import json
from pathlib import Path

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError
from lipwright.speech.speech import Phone


def read_phones(path: str | Path) -> tuple[Phone, ...]:
    """Read phones from JSON: a list of [start s, end s, IPA symbol].

    Raises MediaError, naming what is wrong.
    """
    path = Path(path)
    check_rereadable(path)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions."
        ) from None
    except ValueError:
        raise MediaError(f"{path} is not JSON: save it as [[start, end, symbol], ...].") from None
    try:
        phones = tuple(
            Phone(float(start), float(end), str(symbol)) for start, end, symbol in entries
        )
    except (TypeError, ValueError):
        raise MediaError(
            f"{path} is not a list of phones: each is [start, end, symbol], times in seconds."
        ) from None
    for phone in phones:
        if not 0 <= phone.start <= phone.end:
            raise MediaError(
                f"{path} has a phone from {phone.start:g} to {phone.end:g} s: mend its times."
            )
    if not phones:
        raise MediaError(f"{path} has no phones: give at least one [start, end, symbol].")
    return phones
