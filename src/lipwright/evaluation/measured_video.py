"""Track and measure videos in step with the real one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lipwright.core.errors import MediaError
from lipwright.evaluation.audio import articulation_span, read_sound, silent_frames
from lipwright.evaluation.image_metrics import FrameProbe
from lipwright.evaluation.landmark_track import LandmarkTrack, track_video
from lipwright.evaluation.mouth_metrics import measure_mouth
from lipwright.evaluation.reference_frame import calmest_frame
from lipwright.evaluation.render import PortraitRenderer
from lipwright.face import FaceFinder

LENGTH_SLACK = 0.25
"""Seconds by which a given video may be longer or shorter than the reference."""


@dataclass(frozen=True, eq=False)
class MeasuredVideo:
    """The measurements of one video."""

    track: LandmarkTrack
    mouth: np.ndarray
    """float32 (T, 3) of `measure_mouth`."""
    details: np.ndarray | None
    """(T,) of `mouth_detail`; None where its pixels are no match for the reference's."""
    outside_psnr: float = float("nan")


@dataclass(frozen=True, eq=False)
class Reference:
    """The real video, and what is the same for all methods."""

    video: MeasuredVideo
    sound: np.ndarray
    span: tuple[int, int]
    silent: np.ndarray
    portrait_frame: int

    @property
    def fps(self) -> float:
        """Frames per second."""
        return float(self.video.track.fps)

    @property
    def frames(self) -> int:
        """The number of frames."""
        return len(self.video.track)


def read_reference(path: Path, finder: FaceFinder) -> Reference:
    """Track a real video and find the speech in its sound."""
    probe = FrameProbe()
    track = track_video(path, finder, probe.visit)
    sound = read_sound(path, track.duration)
    fps, count = float(track.fps), len(track)
    details = probe.details if len(probe.details) == count else None
    video = MeasuredVideo(track, measure_mouth(track.landmarks), details)
    span = articulation_span(sound, count, fps)
    return Reference(video, sound, span, silent_frames(sound, count, fps), calmest_frame(track))


def watch(
    path: Path, real: Reference, finder: FaceFinder, renderer: PortraitRenderer
) -> MeasuredVideo:
    """Measure a video that was rendered from the reference's portrait."""
    probe = FrameProbe(renderer.portrait, renderer.dirty_box)
    return _measured(track_video(path, finder, probe.visit), probe, real)


def watch_given(path: Path, real: Reference, finder: FaceFinder) -> MeasuredVideo:
    """Measure a video of the caller's, which has to match the reference's rate and length."""
    probe = FrameProbe()
    track, reference = track_video(path, finder, probe.visit), real.video.track
    if abs(float(track.fps / reference.fps) - 1) > 1e-3:
        raise MediaError(
            f"{path} has {float(track.fps):g} frames/s and {reference.path} "
            f"{float(reference.fps):g}: make it again with the reference's own rate."
        )
    if abs(track.duration - reference.duration) > LENGTH_SLACK:
        raise MediaError(
            f"{path} lasts {track.duration:.2f} s and {reference.path} {reference.duration:.2f} s: "
            "make it again from the reference's whole sound."
        )
    return _measured(track, probe, real)


def _measured(track: LandmarkTrack, probe: FrameProbe, real: Reference) -> MeasuredVideo:
    """Measure a tracked video, cut or extended to the frames of the reference."""
    kept = np.minimum(np.arange(real.frames), len(track) - 1)
    # a crop to even sides leaves what is around the mouth as it was
    same_size = all(abs(a - b) <= 1 for a, b in zip(track.size, real.video.track.size, strict=True))
    details = None
    if same_size and len(probe.details) == len(track):
        details = probe.details[kept]
    track = replace(
        track,
        landmarks=track.landmarks[kept],
        poses=track.poses[kept],
        present=track.present[kept],
    )
    return MeasuredVideo(track, measure_mouth(track.landmarks), details, probe.outside_psnr)
