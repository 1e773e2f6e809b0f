"""What moves is sampled, whole and once."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.portraits import load

from lipwright.core.rect import Rect
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.resampling import Resampler, enlarged, mix
from lipwright.engines.warp.sampling_grid import STEP, Grids, extended

REGION, DETAIL = Rect(40, 30, 440, 530), Rect(100, 120, 292, 332)  # px; from the region's corner


@pytest.fixture(scope="module")
def grids() -> Grids:
    return Grids(REGION, FaceFrame.of(load("hopper")[1].landmarks))


@pytest.fixture(scope="module")
def layers() -> np.ndarray:
    """BGRA of the region, smooth and with a matte."""
    picture = load("hopper")[0][REGION.slices]
    matte = cv2.circle(np.zeros(picture.shape[:2], np.uint8), (200, 230), 180, 255, -1, cv2.LINE_AA)
    return np.dstack([cv2.GaussianBlur(picture, (0, 0), 1.5), matte])


@pytest.fixture(scope="module")
def moving(grids) -> np.ndarray:
    disc = np.zeros((REGION.height, REGION.width), np.uint8)
    cv2.circle(disc, (200, 230), 190, 1, -1)
    cv2.rectangle(disc, (60, 420), (330, 480), 1, -1)
    return disc > 0


def displaced(grids: Grids, size: float = 6.0) -> list[np.ndarray]:
    """A smooth displacement at the nodes, px."""
    x, y = grids.nodes
    return [
        (size * np.sin(x / 70) * np.cos(y / 90)).astype(np.float32),
        (size * np.cos(x / 80 + 1)).astype(np.float32),
    ]


def buffers_of(grids: Grids, coarse: list[np.ndarray]) -> RenderBuffers:
    """The memory of a run whose next frame is displaced so."""
    buffers = RenderBuffers(load("hopper")[0], REGION)
    buffers.places = [nodes + moved for nodes, moved in zip(grids.nodes, coarse, strict=True)]
    inner, size = grids.nodes_of(DETAIL), (DETAIL.height, DETAIL.width)
    buffers.maps = [
        places[DETAIL.slices] + grids.enlarge_part(extended(values), inner, size)
        for places, values in zip(grids.pixels, coarse, strict=True)
    ]
    return buffers


def directly(layer: np.ndarray, grids: Grids, coarse: list[np.ndarray]) -> np.ndarray:
    """The region sampled pixel by pixel in one go."""
    whole = grids.nodes_of(Rect(0, 0, REGION.width, REGION.height))
    map_x, map_y = [
        places - corner + grids.enlarge_part(extended(values), whole, (REGION.height, REGION.width))
        for places, corner, values in zip(grids.pixels, (REGION.x0, REGION.y0), coarse, strict=True)
    ]
    return cv2.remap(layer, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def sampled(resampler: Resampler, buffers: RenderBuffers, with_body: bool) -> list[Rect]:
    """Sample bands and detail; returns where."""
    bands = list(resampler.draw_bands(buffers, with_body))
    resampler.sample_detail(buffers)
    return [*bands, DETAIL]


def sampled_of(parts: list[Rect]) -> np.ndarray:
    """How often each pixel of the region is in one of the parts."""
    count = np.zeros((REGION.height, REGION.width), int)
    for part in parts:
        count[part.slices] += 1
    return count


def test_bands_and_detail_hold_all_that_moves(layers, grids, moving):
    resampler = Resampler(layers, grids, DETAIL, moving)
    count = sampled_of([*resampler.bands, DETAIL])
    assert count[moving].min() == 1 and count.max() == 1  # and nothing is sampled twice
    assert (count > 0).mean() < 0.95
    assert all(band.x0 % STEP == 0 and band.y0 % STEP == 0 for band in resampler.bands)


def test_where_nothing_else_moves_there_are_no_bands(layers, grids):
    assert Resampler(layers, grids, DETAIL).bands == []
    assert Resampler(layers, grids, DETAIL, np.zeros(layers.shape[:2], bool)).bands == []


def test_it_is_what_sampling_pixel_by_pixel_gives(layers, grids, moving):
    coarse = displaced(grids)
    buffers = buffers_of(grids, coarse)
    resampler = Resampler(layers, grids, DETAIL, moving)
    parts = sampled(resampler, buffers, with_body=True)
    assert (sampled_of(parts)[moving] == 1).all()
    off = np.abs(buffers.layer.astype(int) - directly(layers, grids, coarse))
    for part in parts:
        assert off[part.slices].mean() < 0.6
        assert off[part.slices][..., :3].max() < 24
    untouched = sampled_of(parts) == 0
    assert not buffers.layer[untouched].any()


def test_at_rest_it_is_the_picture(layers, grids, moving):
    buffers = buffers_of(grids, displaced(grids, 0.0))
    for part in sampled(Resampler(layers, grids, DETAIL, moving), buffers, with_body=True):
        off = np.abs(buffers.layer[part.slices].astype(int) - layers[part.slices])
        assert off.mean() < 0.6 and off[..., :3].max() < 16


def test_a_body_that_stays_is_not_sampled_again(layers, grids, moving):
    of_head = grids.nodes[1] < REGION.y0 + 350
    resampler = Resampler(layers, grids, DETAIL, moving, of_head)
    assert resampler.body and resampler.body < set(resampler.bands)
    assert min(band.y0 for band in resampler.body) > 350
    first = buffers_of(grids, displaced(grids))
    drawn = sampled(resampler, first, with_body=False)
    assert set(drawn) == {*resampler.bands, DETAIL} - resampler.body
    second = buffers_of(grids, displaced(grids))
    sampled(resampler, second, with_body=True)
    head = sampled_of(drawn) > 0
    assert np.array_equal(first.layer[head], second.layer[head])
    body = sampled_of(list(resampler.body)) > 0
    assert not first.layer[body].any() and second.layer[body].any()


def test_a_band_beside_the_head_moves_with_it(layers, grids, moving):
    """Its pixels are interpolated between nodes of its own and the last of the head's."""
    for end in range(300, 400, STEP):
        of_head = grids.nodes[1] < REGION.y0 + end
        resampler = Resampler(layers, grids, DETAIL, moving, of_head)
        still, moved = displaced(grids), displaced(grids)
        moved = [np.where(of_head, part + 3, part).astype(np.float32) for part in moved]
        before, after = (buffers_of(grids, coarse) for coarse in (still, moved))
        for buffers in (before, after):
            sampled(resampler, buffers, with_body=True)
        for band in resampler.body:
            assert np.array_equal(before.layer[band.slices], after.layer[band.slices])


