"""Pictures that can be seen through stay so, in files that can say it."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lipwright.media.image.alpha import Cutout, cut_out, read_cutout
from lipwright.media.image.read import read_image
from lipwright.media.video.encoder_selection import choose_encoder, keeps_alpha
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.captions.burn_in import CaptionPainter
from lipwright.pipeline.captions.cues import Cue
from lipwright.pipeline.captions.overlay import BAND

SIZE = (160, 120)
SKIN = (140, 170, 220)  # BGR


def disc(shift: float = 0.0, size: tuple[int, int] = SIZE) -> np.ndarray:
    """uint8: a soft-edged disc, moved to the right by so many px."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    away = np.hypot(x - size[0] / 2 - shift, y - size[1] / 2)
    return (255 * np.clip((40 - away) / 4 + 0.5, 0, 1)).round().astype(np.uint8)


def over(alpha: np.ndarray, backdrop=(255, 255, 255)) -> np.ndarray:
    cover = alpha[..., None] / 255
    return (cover * SKIN + (1 - cover) * backdrop).round().astype(np.uint8)


def write_png(path: Path, alpha: np.ndarray, hidden=(0, 0, 0)) -> Path:
    rgb = np.where(alpha[..., None] > 0, SKIN[::-1], hidden).astype(np.uint8)
    Image.fromarray(np.dstack([rgb, alpha])).save(path)
    return path


