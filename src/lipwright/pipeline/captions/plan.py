"""The caption options of a user, and the captions of one video."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import UsageError
from lipwright.pipeline.captions.cues import LINE_LENGTH, Cue, make_cues
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.captions.srt_vtt import write_captions
from lipwright.speech.speech import Speech, Word
from lipwright.speech.streaming import StreamingSpeech

if TYPE_CHECKING:
    from lipwright.core.rect import Box
    from lipwright.face.face import Face
    from lipwright.pipeline.captions.overlay import Picture

_UPPER_LIP, _LOWER_LIP = 0, 17  # landmarks

log = logging.getLogger("lipwright")


def plan_captions(
    captions: Captions | None,
    speech: Speech,
    output: Path,
    size: tuple[int, int],
    fps: Fraction,
    face: Face | None,
) -> CaptionPlan:
    """Plan the captions of one video (none for None), and check the options first.

    output: the video file. size: (width, height), px. face: what captions must not cover, if known.
    Raises UsageError where captions are requested and the words of the speech are not known; else
    as `Captions.check`.
    """
    captions = captions or Captions()
    captions.check(output)
    return CaptionPlan(captions, speech, size, fps, face)


class CaptionPlan:
    """The captions of one video: its subtitle stream, the drawing, and the file afterwards."""

    def __init__(
        self,
        wanted: Captions,
        speech: Speech,
        size: tuple[int, int],
        fps: Fraction,
        face: Face | None,
    ) -> None:
        self._wanted, self._speech = wanted, speech
        self._size, self._fps = size, fps
        self._mouth: tuple[float, float] | None = None
        if face is not None:
            upper, lower = face.landmarks[[_UPPER_LIP, _LOWER_LIP], 1]
            self._mouth = float(upper), float(lower)
        if wanted and not isinstance(speech, StreamingSpeech):
            self._words = words_of(speech)  # what is missing is told before the first frame

    @cached_property
    def _words(self) -> list[Word]:
        """Return the words as late as possible: a streamed speech knows them at its end."""
        return words_of(self._speech)

    def _cues(self, line_length: int = LINE_LENGTH) -> list[Cue]:
        return make_cues(self._words, line_length, self._speech.duration)

    @property
    def track(self) -> Sequence[Cue]:
        """Return the subtitles for `VideoWriter`; empty if none are requested."""
        return self._cues() if self._wanted.subtitles else ()

    def paint(
        self, frames: Iterator[Picture], dirty_box: Box | None, first: int = 0
    ) -> Iterator[tuple[Picture, Box | None]]:
        """Yield each frame, with its caption drawn if requested, and the box that changed in it.

        frames: BGR uint8 (h, w, 3), BGRA or `YuvFrame`. first: the number of the first frame.
        """
        if not self._wanted.burn:
            return ((frame, dirty_box) for frame in frames)
        from lipwright.pipeline.captions.burn_in import CaptionPainter, caption_layout
        from lipwright.pipeline.captions.fonts import CaptionFont

        line_length = caption_layout(*self._size).line_length
        cues = self._cues(line_length)
        font = CaptionFont(self._wanted.font)
        painter = CaptionPainter(cues, self._size, self._fps, font, self._mouth)
        return painter.paint(frames, dirty_box, first)

    def write(self) -> None:
        """Write the caption file, if one is requested."""
        if self._wanted.file is not None:
            write_captions(self._wanted.file, self._cues())


def words_of(speech: Speech) -> list[Word]:
    """Return the timed words of a speech; without times they are estimated from the transcript.

    Raises UsageError for a recording, whose words are unknown.
    """
    if speech.words is not None:
        return list(speech.words)
    if not speech.transcript.strip():
        raise UsageError(
            "Captions need the words that are spoken: give a text or a script, not a recording."
        )
    log.warning("This voice does not tell the times of its words: captions are set by estimate.")
    from lipwright.pipeline.captions.word_timing_estimate import estimate_words

    return estimate_words(speech)


def write_caption_file(file: str | Path, speech: Speech) -> None:
    """Write the captions of a speech to a .srt or .vtt file. Raises as `words_of`."""
    write_captions(file, make_cues(words_of(speech), duration=speech.duration))
