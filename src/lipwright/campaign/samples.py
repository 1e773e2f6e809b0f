"""Samples of a campaign: the videos of a few rows, made before all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lipwright.campaign.ledger import Task
from lipwright.campaign.maker import VideoMaker

if TYPE_CHECKING:
    from lipwright.campaign.check import CheckedRow
    from lipwright.campaign.plan import CampaignPlan


def make_samples(
    plan: CampaignPlan,
    rows: Sequence[CheckedRow],
    folder: Path,
    told: Callable[[int], None] = lambda done: None,
) -> list[Path]:
    """Make the videos of some good rows in a folder; nothing else of them is kept.

    Raises LipwrightError where one cannot be made.
    """
    made = []
    with TemporaryDirectory(prefix="lipwright-samples-") as state:
        maker = VideoMaker(plan, str(folder), Path(state))
        for place, row in enumerate(rows):
            told(place)
            name = f"sample-{row.person.number}.mp4"
            maker.make(Task(row.person.number, 1, row.person.values, name))
            made.append(folder / name)
        told(len(rows))
    return made
