"""What LatentSync cuts out and puts back, against the official numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tests import portraits
from tests.engines import recipe
from tests.engines.latentsync.official import picture

from lipwright.engines.latentsync import alignment
from lipwright.engines.latentsync.alignment import align, aligned_size, soft_crop
from lipwright.engines.latentsync.fixed_mask import fixed_mask
from lipwright.pipeline.face_crops import crop_face

torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[latentsync]")

from lipwright.engines.latentsync import official_image  # noqa: E402

SIZE = 512


@pytest.fixture(scope="module")
def official():
    return recipe.parity("latentsync_image")


def matrices(official) -> list[np.ndarray]:
    found, bias = [], None
    for points in official["points3"]:
        one = align(points, SIZE, bias)
        bias = one.bias
        found.append(one.matrix)
    return found


def test_a_face_is_cut_out_and_put_back(official):
    frame, matrix = official["frames_rgb"][1], matrices(official)[1]
    aligned = official_image.aligned_face(frame, matrix, SIZE)
    assert np.abs(aligned.astype(int) - official["aligned_rgb"]).max() <= 1
    face = official_image.cut_face(frame, matrix, SIZE)
    assert np.abs(face.astype(int) - official["face512_rgb"]).max() <= 1

    kept = torch.from_numpy(fixed_mask(SIZE).copy())
    values = official_image.pixel_values(official["face512_rgb"][None])
    assert np.abs(values[0, :, ::64, ::64].numpy() - official["pixel_probe"]).max() < 1e-6
    assert np.abs((values * kept)[0, :, ::64, ::64].numpy() - official["masked_probe"]).max() < 1e-6
    drawn = picture(240, SIZE, SIZE)
    np.testing.assert_array_equal(drawn[::8, ::8], official["generated_seed_rgb"])
    pasted = official_image.pixel_values(drawn[None]) * (1 - kept) + values * kept
    assert np.abs(pasted[0, :, ::16, ::16].numpy() - official["pasted_probe"]).max() < 1e-6

    restored = official_image.restore_face(pasted[0], matrix, SIZE, frame.shape[:2])
    assert restored is not None
    result, share = frame.copy(), restored.share[..., None]
    before = frame[restored.box.slices]
    result[restored.box.slices] = share * restored.pixels + (1 - share) * before
    assert np.abs(result.astype(int) - official["restored_rgb"]).max() <= 2


def test_a_face_outside_the_picture_is_not_put_back(official):
    away = matrices(official)[1].copy()
    away[:, 2] -= 5000
    assert official_image.face_box(away, SIZE, (288, 320)) is None
    assert official_image.restore_face(torch.zeros(3, SIZE, SIZE), away, SIZE, (288, 320)) is None


@pytest.mark.parametrize("name", portraits.NAMES)
def test_the_pipelines_crop_shows_what_the_authors_lay_out(name):
    """Both are laid out by the same points; the pipeline's scale is the least squares' one."""
    from tests.helpers import read_picture

    from lipwright.face import find_faces

    image = read_picture(portraits.PATHS[name]())
    (face,) = find_faces(image)
    matrix = align(alignment.three_points(face.landmarks), SIZE).matrix
    theirs = official_image.cut_face(image, matrix, SIZE)
    ours = crop_face(image, face, soft_crop(SIZE))
    assert ours.pixels.shape == theirs.shape
    stretch = np.diag([SIZE / aligned_size(SIZE)[0], SIZE / aligned_size(SIZE)[1]])
    mouth = face.landmarks[[61, 291, 13, 14], :2] - 0.5
    assert ours.matrix is not None
    here = mouth @ ours.matrix[:, :2].T + ours.matrix[:, 2]
    there = (mouth @ matrix[:, :2].T + matrix[:, 2]) @ stretch
    assert np.abs(here - there).max() < 0.06 * SIZE
