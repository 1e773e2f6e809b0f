"""Captions in the picture: where they stand, that they can be read, and that nothing else moves."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import findfont

from lipwright.core.errors import MediaError
from lipwright.pipeline.captions import Cue, fonts
from lipwright.pipeline.captions.burn_in import (
    SAFE_MARGIN,
    SAFE_WIDTH,
    CaptionPainter,
    caption_layout,
)
from lipwright.pipeline.captions.fonts import CaptionFont, base_direction

FPS = Fraction(10)
CUES = [Cue(0.2, 0.5, ("Your payment of ₹5,053", "is due today.")), Cue(0.7, 0.9, ("Thank you!",))]
GREY = 120


def paint(size=(640, 360), cues=CUES, moving=(0, 0, 0, 0), frames=12, **options):
    """Copies of the painted frames and their boxes; the array they were painted in, afterwards."""
    canvas = np.full((size[1], size[0], 3), GREY, np.uint8)
    painter = CaptionPainter(cues, size, FPS, **options)
    shown = [(f.copy(), box) for f, box in painter.paint((canvas for _ in range(frames)), moving)]
    return [frame for frame, _ in shown], [box for _, box in shown], canvas


def painted_rows_and_columns(frame):
    rows, columns = np.nonzero((frame != GREY).any(axis=2))
    return rows, columns


def test_captions_show_exactly_in_their_time():
    frames, _, canvas = paint()
    shown = [bool((frame != GREY).any()) for frame in frames]
    assert [index for index, there in enumerate(shown) if there] == [2, 3, 4, 7, 8]
    assert (canvas == GREY).all(), "the engine's own array must be left as it was"


@pytest.mark.parametrize("size", [(1920, 1080), (608, 1080), (1080, 1080), (270, 480), (96, 64)])
def test_captions_stay_in_the_safe_area(size):
    width, height = size
    line = "W" * caption_layout(*size).line_length  # the widest letter there is
    frames, _, _ = paint(size, [Cue(0.0, 1.0, (line, line))], frames=1)
    rows, columns = painted_rows_and_columns(frames[0])
    assert rows.max() < height * (1 - SAFE_MARGIN) + 1 and rows.min() > 0
    assert abs(columns.min() + columns.max() - width) <= 2
    if min(size) > 100:
        assert columns.min() >= width * (1 - SAFE_WIDTH) / 2 - 1


def test_letters_are_white_on_a_dark_band_in_any_picture():
    for brightness in (0, GREY, 255):
        canvas = np.full((360, 640, 3), brightness, np.uint8)
        painter = CaptionPainter(CUES, (640, 360), FPS)
        frame = [np.array(f) for f, _ in painter.paint(iter([canvas] * 3))][2]
        x0, y0, x1, y1 = painter._patch(0).box
        band = frame[y0:y1, x0:x1].astype(int)
        assert band.max() >= 250
        background = np.median(band[2:5, 20:-20])
        assert contrast(band.max(), background) >= (7 if brightness else 20)


def contrast(letters: float, background: float) -> float:
    """The contrast ratio of two greys of 0 to 255 by WCAG 2.2."""
    first, second = (
        grey / 12.92 if grey <= 0.04045 else ((grey + 0.055) / 1.055) ** 2.4
        for grey in (letters / 255, background / 255)
    )
    return (first + 0.05) / (second + 0.05)


@pytest.mark.parametrize("size", [(854, 480), (1280, 720), (1920, 1080), (608, 1080)])
def test_letters_are_as_large_as_large_text(size):
    """24 px of a picture 480 px high; more of the width in a narrow one."""
    assert caption_layout(*size).size >= min(24 / 480 * size[1], 0.06 * size[0])


def test_lines_from_right_to_left_stay_so_after_a_latin_name():
    font = CaptionFont(findfont("DejaVu Sans"))
    first, last = "\u05e9\u05dc\u05d5\u05dd", "\u05db\u05d0\u05df"
    frames, _, _ = paint(cues=[Cue(0, 1, (first, f"WWWWW {last}."))], frames=1, font=font)
    alone, _, _ = paint(cues=[Cue(0, 1, (first, f"{last} WWWWW."))], frames=1, font=font)
    rows, columns = painted_rows_and_columns(frames[0])
    lower = slice((rows.min() + rows.max()) // 2, rows.max())

    def ink_left(frame: np.ndarray) -> float:
        ink = (frame[lower, columns.min() : columns.max(), 0] > 200).sum(axis=0)
        return float((ink * np.arange(len(ink))).sum() / ink.sum() / len(ink))

    assert ink_left(frames[0]) > 0.5, "the name is read first, so it stands on the right"
    assert ink_left(alone[0]) < 0.5


def test_letters_of_india_are_joined():
    """A conjunct is narrower than its letters one by one, and a vowel sign moves to the left."""
    font = CaptionFont().at(40)
    assert font.getlength("क्ष") < 0.8 * (font.getlength("क") + font.getlength("ष"))
    sign = np.asarray(font.getmask("कि")).reshape(font.getmask("कि").size[::-1])
    bare = np.asarray(font.getmask("क")).reshape(font.getmask("क").size[::-1])
    assert sign.shape[1] > bare.shape[1]
    shifted = sign[-bare.shape[0] :, -bare.shape[1] :]
    assert np.corrcoef(shifted.ravel(), bare.ravel())[0, 1] > 0.5


@pytest.mark.parametrize(
    ("text", "direction"),
    [("Pay \u05e9", None), ("25% \u05e9 W", "rtl"), ("\u0645 iPhone", "rtl"), ("12!", None),
     ("नमस्ते", None)],
)  # fmt: skip
def test_the_direction_is_that_of_the_first_letter(text, direction):
    assert base_direction(text) == direction


def test_the_letters_can_be_read_as_those_of_the_text():
    """The ink of one line is that of Pillow's own drawing of it."""
    from PIL import Image, ImageDraw

    painter = CaptionPainter([Cue(0.0, 1.0, ("₹5,053 नमस्ते",))], (640, 360), FPS)
    patch = painter._patch(0)
    height, width = patch.ink.shape[:2]
    image = Image.new("L", (width, height))
    font = CaptionFont().at(caption_layout(640, 360).size)
    ImageDraw.Draw(image).text(
        (width / 2, height / 2), "₹5,053 नमस्ते", fill=255, font=font, anchor="mm"
    )
    mine, wanted = (patch.ink[..., 0] // 255).astype(float), np.asarray(image, float)
    assert np.corrcoef(mine.ravel(), wanted.ravel())[0, 1] > 0.8


def test_boxes_hold_every_pixel_that_changes():
    moving = (300, 20, 340, 60)
    for start in (None, moving):
        frames, boxes, _ = paint(moving=start)
        if start is None:
            assert boxes == [None] * len(frames)
            continue
        for before, after, box in zip(frames, frames[1:], boxes[1:], strict=False):
            outside = np.ones(before.shape[:2], bool)
            outside[box[1] : box[3], box[0] : box[2]] = False
            assert not (before != after)[outside].any()
        assert boxes[3] == moving, "nothing but the face moves while a caption stands"


def test_captions_do_not_cover_the_lips():
    height = 360
    low, high = (270, 300), (150, 180)
    for mouth, at_top in ((low, True), (high, False), ((20, 340), False), (None, False)):
        frames, _, _ = paint(mouth=mouth)
        rows, _ = painted_rows_and_columns(frames[2])
        assert (rows.max() < height / 2) == at_top


def test_a_frame_that_cannot_be_written_is_copied():
    canvas = np.full((360, 640, 3), GREY, np.uint8)
    canvas.flags.writeable = False
    painter = CaptionPainter(CUES, (640, 360), FPS)
    assert (list(painter.paint(iter([canvas] * 3)))[2][0] is not canvas) and (canvas == GREY).all()


def test_the_shipped_font_has_what_india_writes(caplog):
    with caplog.at_level(logging.WARNING):
        CaptionFont().check(["₹ € £ é “Ünïcode” – … नमस्ते आपकी किस्त क्षमा ज्ञान श्री १२३ ॐ।"])
    assert not caplog.records


def test_missing_signs_are_named(caplog):
    CaptionFont().check(["Hello 世界"])
    assert "世界" in caplog.text and "another font" in caplog.text


def test_scripts_that_cannot_be_joined_are_refused(monkeypatch):
    monkeypatch.setattr(fonts, "_can_shape", lambda: False)
    CaptionFont().check(["Hello ₹5"])
    with pytest.raises(MediaError, match="libfribidi"):
        CaptionFont().check(["नमस्ते"])


def test_a_font_of_ones_own(tmp_path: Path):
    own = findfont("DejaVu Serif")
    shipped, other = (paint(font=CaptionFont(path))[0][2] for path in (None, own))
    assert (shipped != other).any()
    (tmp_path / "no.ttf").write_text("no font")
    for path in (tmp_path / "no.ttf", tmp_path / "missing.ttf"):
        with pytest.raises(MediaError, match="cannot be read as a font"):
            CaptionFont(path)
