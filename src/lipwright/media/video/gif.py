"""Make an animated GIF of a video file: one palette of 256 colours for all frames, in two passes.

The dither pattern is ordered (Bayer), not diffused: what stands still then stays still, and the
encoder can leave it out of every frame.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

MAX_RATE = 15  # frames per second; browsers slow down GIFs that are much faster
PALETTE_WIDTH = 320  # px; a palette needs no more


def frame_step(fps: Fraction) -> int:
    """Return n where a GIF keeps every n-th frame of a video of `fps`."""
    return max(1, math.ceil(fps / MAX_RATE))


def write_gif(video: Path, path: Path) -> None:
    """Write the frames of `video` as the GIF `path`. Errors of av are not converted."""
    import av

    palette = _palette(video)
    with (
        av.open(f"file:{video}") as source,
        av.open(f"file:{path}", "w", format="gif") as output,
    ):
        pictures = source.streams.video[0]
        rate = pictures.average_rate or Fraction(MAX_RATE)
        stream: Any = output.add_stream("gif", rate=rate)
        stream.width, stream.height, stream.pix_fmt = pictures.width, pictures.height, "pal8"
        stream.codec_context.time_base = Fraction(1, 100)  # a GIF counts in hundredths
        for number, frame in enumerate(_with_palette(source, pictures, palette)):
            frame.pts, frame.time_base = round(number / rate * 100), Fraction(1, 100)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _palette(video: Path) -> Any:
    """Return the palette frame (16x16 px) that fits all frames of `video`."""
    import av

    with av.open(f"file:{video}") as source:
        pictures = source.streams.video[0]
        graph = av.filter.Graph()
        entry = graph.add_buffer(template=pictures)
        scale = graph.add("scale", f"min({PALETTE_WIDTH}\\,iw):-1:flags=neighbor")
        generator = graph.add("palettegen", "stats_mode=full:reserve_transparent=1")
        end = graph.add("buffersink")
        graph.link_nodes(entry, scale, generator, end).configure()
        for frame in source.decode(pictures):
            entry.push(frame)
        entry.push(None)
        return end.pull()


def _with_palette(source: Any, pictures: Any, palette: Any) -> Iterator[Any]:
    """Yield the frames of `source`, reduced to the colours of `palette`."""
    import av

    graph = av.filter.Graph()
    entry = graph.add_buffer(template=pictures)
    colours = graph.add_buffer(
        width=palette.width, height=palette.height, format=palette.format, time_base=Fraction(1, 25)
    )
    mapper = graph.add("paletteuse", "dither=bayer:bayer_scale=3:diff_mode=rectangle")
    end = graph.add("buffersink")
    entry.link_to(mapper, 0, 0)
    colours.link_to(mapper, 0, 1)
    mapper.link_to(end)
    graph.configure()
    palette.pts = 0
    palette.time_base = Fraction(1, 25)
    colours.push(palette)
    colours.push(None)
    for frame in source.decode(pictures):
        entry.push(frame)
        yield from _ready(end)
    entry.push(None)
    yield from _ready(end)


def _ready(end: Any) -> Iterator[Any]:
    import av

    with contextlib.suppress(av.BlockingIOError, av.EOFError):
        while True:
            yield end.pull()
