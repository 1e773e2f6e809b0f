"""The landmarks of a video: every frame is read once, in order, and none is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.core.errors import FaceError, MediaError
from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.media.video.index import open_video, pictures

MAX_LOST = 0.1
"""A larger share of frames without a face, and nothing can be said about the mouth."""
FEWEST_FRAMES = 10
UNEVEN = 0.5
"""Part of a frame by which a time stamp may be off before frames count as uneven."""

Visit = Callable[[int, np.ndarray, Face | None], None]
"""Called with every frame: its number, its BGR picture, and the face in it."""


@dataclass(frozen=True, eq=False)
class LandmarkTrack:
    """The face of one video, frame by frame."""

    path: Path
    fps: Fraction
    """The stream's average rate, exact; frame i stands at i / fps."""
    size: tuple[int, int]
    """(width, height) in px, as shown, that is after the file's own rotation."""
    landmarks: np.ndarray
    """float32 (T, 478, 3) as in `Face`; where a face was lost, between its neighbours."""
    poses: np.ndarray
    """float32 (T, 3): yaw, pitch, roll in degrees."""
    present: np.ndarray
    """bool (T,): whether a face was seen."""

    def __len__(self) -> int:
        return len(self.landmarks)

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(len(self) / self.fps)


def track_video(
    path: str | Path,
    finder: FaceFinder | None = None,
    visit: Visit | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LandmarkTrack:
    """Return the landmarks of the largest face of a video, tracked from frame to frame.

    A face is found by `FaceFinder.find` and then tracked by `refine`, as an engine would do. A
    video of variable frame rate is resampled to its average rate, landmark by landmark. progress:
    called with frames done and frames expected. Raises MediaError for a file that is no video,
    FaceError where the face is missing too often.
    """
    path = Path(path)
    finder = finder or FaceFinder()
    faces: list[Face | None] = []
    times: list[float] = []
    size = (0, 0)
    with open_video(path) as (container, stream):
        rate = stream.average_rate or stream.guessed_rate
        for image, time in pictures(container, stream):
            last = faces[-1] if faces else None
            face = finder.refine(image, last) if last is not None else None
            if face is None:
                face = next(iter(finder.find(image)), None)
            if visit is not None:
                visit(len(faces), image, face)
            faces.append(face)
            times.append(time)
            size = image.shape[1], image.shape[0]
            if progress is not None:
                progress(len(faces), max(stream.frames, len(faces)))
    if len(faces) < FEWEST_FRAMES or not rate:
        raise MediaError(
            f"{path} has only {len(faces)} frames: give a video of at least {FEWEST_FRAMES} frames."
        )
    present = np.array([face is not None for face in faces])
    _check_presence(path, present)
    landmarks = _filled([face.landmarks if face else None for face in faces], times)
    poses = _filled([np.array(face.pose, np.float32) if face else None for face in faces], times)
    fps = Fraction(rate)
    even = _even_times(np.array(times), fps)
    if even is not None:
        stamps = np.maximum.accumulate(np.array(times))
        landmarks = _interpolated(even, stamps, landmarks)
        poses = _interpolated(even, stamps, poses)
        present = present[np.clip(np.searchsorted(stamps, even), 0, len(stamps) - 1)]
    return LandmarkTrack(path, fps, size, landmarks, poses, present)


def read_frame(path: str | Path, number: int) -> np.ndarray:
    """Return one frame of a video, BGR uint8 (h, w, 3), by its number."""
    with open_video(Path(path)) as (container, stream):
        for index, (image, _) in enumerate(pictures(container, stream)):
            if index == number:
                return image
    raise MediaError(f"{path} has no frame {number}: it may have changed while it was read.")


def read_frames(path: str | Path) -> Iterator[np.ndarray]:
    """Yield all frames of a video, BGR uint8 (h, w, 3), one at a time."""
    with open_video(Path(path)) as (container, stream):
        for image, _ in pictures(container, stream):
            yield image


def _check_presence(path: Path, present: np.ndarray) -> None:
    lost = int((~present).sum())
    if lost == len(present):
        raise FaceError(
            f"No human face was found in {path}: use a video in which a face is seen from the "
            "front."
        )
    if lost > MAX_LOST * len(present):
        raise FaceError(
            f"The face in {path} is lost in {lost} of {len(present)} frames: "
            "cut the video to where it is seen."
        )


def _even_times(times: np.ndarray, fps: Fraction) -> np.ndarray | None:
    """Return the times at which frames of variable rate should stand.

    None where the frames are even enough, or where the time stamps are too broken.
    """
    frame = float(1 / fps)
    if np.abs(times - times[0] - frame * np.arange(len(times))).max() <= UNEVEN * frame:
        return None
    count = round((times.max() - times[0]) / frame) + 1
    if abs(count - len(times)) > 0.2 * len(times):
        return None
    grid: np.ndarray = times[0] + frame * np.arange(count)
    return grid


def _filled(values: list[np.ndarray | None], times: list[float]) -> np.ndarray:
    """Return values as one float32 array, missing ones interpolated linearly."""
    known = [index for index, value in enumerate(values) if value is not None]
    whole = np.stack([value for value in values if value is not None]).astype(np.float32)
    if len(known) == len(values):
        return whole
    return _interpolated(np.array(times), np.array(times)[known], whole)


def _interpolated(wanted: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the rows of `values` at `wanted` times, constant beyond the ends."""
    after = np.clip(np.searchsorted(times, wanted), 1, max(1, len(times) - 1))
    before = after - 1
    after = np.minimum(after, len(times) - 1)
    span = np.maximum(times[after] - times[before], 1e-9)
    weight = np.clip((wanted - times[before]) / span, 0, 1)
    weight = weight.reshape(-1, *[1] * (values.ndim - 1)).astype(np.float32)
    resampled: np.ndarray = values[before] * (1 - weight) + values[after] * weight
    return resampled