def decoded(path: Path) -> list[np.ndarray]:
    """BGRA (h, w, 4) of each frame, by a decoder that knows of transparency."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.codec_context.name != "vp9":
            return [f.to_ndarray(format="bgra") for f in container.decode(stream)]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frames = [f for packet in container.demux(stream) for f in decoder.decode(packet)]
        return [f.to_ndarray(format="bgra") for f in frames]


def test_the_edge_has_the_pictures_own_colour():
    cutout = Cutout(over(disc()), disc(), (255, 255, 255))
    (lifted,) = cutout.lift([cutout.image], lambda plane: plane, None)
    assert np.array_equal(lifted[..., 3], disc())
    sure = disc() > 40
    assert np.abs(lifted[sure][:, :3].astype(int) - SKIN).max() <= 4
    assert np.abs(lifted[..., :3].astype(int) - SKIN)[disc() > 4].max() <= 35
    assert np.abs(lifted[disc() == 0][:, :3].astype(int) - SKIN).max() <= 12


def test_transparency_moves_along_and_only_in_its_box():
    cutout = Cutout(over(disc()), disc(), (255, 255, 255))
    shifts = [0.0, 1.5, -2.25]
    moved = iter([disc(shift) for shift in shifts])
    frames = [over(disc(shift)) for shift in shifts]
    box = (20, 10, 140, 110)
    for shift, lifted in zip(
        shifts, cutout.lift(frames, lambda plane: next(moved), box), strict=True
    ):
        assert np.array_equal(lifted[..., 3], disc(shift))
        assert np.abs(lifted[disc(shift) > 40][:, :3].astype(int) - SKIN).max() <= 4


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (10, 200, 90)])
def test_resizing_keeps_edges_clean(backdrop):
    large = disc(0, (640, 480))[:, :]
    cutout = Cutout(over(large, backdrop), large, backdrop).resized(SIZE)
    (lifted,) = cutout.lift([cutout.image], lambda plane: plane, None)
    assert np.abs(lifted[lifted[..., 3] > 40][:, :3].astype(int) - SKIN).max() <= 8


def test_what_is_read_of_files(tmp_path):
    path = write_png(tmp_path / "cut.png", disc())
    cutout = read_cutout(path, read_image(path))
    assert cutout is not None and cutout.backdrop == (255, 255, 255)
    assert np.array_equal(cutout.alpha, disc()) and np.abs(cutout.image - over(disc())).max() <= 1
    opaque = write_png(tmp_path / "opaque.png", np.full_like(disc(), 255))
    assert read_cutout(opaque, read_image(opaque)) is None
    Image.fromarray(over(disc())).save(tmp_path / "plain.png")
    assert read_cutout(tmp_path / "plain.png", over(disc())) is None
    grey = Image.fromarray(np.dstack([np.full_like(disc(), 90), disc()]), "LA")
    grey.save(tmp_path / "grey.png")
    cutout = read_cutout(tmp_path / "grey.png", read_image(tmp_path / "grey.png"))
    assert cutout is not None and np.array_equal(cutout.alpha, disc())


def test_a_turned_picture_has_its_transparency_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    half = np.zeros((80, 100, 4), np.uint8)
    half[:, :50] = 255
    Image.fromarray(half).save(tmp_path / "turned.png", exif=exif)
    image = read_image(tmp_path / "turned.png")
    cutout = read_cutout(tmp_path / "turned.png", image)
    assert cutout is not None and cutout.alpha.shape == image.shape[:2] == (100, 80)
    assert cutout.alpha[:50].min() == 255 and cutout.alpha[50:].max() == 0


def test_arrays_with_transparency():
    pixels = np.dstack([np.full((*disc().shape, 3), SKIN, np.uint8), disc()])
    cutout = cut_out(pixels)
    assert np.abs(cutout.image.astype(int) - over(disc())).max() <= 1


@pytest.mark.parametrize(
    ("name", "encoder", "error"),
    [("v.webm", "auto", 6), ("v.mkv", "vp9", 6), ("v.mov", "prores", 3), ("v.mkv", "prores", 3)],
)
def test_files_that_keep_it(tmp_path, name, encoder, error):
    path = tmp_path / name
    chosen = choose_encoder(encoder, path)
    assert keeps_alpha(chosen, path)
    shifts = [0.0, 1.0, 2.0, 3.0, 4.0]
    cutout = Cutout(over(disc()), disc(), (255, 255, 255))
    planes = iter([disc(shift) for shift in shifts])
    frames = cutout.lift([over(disc(s)) for s in shifts], lambda plane: next(planes), None)
    with VideoWriter(path, OutputSpec(SIZE, Fraction(25), encoder=chosen.with_alpha())) as video:
        for frame in frames:
            video.write(frame, (20, 10, 140, 110))
    seen = decoded(path)
    assert len(seen) == len(shifts)
    for shift, picture in zip(shifts, seen, strict=True):
        difference = picture[..., 3].astype(int) - disc(shift)
        assert np.abs(difference).mean() < 1 and np.abs(difference).max() < 40
        assert np.abs(picture[disc(shift) == 255][:, :3].astype(int) - SKIN).mean() < error
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1
        assert not name.endswith("webm") or stream.metadata.get("alpha_mode") == "1"


@pytest.mark.parametrize(("name", "encoder"), [("v.webm", "vp9"), ("v.mov", "prores")])
@pytest.mark.parametrize("see_through", [True, False])
def test_of_films_it_is_said_that_it_is_lost(tmp_path, caplog, name, encoder, see_through):
    chosen = choose_encoder(encoder, tmp_path / name)
    chosen = chosen.with_alpha() if see_through else chosen
    with VideoWriter(tmp_path / name, OutputSpec(SIZE, Fraction(25), encoder=chosen)) as video:
        for _ in range(3):
            video.write(np.full((SIZE[1], SIZE[0], 4 if see_through else 3), 90, np.uint8))
    with caplog.at_level(logging.INFO, "lipwright"):
        (picture,) = open_video_source(tmp_path / name).pictures([1])
    assert ("can be seen through" in caplog.text) is see_through
    assert np.abs(picture.astype(int) - 90).max() < 4


@pytest.mark.parametrize(
    ("name", "encoder"), [("v.mp4", "auto"), ("v.mp4", "vp9"), ("v.mov", "auto"), ("v.gif", "auto")]
)
def test_files_that_cannot_say_so(caplog, name, encoder):
    with caplog.at_level(logging.INFO, "lipwright"):
        assert not keeps_alpha(choose_encoder(encoder, Path(name)), Path(name))
    assert f"{name} cannot be seen through" in caplog.text and 'the encoder "prores"' in caplog.text


def test_captions_can_be_read_over_nothing():
    see_through = np.zeros((360, 640, 4), np.uint8)
    painter = CaptionPainter([Cue(0.0, 1.0, ("words",))], (640, 360), Fraction(25))
    (painted,) = [np.array(frame) for frame, _ in painter.paint(iter([see_through]))]
    rows, columns = np.nonzero(painted[..., 3])
    assert painted[..., 3].max() == 255 and 100 < len(rows) < 0.2 * 640 * 360
    assert painted[painted[..., 3] == 255][:, :3].min() > 250
    band = painted[painted[..., 3] == BAND]
    assert len(band) > 100 and band[:, :3].max() == 0