def test_a_plane_moves_like_the_picture(layers, grids, moving):
    """The plane here is the picture's green."""
    buffers = buffers_of(grids, displaced(grids))
    resampler = Resampler(layers, grids, DETAIL, moving)
    parts = sampled(resampler, buffers, with_body=True)
    plane = np.ascontiguousarray(layers[..., 1])
    moved = resampler.sample_plane(plane, enlarged(plane), buffers)
    seen = sampled_of(parts) > 0
    assert np.array_equal(moved[seen], buffers.layer[..., 1][seen])
    assert np.array_equal(moved[~seen], plane[~seen])


@pytest.mark.parametrize("channels", [None, 3, 4])
def test_enlarged_pictures_are_the_same_picture(layers, channels):
    """Each pixel becomes four whose mean it nearly is."""
    picture = layers[..., 1] if channels is None else layers[..., :channels]
    picture = np.ascontiguousarray(picture)
    twice = enlarged(picture)
    assert twice.shape == (2 * REGION.height, 2 * REGION.width, *picture.shape[2:])
    back = cv2.resize(twice, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(int) - picture).mean() < 0.8


@pytest.mark.parametrize("part", [Rect(2, 3, 7, 6), Rect(0, 3, 7, 6), Rect(2, 3, 9, 8)])
def test_a_part_is_enlarged_as_it_is_in_the_whole(part: Rect) -> None:
    values = np.random.default_rng(5).random((8, 9), np.float32)
    size = part.height * STEP, part.width * STEP
    whole = Grids.enlarge(values, Rect(0, 0, 9, 8), (8 * STEP, 9 * STEP))
    rows, columns = slice(part.y0 * STEP, part.y1 * STEP), slice(part.x0 * STEP, part.x1 * STEP)
    found = Grids.enlarge(values, part, size)
    np.testing.assert_allclose(found, whole[rows, columns], atol=1e-6)


@pytest.fixture(scope="module")
def over_plate(layers, grids, moving) -> tuple[Resampler, np.ndarray]:
    """A person whose matte ends within the bands, before a background, and that background."""
    person = layers.copy()
    person[..., 3] = cv2.GaussianBlur(
        cv2.circle(np.zeros(layers.shape[:2], np.uint8), (200, 230), 120, 255, -1), (0, 0), 3
    )
    plate = np.dstack([layers[::-1, :, :3], np.zeros(layers.shape[:2], np.uint8)])
    return Resampler(person, grids, DETAIL, moving, plate=plate), plate


def drawn_over(resampler: Resampler, buffers: RenderBuffers) -> list[Rect]:
    """Draw a whole frame; returns which bands were drawn."""
    bands = list(resampler.draw_bands(buffers, with_body=True))
    resampler.sample_detail(buffers)
    resampler.lay_detail(buffers)
    return bands


def test_a_frame_after_others_is_the_frame_alone(over_plate, grids):
    """Although background that was there already is not drawn again."""
    resampler, _ = over_plate
    buffers, counts = buffers_of(grids, displaced(grids)), []
    for size in (6.0, 6.5, -9.0, 2.0):
        alone = buffers_of(grids, displaced(grids, size))
        buffers.places, buffers.maps = alone.places, alone.maps
        later, first = drawn_over(resampler, buffers), drawn_over(resampler, alone)
        counts.append((sampled_of(later).sum(), sampled_of(first).sum()))
        assert np.array_equal(buffers.layer, alone.layer)
    assert counts[0][0] == counts[0][1]
    assert all(after < 0.9 * alone for after, alone in counts[1:])


@pytest.mark.parametrize("alpha", [0, 1, 60, 127, 128, 254, 255])
def test_the_edge_is_mixed_to_within_half_a_level(alpha):
    rng = np.random.default_rng(alpha)
    seen, behind = (rng.integers(0, 256, (40, 30, 4), np.uint8) for _ in range(2))
    seen[..., 3], behind[..., 3] = alpha, 0
    exact = behind + (seen.astype(float) - behind) * alpha / 255
    mix(seen, behind, RenderBuffers(np.zeros((8, 8, 3), np.uint8), Rect(0, 0, 8, 8)))
    assert np.abs(seen[..., :3] - exact[..., :3]).max() <= 0.5 + 1e-4
    assert (seen[..., 3] == alpha).all()
