"""What a caller gives a live session, as it is sent to the process that draws."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import MediaError, UsageError
from lipwright.core.given import check_is_path, describe, read_bytes

if TYPE_CHECKING:
    import numpy as np

    from lipwright.core.given import PictureLike
    from lipwright.pipeline.options import RenderOptions

PER_SESSION = ("quality", "motion", "speaker", "seed", "engine", "device", "gpu")
"""Options that mean something in a session."""
RATES = 8000, 192_000
"""Hz of sound that can be heard."""


def picture_bytes(source: PictureLike) -> bytes:
    """Return a picture as the bytes of a file; one from memory as PNG.

    Raises:
        MediaError: the file cannot be read. UsageError: it is no picture.
    """
    content = read_bytes(source, "picture")
    if content is not None:
        return content
    if isinstance(source, str | Path):
        path = check_is_path(source, "picture")
        try:
            return path.read_bytes()
        except OSError as error:
            reason = error.strerror or error
            raise MediaError(f"{path} cannot be read ({reason}): give another picture.") from error
    return _png(source)


def opening(options: RenderOptions) -> dict[str, Any]:
    """Return the fields of a message "open" that say what was chosen."""
    provenance = asdict(options.provenance)
    return {
        "options": {name: getattr(options, name) for name in PER_SESSION},
        "provenance": {name: provenance[name] for name in provenance if name.startswith("label")},
    }


def checked_sound(sound: bytes | np.ndarray, rate: int) -> np.ndarray:
    """Return sound as mono float32 (n,) in [-1, 1].

    sound: int16 little-endian as bytes, or float32 or int16 (n,). Raises UsageError for a rate out
    of range (Hz), several channels, or values that are no numbers.
    """
    import numpy as np

    from lipwright.speech.speech import check_samples

    if isinstance(rate, bool) or not isinstance(rate, int) or not RATES[0] <= rate <= RATES[1]:
        raise UsageError(f"A rate of {rate} Hz cannot be heard: give {RATES[0]} to {RATES[1]}.")
    if isinstance(sound, bytes | bytearray | memoryview):
        if len(sound) % 2:
            raise UsageError("The sound ends in the middle of a sample: give whole int16 samples.")
        sound = np.frombuffer(bytes(sound), "<i2")
    if not isinstance(sound, np.ndarray):
        raise UsageError(f"The sound is {describe(sound)}: give bytes or an array.")
    try:
        samples: np.ndarray = np.clip(check_samples(sound), -1.0, 1.0)
    except MediaError as error:
        raise UsageError(str(error)) from error
    return samples


def _png(source: object) -> bytes:
    """A picture from memory as a PNG file."""
    import cv2
    import numpy as np

    if not isinstance(source, np.ndarray):
        from io import BytesIO

        save = getattr(source, "save", None)
        if save is None:
            raise UsageError(f"The picture is {describe(source)}: give a file, bytes or an array.")
        buffer = BytesIO()
        save(buffer, "PNG")
        return buffer.getvalue()
    if source.dtype != np.uint8 or source.ndim not in (2, 3) or not source.size:
        raise UsageError("The picture is no uint8 array (h, w), (h, w, 3) or (h, w, 4): give one.")
    written, coded = cv2.imencode(".png", source)
    if not written:
        raise UsageError("The picture cannot be kept as PNG: give BGR or BGRA pixels.")
    return coded.tobytes()
