"""Videos as landmarks, and the portrait they give."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.films import SIZE
from tests.helpers import hopper_path

from lipwright.core.errors import FaceError, MediaError
from lipwright.evaluation.image_metrics import FrameProbe, mouth_detail, sharpness
from lipwright.evaluation.landmark_track import read_frame, track_video
from lipwright.face import FaceFinder, find_faces
from lipwright.media.image.read import read_image, resize
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(threads=1)


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return resize(read_image(hopper_path()), SIZE)


def write(path, pictures, fps=Fraction(25)):
    height, width = pictures[0].shape[:2]
    with VideoWriter(path, OutputSpec((width, height), fps)) as video:
        for picture in pictures:
            video.write(picture)
    return path


def test_a_face_that_is_gone_for_a_moment_is_bridged(hopper, finder, tmp_path):
    shifted = np.roll(hopper, 8, axis=1)
    pictures = [hopper] * 12 + [np.full_like(hopper, 90)] + [shifted] * 12
    track = track_video(write(tmp_path / "gap.mp4", pictures), finder)
    assert len(track) == 25 and track.size == SIZE and track.duration == 1
    assert list(np.flatnonzero(~track.present)) == [12]
    moved = track.landmarks[:, :468, 0].mean(axis=1)
    assert moved[12] - moved[5] == pytest.approx((moved[20] - moved[5]) / 2, abs=0.5)
    with pytest.raises(FaceError, match="lost in 5 of 20 frames"):
        pictures = [hopper] * 15 + [np.full_like(hopper, 90)] * 5
        track_video(write(tmp_path / "lost.mp4", pictures), finder)


def write_uneven(path: Path, hopper: np.ndarray, hole: int) -> Path:
    """A head that moves a px to the right with each frame, and so many frames left out midway."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for index in range(20):
            number = index + (hole if index > 9 else 0)
            picture = np.roll(hopper, number, axis=1)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_uneven_frames_are_brought_to_the_average_rate(hopper, finder, tmp_path):
    told: list[tuple[int, int]] = []
    path = write_uneven(tmp_path / "uneven.mkv", hopper, hole=3)
    track = track_video(path, finder, progress=lambda done, total: told.append((done, total)))
    assert len(track) == len(track.poses) == len(track.present) == 23 and track.present.all()
    steps = np.diff(track.landmarks[:, :468, 0].mean(axis=1))
    assert steps == pytest.approx(np.ones(22), abs=0.5)
    assert [done for done, _ in told] == list(range(1, 21))


def test_times_that_are_too_broken_are_not_gone_by(hopper, finder, tmp_path):
    track = track_video(write_uneven(tmp_path / "holes.mkv", hopper, hole=10), finder)
    assert len(track) == 20
    assert (np.diff(track.landmarks[:, 0, 0]) > -0.3).all()


def test_a_video_that_is_stored_on_its_side_is_turned(hopper, finder, tmp_path):
    path = write(tmp_path / "side.mp4", [np.ascontiguousarray(np.rot90(hopper))] * 10)
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    turn = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]  # a quarter clockwise
    data[matrix : matrix + 36] = struct.pack(">9i", *turn)
    path.write_bytes(data)
    track = track_video(path, finder)
    assert track.size == SIZE and abs(track.poses[:, 2]).max() < 10
    assert np.abs(read_frame(path, 3).astype(int) - hopper).mean() < 4


def test_a_frame_by_its_number(hopper, tmp_path):
    pictures = [np.full_like(hopper, level) for level in range(0, 240, 20)]
    path = write(tmp_path / "levels.mp4", pictures)
    assert read_frame(path, 7).mean() == pytest.approx(140, abs=3)
    with pytest.raises(MediaError, match="no frame 99"):
        read_frame(path, 99)


def test_files_that_are_no_video(finder, tmp_path):
    (tmp_path / "text.mp4").write_text("no video at all")
    for path in (tmp_path / "text.mp4", tmp_path / "none.mp4", tmp_path, hopper_path()):
        with pytest.raises((MediaError, FaceError)):
            track_video(path, finder)


def test_a_blurred_mouth_is_less_sharp(hopper):
    import cv2

    landmarks = find_faces(hopper)[0].landmarks
    source = mouth_detail(hopper, landmarks)
    blurred = mouth_detail(cv2.GaussianBlur(hopper, (0, 0), 1.2), landmarks)
    assert sharpness(np.array([source] * 3), source) == 1
    assert sharpness(np.array([blurred, np.nan]), source) < 0.6
    assert np.isnan(mouth_detail(hopper, landmarks - 10_000))


def test_psnr_looks_only_outside_the_box(hopper):
    probe = FrameProbe(hopper, (60, 60, 200, 250))
    changed = hopper.copy()
    changed[100:200, 100:150] = 0
    probe.visit(0, changed, None)
    assert probe.outside_psnr > 70
    probe.visit(1, np.clip(hopper.astype(int) + 1, 0, 255).astype(np.uint8), None)
    assert 40 < probe.outside_psnr < 60
    whole = FrameProbe(hopper, (0, 0, *SIZE))
    whole.visit(0, hopper, None)
    assert np.isnan(whole.outside_psnr)
