"""Measure one real video or a folder of them, and baselines beside it: `evaluate`."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import LipwrightError, MediaError, UsageError
from lipwright.core.gpu import choose_device
from lipwright.core.validation import MOTIONS, check_choice
from lipwright.engines import ENGINES, create_engine, current_name
from lipwright.evaluation.clip import Options, evaluate_clip
from lipwright.evaluation.results import Clip, Evaluation
from lipwright.face import FaceFinder
from lipwright.pipeline.options import Progress
from lipwright.speech.speech import Phone

if TYPE_CHECKING:
    from lipwright.evaluation.syncnet.scorer import Scorer

VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg")
STAGE = "Measuring"
MIN_NOISE, MAX_NOISE = -30.0, 100.0  # dB

log = logging.getLogger("lipwright")


def evaluate(
    reference: str | Path,
    *,
    engine: str = "warp",
    motion: str = "natural",
    generated: str | Path | None = None,
    other: str | Path | None = None,
    phones: Sequence[Phone] | None = None,
    noise: float | None = None,
    baselines: bool = True,
    ceiling: bool = False,
    output: str | Path | None = None,
    lse: bool = False,
    device: str = "auto",
    seed: int = 0,
    threads: int = 2,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure how well a mouth follows real speech, against a real video and beside baselines.

    Args:
        reference: a real talking video, or a folder of them. Its calmest frame is the portrait,
            its sound the speech.
        engine: as for `sync`.
        motion: as for `sync`.
        generated: measures this video instead of rendering one; only for a single reference.
        other: the sound for the baseline "other sound"; by default another clip of the folder, of
            another speaker where there is one, or the same sound started in its middle.
        phones: the phones of the speech and their times, to measure bilabials; only for a single
            reference.
        noise: signal-to-noise ratio in dB of speech-shaped noise added to what the engine hears.
        baselines: also measure a still image, a mouth driven by loudness, and other sound.
        ceiling: also measure the engine driven by the real mouth's own curves.
        output: a folder that keeps the rendered videos.
        lse: also measure LSE-D and LSE-C with SyncNet, whose weights have to be installed.
        device: as for `sync`.
        seed: as for `sync`.
        threads: of the face tracker.
        progress: called with the steps done and all steps.

    Raises:
        UsageError: arguments that do not go together.
        MediaError: no video, no sound, or a generated video of another rate or length.
        FaceError: no face. In a folder the last two are raised only where no video at all can be
            measured; those that cannot are in `Evaluation.failed`.
    """
    check_choice("motion", motion, MOTIONS)
    engine = current_name(engine)
    if engine not in ENGINES:
        create_engine(engine)  # says which there are
    options = Options(
        engine=engine,
        motion=motion,
        generated=None if generated is None else Path(generated),
        other=None if other is None else Path(other),
        phones=None if phones is None else tuple(phones),
        noise=noise,
        baselines=baselines,
        ceiling=ceiling,
        output=None if output is None else Path(output),
        lse=lse,
        device=device,
        seed=seed,
    )
    if noise is not None and not (math.isfinite(noise) and MIN_NOISE <= noise <= MAX_NOISE):
        raise UsageError(
            f"Noise at {noise:g} dB makes no sense: give {MIN_NOISE:g} to {MAX_NOISE:g}."
        )
    reference = Path(reference)
    paths = _find_videos(reference)
    if reference.is_dir():
        _check_single(generated=generated, phones=phones)
    if options.output is not None:
        _make_folder(options.output, reference)
    steps = 1 + len(options.methods)
    done = 0

    def advance(to: int | None = None) -> None:
        nonlocal done
        done = done + 1 if to is None else to
        if progress is not None:
            progress(STAGE, done, steps * len(paths))

    scorer = _open_scorer(device) if lse else None
    finder = FaceFinder(threads)
    clips: list[Clip] = []
    failed: dict[Path, str] = {}
    for number, path in enumerate(paths, start=1):
        try:
            others = other_clips(path, paths)
            clips.append(evaluate_clip(path, options, finder, others, advance, scorer))
        except LipwrightError as error:
            if not reference.is_dir() or isinstance(error, UsageError):
                raise
            failed[path] = str(error)
            log.warning("%s", error)
        advance(steps * number)
    if not clips:
        raise MediaError(
            f"None of the {len(paths)} videos in {reference} can be measured; the first one: "
            f"{next(iter(failed.values()))}"
        )
    name = engine if options.generated is None else str(options.generated)
    return Evaluation(name, noise, tuple(clips), failed)


def _open_scorer(device: str) -> Scorer:
    from lipwright.evaluation.syncnet.scorer import Scorer

    return Scorer(choose_device(device, "onnxruntime"))


def other_clips(path: Path, paths: Sequence[Path]) -> list[Path]:
    """Return the clips whose sound may replace another's, best first.

    They are those that follow in the folder, other speakers before the same one. The speaker is the
    part of the name before its first "_".
    """

    def speaker(clip: Path) -> str:
        return clip.stem.partition("_")[0]

    place = list(paths).index(path)
    following = [*paths[place + 1 :], *paths[:place]]
    return sorted(following, key=lambda clip: speaker(clip) == speaker(path))


def _find_videos(reference: Path) -> list[Path]:
    if not reference.exists():
        raise MediaError(f"There is no video or folder at {reference}: check the path.")
    if not reference.is_dir():
        return [reference]
    paths = sorted(p for p in reference.iterdir() if p.suffix.lower() in VIDEOS and p.is_file())
    if not paths:
        raise MediaError(
            f"There is no video in {reference}: put some there, ending in one of "
            f"{', '.join(VIDEOS)}."
        )
    return paths


def _check_single(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} belongs to one video: give a single reference file.")


def _make_folder(folder: Path, reference: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(
            f"The folder {folder} cannot be made ({error.strerror}): choose another one."
        ) from None
    if reference.is_dir() and folder.samefile(reference):
        raise UsageError(f"{folder} holds the references: choose another output folder.")
