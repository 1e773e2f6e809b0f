"""What moves is sampled, whole and once."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.portraits import load

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import TILE, enlarged, mix
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.resampling import Resampler
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
    """Sample what moves; returns where."""
    resampler.map.begin(buffers)
    resampler.sample(buffers, with_body)
    return [band for band in resampler.bands if with_body or band not in resampler.body]


def sampled_of(parts: list[Rect]) -> np.ndarray:
    """How often each pixel of the region is in one of the parts."""
    count = np.zeros((REGION.height, REGION.width), int)
    for part in parts:
        count[part.slices] += 1
    return count


def test_bands_hold_the_detail_and_all_that_moves(layers, grids, moving):
    resampler = Resampler(layers, grids, DETAIL, moving)
    count = sampled_of(resampler.bands)
    assert count[moving].min() == 1 and count.max() == 1  # and nothing is sampled twice
    assert count[DETAIL.slices].min() == 1
    assert (count > 0).mean() < 0.95
    assert all(band.x0 % TILE == 0 and band.y0 % TILE == 0 for band in resampler.bands)


@pytest.mark.parametrize("moves", [True, False])
def test_where_nothing_else_moves_the_detail_alone_is_drawn(layers, grids, moves):
    nothing = np.zeros(layers.shape[:2], bool) if moves else None
    count = sampled_of(Resampler(layers, grids, DETAIL, nothing).bands)
    assert (count[DETAIL.slices] == 1).all() and count.max() == 1
    assert count.sum() <= (DETAIL.width + 2 * TILE) * (DETAIL.height + 2 * TILE)


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
    untouched, still = sampled_of(parts) == 0, load("hopper")[0][REGION.slices]
    assert np.array_equal(buffers.layer[untouched][:, :3], still[untouched])
    assert not buffers.layer[untouched][:, 3].any()


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
    assert set(drawn) == set(resampler.bands) - resampler.body
    second = buffers_of(grids, displaced(grids))
    sampled(resampler, second, with_body=True)
    head = sampled_of(drawn) > 0
    assert np.array_equal(first.layer[head], second.layer[head])
    body = sampled_of(list(resampler.body)) > 0
    assert not first.layer[body][:, 3].any() and second.layer[body][:, 3].any()


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


def drawn_over(resampler: Resampler, buffers: RenderBuffers, painted: list[Rect]) -> None:
    """Draw a whole frame, and paint rectangles white."""
    resampler.map.begin(buffers)
    layer = resampler.sample(buffers, True)
    for part in painted:
        layer[part.slices][..., :3] = 255
    resampler.finish(buffers)


ON_PERSON, AT_EDGE = Rect(150, 180, 250, 260), Rect(240, 280, 292, 332)
BESIDE = Rect(284, 300, 291, 330)


@pytest.mark.parametrize("painted", [[], [ON_PERSON], [AT_EDGE, ON_PERSON], [BESIDE]])
def test_a_frame_after_others_is_the_frame_alone(over_plate, grids, painted):
    """Although background that was there already is not drawn again."""
    resampler, _ = over_plate
    buffers, counts = buffers_of(grids, displaced(grids)), []
    for size in (6.0, 6.5, -9.0, 2.0):
        alone = buffers_of(grids, displaced(grids, size))
        buffers.places = alone.places
        for memory in (buffers, alone):
            drawn_over(resampler, memory, painted)
            counts.append(sum(part.width * part.height for part in memory.behind))
        assert np.array_equal(buffers.layer, alone.layer)
        assert np.array_equal(buffers.frame, alone.frame)
    assert counts[0] == counts[1]
    assert all(after < 0.8 * first for after, first in zip(counts[2::2], counts[3::2], strict=True))


def test_what_is_painted_at_the_edge_is_mixed_with_what_is_behind(over_plate, grids):
    resampler, plate = over_plate
    buffers = buffers_of(grids, displaced(grids))
    drawn_over(resampler, buffers, [AT_EDGE, ON_PERSON])
    frame = buffers.frame[REGION.slices]
    assert (frame[ON_PERSON.slices] == 255).all()
    assert np.array_equal(frame, buffers.layer[..., :3])
    alpha = buffers.layer[AT_EDGE.slices][..., 3:].astype(float) / 255
    assert alpha.max() == 1 and ((alpha > 0) & (alpha < 1)).mean() > 0.05
    mixed = 255 * alpha + plate[AT_EDGE.slices][..., :3] * (1 - alpha)
    assert np.abs(frame[AT_EDGE.slices] - mixed).max() <= 0.5 + 1e-4


def test_all_of_the_frame_is_the_person_over_what_is_behind(over_plate, grids, layers):
    resampler, plate = over_plate
    buffers = buffers_of(grids, displaced(grids))
    drawn_over(resampler, buffers, [])
    count = sampled_of(resampler.bands) > 0
    alpha = buffers.layer[..., 3:].astype(float) / 255
    assert [(alpha[count] == end).mean() > 0.1 for end in (0, 1)] == [True] * 2
    nothing = count & (alpha[..., 0] == 0)
    assert np.array_equal(buffers.layer[nothing], plate[nothing])
    still = load("hopper")[0][REGION.slices]
    assert np.array_equal(buffers.frame[REGION.slices][~count], still[~count])


@pytest.mark.parametrize("alpha", [0, 1, 60, 127, 128, 254, 255])
def test_the_edge_is_mixed_to_within_half_a_level(alpha):
    rng = np.random.default_rng(alpha)
    seen, behind = (rng.integers(0, 256, (40, 30, 4), np.uint8) for _ in range(2))
    seen[..., 3], behind[..., 3] = alpha, 0
    exact = behind + (seen.astype(float) - behind) * alpha / 255
    mix(seen, behind)
    assert np.abs(seen[..., :3] - exact[..., :3]).max() <= 0.5 + 1e-4
    assert (seen[..., 3] == alpha).all()
