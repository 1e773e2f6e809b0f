"""The process that makes videos of a campaign, one row after the other."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lipwright.campaign.fields import FieldFault
from lipwright.campaign.ledger import Task
from lipwright.campaign.maker import VideoMaker
from lipwright.campaign.plan import CampaignPlan
from lipwright.core.child_process import Parent
from lipwright.core.cores import use_at_most
from lipwright.core.errors import LipwrightError, MediaError
from lipwright.core.free_memory import keep_memory_flat


def made_or_failed(maker: VideoMaker, task: Task) -> dict[str, Any]:
    """Make a row; returns the fields of `Made`, or why not ("failed") and whether "again"."""
    try:
        return asdict(maker.make(task))
    except (LipwrightError, FieldFault, OSError) as error:
        return {"failed": str(error), "again": isinstance(error, MediaError | OSError)}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}", "again": True}


def make_ready(cores: int) -> None:
    """Prepare a process that makes videos and nothing else. cores: that it may use."""
    keep_memory_flat()
    use_at_most(cores)


def main() -> None:
    """Make what the parent asks for, until it ends."""
    parent = Parent()
    opened = parent.inbox.get()
    if opened is None:
        return
    fields = opened.fields
    make_ready(fields["cores"])
    maker = VideoMaker(CampaignPlan(**fields["plan"]), fields["output"], Path(fields["state"]))
    while (message := parent.inbox.get()) is not None:
        parent.send("made", **made_or_failed(maker, Task(**message.fields)))


if __name__ == "__main__":
    main()
