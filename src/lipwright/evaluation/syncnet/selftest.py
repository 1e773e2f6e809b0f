"""Whether this computer reproduces the numbers that SyncNet's authors print for their example."""

from __future__ import annotations

from pathlib import Path

from lipwright.core.errors import LipwrightError, MediaError
from lipwright.evaluation.audio import RATE, read_sound
from lipwright.evaluation.landmark_track import read_frames
from lipwright.evaluation.syncnet.distances import LipSync
from lipwright.evaluation.syncnet.face_crop import FPS, SIZE
from lipwright.evaluation.syncnet.scorer import Scorer

OFFSET, DISTANCE, CONFIDENCE = 3, 5.353, 10.021
"""What their program prints for data/example.avi."""
SLACK = 0.0015
"""They print three decimals."""
LONGEST = 600.0  # s


def run_self_test(example: str | Path, scorer: Scorer | None = None) -> LipSync:
    """Score the authors' example.avi, which is cropped already.

    Raises MediaError for another video, LipwrightError where the numbers differ from the authors'.
    """
    example = Path(example)
    if not example.is_file():
        raise MediaError(
            f"There is no {example}: fetch data/example.avi as joonson/syncnet_python's "
            "download_model.sh does."
        )
    scorer = scorer or Scorer()
    count = 0
    for image in read_frames(example):
        count += 1
        if image.shape != (SIZE, SIZE, 3):
            raise MediaError(
                f"{example} has pictures of {image.shape[1]}x{image.shape[0]} px and not "
                f"{SIZE}x{SIZE}: give the authors' data/example.avi."
            )
    sound = read_sound(example, min(LONGEST, count / float(FPS) + 1), fill=False)
    found = scorer.score_cropped(read_frames(example), count, sound)
    if not is_expected(found):
        raise LipwrightError(
            f"The self-test gives {sentence(found)} and not {OFFSET} / {DISTANCE} / {CONFIDENCE} "
            f"({count} frames, {len(sound) / RATE:.2f} s of sound): do not compare LSE measured "
            "here with others'."
        )
    return found


def is_expected(found: LipSync) -> bool:
    """Return whether these are the authors' numbers."""
    return (
        found.offset == OFFSET
        and abs(found.distance - DISTANCE) <= SLACK
        and abs(found.confidence - CONFIDENCE) <= SLACK
    )


def sentence(found: LipSync) -> str:
    """Format the offset / LSE-D / LSE-C."""
    return f"{found.offset} / {found.distance:.3f} / {found.confidence:.3f}"
