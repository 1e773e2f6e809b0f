"""What a user wants of captions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.core.option import option
from lipwright.core.validation import check_not_an_input


@dataclass(frozen=True)
class Captions:
    """Caption options: any of a file, a stream that a viewer switches on, letters in the frames."""

    file: str | Path | None = option(
        None, "Write what is said and when: .srt or .vtt.", name="captions", shown=False
    )
    """A .srt or .vtt file to write."""
    burn: bool = option(False, "Draw captions into the picture.", name="burn_captions")
    """Draw them into the frames."""
    subtitles: bool = option(False, "Add captions that a viewer can switch on.")
    """Put them into the video as a track of their own (.mp4, .mov, .mkv, .webm)."""
    font: str | Path | None = option(
        None,
        "A TrueType or OpenType file to draw captions with.",
        name="caption_font",
        shown="Mukta, for Latin and Devanagari",
    )
    """Draw with this TrueType or OpenType file."""

    def __bool__(self) -> bool:
        return self.file is not None or self.burn or self.subtitles

    def check(self, output: Path) -> None:
        """Check the options as far as possible before the work begins.

        Raises UsageError: no kind of caption file, or a video that holds no subtitles. MediaError:
        a folder that does not exist, a font that cannot be read.
        """
        if self.file is not None:
            from lipwright.pipeline.captions.srt_vtt import check_caption_file

            check_not_an_input(check_caption_file(self.file), output)
        if self.subtitles:
            from lipwright.media.video.containers import check_holds_subtitles, container_for

            check_holds_subtitles(container_for(output))
        if self.font is not None:
            from lipwright.pipeline.captions.fonts import CaptionFont

            CaptionFont(self.font)
