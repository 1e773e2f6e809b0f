"""The picture of a live session, as it is drawn and sent frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from lipwright.core.errors import UsageError
from lipwright.engines.warp.live_performance import LivePerformance
from lipwright.pipeline.label import draw_label, labelled
from lipwright.pipeline.live.coding import CodedPicture, make_coder
from lipwright.pipeline.options import RenderOptions
from lipwright.pipeline.portrait import Portrait
from lipwright.pipeline.provenance_options import Provenance

if TYPE_CHECKING:
    from lipwright.pipeline.live.clock import Tick

MARKER_BITS, MARKER_SIDE = 24, 8
"""A frame's number as a strip of so many black and white squares, after one white and one black,
and the side of a square in px."""


class Scene:
    """A portrait that is drawn as a session's clock says."""

    def __init__(self, image: bytes, fields: dict[str, Any]) -> None:
        """Prepare the picture.

        Args:
            image: the picture's file.
            fields: of the message "open": options by name, fps, coding, background, marker, label.

        Raises:
            MediaError, FaceError, UsageError: as `Portrait`.
        """
        options = RenderOptions(**fields["options"], provenance=Provenance(**fields["provenance"]))
        portrait = Portrait(image, options)
        if portrait.engine.spec.audio.name != LivePerformance.name:
            raise UsageError(
                f'The engine "{portrait.engine.spec.name}" hears too much of what follows to speak '
                'live: choose the engine "warp".',
                option="engine",
            )
        self.size = portrait.width, portrait.height
        self.fps = Fraction(fields["fps"])
        self._performance = LivePerformance(options.motion, options.seed)
        see_through = fields["coding"] == "vp9" or fields["background"] is not None
        drawn = portrait.live_frames(self._performance, self.fps, see_through)
        label = draw_label(options.provenance, self.size)
        self._frames = labelled(((frame, None) for frame in drawn), label)
        self._background = _colour(fields["background"])
        self._marked: bool = fields["marker"]
        self._coder = make_coder(fields["coding"], self.size, self.fps)

    def draw(self, tick: Tick, keyframe: bool) -> CodedPicture:
        """Draw a frame. keyframe: it shall be decodable without those before it."""
        time = float(tick.number / self.fps)
        self._performance.advance(time, tick.mouth, tick.activity)
        image = next(self._frames)[0]
        assert isinstance(image, np.ndarray)
        if self._background is not None and image.shape[2] == 4:
            image = _over(image, self._background)
        if self._marked:
            image = image.copy()
            draw_marker(image, tick.number)
        return self._coder.code(image, keyframe)

    def skip(self, tick: Tick) -> None:
        """Take note of a frame that is not drawn."""
        self._performance.advance(float(tick.number / self.fps), tick.mouth, tick.activity)


def _colour(text: str | None) -> np.ndarray | None:
    """The colour of "#rrggbb" as float32 (3,), B, G, R; None for none."""
    if text is None:
        return None
    try:
        red, green, blue = bytes.fromhex(text.removeprefix("#"))
    except ValueError:
        raise UsageError(
            f'"{text}" is no colour: give one such as #00ff00.', option="background"
        ) from None
    return np.array([blue, green, red], np.float32)


def _over(image: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Lay BGRA uint8 (h, w, 4) over a colour: BGR uint8 (h, w, 3)."""
    share = image[..., 3:].astype(np.float32) / 255
    mixed = image[..., :3] * share + colour * (1 - share)
    return np.asarray(mixed + 0.5, np.uint8)


def draw_marker(image: np.ndarray, number: int) -> None:
    """Draw a frame's number into the upper edge of BGR uint8 (h, w, 3), in place."""
    bits = [1, 0, *((number >> place) & 1 for place in reversed(range(MARKER_BITS)))]
    for place, bit in enumerate(bits):
        corner = place * MARKER_SIDE, 0
        far = corner[0] + MARKER_SIDE - 1, MARKER_SIDE - 1
        cv2.rectangle(image, corner, far, (255 * bit,) * 3, cv2.FILLED)


def read_marker(image: np.ndarray) -> int | None:
    """Return the number in a picture's upper edge; None where there is none.

    image: grey or BGR uint8 (h, w) or (h, w, 3).
    """
    grey = image if image.ndim == 2 else image.mean(axis=2)
    middle = MARKER_SIDE // 2
    bits = [bool(grey[middle, place * MARKER_SIDE + middle] > 127) for place in _places()]
    if bits[:2] != [True, False]:
        return None
    return int("".join("01"[bit] for bit in bits[2:]), 2)


def _places() -> Iterator[int]:
    return iter(range(MARKER_BITS + 2))
