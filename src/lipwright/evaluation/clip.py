"""Evaluate one real video: take its portrait and sound, render from them, and compare."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import LipwrightError
from lipwright.evaluation import metrics
from lipwright.evaluation.audio import add_noise, read_sound
from lipwright.evaluation.baselines import (
    loudness_articulation,
    real_articulation,
    repeated_sound,
    rotated_sound,
)
from lipwright.evaluation.image_metrics import detail_error, sharpness
from lipwright.evaluation.landmark_track import read_frame
from lipwright.evaluation.measured_video import (
    MeasuredVideo,
    Reference,
    read_reference,
    watch,
    watch_given,
)
from lipwright.evaluation.metrics import Closures, share
from lipwright.evaluation.own_offset import (
    compare_at_offset,
    count_events,
    find_reference_offset,
    shares,
)
from lipwright.evaluation.render import PortraitRenderer
from lipwright.evaluation.results import (
    BASELINES,
    LOUDNESS,
    OTHER_SOUND,
    OURS,
    REAL,
    REAL_CURVES,
    STILL,
    Clip,
)
from lipwright.face import FaceFinder, choose_face
from lipwright.speech.speech import Phone

if TYPE_CHECKING:
    from lipwright.evaluation.syncnet.scorer import Scorer

LONGEST_OTHER = 600.0  # s of another clip's sound that are read


@dataclass(frozen=True)
class Options:
    """The options of an evaluation; see the arguments of `evaluate`."""

    engine: str = "warp"
    motion: str = "natural"
    generated: Path | None = None
    other: Path | None = None
    phones: tuple[Phone, ...] | None = None
    noise: float | None = None
    baselines: bool = True
    ceiling: bool = False
    output: Path | None = None
    lse: bool = False
    device: str = "cpu"
    seed: int = 0

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods to measure."""
        wanted = (OURS, REAL, *(BASELINES if self.baselines else ()))
        return (*wanted, REAL_CURVES) if self.ceiling else wanted


def evaluate_clip(
    path: Path,
    options: Options,
    finder: FaceFinder,
    others: Sequence[Path] = (),
    advance: Callable[[], None] = lambda: None,
    scorer: Scorer | None = None,
) -> Clip:
    """Evaluate one video.

    others: files whose sound may serve as the other one, best first, where the options name none;
    without any the video's own sound is started in its middle. advance: called after each of the 1
    + len(options.methods) steps. scorer: measures LSE as well.
    """
    real = read_reference(path, finder)
    given = None if options.generated is None else watch_given(options.generated, real, finder)
    other = _other_sound(real, options.other, others) if options.baselines else real.sound
    offset = find_reference_offset(real)
    advance()
    renderer = _make_renderer(real, options, finder)
    numbers: dict[str, dict[str, float]] = {}
    closures: dict[str, Closures] = {}
    events: dict[str, dict[str, Closures]] = {}
    gaps: dict[str, np.ndarray] = {}
    videos: dict[str, Path] = {}
    with _video_folder(options.output) as folder:

        def video_of(method: str) -> Path:
            return folder / f"{path.stem}.{method.replace(' ', '-')}.mp4"

        renderer.render_still(video_of(STILL), real.frames, real.sound)
        codec = watch(video_of(STILL), real, finder, renderer)
        if STILL not in options.methods:
            video_of(STILL).unlink()
        for method in options.methods:
            if method == REAL:
                video = real.video
            elif method == STILL:
                video = codec
            elif method == OURS and given is not None:
                video = given
            else:
                sound = other if method == OTHER_SOUND else real.sound
                _render(method, sound, real, renderer, options, video_of(method))
                video = watch(video_of(method), real, finder, renderer)
            gaps[method] = video.mouth[:, 0]
            closures[method] = metrics.match_closures(
                real.video.mouth[:, 0], video.mouth[:, 0], real.span
            )
            numbers[method] = compare(real, video, closures[method], options.phones)
            follows_sound = method not in (REAL, REAL_CURVES)
            events[method] = count_events(real, video.mouth, offset, follows_sound)
            numbers[method] |= compare_at_offset(real, video.mouth, offset, follows_sound)
            numbers[method] |= shares(events[method])
            if scorer is not None:
                numbers[method] |= scorer.measure(video.track, real.sound)
            if np.isfinite(video.outside_psnr):
                numbers[method]["codec_psnr"] = codec.outside_psnr
            if options.output is not None and video_of(method).exists():
                videos[method] = video_of(method)
            advance()
    return Clip(
        reference=path,
        fps=real.video.track.fps,
        frames=real.frames,
        portrait_frame=real.portrait_frame,
        speech=real.span,
        measures=numbers,
        closures=closures,
        gaps=gaps,
        sound=real.sound,
        videos=videos,
        own_offset=offset,
        events=events,
    )


