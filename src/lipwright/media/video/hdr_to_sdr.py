"""Convert decoded HDR and wide-gamut frames to 8-bit BT.709."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np

from lipwright.media.video import tone_mapping
from lipwright.media.video.color import (
    BT709,
    BT2020,
    FULL_RANGE,
    LIMITED_RANGE,
    WEIGHTS,
    Colour,
    exact_conversion,
)

LEVEL = 9
"""Of the table as a Hald picture: LEVEL ** 2 steps for each of red, green and blue."""
PLANAR = "gbrp16le"
"""What the filter is quickest with: 10 ms of CPU for a picture of 1920x1080, with 10 bits 54."""
DOLBY_TAGS = ("dvh1", "dvhe", "dva1", "dvav", "dav1")
ICTCP_MATRICES = (14, 15)
HDR_TRANSFERS = (tone_mapping.PQ, tone_mapping.HLG)


def needs_mapping(colour: Colour) -> bool:
    """Return whether a video looks wrong where BT.709 SDR is expected."""
    return colour.transfer in HDR_TRANSFERS or colour.primaries == BT2020


def to_sdr(frame: Any, colour: Colour) -> Any:
    """Convert an av frame to BT.709 SDR, yuv420p, limited range; `colour` are its tags."""
    said = int(frame.colorspace)
    light = frame.reformat(
        format=PLANAR,
        src_colorspace=said if said in WEIGHTS else BT2020,
        src_color_range=FULL_RANGE if colour.full_range else LIMITED_RANGE,
        dst_color_range=FULL_RANGE,
        interpolation=exact_conversion(),
    )
    table = _table(colour.transfer, colour.primaries, round(peak_of(frame), 1))
    return _looked_up(light, table).reformat(
        format="yuv420p",
        dst_colorspace=BT709,
        src_color_range=FULL_RANGE,
        dst_color_range=LIMITED_RANGE,
        interpolation=exact_conversion(),
    )


def why_unreadable(frame: Any, tag: str) -> str:
    """Return why a video's colours cannot be read, as the end of "it is ..."; empty if they can.

    tag: the file's codec tag. Dolby Vision's profiles 7 and 8 have an ordinary base layer, which is
    read; that of profile 5 is in Dolby's own colours, and has no transfer.
    """
    notes = _notes_of(frame)
    noted = "DOVI_METADATA" in notes or "DOVI_RPU_BUFFER" in notes
    if (noted or tag in DOLBY_TAGS) and int(frame.color_trc) in (0, 2):
        return "Dolby Vision of profile 5, whose colours are a secret of Dolby's"
    if int(frame.colorspace) in ICTCP_MATRICES:
        return "an HDR video in ICtCp, which FFmpeg cannot convert"
    return ""


def peak_of(frame: Any) -> float:
    """Return the brightest pixel's cd/m2 from the metadata: MaxCLL, else the mastering display."""
    notes = _notes_of(frame)
    brightest, peak = notes.get("CONTENT_LIGHT_LEVEL"), 0.0
    if brightest:
        peak = float(struct.unpack_from("=I", brightest)[0])
    mastered = notes.get("MASTERING_DISPLAY_METADATA")
    if mastered and not peak:  # 8 chromaticities, least and most light as fractions, two flags
        numbers = struct.unpack_from("=22i", mastered)
        peak = numbers[18] / numbers[19] if numbers[21] and numbers[19] else 0.0
    return (
        min(max(peak, tone_mapping.WHITE), tone_mapping.MAX_LIGHT)
        if peak
        else tone_mapping.USUAL_PEAK
    )


def _notes_of(frame: Any) -> Mapping[str, Any]:
    """Return a frame's side data by the name of its kind, as buffers of bytes.

    Only look a name up: iteration gives side data in PyAV 18 and their kinds in PyAV 19.
    """
    try:
        side_data: Mapping[str, Any] = frame.side_data
        return side_data
    except ValueError:  # PyAV 18 reads none where one is of a kind it does not know, such as Exif
        return {}


def _looked_up(picture: Any, table: Any) -> Any:
    """Return `picture` (PLANAR) mapped through the table with tetrahedral interpolation."""
    import av

    graph = av.filter.Graph()
    second = Fraction(1)
    entry, colours = (
        graph.add_buffer(width=f.width, height=f.height, format=f.format, time_base=second)
        for f in (picture, table)
    )
    lookup = graph.add("haldclut", "interp=tetrahedral")
    end = graph.add("buffersink")
    entry.link_to(lookup, 0, 0)
    colours.link_to(lookup, 0, 1)
    lookup.link_to(end)
    graph.configure()
    for source, frame in ((colours, table), (entry, picture)):
        frame.pts, frame.time_base = 0, second
        source.push(frame)
        source.push(None)
    return end.pull()


@lru_cache(maxsize=4)
def _table(transfer: int, primaries: int, peak: float) -> Any:
    """Tabulate `tone_mapping.sdr_signal` as a frame of PLANAR, red fastest, then green and blue."""
    import av

    steps = np.linspace(0, 1, LEVEL**2)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    signal = np.stack([red, green, blue], axis=-1).reshape(LEVEL**3, LEVEL**3, 3)
    mapped = np.rint(65535 * tone_mapping.sdr_signal(signal, transfer, primaries, peak)).astype(
        np.uint16
    )
    return av.VideoFrame.from_ndarray(mapped[..., _table_order()], format=PLANAR)


@cache
def _table_order() -> list[int]:
    """Return where the filter expects a table's red, green and blue: FFmpeg 8 exchanges them."""
    import av

    table, picture = np.full((8, 8, 3), (0, 1, 2), np.uint16), np.zeros((16, 16, 3), np.uint16)
    frames = (av.VideoFrame.from_ndarray(pixels, format=PLANAR) for pixels in (picture, table))
    seen = _looked_up(*frames).to_ndarray()[0, 0]
    return [int(place) for place in np.argsort(seen)]
