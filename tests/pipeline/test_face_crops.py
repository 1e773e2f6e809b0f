"""Faces cut out for engines, and put back."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.videos import portrait

from lipwright.core.errors import FaceError
from lipwright.engines.base import CropSpec, Patch
from lipwright.face import Face, FaceFinder
from lipwright.pipeline.compositing import paste_patch
from lipwright.pipeline.face_crops import crop_face
from lipwright.pipeline.face_view import FaceView

EYES_AND_MOUTH = (
    ((33, 133), (0.3, 0.35)),
    ((362, 263), (0.7, 0.35)),
    ((61, 291, 13, 14), (0.5, 0.75)),
)
BOX = CropSpec(96, margins=(0.0, 0.0, 0.0, 0.05))
ALIGNED = CropSpec(256, template=EYES_AND_MOUTH)


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def face(finder) -> Face:
    return finder.find(portrait())[0]


def turned(degrees: float) -> np.ndarray:
    height, width = portrait().shape[:2]
    matrix = cv2.getRotationMatrix2D((256, 270), degrees, 0.9)
    return cv2.warpAffine(portrait(), matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("degrees", [0, 25, -40])
def test_landmarks_come_to_stand_where_the_template_has_them(finder, degrees):
    image = turned(degrees)
    found = finder.find(image)[0]
    crop = crop_face(image, found, ALIGNED)
    assert crop.pixels.shape == (256, 256, 3) and crop.pixels.dtype == np.uint8
    seen = finder.find(crop.pixels)[0]
    for group, place in EYES_AND_MOUTH:
        middle = seen.landmarks[list(group), :2].mean(axis=0) / 256
        np.testing.assert_allclose(middle, place, atol=0.03)
    assert abs(seen.pose[2]) < 5


@pytest.mark.parametrize(
    "spec", [BOX, ALIGNED, replace(ALIGNED, size=512)], ids=["box", "aligned", "large"]
)
@pytest.mark.parametrize("degrees", [0, 30])
def test_the_same_crop_put_back_changes_next_to_nothing(finder, spec, degrees):
    image = turned(degrees)
    view = FaceView(image, finder.find(image)[0], spec)
    assert view.crop is not None
    box, pixels = view.paste(Patch(view.crop.pixels))
    off = np.abs(pixels.astype(int) - image[box.slices])
    assert off.mean() < (3.5 if spec.size == 96 else 1.0)


@pytest.mark.parametrize("spec", [BOX, ALIGNED], ids=["box", "aligned"])
def test_another_mouth_is_where_the_mouth_is(face, spec):
    image = (portrait() * 0.6).astype(np.uint8)
    view = FaceView(image, face, spec)
    assert view.crop is not None
    drawn = view.crop.pixels.astype(np.float32)
    size = spec.size
    drawn[int(0.6 * size) : int(0.9 * size), int(0.3 * size) : int(0.7 * size)] = (0, 255, 0)
    box, pixels = view.paste(Patch(drawn[view.crop.rows :]))
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    green = pixels[y - box.y0, x - box.x0].astype(int)
    assert green[1] > 180 and max(green[0], green[2]) < 90
    changed = (pixels != image[box.slices]).any(axis=2)
    assert not changed[0].all() and not changed[:, 0].all()


def test_whole_crops_go_back_whole(face):
    for spec in (replace(BOX, blend="whole"), replace(ALIGNED, blend="whole")):
        view = FaceView(portrait(), face, spec)
        white = np.full((spec.size, spec.size, 3), 255, np.uint8)
        box, pixels = view.paste(Patch(white))
        assert (pixels == 255).all(axis=2).mean() > 0.9
        assert view.compositor is not None and box == view.compositor.box


@pytest.mark.parametrize("spec", [BOX, ALIGNED], ids=["box", "aligned"])
def test_a_face_outside_the_picture(face, spec):
    away = face.moved(5000, 5000)
    with pytest.raises(FaceError, match="outside the picture"):
        crop_face(portrait(), away, spec)
    view = FaceView(portrait(), away, spec)
    assert view.crop is None and view.compositor is None
    with pytest.raises(FaceError):
        view.check()


def test_a_face_whose_mouth_is_outside_the_picture(face):
    image = portrait()[: int(face.landmarks[2, 1]) - 40]
    with pytest.raises(FaceError, match="mouth lies outside"):
        FaceView(image, face, BOX).check()


def test_a_half_covering_patch_is_blended():
    image = np.full((4, 6, 3), 100, np.uint8)
    share = np.full((2, 2), 0.25, np.float32)
    patch = Patch(np.full((2, 2, 3), 200.0, np.float32), (1, 1, 3, 3), share)
    box, pixels = paste_patch(image, patch)
    assert box.box == (1, 1, 3, 3) and (pixels == 125).all() and pixels.dtype == np.uint8
    box, pixels = paste_patch(image, Patch(image + 1))
    assert box.box == (0, 0, 6, 4) and (pixels == 101).all()


def test_an_engine_may_say_which_box_is_cut_out(face):
    x0, y0, x1, y1 = face.box
    spec = replace(BOX, around=lambda seen: (x0 + 5, y0 - 5, x1, y1 + 10_000), margins=(0,) * 4)
    box = crop_face(portrait(), face, spec).box
    assert box == (int(x0 + 5), int(y0 - 5), int(x1), len(portrait()))