def compare(
    real: Reference, ours: MeasuredVideo, closures: Closures, phones: Sequence[Phone] | None
) -> dict[str, float]:
    """Return the measures of one video against the real one at lag 0; see docs/measures.md."""
    inside = slice(real.span[0], real.span[1] + 1)
    gap, width, _ = real.video.mouth.T
    our_gap, our_width, _ = ours.mouth.T
    fps, tracked = real.fps, real.video.track.landmarks
    found = {
        "gap_correlation": metrics.correlation(gap[inside], our_gap[inside]),
        "gap_correlation_clip": metrics.correlation(gap, our_gap),
        "width_correlation": metrics.correlation(width[inside], our_width[inside]),
        "width_correlation_clip": metrics.correlation(width, our_width),
        "offset": metrics.find_offset(gap, our_gap, real.span),
        "lmd": metrics.landmark_distance(tracked, ours.track.landmarks, real.span),
        "closures_hit": share(closures.hit, closures.real),
        "closures_precision": share(closures.right, closures.ours),
        "silence_movement": metrics.silence_movement(our_gap, real.silent, fps),
        "movement_agreement": metrics.movement_agreement(gap, our_gap, fps),
        "articulation_ratio": metrics.articulation_ratio(gap, our_gap, real.span),
        "jitter_ratio": share(
            metrics.jitter(ours.track.landmarks, fps), metrics.jitter(tracked, fps)
        ),
        "outside_psnr": ours.outside_psnr,
    }
    if phones:
        closed = share(*metrics.bilabials_closed(our_gap, fps, phones))
        opened = share(*metrics.vowels_open(our_gap, fps, phones))
        found |= {
            "bilabials_closed": closed,
            "vowels_open": opened,
            "bilabial_contrast": closed + opened - 1,
        }
    if real.video.details is not None and ours.details is not None:
        source = float(real.video.details[real.portrait_frame])
        found["sharpness"] = sharpness(ours.details, source)
        found["detail_error"] = detail_error(real.video.details, ours.details)
    return found


def _make_renderer(real: Reference, options: Options, finder: FaceFinder) -> PortraitRenderer:
    track = real.video.track
    picture = read_frame(track.path, real.portrait_frame)
    height, width = (side & ~1 for side in picture.shape[:2])
    picture = np.ascontiguousarray(picture[:height, :width])
    face = choose_face(picture, None, f"frame {real.portrait_frame} of {track.path}", finder)
    return PortraitRenderer(
        picture,
        face,
        track.fps,
        engine=options.engine,
        motion=options.motion,
        device=options.device,
        seed=options.seed,
    )


def _render(
    method: str,
    sound: np.ndarray,
    real: Reference,
    renderer: PortraitRenderer,
    options: Options,
    output: Path,
) -> None:
    """Write the video of one method."""
    heard = sound
    if options.noise is not None:
        first, last = (frame / real.fps for frame in real.span)
        heard = add_noise(sound, options.noise, (first, last), options.seed)
    articulation = None
    if method == LOUDNESS:
        articulation = loudness_articulation(heard, real.frames, real.fps, real.span)
    elif method == REAL_CURVES:
        articulation = real_articulation(real.video.mouth, real.fps)
    renderer.render(output, heard, sound, articulation)


def _other_sound(real: Reference, named: Path | None, others: Sequence[Path]) -> np.ndarray:
    seconds = min(LONGEST_OTHER, real.video.track.duration)
    if named is not None:
        return repeated_sound(read_sound(named, seconds, fill=False), len(real.sound))
    for path in others:
        with contextlib.suppress(LipwrightError):  # it is told when its own turn comes
            return repeated_sound(read_sound(path, seconds, fill=False), len(real.sound))
    return rotated_sound(real.sound)


@contextlib.contextmanager
def _video_folder(output: Path | None) -> Iterator[Path]:
    if output is not None:
        yield output
        return
    with tempfile.TemporaryDirectory(prefix="lipwright-evaluate-") as name:
        yield Path(name)
