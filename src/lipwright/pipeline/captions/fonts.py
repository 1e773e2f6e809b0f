"""The font of captions: the one that ships with lipwright, or a user's own."""

from __future__ import annotations

import io
import logging
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.assets import read_asset
from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FONT = "Mukta_600SemiBold.ttf"
"""Mukta by Ek Type (SIL Open Font License 1.1): Latin, Devanagari and the signs of currencies."""
FONT_SHA256 = "c3b6dae4df39d39ff06825af0a4a86d850981ccaca27bdb145e4efeac06b1f7a"

_NEVER_A_LETTER = "\uffff"
_COMPLEX = (
    (0x0590, 0x08FF),  # Hebrew, Arabic, Syriac
    (0x0900, 0x109F),  # the scripts of India and its neighbours, Thai, Tibetan, Burmese
    (0x1780, 0x18AF),  # Khmer, Mongolian
    (0x1A20, 0x1CFF),  # Tai Tham, Balinese, Sundanese, Batak, Lepcha
    (0xA800, 0xABFF),  # Syloti Nagri, Devanagari extended, Javanese, Meetei Mayek
    (0xFB1D, 0xFDFF),  # Hebrew and Arabic, presentation forms
    (0xFE70, 0xFEFE),
    (0x10800, 0x10FFF),  # other scripts from right to left
    (0x11000, 0x11FFF),  # other scripts of India
    (0x1E800, 0x1EFFF),  # Mende Kikakui, Adlam, Arabic mathematics
)
log = logging.getLogger("lipwright")


class CaptionFont:
    """A font file, read once, in any size.

    Raises MediaError for a file that is no font.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.name = FONT if path is None else str(path)
        if path is not None:
            check_rereadable(Path(path))
        try:
            self._content = (
                read_asset("lipwright.pipeline.captions", FONT, FONT_SHA256)
                if path is None
                else Path(path).read_bytes()
            )
            self.at(20)
        except OSError as error:
            raise MediaError(
                f"{self.name} cannot be read as a font: give a TrueType or OpenType file."
            ) from error

    def at(self, pixels: int) -> FreeTypeFont:
        """Return the font at a size: the height of its em in pixels."""
        from PIL import ImageFont

        return ImageFont.truetype(io.BytesIO(self._content), pixels)

    def check(self, texts: Iterable[str]) -> None:
        """Warn of characters the font lacks; raise MediaError where letters could not be joined."""
        letters = {letter for text in texts for letter in text if not letter.isspace()}
        if any(map(_is_complex, letters)) and not _can_shape():
            raise MediaError(
                "Captions in this script cannot be drawn without the library FriBiDi: install "
                "libfribidi, or write a caption file or a subtitle track instead."
            )
        missing = self._missing(letters)
        if missing:
            log.warning(
                'The caption font has no sign for "%s": choose another font.',
                "".join(sorted(missing)[:20]),
            )

    def _missing(self, letters: set[str]) -> set[str]:
        font = self.at(20)
        nothing = bytes(font.getmask(_NEVER_A_LETTER))
        return {letter for letter in letters if bytes(font.getmask(letter)) == nothing}


def base_direction(text: str) -> str | None:
    """Return "rtl" for a text whose first letter is written from right to left, else None.

    It orders the words of each of its lines (Unicode Bidirectional Algorithm, rules P2 and P3),
    also of one that begins with a Latin name.
    """
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return None if first == "L" else "rtl"


def _is_complex(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _COMPLEX)


def _can_shape() -> bool:
    """Return whether Pillow can order and join the letters of such scripts."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))
