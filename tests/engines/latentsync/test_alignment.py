"""LatentSync's alignment and mask against the official numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines import recipe
from tests.engines.latentsync.official import three_points

from lipwright.engines.latentsync import alignment
from lipwright.engines.latentsync.alignment import align, aligned_size
from lipwright.engines.latentsync.fixed_mask import fixed_mask, latent_mask

SIZE = 512


@pytest.fixture(scope="module")
def official():
    return recipe.parity("latentsync_image")


def test_the_mask_is_the_official_one_at_all_sizes(official):
    wanted = np.ones((256, 256), np.float32)
    for row, (a, b, c, d) in enumerate(official["mask256_runs"]):
        wanted[row, max(a, 0) : max(b, 0)] = 0
        wanted[row, max(c, 0) : max(d, 0)] = 0
    np.testing.assert_array_equal(fixed_mask(256), wanted)
    large = fixed_mask(512)
    assert np.abs(large[256] - official["mask512_row256"]).max() < 1e-6
    assert np.abs(large[:, 256] - official["mask512_col256"]).max() < 1e-6
    assert abs(large.mean() - official["mask512_mean"]) < 1e-6
    np.testing.assert_array_equal(latent_mask(512), official["mask64_latent"])


def test_points_and_templates(official):
    for landmarks, points in zip(official["landmarks106"], official["points3"], strict=True):
        np.testing.assert_array_equal(three_points(landmarks), points)
    for size in (256, 512):
        assert (0, 0, *aligned_size(size)) == tuple(official["box" if size == 512 else "box256"])
        ours = np.array(alignment.TEMPLATE) * alignment.UNIT * size
        np.testing.assert_allclose(ours, official[f"template_{size}"])


def test_alignment_and_its_smoothing(official):
    bias = None
    for number, points in enumerate(official["points3"]):
        one = align(points, SIZE, bias)
        bias = one.bias
        assert np.abs(one.matrix - official["matrix_f32"][number]).max() < 1e-3
        assert np.abs(bias - official["p_bias_f32"][number]).max() < 1e-5
    small = align(official["points3"][0], 256).matrix
    assert np.abs(small - official["matrix256_f32"]).max() < 1e-3


def test_the_pipelines_crop_brings_a_face_of_the_templates_shape_exactly_there():
    from lipwright.face.face import Face
    from lipwright.pipeline.face_crops import crop_face

    turn = np.radians(20)
    turned = 1.7 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = np.array(alignment.TEMPLATE) @ turned.T + [120, 80]
    landmarks = np.zeros((478, 3), np.float32)
    for group, point in zip(alignment.GROUPS, points, strict=True):
        landmarks[list(group), :2] = point
    face = Face(landmarks, (0.0, 0.0, 0.0), (100.0, 80.0, 250.0, 260.0), 1.0)
    cropped = crop_face(np.zeros((360, 360, 3), np.uint8), face, alignment.soft_crop(256))
    assert cropped.matrix is not None and cropped.size == 256
    found = (points - 0.5) @ cropped.matrix[:, :2].T + cropped.matrix[:, 2] + 0.5
    wanted = np.array(alignment.TEMPLATE) / [75, 100] * 256
    np.testing.assert_allclose(found, wanted, atol=1e-3)
